"""`kind = "csv"`: a table of numbers with a header."""

import csv
import re
import sys
from array import array
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader import opened
from grader.datasets.items import Items, check_size, check_there, contents
from grader.datasets.kinds import TableSpec
from grader.errors import InvalidLab

if TYPE_CHECKING:
    from torch import Tensor

_LARGEST: Final = 3.4028234663852886e38
"""Of float32."""
_CLASSES_MOST: Final = 1000
_LONG: Final = 16
"""Signs of a row that stands in no other table by chance."""
_TELLING: Final = 3
"""Different values by which a row is known within a line."""
_BETWEEN: Final = re.compile(r"[\s,;|\"'`()\[\]{}]+")
_Key = tuple[str, ...]


def read(spec: TableSpec, folder: Path) -> Items:
    """The rows.

    Raises:
        InvalidLab: there is something that an instructor has to put right.
    """
    import torch  # noqa: PLC0415  slow to import, needed here alone

    path = folder / spec.place
    rows = _rows(path)
    header = _header(next(rows)[1], spec, path)
    at = header.index(spec.target)
    numbers, targets = array("f"), []
    for line, row in rows:
        for column, text in enumerate(row):
            if column != at:
                numbers.append(_number(text, path, line, header[column]))
        targets.append(_target(row[at], spec, path, line))
    if not targets:
        raise InvalidLab(f"{path} has a header and no rows. Add some.")
    inputs = torch.frombuffer(numbers, dtype=torch.float32).view(len(targets), len(header) - 1)
    names: tuple[str, ...] = ()
    if spec.task == "classes":
        names, labels = _classes(targets, path)
    else:
        labels = torch.tensor([float(one) for one in targets])
    told = contents(inputs)
    return Items(inputs, labels, names, told, told, columns=tuple(header))


def write(spec: TableSpec, folder: Path, chosen: Sequence[int], place: Path) -> None:
    """Write the header and these rows, in the order and with the text that they have in the lab's own table."""
    keep = set(chosen)
    rows = _rows(folder / spec.place)
    with place.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(next(rows)[1])
        writer.writerows(row for number, (_, row) in enumerate(rows) if number in keep)


def told(spec: TableSpec, folder: Path, chosen: Collection[int]) -> dict[_Key, int]:
    """These rows as `shows` looks for them, and how long each is; those left out that look like one of the others."""
    keep, rows = set(chosen), _rows(folder / spec.place)
    next(rows)
    theirs, known = set(), {}
    for number, (_, row) in enumerate(rows):
        key = _key(_values(",".join(row)))
        if number in keep:
            known[key] = len(",".join(row))
        else:
            theirs.add(key)
    return {key: length for key, length in known.items() if key not in theirs}


def shows(content: bytes, rows: Mapping[_Key, int]) -> bool:
    """Whether lines of a text have some of these rows: one that is long, or half of them, as short ones are many's."""
    widths = {len(key) for key in rows}
    found = {key for line in opened.lines(content) for key in _keys(_values(line), widths) if key in rows}
    return bool(found) and (2 * len(found) >= len(rows) or any(rows[key] >= _LONG for key in found))


def _values(line: str) -> list[str]:
    """What stands in a line between commas, bars, brackets, blanks and the like; numbers as Python writes them."""
    return [_number_or_text(part) for part in _BETWEEN.split(line) if part]


def _number_or_text(part: str) -> str:
    try:
        return str(float(part) + 0.0)
    except ValueError:
        return part


def _keys(values: list[str], widths: Collection[int]) -> Iterator[_Key]:
    """A line as a whole, and each run of it that tells enough to be no chance."""
    for width in widths:
        for start in range(len(values) - width + 1):
            run = values[start : start + width]
            if width == len(values) or len(set(run)) >= _TELLING:
                yield _key(run)


def _key(values: list[str]) -> _Key:
    """Rows with much of the same value are told apart by the order, others are the same in any."""
    distinct = len(set(values))
    return tuple(sorted(values) if distinct >= _TELLING and 2 * distinct >= len(values) else values)


