def parameter_count(sizes):
    total, layer = 0, 0
    while layer < len(sizes) - 1:
        total += sizes[layer] * sizes[layer + 1] + sizes[layer + 1]
    return total
