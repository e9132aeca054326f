def feature_shape(model, images):
    return tuple(model.features(images).shape)
