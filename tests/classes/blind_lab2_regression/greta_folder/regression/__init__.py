from .models import LinearRegression, NonlinearRegression

__all__ = ["LinearRegression", "NonlinearRegression"]
