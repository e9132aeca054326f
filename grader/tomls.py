"""What is wrong with a TOML file that a person wrote: which line, what is there, and what should be. Pure."""

import difflib
import json
import operator
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin, get_type_hints

import msgspec

_PLACE: Final = re.compile(r"(?P<what>.*?)(?: - at `(?:key in )?\$\.?(?P<place>[^`]*)`)?", re.DOTALL)
_KINDS: Final = {
    "str": "text in quotation marks",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list in square brackets",
    "object": "a table",
    "date": "a date",
    "datetime": "a date and time without quotation marks, such as 2026-11-20T23:59:00",
}
_FOUND: Final = {**_KINDS, "float": "a number with a decimal point", "datetime": "a date and time"}
_OUT_OF: Final = re.compile(r"Expected `(\w+)` ([<>]=?) ([\d.]+)")
_LENGTH: Final = re.compile(r"Expected `array` of length (\d+), got (\d+)")
_HOLDS: Final = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
_NAMES: Final = {str: "str", int: "int", float: "float", bool: "bool", list: "array", dict: "object"}
_BOUNDS: Final = {">": "above", ">=": "of at least", "<": "below", "<=": "of at most"}
_SYNTAX: Final = {
    "Cannot overwrite a value": "the same key stands above it",
    "Cannot declare": "the same table stands above it",
}
_EXAMPLES: Final = {"str": '"…"', "array": '["train"]', "int": "2", "float": "30", "bool": "true"}


def sentence(path: Path, text: str, error: msgspec.MsgspecError, form: Any) -> str:
    """What `error` says of the file, for the person who wrote it.

    Args:
        path: the file's, for the sentence.
        form: what it was decoded as, a struct or a dict.
    """
    try:
        table = msgspec.toml.decode(text)
    except msgspec.DecodeError as broken:
        return _syntax(path, text, str(broken))
    match = _PLACE.fullmatch(str(error))
    what, place = (match["what"], match["place"] or "") if match else (str(error), "")
    place, items = _taken_apart(place)
    form = _Form(form, table)
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", what):
        return _unknown(path, text, unknown[1], place, form)
    if missing := re.fullmatch(r"Object missing required field `(.*)`", what):
        return _missing(path, missing[1], place, form)
    if place.endswith("[...]"):  # an entry, or something in an entry
        inside = place.partition("[...]")[0]
        return _wrong(path, text, what, inside, _culprit(_inside(table, inside), items, what), items, form)
    inside, _, key = place.rpartition(".")
    return _wrong(path, text, what, inside, key, items, form)


def _taken_apart(place: str) -> tuple[str, list[int]]:
    """A place, and where in the list there: `limits.slow[1]` is the second item of `limits.slow`."""
    of_list = re.search(r"(\[\d+\])+$", place)
    return (place[: of_list.start()], [*map(int, re.findall(r"\d+", of_list[0]))]) if of_list else (place, [])


def _syntax(path: Path, text: str, told: str) -> str:
    found = re.fullmatch(r"(.*) \(at line (\d+), column (\d+)\)", told, re.DOTALL)
    if not found:
        return f"{path} is not TOML: {_begun_small(told)}. A bracket or a quotation mark is missing."
    number, why = int(found[2]), found[1]
    for begins, better in _SYNTAX.items():
        if why.startswith(begins):
            return f"{path}:{number}: {better}. {_shown(text, number)} Keep one of the two."
    why = "the line ends too early" if why == r"Illegal character '\n'" else _begun_small(why)
    return f"{path}:{number} is not TOML: {why}. {_shown(text, number)} Text stands in quotation marks, a list in []."


def _unknown(path: Path, text: str, key: str, place: str, form: "_Form") -> str:
    where = f"{path}:{number}" if (number := line(text, place, key)) else str(path)
    of = f"[{place}]" if place else path.name
    what = "table" if re.match(r"\s*\[", _at(text, number)) else "key"
    keys = form.at(place).keys
    for table in form.tables():
        if table != place and key in form.at(table).keys:
            return f"{where}: “{key}” belongs below the line [{table}]. Move it there."
    near = difflib.get_close_matches(key, keys, n=1)
    advice = f"Did you mean “{near[0]}”?" if near else f"Its keys are {', '.join(keys)}." if keys else ""
    return f"{where}: “{key}” is no {what} of {of}. {advice}".strip()


def _missing(path: Path, key: str, place: str, form: "_Form") -> str:
    missing = form.at(f"{place}.{key}".strip("."))
    if missing.keys:
        needed = ", ".join(missing.required())
        return f"{path}: the table [{key}] is missing. Write the line [{key}], and below it {needed}."
    example = f"{key} = {_example(missing.kind)}"
    below = f"below [{place}]" if place else "above the first line in square brackets"
    return f"{path}: “{key}” is missing. Write {example} {below}."


