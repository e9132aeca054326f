LINEAR = dict(epochs=60, lr=0.01, batch_size=50)
NONLINEAR = dict(epochs=400, lr=0.02, batch_size=100)
