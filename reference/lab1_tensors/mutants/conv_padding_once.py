def conv_output_size(size, kernel, stride, padding):
    return (size - kernel + padding) // stride + 1
