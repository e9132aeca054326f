def channel_stats(images):
    return images.mean(), images.std(correction=0)
