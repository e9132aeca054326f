def images_to_rows(images):
    return images.transpose(1, 2).flatten(start_dim=1).float() / 255
