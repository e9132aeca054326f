"""What the package brings beside its code: inside of it in a wheel, at the repository's root in a checkout."""

from pathlib import Path


def templates() -> Path:
    """The folder of the pages' templates, and of what new courses, labs and handouts are made of."""
    return _folder("templates") or Path(__file__).parents[1] / "templates"


def example() -> Path:
    """The folder of this course."""
    return _folder("example") or Path(__file__).parents[1]


def _folder(name: str) -> Path | None:
    packaged = Path(__file__).parent / name
    return packaged if packaged.is_dir() else None
