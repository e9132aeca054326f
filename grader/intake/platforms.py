"""The learning platforms whose downloads are known. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from grader.intake import blackboard, brightspace, canvas, github, gradescope, moodle, sakai
from grader.intake.upload import Uploads

Recogniser: TypeAlias = Callable[[Collection[str], str], Uploads]

GRADESCOPE: Final = "Gradescope"
_RECOGNISERS: Final[Mapping[str, Recogniser]] = {
    "Canvas": canvas.recognise,
    "Moodle": moodle.recognise,
    "Blackboard": blackboard.recognise,
    "Brightspace": brightspace.recognise,
    "Sakai": sakai.recognise,
    "GitHub Classroom": github.recognise,
    GRADESCOPE: gradescope.recognise,
}


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder or an archive tells, read as a platform's download; `platform` is "" for none's."""

    platform: str = ""
    uploads: Uploads = field(default_factory=dict)


def recognise(paths: Collection[str], called: str = "") -> Reading:
    """The reading of the paths in a folder or an archive as a platform's download, if it is one.

    What a file is called comes last in every platform's names. So of two readings the one that leaves more to the
    student is right, and nobody becomes somebody else by calling a file as another platform would.

    Args:
        called: the folder's or the archive's own name.
    """
    readings = (Reading(platform, recogniser(paths, called)) for platform, recogniser in _RECOGNISERS.items())
    best = max(readings, key=lambda reading: sum(len(upload.file) for upload in reading.uploads.values()))
    return best if best.uploads else Reading()
