def freeze_and_replace(model, classes):
    for name, parameter in model.named_parameters():
        parameter.requires_grad = "bn" in name
    model.fc = nn.Linear(model.fc.in_features, classes)
    return model
