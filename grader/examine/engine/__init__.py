"""The container engine: slots in containers, the image they start from, and what the machine gives.

The only room that imports docker, and only when an engine is needed.
"""

from grader.examine.engine.doctor import diagnose
from grader.examine.engine.findings import Finding, Isolation, Level
from grader.examine.engine.image import build_image, image_id, image_tag
from grader.examine.engine.launcher import DockerLauncher
from grader.examine.engine.owners import remove_orphans

__all__ = [
    "DockerLauncher",
    "Finding",
    "Isolation",
    "Level",
    "build_image",
    "diagnose",
    "image_id",
    "image_tag",
    "remove_orphans",
]
