def channel_stats(images):
    return images.mean(dim=(0, 2, 3)), images.var(dim=(0, 2, 3), correction=0)
