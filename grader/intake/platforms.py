"""The learning platforms whose downloads are known. Pure."""

from collections.abc import Callable, Collection
from typing import Final

from grader.intake import blackboard, brightspace, canvas, github, moodle, sakai
from grader.intake.upload import Uploads

_RECOGNISERS: Final[tuple[Callable[[Collection[str], str], Uploads], ...]] = (
    canvas.recognise,
    moodle.recognise,
    blackboard.recognise,
    brightspace.recognise,
    sakai.recognise,
    github.recognise,
)


def recognise(paths: Collection[str], called: str = "") -> Uploads:
    """Those of the paths in a folder or an archive that a platform made; none if it is no download.

    What a file is called comes last in every platform's names. So of two readings the one that leaves more to the
    student is right, and nobody becomes somebody else by calling a file as another platform would.

    Args:
        called: the folder's or the archive's own name.
    """
    readings = (recogniser(paths, called) for recogniser in _RECOGNISERS)
    return max(readings, key=lambda uploads: sum(len(upload.file) for upload in uploads.values()))
