def accuracy(model, images, labels):
    was_training = model.training
    model.eval()
    right = model(images).argmax(dim=1) == labels
    model.train(was_training)
    return right.float().mean().item()
