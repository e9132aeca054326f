def standardise(x):
    return (x - x.mean()) / x.std(correction=0)