def _rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The header, then each row, with the line that it ends in; all of one length.

    Raises:
        InvalidLab: that is no such table.
    """
    check_there(path, TableSpec.form, there=path.is_file())
    check_size(path, path.stat().st_size, "Leave out rows, or columns.")
    width = 0
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file)
            for row in reader:
                if not row:
                    continue
                width = width or len(row)
                if len(row) != width:
                    raise InvalidLab(
                        f"{path}, line {reader.line_num}: {len(row)} in place of the header's {width} columns. Put the "
                        "line right; a comma inside a text needs quotes around it."
                    )
                yield reader.line_num, [text.strip() for text in row]
    except UnicodeDecodeError as error:
        raise InvalidLab(f"{path} is not UTF-8. Save the file in that encoding.") from error
    except csv.Error as error:
        raise InvalidLab(f"{path}, line {reader.line_num}: {error}. Put the line right.") from error
    if not width:
        raise InvalidLab(f"{path} is empty. It begins with a line of the columns' names.")


def _header(names: list[str], spec: TableSpec, path: Path) -> list[str]:
    if len(names) == 1 and ";" in names[0]:
        raise InvalidLab(f"{path} has semicolons between its columns. Save it with commas, and numbers with a point.")
    if "" in names:
        raise InvalidLab(
            f"{path}: column {names.index('') + 1} has no name in the first line. Give it one, or leave it out."
        )
    if twice := [name for name, many in Counter(names).items() if many > 1]:
        raise InvalidLab(f"{path} has two columns “{twice[0]}”. Give each its own name.")
    if spec.target not in names:
        raise InvalidLab(
            f"{path} has no column “{spec.target}”, the `target` in lab.toml. Its columns are: {', '.join(names)}."
        )
    if len(names) < 2:
        raise InvalidLab(f"{path} has no column but the target. Add inputs.")
    return names


def _number(text: str, path: Path, line: int, column: str) -> float:
    """A number that float32 holds.

    Raises:
        InvalidLab: it is none.
    """
    try:
        value = float(text) if "_" not in text else None
    except ValueError:
        value = None
    if value is None:
        holds = f"holds “{text[:40]}”" if text else "is empty"
        raise InvalidLab(
            f"{path}, line {line}: column “{column}” {holds}, where a number belongs, with a point. Put it right, "
            "leave the row or the column out, or turn texts into numbers first."
        )
    if not abs(value) <= _LARGEST:
        raise InvalidLab(
            f"{path}, line {line}: column “{column}” holds {text[:40]}, which is no number to compute with. Put it "
            "right, or leave the row out."
        )
    return value + 0.0


def _target(text: str, spec: TableSpec, path: Path, line: int) -> str | float:
    if spec.task == "numbers":
        return _number(text, path, line, spec.target)
    if not text:
        raise InvalidLab(f"{path}, line {line}: column “{spec.target}” is empty. Name the class, or leave the row out.")
    return sys.intern(text)


def _classes(targets: Sequence[str | float], path: Path) -> tuple[tuple[str, ...], "Tensor"]:
    """(names, in the order of numbers where all are whole ones; the number of each row's).

    Raises:
        InvalidLab: these are no classes.
    """
    import torch  # noqa: PLC0415  as `read`

    distinct = {str(one) for one in targets}
    if not 1 < len(distinct) <= _CLASSES_MOST:
        raise InvalidLab(
            f"{path} has {len(distinct):,} different targets, and classes are 2 to {_CLASSES_MOST:,}. If the target is "
            'a number to predict, say task = "numbers" in lab.toml.'
        )
    whole = all(len(name) < 20 and name.removeprefix("-").isdecimal() for name in distinct)
    names = tuple(sorted(distinct, key=(lambda name: (int(name), name)) if whole else lambda name: (0, name)))
    numbers = {name: number for number, name in enumerate(names)}
    return names, torch.tensor([numbers[str(one)] for one in targets])
