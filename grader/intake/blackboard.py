"""Names in the archive that Blackboard Learn's "Assignment File Download" makes. Pure.

    {column}_{username}_attempt_{YYYY-MM-DD-HH-MM-SS}_{file}      each file of an attempt
    {column}_{username}_attempt_{YYYY-MM-DD-HH-MM-SS}.txt         its receipt

The word for an attempt is in the site's language. For a group its name stands in the username's place. Columns and
usernames may hold "_": the column is what all names of a download have in common, unless the archive's name,
`gradebook_{course}_{column}_{when}`, tells it. Where neither does, because there is one student, both together are the
student's key.
"""

import os
import re
import unicodedata
from collections.abc import Collection
from datetime import datetime
from typing import Final

from grader.intake.names import student
from grader.intake.upload import Upload, Uploads, if_sure

_WHEN: Final = r"[0-9]{4}(?:-[0-9]{2}){5}"
_NAME: Final = re.compile(
    rf"(?P<owner>[^/]+?)_(?P<word>[^_/0-9]+)_(?P<when>{_WHEN})(?:_(?P<file>[^/]+)|(?P<receipt>\.txt))"
)
_ARCHIVE: Final = re.compile(rf"gradebook_(?P<column>.+)_{_WHEN}.*", re.DOTALL)


def recognise(paths: Collection[str], called: str = "") -> Uploads:
    """Those of `paths` that Blackboard made."""
    found = {path: named for path in paths if (named := _NAME.fullmatch(path)) and _moment(named["when"])}
    if (
        any("_" not in named["owner"] for named in found.values())
        or len({named["word"] for named in found.values()}) != 1
    ):
        return {}
    column = _column({named["owner"] for named in found.values()}, called)
    return if_sure({path: _upload(named, column) for path, named in found.items()}, paths)


def _upload(named: re.Match[str], column: str) -> Upload:
    who = student(named["owner"].removeprefix(f"{column}_"))
    file = named["file"] or f"receipt{named['receipt']}"
    return Upload(who, file, named["when"], _moment(named["when"]), beside=bool(named["receipt"]))


def _moment(when: str) -> datetime | None:
    try:
        return datetime.strptime(when, "%Y-%m-%d-%H-%M-%S")  # noqa: DTZ007 - local time: nobody tells the zone
    except ValueError:
        return None


def _column(owners: Collection[str], called: str) -> str:
    """The column's name, which each of `owners` begins with; "" where it cannot be told."""
    common = os.path.commonprefix([*owners])  # noqa: RUF071 - of names, not paths
    ends = [at for at, sign in enumerate(common) if sign == "_" and at]
    archive = _ARCHIVE.fullmatch(called)
    told = [at for at in ends if archive and _letters(archive["column"]).endswith(_letters(common[:at]))]
    likely = told or (ends if len(owners) > 1 else [])
    return common[: likely[-1]] if likely else ""


def _letters(text: str) -> str:
    """`text` without what an archive's name may lack."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKD", text))).casefold()
