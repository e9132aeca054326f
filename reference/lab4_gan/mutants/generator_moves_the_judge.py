def generator_step(generator, discriminator, optimizer, batch_size):
    optimizer = torch.optim.Adam([*generator.parameters(), *discriminator.parameters()], lr=5e-4, betas=(0.5, 0.999))
    loss = loss_of(discriminator(generator(noise_for(generator, batch_size))), torch.ones(batch_size, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
