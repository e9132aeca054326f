"""Grade PyTorch lab assignments in sandboxes."""

__version__ = "0.1.0"
