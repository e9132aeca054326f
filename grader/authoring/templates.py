"""What new courses and labs, and handouts, are made of: files that can be read, and run, as they are.

In a lab's template the lab is called `lab_name`, in texts and in paths.
"""

import re
from typing import Final, Literal

import grader
from grader import packaged
from grader.authoring import regions
from grader.authoring.starters import RECORD, record

_LAB: Final = "lab_name"
_VERSION: Final = "GRADER_VERSION"


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


def start_here(title: str, name: str, file: str, *, checks: bool) -> str:
    """What a handout says first; `file` is what students write, and `checks` whether there are public ones."""
    text = _files("handout")["START_HERE.md"]
    if not checks:
        text = re.sub(r"^## Again and again: check\n.*?(?=^## )", "", text, flags=re.MULTILINE | re.DOTALL)
    return text.replace("LAB_TITLE", title).replace("LAB_FILE", file).replace(_LAB, name)


def _files(kind: Literal["course", "handout", "lab"]) -> dict[str, str]:
    root = packaged.templates() / kind
    paths = sorted(path for path in root.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(root).as_posix(): path.read_text("utf-8") for path in paths}
