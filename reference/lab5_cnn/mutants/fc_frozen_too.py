def freeze_and_replace(model, classes):
    model.fc = nn.Linear(model.fc.in_features, classes)
    for parameter in model.parameters():
        parameter.requires_grad = False
    return model
