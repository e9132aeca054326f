def images_to_rows(images):
    rows = images.flatten(start_dim=1).float()
    return (rows - rows.min()) / (rows.max() - rows.min())
