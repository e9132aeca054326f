def false_alarm_rate(model, images):
    return predict(model, images).sum().item()
