"""Is not Python."""
def mean(values:
    return sum values
