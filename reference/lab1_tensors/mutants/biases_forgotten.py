def parameter_count(sizes):
    return sum(a * b for a, b in zip(sizes, sizes[1:]))