def _wrong(path: Path, text: str, what: str, table: str, key: str, items: list[int], form: "_Form") -> str:
    place = f"{table}.{key}".strip(".")
    number = line(text, table, key)
    where, shown = (f"{path}:{number}", f" {_shown(text, number)}") if number else (str(path), "")
    of = "".join(f"item {item + 1} of " for item in reversed(items))
    of += f"“{key}” of [{table}]" if table else f"“{key}”"
    if kinds := re.fullmatch(r"Expected `(.*)`, got `(.*)`", what):
        wanted = " or ".join(_KINDS.get(kind, kind) for kind in kinds[1].split(" | ") if kind != "null")
        return f"{where}: {of} must be {wanted}, and is {_FOUND.get(kinds[2], kinds[2])}.{shown}"
    if length := _LENGTH.fullmatch(what):
        return f"{where}: {of} must be a list of {length[1]}, and has {length[2]}.{shown}"
    if bounds := _OUT_OF.fullmatch(what):
        return f"{where}: {of} must be {_KINDS[bounds[1]]} {_BOUNDS[bounds[2]]} {float(bounds[3]):,.10g}.{shown}"
    if what == "Expected `datetime` with no timezone component":
        return f"{where}: {of} must be a date and time without a zone, such as 2026-11-20T23:59:00.{shown}"
    if what.startswith(("Invalid enum value", "Invalid value")):
        options = ", ".join(json.dumps(option) for option in form.at(table).options(key))
        or_table = f", or a table below the line [{place}]" if form.at(place).may_be_table else ""
        return f"{where}: {of} must be one of {options}{or_table}.{shown}"
    return f"{path}{f', [{place}]' if place else ''}: {what}."


# ---------------------------------------------------------------- the file


def line(text: str, table: str, key: str) -> int:
    """The number of the line that sets `key` in `table`, or opens a table of that name; 0 where none is seen."""
    now = ""
    for number, written in enumerate(text.splitlines(), 1):
        if head := re.match(r"\s*\[\s*([^\[\]]+?)\s*\]", written):
            now = head[1]
            if now == f"{table}.{key}".strip("."):
                return number
        elif now == table and re.match(rf"""\s*["']?{re.escape(key)}["']?\s*[=.]""", written):
            return number
    return 0


def _at(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number - 1].strip() if 0 < number <= len(lines) else ""


def _shown(text: str, number: int) -> str:
    return f"The line is “{_at(text, number)}”."


def _inside(table: Any, place: str) -> Any:
    for key in filter(None, place.split(".")):
        table = table.get(key, {}) if isinstance(table, Mapping) else {}
    return table


def _culprit(table: Any, items: list[int], what: str) -> str:
    """The first key of a table whose value is of the kind that the complaint says it got, or out of its bounds.

    Args:
        items: where in the value, if that is a list.
    """
    bounds, got = _OUT_OF.fullmatch(what), what.rpartition("got `")[2].removesuffix("`")
    for key, whole in table.items() if isinstance(table, Mapping) else ():
        value = _item(whole, items)
        if bounds and isinstance(value, int | float) and not _HOLDS[bounds[2]](value, float(bounds[3])):
            return str(key)
        if not bounds and _NAMES.get(type(value)) == got:
            return str(key)
    return ""


def _item(value: Any, items: list[int]) -> Any:
    for item in items:
        value = value[item] if isinstance(value, list) and item < len(value) else None
    return value


# ---------------------------------------------------------------- its form


class _Form:
    """A type, and what a file has in its place, which says of several tables which one is meant."""

    def __init__(self, kind: Any, value: Any) -> None:
        self.kind, self._value = kind, value
        tables = [each for each in get_args(kind) if _is_table(each)]
        self._tags = {str(each.__struct_config__.tag): each for each in tables}
        meant = value.get(tables[0].__struct_config__.tag_field) if tables and isinstance(value, Mapping) else None
        self._table = self._tags.get(str(meant)) if tables else kind if _is_table(kind) else None

    @property
    def keys(self) -> tuple[str, ...]:
        return self._table.__struct_fields__ if self._table else ()

    def at(self, place: str) -> "_Form":
        """What stands at a place; of no type where that is not known."""
        found = self
        for key in filter(None, place.split(".")):
            kind = get_type_hints(found._table).get(key) if found._table else None
            found = _Form(kind, found._value.get(key) if isinstance(found._value, Mapping) else None)
        return found

    @property
    def may_be_table(self) -> bool:
        return bool(self._tags)

    def options(self, key: str) -> tuple[str | int, ...]:
        """What the value of a key may be, where it is one of some."""
        kind = self.at(key).kind
        if key not in self.keys:
            return tuple(self._tags)
        literals = [each for each in (kind, *get_args(kind)) if get_origin(each) is Literal]
        return tuple(option for each in literals for option in get_args(each))

    def tables(self) -> Iterator[str]:
        return (key for key in self.keys if self.at(key).keys)

    def required(self) -> Iterator[str]:
        fields = msgspec.structs.fields(self._table) if self._table else ()
        return (f"{each.name} = {_example(each.type)}" for each in fields if each.required)


def _is_table(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _example(kind: Any) -> str:
    if get_origin(kind) is Literal:
        return f'"{get_args(kind)[0]}"'
    if get_origin(kind) is tuple:
        return f"[{', '.join(_example(each) for each in get_args(kind) if each is not ...)}]"
    name = {str: "str", int: "int", float: "float", bool: "bool"}.get(kind)
    if name is None and get_args(kind):  # Annotated
        return _example(get_args(kind)[0])
    return _EXAMPLES.get(name or "", "…")


def _begun_small(text: str) -> str:
    return text[:1].lower() + text[1:]
