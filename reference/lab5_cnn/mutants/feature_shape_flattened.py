def feature_shape(model, images):
    return tuple(model.features(images).flatten(1).shape[1:])
