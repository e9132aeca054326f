def images_to_rows(images):
    return (images.flatten(start_dim=1) // 255).float()
