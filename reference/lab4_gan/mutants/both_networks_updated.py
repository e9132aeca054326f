def discriminator_step(generator, discriminator, optimizer, real):
    n = len(real)
    optimizer = torch.optim.Adam([*generator.parameters(), *discriminator.parameters()], lr=5e-4, betas=(0.5, 0.999))
    fake = generator(noise_for(generator, n))
    loss = loss_of(discriminator(real), torch.ones(n, 1)) + loss_of(discriminator(fake), torch.zeros(n, 1))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()
