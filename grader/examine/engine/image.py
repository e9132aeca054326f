"""The image that student code runs in."""

import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from grader.errors import ImageMissing
from grader.examine import sources
from grader.examine.engine.client import connected, id_of

REPOSITORY: Final = "grader-sandbox"
BASE: Final = "python:3.12-slim"
BUILD_SECONDS: Final = 3600


def image_tag() -> str:
    """The name of the image that belongs to this version of the grader."""
    return f"{REPOSITORY}:{hashlib.sha256(sources.labelled(_context())).hexdigest()[:12]}"


def image_id(tag: str = "") -> str:
    """The engine's id of the image called `tag`; as a rule the one that belongs to this version.

    Raises:
        ImageMissing: it has not been built.
        EngineUnreachable: no engine answers.
    """
    with connected() as client:
        return id_of(client, tag or image_tag())


def other_images() -> int:
    """How many images of other versions there are.

    Raises:
        EngineUnreachable: no engine answers.
    """
    with connected() as client:
        named = [tag for each in client.images(name=REPOSITORY) for tag in each["RepoTags"] or []]
    tags = {tag.removeprefix("localhost/") for tag in named}  # which Podman puts before names of its own images
    return sum(tag.startswith(f"{REPOSITORY}:") for tag in tags - {image_tag()})


def build_image(
    progress: Callable[[str], object],
    *,
    base: str = BASE,
    index: str | None = None,
    extra_index: str | None = None,
    network: str | None = None,
) -> str:
    """Build the image unless it is there; returns its id.

    Args:
        progress: is told each line.
        base: a Debian-based image with Python 3.11 or newer.
        index, extra_index: package indices for pip.
        network: of the build, for example "host".

    Raises:
        ImageMissing: the build failed.
        EngineUnreachable: no engine answers.
    """
    try:
        return image_id()
    except ImageMissing:
        tag = image_tag()
    arguments = {"BASE": base, "PIP_INDEX_URL": index, "PIP_EXTRA_INDEX_URL": extra_index}
    with connected(BUILD_SECONDS) as client:
        lines = client.build(
            fileobj=_archive(),
            custom_context=True,
            dockerfile="sandbox/Dockerfile",
            tag=tag,
            buildargs={name: value for name, value in arguments.items() if value},
            network_mode=network,
            rm=True,
            forcerm=True,
            decode=True,
        )
        error = ""
        for line in lines:  # to the end, also after an error: what is not read is not closed
            error = error or line.get("error", "").strip()
            text = line.get("stream", line.get("status", "")).strip()
            if text:
                progress(text)
    if error:
        raise ImageMissing(f"The sandbox image could not be built: {error}.{_advice(base)}")
    return image_id()


def _advice(base: str) -> str:
    return f" Look above for the first error; the engine needs the base image {base} and a package index."


def _context() -> dict[str, bytes]:
    """What the build may read: name -> content, sorted."""
    recipe = {name: (sources.FOLDER / name).read_bytes() for name in ("Dockerfile", "requirements.txt")}
    files = {f"sandbox/{name}": content for name, content in sorted((sources.modules() | recipe).items())}
    return files | {"versions.txt": _versions().read_bytes()}


def _versions() -> Path:
    """In the repository at its root; in a wheel beside the sandbox's modules."""
    places = (sources.FOLDER / "versions.txt", sources.FOLDER.parent / "versions.txt")
    return next(path for path in places if path.exists())


def _archive() -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name, content in _context().items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            entry.mode = 0o644
            archive.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed
