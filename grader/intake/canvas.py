"""Names of files in Canvas's "Download Submissions" archive. Pure.

    {name}[_LATE]_{userid}_{attachmentid}_{file}         an upload
    [LATE_]anon_{anonymousid}_{attachmentid}_{file}      the same, students anonymous
    {name}[_LATE]_{userid}_text.html, …_link.html        a text or an address typed into a form

`{name}` has lost its spaces and punctuation and need not be unique; the ids are the gradebook's.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from grader.intake.names import student
from grader.model import Student

_NAME: Final = re.compile(
    r"(?:LATE_)?(?:anon_(?P<anonymous>[A-Za-z0-9]+)|(?P<name>\w*?)(?:_LATE)?_(?P<user>[0-9]{1,20}))"
    r"_(?:(?P<typed>(?:text|link)\.html)|(?P<attachment>[0-9]{1,20})_(?P<file>.+))",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Upload:
    """What the name of a downloaded file tells.

    Attributes:
        attachment: its id; "" for what was typed into a form.
        file: as the student called it; Canvas puts "-1" and so on before the suffix of a file handed in again.
    """

    student: Student
    attachment: str
    file: str


def recognise(names: Iterable[str]) -> dict[str, Upload]:
    """Those of one folder's file names that Canvas made.

    No attachment has two files, so names that only look alike are not taken for Canvas's: week_1_2_ana.py beside
    week_1_2_bo.py.
    """
    uploads = {name: upload for name in names if (upload := _upload(name))}
    attachments = [upload.attachment for upload in uploads.values() if upload.attachment]
    return uploads if len(set(attachments)) == len(attachments) else {}


def _upload(name: str) -> Upload | None:
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    anonymous = found["anonymous"]
    who = student(anonymous, f"Anonymous {anonymous}") if anonymous else student(found["user"], found["name"])
    return Upload(who, found["attachment"] or "", found["file"] or found["typed"])
