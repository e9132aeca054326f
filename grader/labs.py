"""Courses and labs as they lie on disk.

A course is a folder with `assignments/` (what students get) and `reference/` (what they must not get; students' own
courses have none, and grade nothing). A lab is a folder of the same name in each. What a student unpacked, a folder
that is one lab's assignment, is a course of that one lab. `lab.toml` is read into `LabSpec`; a key it does not know is
a mistake, not a comment.
"""

import codecs
import difflib
import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from grader import datasets, notebooks, packaged, tomls
from grader.datasets.kinds import Asked, Own
from grader.errors import CourseNotFound, InvalidLab, NotANotebook, UnknownLab
from grader.scoring import Policy

Positive = Annotated[float, msgspec.Meta(gt=0, le=1_000_000)]
Count = Annotated[int, msgspec.Meta(gt=0)]
Percent = Annotated[float, msgspec.Meta(ge=0, le=100)]

_GRADE: Final = re.compile(rb"^[ \t]*\[[ \t]*grade[ \t]*\][^\n]*\n(?:(?![ \t]*\[)[^\n]*(?:\n|\Z))*", re.MULTILINE)
"""The table `[grade]`, up to the next one or the end."""


class LimitSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[limits]`: what a submission may use.

    Attributes:
        call_seconds: CPU time for importing the file, and for one call of a function named in `slow`.
        plain_seconds: CPU time for one call of any other function.
        slow: the functions that train.
        scratch_mb: space for the submission's own files, which may take 20 MB, and for those that it writes.
    """

    call_seconds: Positive
    plain_seconds: Positive = 10.0
    slow: tuple[str, ...] = ()
    memory_mb: Count = 2048
    processes: Count = 64
    output_kb: Count = 64
    scratch_mb: Annotated[int, msgspec.Meta(ge=24)] = 256

    @property
    def run_seconds(self) -> float:
        """CPU time for a whole run."""
        return 4 * self.call_seconds

    def seconds(self, function: str) -> float:
        """CPU time for one call of `function`."""
        return self.call_seconds if function in self.slow else self.plain_seconds


class NotebookSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[notebook]`: which cells run; "definitions" means imports, definitions and simple constants."""

    cells: Literal["definitions", "all"] = "definitions"


class FeedbackSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[feedback]`: whether a student sees what the own code printed and raised on hidden checks."""

    output: bool = True


class GradeSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[grade]`: which attempt counts, and what it costs to hand in late.

    Attributes:
        due: by the clocks of `zone`.
        late_per_day: percent of the points earned that each day begun after `due` costs.
        late_floor: percent of the points earned that are kept, however late.
    """

    attempt: Literal["latest", "best"] = "latest"
    due: Annotated[datetime, msgspec.Meta(tz=False)] | None = None
    zone: str = ""
    grace_hours: Annotated[float, msgspec.Meta(ge=0, le=8760)] = 0.0
    late_per_day: Percent = 0.0
    late_floor: Percent = 0.0

    def __post_init__(self) -> None:
        """Refuse what says nothing.

        Raises:
            ValueError: a due date without a zone, a zone that nobody knows, or what needs a due date without one.
        """
        if self.due is None and (self.zone or self.grace_hours or self.late_per_day or self.late_floor):
            raise ValueError("nothing is late without `due`, such as due = 2026-11-20T23:59:00")
        if self.due is not None:
            if not self.zone:
                raise ValueError('`due` needs a `zone`, such as zone = "Europe/Berlin"')
            _check_zone(self.zone)
            self._check_date()

    def _check_date(self) -> None:
        try:
            _ = self.policy
        except OverflowError:
            raise ValueError("`due` is out of the calendar; a lab that is never due has none") from None

    @property
    def policy(self) -> Policy:
        """The same as a rule."""
        if self.due is None:
            return Policy(self.attempt)
        due = self.due.replace(tzinfo=ZoneInfo(self.zone)).astimezone(UTC)
        return Policy(self.attempt, due, self.zone, self.grace_hours, self.late_per_day, self.late_floor)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'nobody knows the time zone "{zone}"; "Europe/Berlin" is one') from None


class LabSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`lab.toml`.

    Attributes:
        name: what the lab is called, written into a handout, whose folder may be renamed; in a course the folder says.
        dataset: none, the digits, or data of the lab's own.
        best_of: check id -> how often it may train, each time with another seed; the best training counts.
    """

    title: str
    version: str
    limits: LimitSpec
    name: str = ""
    points: Positive = 100.0
    dataset: Asked = "none"
    gpu: Literal["none", "optional", "required"] = "none"
    notebook: NotebookSpec = NotebookSpec()
    feedback: FeedbackSpec = FeedbackSpec()
    grade: GradeSpec = GradeSpec()
    best_of: dict[str, Count] = {}


@dataclass(frozen=True, slots=True)
class Lab:
    """One lab of a course."""

    name: str
    spec: LabSpec
    assignment: Path
    reference: Path

    @property
    def own_data(self) -> Own | None:
        """What the lab says of data of its own, if it has any."""
        return None if isinstance(self.spec.dataset, str) else self.spec.dataset

    @property
    def policy(self) -> Policy:
        """Which attempt counts, and what lateness costs."""
        return self.spec.grade.policy

    @property
    def handout(self) -> Path:
        """What students read, in Markdown."""
        return self.assignment / "README.md"

    @property
    def hidden_suite(self) -> Path:
        """The suite that decides the grade."""
        return self.reference / "test_hidden.py"

    @property
    def public_suite(self) -> Path:
        """The suite that students run themselves."""
        return self.assignment / "test_public.py"

    @property
    def starter(self) -> Path:
        """What students begin with."""
        notebook = self.assignment / f"{self.name}.ipynb"
        return notebook if notebook.is_file() else notebook.with_suffix(".py")

    @property
    def solution(self) -> Path:
        """The reference solution; of two the notebook, which `starters.from_solution` refuses."""
        notebook = self.reference / "solution.ipynb"
        return notebook if notebook.is_file() else notebook.with_suffix(".py")

    @property
    def mutants(self) -> Path:
        """The folder of plausible wrong solutions."""
        return self.reference / "mutants"

    @property
    def borderline(self) -> Path:
        """The folder of solutions whose training earns some of the points, written like mutants."""
        return self.reference / "borderline"

    @property
    def sample_class(self) -> Path:
        """A small class to try the tool on."""
        return self.reference / "sample_class"

    def mutant_source(self, path: Path) -> bytes:
        """A mutant, or borderline solution, as it would be handed in: the solution, then its own definitions."""
        solution, own = self.solution.read_bytes(), path.read_bytes()
        return _with_cell(solution, own) if self.solution.suffix == ".ipynb" else solution + b"\n\n" + own

    def mutant_losses(self) -> dict[str, tuple[str, ...]]:
        """For each file in `mutants`, the ids of the checks that it must lose, in full or in part.

        Raises:
            InvalidLab: mutants.toml is not of that form, or names other files than there are.
        """
        table = self.mutants / "mutants.toml"
        text = _read_text(table) if table.is_file() else ""
        try:
            losses = msgspec.toml.decode(text, type=dict[str, tuple[str, ...]])
        except msgspec.MsgspecError as error:
            told = tomls.sentence(table, text, error, dict[str, tuple[str, ...]])
            raise InvalidLab(f'{told} There is one line for each mutant: "file.py" = ["check-id"].') from error
        files = {path.name for path in self.mutants.glob("*.py")}
        if gone := sorted(losses.keys() - files):
            raise InvalidLab(f"{table} names {', '.join(gone)}; there is no such file beside it. Put the name right.")
        if left := sorted(files - losses.keys()):
            example = f'"{left[0]}" = ["check-id"]'
            raise InvalidLab(f"{table} does not say what {', '.join(left)} must lose. Add a line such as {example}.")
        return losses

    def suite_digest(self, dataset: str) -> str:
        """Identity of all that decides what a run earns besides the submission: hidden suite, lab.toml and dataset.

        `[grade]` in lab.toml is no part of it: it says which runs count, and for how much.

        Args:
            dataset: its name, see `datasets.named`; data of the lab's own is known by its content besides.

        Raises:
            InvalidLab: data of the lab's own is missing.
        """
        found = hashlib.sha256(dataset.encode())
        lab_toml, suite = self.assignment / "lab.toml", self.hidden_suite
        for path, content in ((lab_toml, _without_grade(lab_toml.read_bytes())), (suite, suite.read_bytes())):
            found.update(path.name.encode() + b"\0" + content + b"\0")
        if self.own_data:
            found.update(datasets.digest(self.own_data, self.reference).encode())
        return found.hexdigest()


@dataclass(frozen=True, slots=True)
class Course:
    """A folder with `assignments/` and, where it can grade, `reference/`; or a handout.

    Attributes:
        handout: the name of its one lab, where `root` is what a student unpacked; else "".
    """

    root: Path
    handout: str = ""

    def names(self) -> list[str]:
        """The labs' names, sorted."""
        if self.handout:
            return [self.handout]
        return sorted(path.parent.name for path in self.root.glob("assignments/*/lab.toml"))

    def assignment(self, name: str) -> Path:
        """Where students' half of the lab called `name` is, or would be."""
        return self.root if self.handout else self.root / "assignments" / name

    def reference(self, name: str) -> Path:
        """Where the other half is, or would be."""
        return self.root / "reference" / name

    def lab(self, name: str) -> Lab:
        """The lab called `name`.

        Raises:
            UnknownLab: there is none.
            InvalidLab: its lab.toml breaks the schema.
        """
        if name not in self.names():
            raise UnknownLab(self._unknown(name))
        assignment = self.assignment(name)
        return Lab(name, _read_spec(assignment / "lab.toml"), assignment, self.reference(name))

    def lab_around(self, path: Path) -> str:
        """The name of the lab in whose assignment `path` lies; "" if in none."""
        place = path.resolve()
        return next((name for name in self.names() if place.is_relative_to(self.assignment(name).resolve())), "")

    def _unknown(self, name: str) -> str:
        begun = [known for known in self.names() if known.startswith(name)]
        near = begun if len(begun) == 1 else difflib.get_close_matches(name, self.names(), n=1, cutoff=0.6)
        if near:
            return f"There is no lab “{name}”. Did you mean “{near[0]}”?"
        if not self.names():
            return f"There is no lab in {self.root} yet. Write one: grader new {name}"
        return f"There is no lab “{name}” in {self.root}. Its labs are: {', '.join(self.names())}."


def _with_cell(notebook: bytes, source: bytes) -> bytes:
    """A notebook with one more cell of code; as it is, where it is none, which whoever runs it finds."""
    try:
        return notebooks.with_code(notebook, source.decode("utf-8-sig", errors="replace"))
    except NotANotebook:
        return notebook


def _without_grade(content: bytes) -> bytes:
    """A lab.toml as it is without its table `[grade]`; as it is, where that cannot be told from the rest."""
    content = content.removeprefix(codecs.BOM_UTF8)
    rest = _GRADE.sub(b"", content)
    if rest == content:
        return content
    if content.endswith(_GRADE.findall(content)[-1]):
        line_end = b"\r\n" if b"\r\n" in content else b"\n"
        rest = rest.rstrip() + line_end  # what was written at the end stood apart by empty lines
    try:
        table = msgspec.toml.decode(content, type=dict[str, Any])
        table.pop("grade", None)
        same = msgspec.toml.decode(rest, type=dict[str, Any]) == table
    except msgspec.MsgspecError:
        return content
    return rest if same else content


def _read_text(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")  # Windows' editor begins files with a mark
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InvalidLab(f"{path}: line {line} is not UTF-8. Save the file in that encoding.") from error


def _read_spec(path: Path) -> LabSpec:
    text = _read_text(path)
    try:
        return msgspec.toml.decode(text, type=LabSpec)
    except msgspec.MsgspecError as error:
        told = tomls.sentence(path, text, error, LabSpec)
        raise InvalidLab(f"{told} {_DATASET_KEYS if '[dataset]' in told else _KEYS}") from error


_KEYS: Final = "The page “A lab on disk” of the documentation lists its keys."
_DATASET_KEYS: Final = "The page “Data of a lab's own” of the documentation lists its keys."


def bundled_course() -> Course:
    """This course, which the package brings as an example."""
    return Course(packaged.example())


def find_course(start: Path, explicit: Path | None = None) -> Course:
    """The course at `explicit`, or the one that `start` lies in, found as git finds a repository.

    Raises:
        CourseNotFound: there is none.
    """
    for folder in [explicit] if explicit else [start, *start.parents]:
        if course := _course_at(folder.resolve()):
            return course
    place = f"{explicit} is not a course" if explicit else f"No course here or above {start}"
    raise CourseNotFound(
        f"{place}: a course has a folder assignments/ with a folder for each lab, and lab.toml in it. "
        "Go into one, or name it with --course DIR."
    )


def handouts_in(folder: Path) -> list[Path]:
    """The folders in a folder that are handouts, sorted."""
    return [path for path in sorted(folder.iterdir()) if _is_unpacked(path) and _course_at(path)]


def _course_at(folder: Path) -> Course | None:
    course = Course(folder)
    if course.names() or ((folder / "assignments").is_dir() and (folder / "reference").is_dir()):
        return course
    if not _is_unpacked(folder):
        return None
    name = _name_in(folder / "lab.toml")
    if folder.parent.name == "assignments" and not (name and not (folder.parents[1] / "reference").is_dir()):
        return None  # a lab of a course, not a handout that somebody put into a folder of that name
    return Course(folder, name or _handout_name(folder))


def _is_unpacked(folder: Path) -> bool:
    """Whether it has what handouts have; a folder that may not be looked into has not."""
    has = [os.path.isfile(folder / name) for name in ("lab.toml", "test_public.py", "START_HERE.md")]  # noqa: PTH113
    return has[0] and any(has[1:])


class _Named(msgspec.Struct):
    """What of a lab.toml says the lab's name."""

    name: str = ""


def _name_in(lab_toml: Path) -> str:
    """The name in it, "" where there is none that a file could have."""
    try:
        name = msgspec.toml.decode(lab_toml.read_text("utf-8-sig"), type=_Named).name
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return ""
    return name if Path(name).name == name and name.isprintable() else ""


def _handout_name(folder: Path) -> str:
    """What the lab is called that lies here without a name in its lab.toml.

    The starter has the lab's name, and a folder's is at worst longer, as "lab (1)".
    """
    stems = {path.stem for path in folder.iterdir() if path.suffix in notebooks.FORMS} - {"test_public"}
    begun = [stem for stem in stems if folder.name.startswith(stem)]
    return max(begun, key=len) if begun else next(iter(stems)) if len(stems) == 1 else folder.name
