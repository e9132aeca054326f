def same_padding(size, kernel, stride):
    return (size * stride - size + kernel) // 2
