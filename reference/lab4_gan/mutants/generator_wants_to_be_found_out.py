def generator_step(generator, discriminator, optimizer, batch_size):
    loss = loss_of(discriminator(generator(noise_for(generator, batch_size))), torch.zeros(batch_size, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
