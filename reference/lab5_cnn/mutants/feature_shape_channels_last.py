def feature_shape(model, images):
    channels, height, width = model.features(images).shape[1:]
    return height, width, channels
