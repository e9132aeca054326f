def r2_score(y_hat, y):
    sse = ((y - y_hat) ** 2).sum()
    sst = ((y - y.mean()) ** 2).sum()
    return (1 - sst / sse).item()
