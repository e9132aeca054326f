def r2_score(y_hat, y):
    sse = ((y - y_hat) ** 2).sum()
    sst = ((y_hat - y_hat.mean()) ** 2).sum()
    return (1 - sse / sst).item()
