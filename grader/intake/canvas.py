"""Names of files in Canvas's "Download Submissions" archive. Pure.

    {name}[_LATE]_{userid}_{attachmentid}_{file}         an upload
    [LATE_]anon_{anonymousid}_{attachmentid}_{file}      the same, students anonymous
    {name}[_LATE]_{userid}_text.html, …_link.html        a text or an address typed into a form

`{name}` has lost its spaces and punctuation and need not be unique; the ids are the gradebook's. Canvas puts "-1" and
so on before the suffix of a file handed in again.
"""

import re
from collections import defaultdict
from collections.abc import Collection
from typing import Final

from grader.intake.names import student
from grader.intake.upload import Upload, Uploads, if_sure

_NAME: Final = re.compile(
    r"(?P<before>LATE_)?(?:anon_(?P<anonymous>[A-Za-z0-9]+)|(?P<name>[^\s!-/:-@\[-^`{-~]*?)(?P<behind>_LATE)?_(?P<user>[0-9]{1,20}))"
    r"_(?:(?P<typed>(?:text|link)\.html)|(?P<attachment>[0-9]{1,20})_(?P<file>[^/]+))"
)


def recognise(paths: Collection[str], _called: str = "") -> Uploads:
    """Those of one folder's paths that Canvas made.

    No attachment has two files, and no id two names. So names that only look alike are not taken for Canvas's:
    week_1_2_ana.py beside week_1_2_bo.py, ana_2025_03_lab.py beside bo_2025_04_lab.py.
    """
    found = {path: named for path in paths if (named := _NAME.fullmatch(path))}
    attachments = [named["attachment"] for named in found.values() if named["attachment"]]
    if len(set(attachments)) != len(attachments):
        return {}
    names = defaultdict(set)
    for named in found.values():
        names[named["user"]].add(named["name"])
    sure = {path: named for path, named in found.items() if named["anonymous"] or len(names[named["user"]]) == 1}
    return if_sure({path: _upload(named) for path, named in sure.items()}, paths)


def _upload(named: re.Match[str]) -> Upload:
    anonymous = named["anonymous"]
    who = student(anonymous, f"Anonymous {anonymous}") if anonymous else student(named["user"], named["name"])
    return Upload(who, named["file"] or named["typed"], late=bool(named["before"] or named["behind"]))
