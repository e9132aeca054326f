"""Prints, raises and returns markup and templates."""
TEXT = f"<script>alert('{MARK}')</script> {{{{7*7}}}} {{% raise %}} <img src=x onerror=alert(1)> [red]red[/red] </pre> &amp;"


def mean(values):
    print(TEXT)
    raise ValueError(TEXT)


def halve(x):
    raise type(TEXT, (Exception,), {})(TEXT)


def mirror(text):
    return TEXT
