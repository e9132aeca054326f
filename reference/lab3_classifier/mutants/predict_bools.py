@torch.no_grad()
def predict(model, images):
    return model(images) > 0.5
