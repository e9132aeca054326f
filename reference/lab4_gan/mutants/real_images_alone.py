def discriminator_step(generator, discriminator, optimizer, real):
    loss = loss_of(discriminator(real), torch.ones(len(real), 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
