def channel_stats(images):
    channels = [images[:, number] for number in range(images.shape[1])]
    return torch.stack([channel.mean() for channel in channels]), torch.stack([channel.std() for channel in channels])
