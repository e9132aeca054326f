def conv_output_size(size, kernel, stride, padding):
    return round((size - kernel + 2 * padding) / stride + 1)
