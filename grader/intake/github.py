"""Folders that `gh classroom clone student-repos` makes. Pure.

    {slug}-submissions/{slug}-{username}/{path}

Usernames hold "-", so only the slug tells where they begin. Of a group the team's slug stands there.
"""

import re
from collections.abc import Collection
from typing import Final

from grader.intake.names import student
from grader.intake.upload import Upload, Uploads, if_sure

_CALLED: Final = re.compile(r"(?P<slug>.+)-submissions(?:[-_. (].*)?", re.DOTALL)
_USER: Final = "[A-Za-z0-9][A-Za-z0-9_-]*"


def recognise(paths: Collection[str], called: str = "") -> Uploads:
    """Those of `paths` that are in a student's repository; none but in a folder that is called as the tool does."""
    folder = _CALLED.fullmatch(called)
    if folder is None:
        return {}
    repository = re.compile(rf"{re.escape(folder['slug'])}-(?P<user>{_USER})/(?P<path>.+)", re.DOTALL)
    found = {path: named for path in paths if (named := repository.fullmatch(path))}
    return if_sure({path: Upload(student(named["user"]), named["path"]) for path, named in found.items()}, paths)
