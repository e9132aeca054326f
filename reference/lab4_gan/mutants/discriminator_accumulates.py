def discriminator_step(generator, discriminator, optimizer, real):
    n = len(real)
    fake = generator(noise_for(generator, n)).detach()
    loss = loss_of(discriminator(real), torch.ones(n, 1)) + loss_of(discriminator(fake), torch.zeros(n, 1))
    loss.backward()
    optimizer.step()
    return loss.item()
