def images_to_rows(images):
    return images.reshape(1, -1).float() / 255
