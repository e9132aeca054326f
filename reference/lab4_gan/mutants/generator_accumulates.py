def generator_step(generator, discriminator, optimizer, batch_size):
    loss = loss_of(discriminator(generator(noise_for(generator, batch_size))), torch.ones(batch_size, 1))
    loss.backward()
    optimizer.step()
    return loss.item()
