"""How Sphinx builds these pages: `make docs`. Nothing is fetched from a network, and every warning is an error."""

import os
import re
import sys
from pathlib import Path
from typing import Final

from sphinx.application import Sphinx

DOCS: Final = Path(__file__).parent
ROOT: Final = DOCS.parent
sys.path[:0] = [str(ROOT), str(DOCS)]

import grader  # noqa: E402 - of this checkout, whatever is installed

project = "grader"
copyright = "the authors of grader"  # noqa: A001 - Sphinx's name
version = release = grader.__version__
html_title = f"grader {release}"
html_theme = "furo"
html_static_path = ["static"]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
extensions = ["myst_parser", "from_code"]
exclude_patterns = ["images"]
myst_heading_anchors = 4
nitpicky = True

OUTSIDE: Final = {
    "SECURITY.md": "security",
    "CONTRIBUTING.md": "contributing",
    "deploy/kubernetes/README.md": "how-to/kubernetes",
    "deploy/slurm.md": "how-to/slurm",
}
"""What lies elsewhere in the repository, and as which page it is here."""
_LINK: Final = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def _read(_app: Sphinx, page: str, source: list[str]) -> None:
    """Put what lies elsewhere into its page, and have links lead to pages wherever there is one."""
    file = next((ROOT / path for path, name in OUTSIDE.items() if name == page), None)
    if file is not None:
        source[0] = file.read_text(encoding="utf-8")
    here = (DOCS / f"{page}.md").parent
    source[0] = _LINK.sub(lambda link: f"]({_place(link[1], (file or here / 'x').parent, here)}", source[0])


def _place(link: str, written_in: Path, here: Path) -> str:
    """Where the link of a file in `written_in` leads to from a page in the folder `here`."""
    target = Path(os.path.normpath(written_in / link))
    name = OUTSIDE.get(Path(os.path.relpath(target, ROOT)).as_posix())
    return Path(os.path.relpath(DOCS / f"{name}.md" if name else target, here)).as_posix()


def setup(app: Sphinx) -> None:
    """Register what is done to pages before they are parsed."""
    app.connect("source-read", _read)
