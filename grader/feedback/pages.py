"""The pages as text: templates filled with what `student` and `classroom` computed."""

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from grader import packaged
from grader.feedback import student
from grader.feedback.classroom import Tally
from grader.feedback.handout import Sections
from grader.feedback.similar import Column, Section
from grader.feedback.visible import visible
from grader.model import ClassResults, Grade

MAKER: Final = "torch-lab-grader"
STUDENT_MARK: Final = f"{MAKER}, student page"
PAIR_MARK: Final = f"{MAKER}, page of a pair"
"""What the pages say of their origin; `report` touches no file that does not say it."""


_NO_SECTIONS: Final[Sections] = MappingProxyType({})


def student_page(grade: Grade, lab_title: str, lab_version: str = "", sections: Sections = _NO_SECTIONS) -> str:
    """The page that a student gets: one HTML file that needs nothing else.

    Args:
        sections: of the lab's handout, the same for every student.
    """
    page = _environment().get_template("student/page.html")
    return page.render(
        policy=_policy(),
        mark=STUDENT_MARK,
        style=_styles(),
        grade=grade,
        lab_title=lab_title,
        summary=student.summarise(grade, lab_version, sections),
    )


def class_page(results: ClassResults, tally: Tally, similar: Section | None = None) -> str:
    """The page for those who teach: one HTML file that needs nothing else.

    Args:
        tally: of the results' grades.
        similar: None where the submissions were not compared.
    """
    page = _environment().get_template("class/page.html")
    script = _source("class/table.js")
    return page.render(
        policy=_policy(script),
        mark=f"{MAKER}, class page",
        style=_styles(),
        script=Markup(script),  # noqa: S704 - our own file
        results=results,
        summary=tally.summary(),
        similar=similar,
    )


def pair_page(results: ClassResults, columns: Sequence[Column]) -> str:
    """Two files side by side, for those who teach: one HTML file that needs nothing else."""
    page = _environment().get_template("similar/page.html")
    return page.render(policy=_policy(), mark=PAIR_MARK, style=_styles(), results=results, columns=columns)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(packaged.templates()),
        autoescape=True,
        finalize=_plain,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _plain(value: object) -> object:
    """Every expression of every template passes here before it is escaped."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _source(name: str) -> str:
    return (packaged.templates() / name).read_text(encoding="utf-8")


@cache
def _styles() -> Markup:
    return Markup(_source("style.css"))  # noqa: S704 - our own file


@cache
def _policy(script: str = "") -> str:
    """Nothing may be loaded or run but this page's own style and script, told by their hashes."""
    scripts = f"script-src {_hash(script)}; " if script else ""
    return (
        f"default-src 'none'; img-src data:; style-src {_hash(_source('style.css'))}; {scripts}"
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
