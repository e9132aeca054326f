def channel_stats(images):
    return images.mean(dim=(1, 2, 3)), images.std(dim=(1, 2, 3), correction=0)
