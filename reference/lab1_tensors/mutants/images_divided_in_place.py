def images_to_rows(images):
    images /= 255  # uint8 cannot hold the result: RuntimeError
    return images.flatten(start_dim=1)
