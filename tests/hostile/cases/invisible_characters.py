"""Prints and raises text that turns its neighbours around or hides them."""
TEXT = "\u202e001 EROCS\u202c \u2066\u200b\ufeff\u2028\u2029\U000e0041" + "e" + "\u0301" * 500


def mean(values):
    print(TEXT)
    raise ValueError(TEXT)
