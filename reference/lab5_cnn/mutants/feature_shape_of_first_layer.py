def feature_shape(model, images):
    return tuple(model.features[0](images).shape[1:])
