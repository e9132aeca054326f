def images_to_rows(images):
    return images.flatten(start_dim=1) / images.max()
