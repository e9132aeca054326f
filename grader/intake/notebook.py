"""Whether a file is a notebook at all. What is in it is the sandbox's business."""

import json

from grader.errors import Refused


def check_readable(content: bytes) -> None:
    """Look at a notebook's outermost structure; nothing of it is run.

    Raises:
        Refused: it cannot be read as a notebook, so grading it could only give an undeserved zero.
    """
    try:
        found = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not isinstance(found.get("cells", found.get("worksheets")), list):
        raise Refused(
            "The notebook cannot be read: the file is damaged or cut off. "
            "Open it in Jupyter; if that works, save it, download it once more and hand in again."
        )
