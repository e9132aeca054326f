def r2_score(y_hat, y):
    sse = ((y - y_hat) ** 2).sum()
    sst = ((y - y.mean()) ** 2).sum()
    return max(0.0, (1 - sse / sst).item())
