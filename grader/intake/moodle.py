"""Names in the archive that Moodle's "Download all submissions" makes. Pure.

    {name}_{id}_assignsubmission_file[_]/{path}             in folders; with the "_" before Moodle 4.1
    {name}_{id}_assignsubmission_file_{file}                without
    {name}_{id}_assignsubmission_onlinetext…                a text typed into a form

The id is the participant's in this assignment, "Participant 4711" in the grading worksheet. Of a team id and
name are the group's; the default group has no id. Under blind marking every name is the word for a participant.
"""

import re
from collections.abc import Collection
from typing import Final

from grader.intake.names import student
from grader.intake.upload import Upload, Uploads, if_sure

_NAME: Final = re.compile(
    r"(?P<name>[^/]*?)(?:_(?P<id>[0-9]{1,20}))?_assign(?P<kind>submission|feedback)_(?P<plugin>[a-z]+)"
    r"(?:_?/(?P<path>.+)|_(?P<file>.+))",
    re.DOTALL,
)


def recognise(paths: Collection[str], _called: str = "") -> Uploads:
    """Those of `paths` that Moodle made."""
    found = {path: named for path in paths if (named := _NAME.fullmatch(path)) and (named["name"] or named["id"])}
    owners = {(named["id"], named["name"]) for named in found.values()}
    ids = [id_ for id_, _ in owners if id_]
    if len(set(ids)) != len(ids):  # one id has two names, which Moodle does not give
        return {}
    names = {name for _, name in owners}
    blind = len(names) == 1 and " " not in min(names)
    return if_sure({path: _upload(named, blind=blind) for path, named in found.items()}, paths)


def _upload(named: re.Match[str], *, blind: bool) -> Upload:
    name = named["name"].replace("_", " ").strip()
    who = student(named["id"] or name, f"{name} {named['id'] or ''}".strip() if blind else name)
    work = (named["kind"], named["plugin"]) == ("submission", "file")
    return Upload(who, named["path"] or named["file"], beside=not work)
