"""Names in the archive that Brightspace (D2L) makes of an assignment's submissions. Pure.

    {id}-{id} - {name} - {Mon D, YYYY HMM AM}/{path}            a folder for each upload
    {id}-{id} - {name} - {Mon D, YYYY HMM AM} - {file}          without folders
    {OrgDefinedId}_{name}_{Mon D, YYYY HHMM}_{file}             likewise

The first id of the two is the student's, as far as is known; where all names have the same, both together are. A name
may hold " - ", and may be a group's. `index.html` lists it all.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Final, TypeAlias

from grader.intake.names import student
from grader.intake.upload import Upload, Uploads, if_sure

_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WHEN: Final = (
    r"(?P<when>(?P<month>[A-Z][a-z]{2,8})\.? (?P<day>[0-9]{1,2}), (?P<year>[0-9]{4}) "
    r"(?P<hour>[0-9]{1,2})(?P<minute>[0-9]{2})(?:\s?(?P<half>[AaPp])[Mm])?)"
)
_BY_PAIR: Final = re.compile(
    r"(?P<first>[0-9]{1,20})-(?P<second>[0-9]{1,20}) - (?P<name>[^/]+?) - "
    rf"{_WHEN}(?:/(?P<path>.+)| - (?P<file>[^/]+))",
    re.DOTALL,
)
_BY_ORG: Final = re.compile(rf"(?P<org>[^/_]+)_(?P<name>[^/]+?)_{_WHEN}_(?P<file>[^/]+)")

_Named: TypeAlias = "re.Match[str]"
_Id: TypeAlias = Callable[[_Named], str]


def recognise(paths: Collection[str], _called: str = "") -> Uploads:
    """Those of `paths` that Brightspace made."""
    pairs, orgs = _matches(_BY_PAIR, paths), _matches(_BY_ORG, paths)
    found, ids = (pairs, (_first, _pair)) if len(pairs) >= len(orgs) else (orgs, (_org,))
    id_of = next((id_of for id_of in ids if _is_one_persons(id_of, found.values())), None)
    if id_of is None:
        return {}
    return if_sure({path: _upload(named, id_of(named)) for path, named in found.items()}, paths)


def _matches(pattern: re.Pattern[str], paths: Iterable[str]) -> Mapping[str, _Named]:
    return {path: named for path in paths if (named := pattern.fullmatch(path)) and _moment(named)}


def _is_one_persons(id_of: _Id, found: Iterable[_Named]) -> bool:
    """Whether nobody shares such an id with somebody of another name."""
    owners = {(id_of(named), named["name"]) for named in found}
    return len({id_ for id_, _ in owners}) == len(owners)


def _first(named: _Named) -> str:
    return named["first"]


def _pair(named: _Named) -> str:
    return f"{named['first']}-{named['second']}"


def _org(named: _Named) -> str:
    return named["org"]


def _upload(named: _Named, id_: str) -> Upload:
    groups = named.groupdict()
    file = groups.get("path") or named["file"]
    attempt = named.string[: named.end("when")]
    return Upload(student(id_, named["name"].strip()), file, attempt, _moment(named))


def _moment(named: _Named) -> datetime | None:
    month, half = named["month"].lower()[:3], (named["half"] or "").lower()
    hour = int(named["hour"])
    if half:
        hour = hour % 12 + 12 * (half == "p")
    try:
        return datetime(  # noqa: DTZ001 - local time: nobody tells the zone
            int(named["year"]), _MONTHS.index(month) + 1, int(named["day"]), hour, int(named["minute"])
        )
    except ValueError:
        return None
