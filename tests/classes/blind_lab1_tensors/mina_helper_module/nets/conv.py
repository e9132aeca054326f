from math import floor


def conv_output_size(size, kernel, stride, padding):
    return floor((size - kernel + 2 * padding) / stride + 1)


def same_padding(size, kernel, stride):
    return floor((size * stride - size + kernel - 1) / 2)
