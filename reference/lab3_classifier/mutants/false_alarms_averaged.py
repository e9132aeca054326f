def false_alarm_rate(model, images):
    return model(images).mean().item()
