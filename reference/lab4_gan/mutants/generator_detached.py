def generator_step(generator, discriminator, optimizer, batch_size):
    fake = generator(noise_for(generator, batch_size)).detach()
    loss = loss_of(discriminator(fake), torch.ones(batch_size, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
