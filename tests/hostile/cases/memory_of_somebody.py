"""Returns a numpy array over memory that is not its own."""
import ctypes

import numpy as np


def halve(x):
    return np.ctypeslib.as_array(ctypes.cast(8, ctypes.POINTER(ctypes.c_float)), (5,))
