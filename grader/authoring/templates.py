"""What new courses and labs, and handouts, are made of: files that can be read, and run, as they are.

In a lab's template the lab is called `lab_name`, in texts and in paths.
"""

import re
from pathlib import PurePath
from typing import Final, Literal

import grader
from grader import packaged
from grader.authoring import regions
from grader.authoring.starters import RECORD, record

_LAB: Final = "lab_name"
_VERSION: Final = "GRADER_VERSION"
_FORMS: Final = {".py": "Python file", ".ipynb": "notebook"}


def course() -> dict[str, bytes]:
    """The files of a new course, by their paths in it."""
    return {path: text.replace(_VERSION, grader.__version__).encode() for path, text in _files("course").items()}


def lab(name: str) -> dict[str, dict[str, bytes]]:
    """The files of a new lab, by half (`assignments`, `reference`) and by their paths in it, with its starter."""
    halves: dict[str, dict[str, bytes]] = {"assignments": {}, "reference": {}}
    for path, text in _files("lab").items():
        half, _, rest = path.split("/", 2)
        halves[half][rest] = text.replace(_LAB, name).encode()
    solution = halves["reference"]["solution.py"].decode()
    starter = regions.starter(solution, "solution.py")
    halves["assignments"][f"{name}.py"] = starter.encode()
    halves["reference"][RECORD] = record(f"{name}.py", starter).encode()
    return halves


def start_here(title: str, name: str, file: str, *, checks: bool, data: bool) -> str:
    """What a handout says first.

    Args:
        file: what students write.
        checks: whether there are public ones.
        data: whether the lab has data of its own.
    """
    text = _files("handout")["START_HERE.md"]
    for section, has in (("Data", data), ("Again and again: check", checks)):
        if not has:
            text = re.sub(rf"^## {section}\n.*?(?=^## )", "", text, flags=re.MULTILINE | re.DOTALL)
    form = PurePath(file).suffix
    (other,) = set(_FORMS) - {form}
    said = {"OTHER_FILE": name + other, "OTHER_FORM": _FORMS[other], "LAB_FORM": _FORMS[form]}
    for word, meant in {**said, "LAB_FILE": file, _LAB: name, "LAB_TITLE": title}.items():
        text = text.replace(word, meant)
    return text


def _files(kind: Literal["course", "handout", "lab"]) -> dict[str, str]:
    root = packaged.templates() / kind
    paths = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}
