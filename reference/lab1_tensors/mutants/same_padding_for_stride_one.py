def same_padding(size, kernel, stride):
    return (kernel - 1) // 2
