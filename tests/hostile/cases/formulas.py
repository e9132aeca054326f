"""Prints and raises what a spreadsheet would compute."""
TEXT = '=HYPERLINK("http://127.0.0.1/","100")'


def mean(values):
    print(TEXT, "+1+1", "-1+1", "@SUM(1)", "\t=1", sep="\n")
    raise ValueError(TEXT)
