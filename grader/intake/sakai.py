"""Names in the archive that Sakai's "Download All" makes, below the folder that is called as the assignment. Pure.

    {Last, First(eid)}/Submission attachment(s)/{path}        what was handed in
    {Last, First(eid)}/timestamp.txt                          when
    {Last, First(eid)}/comments.txt, …                        what else Sakai has to say
    {Last, First(eid)}_Submission attachment(s)_{file}        without folders

Of a group title and id stand there, of an anonymous student an id alone. `grades.csv` or `grades.xls` lies beside.
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Final

from grader.intake.names import student
from grader.intake.upload import Upload, Uploads, if_sure
from grader.model import Student

_SAID: Final = r"comments\.txt|members\.txt|feedbackText\.(?:html|txt)"
_TYPED: Final = r"_submissionText\.(?:html|txt)"
_IN_FOLDERS: Final = re.compile(
    r"(?P<who>[^/]+)/(?:Submission attachment\(s\)/(?P<work>.+)|(?P<receipt>timestamp\.txt)"
    rf"|(?P<beside>Feedback Attachment\(s\)/.+|{_SAID}|[^/]*{_TYPED}))",
    re.DOTALL,
)
_FLAT: Final = re.compile(
    r"(?P<who>[^/]+?)_(?:Submission attachment\(s\)_(?P<work>[^/]+)"
    rf"|(?P<beside>Feedback Attachment\(s\)_[^/]+|{_SAID}|(?P=who){_TYPED}))"
)
_MARKS: Final = {"/Submission attachment(s)/": _IN_FOLDERS, "_Submission attachment(s)_": _FLAT}
"""What a download must have somewhere -> its names."""
_WITH_ID: Final = re.compile(r"(?P<name>.+?)\((?P<id>[^()]+)\)", re.DOTALL)


def recognise(paths: Collection[str], _called: str = "") -> Uploads:
    """Those of `paths` that Sakai made."""
    pattern = next((pattern for mark, pattern in _MARKS.items() if any(mark in path for path in paths)), None)
    if pattern is None:
        return {}
    found = {path: named for path in paths if (named := pattern.fullmatch(path))}
    whose = {named["who"]: _student(named["who"]) for named in found.values()}
    attached = any(named["work"] for named in found.values())
    if not attached or len({who.key for who in whose.values()}) != len(whose):
        return {}
    return if_sure({path: _upload(named, whose[named["who"]]) for path, named in found.items()}, paths)


def moment(content: bytes) -> datetime | None:
    """The time that a `timestamp.txt` tells, in UTC: "2026-03-01T09:12:44.123Z", or "20260301091244123" of old."""
    text = content.decode("utf-8", "replace").strip()
    try:
        if re.fullmatch(r"[0-9]{17}", text):
            return datetime.strptime(text, "%Y%m%d%H%M%S%f").replace(tzinfo=UTC)
        found = datetime.fromisoformat(text)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _student(who: str) -> Student:
    with_id = _WITH_ID.fullmatch(who)
    return student(with_id["id"], with_id["name"].strip()) if with_id else student(who)


def _upload(named: re.Match[str], who: Student) -> Upload:
    parts = named.groupdict()
    file = parts["work"] or parts["beside"] or parts["receipt"]
    return Upload(who, file, beside=not parts["work"], is_receipt=bool(parts.get("receipt")))
