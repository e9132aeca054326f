"""`kind = "images"`: a folder for each class, with its images.

What decides the part that an image goes into is its file, byte for byte: what a decoder or a resizing makes of it may
differ a little from one version of Pillow to the next, and other sizes in another lab must not move what is hidden.
"""

import hashlib
import io
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from grader.datasets.items import Items, check_size, check_there, contents
from grader.datasets.kinds import ImagesSpec
from grader.errors import InvalidLab

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

_FORMATS: Final = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""What Pillow may read: it knows formats that start other programs."""
LITTER: Final = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What file managers leave in folders that somebody looked at."""
_DEEP: Final = {"I", "F"}
"""Pillow's modes of more than 8 bits a channel, by their first letter."""


def read(spec: ImagesSpec, folder: Path) -> Items:
    """The images, in the order of their names.

    Raises:
        InvalidLab: there is something that an instructor has to put right.
    """
    import torch  # noqa: PLC0415  slow to import, needed here alone

    whole = folder / spec.place
    names, files, labels = _listed(whole)
    inputs = len(files) * spec.channels * spec.size[0] * spec.size[1]
    check_size(whole, inputs, "Make `size` in lab.toml smaller, or leave images out.")
    images = torch.empty(len(files), spec.channels, *spec.size, dtype=torch.uint8)
    keys = []
    for number, file in enumerate(files):
        content = file.read_bytes()
        images[number] = _pixels(_decoded(content, file), spec)
        keys.append(hashlib.sha256(content).digest())
    return Items(images, torch.tensor(labels), names, contents(images), tuple(keys), files=tuple(files))


def content(spec: ImagesSpec, file: bytes) -> bytes | None:
    """What `Items.contents` would have of a file, whatever it is called; None where it is no image."""
    try:
        return contents(_pixels(_decoded(file, Path()), spec)[None])[0]
    except InvalidLab:
        return None


def files_of(folder: Path) -> Iterator[str]:
    """Paths of all files that are read, from the folder on, with `/`, sorted; what file managers leave is none."""
    found = []
    for here, inner, names in os.walk(folder, followlinks=True):
        inner[:] = [name for name in inner if not name.startswith(".")]
        begin = os.path.relpath(here, folder).replace(os.sep, "/") + "/"
        found += [begin + name for name in names if not name.startswith(".") and name not in LITTER]
    return (path.removeprefix("./") for path in sorted(found))


def write(spec: ImagesSpec, items: Items, chosen: Sequence[int], place: Path) -> None:
    """Write these as files of their own: as suites get them, without names, places and dates of the originals."""
    from PIL import Image  # noqa: PLC0415  as `read`

    height, width = spec.size
    for number in chosen:
        pixels = items.inputs[number].permute(1, 2, 0).contiguous().numpy().tobytes()
        image = Image.frombytes("RGB" if spec.channels == 3 else "L", (width, height), pixels)
        folder = place / items.classes[items.targets[number]]
        folder.mkdir(parents=True, exist_ok=True)
        image.save(_free(folder, items.contents[number].hex()))


def _free(folder: Path, name: str) -> Path:
    """A name of the content, for a copy with a number."""
    path, copies = folder / f"{name}.png", 1
    while path.exists():
        copies += 1
        path = folder / f"{name}-{copies}.png"
    return path


def _listed(whole: Path) -> tuple[tuple[str, ...], list[Path], list[int]]:
    """(names of the classes, files, the number of each file's class).

    Raises:
        InvalidLab: that is no folder of classes.
    """
    check_there(whole, ImagesSpec.form, there=whole.is_dir())
    names = tuple(sorted(entry.name for entry in whole.iterdir() if entry.is_dir() and not entry.name.startswith(".")))
    if len(names) < 2:
        raise InvalidLab(
            f"{whole} has {len(names)} folders. Each class has one, named like it; there are two at least."
        )
    files = [whole / path for path in files_of(whole)]
    for file in files:
        if not str(file.relative_to(whole)).isprintable():
            raise InvalidLab(f"{str(file)!r} has a name that is no text. Give it another.")
        if file.parent.parent != whole:
            raise InvalidLab(f"{file} lies in no class. Images lie in the folders of {whole}, and no deeper: move it.")
    filled = {file.parent.name for file in files}
    if empty := [name for name in names if name not in filled]:
        raise InvalidLab(f"{whole / empty[0]} is empty. Put the images of that class into it, or remove it.")
    return names, files, [names.index(file.parent.name) for file in files]


def _decoded(content: bytes, file: Path) -> "Image":
    """The image upright, as a camera meant it.

    Raises:
        InvalidLab: that is no image, or one that would not be what it seems.
    """
    from PIL import Image, ImageOps  # noqa: PLC0415  as `read`

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as opened:
                image = ImageOps.exif_transpose(opened)
                image.load()
    except Exception as error:  # Pillow raises whatever a damaged file makes it
        raise InvalidLab(
            f"{file} cannot be read as an image ({type(error).__name__}). Take it out of the data, or save it anew as "
            "PNG or JPEG."
        ) from error
    if image.mode[0] in _DEEP:
        raise InvalidLab(f"{file} has more than 8 bits for a pixel's channel. Save it with 8.")
    return image


def _pixels(image: "Image", spec: ImagesSpec) -> "Tensor":
    """Uint8 [c, h, w]; what is transparent is white."""
    import torch  # noqa: PLC0415  as `read`
    from PIL import Image  # noqa: PLC0415  as `read`

    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    height, width = spec.size
    small = image.convert("RGB" if spec.channels == 3 else "L").resize((width, height), Image.Resampling.BILINEAR)
    flat = torch.frombuffer(bytearray(small.tobytes()), dtype=torch.uint8)
    return flat.view(height, width, spec.channels).permute(2, 0, 1)
