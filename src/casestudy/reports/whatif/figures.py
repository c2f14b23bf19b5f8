"""Figures as small as they can be while sharp: one palette each, without loss, and each picture once."""

import base64
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, features

STEPS = ((1440, 64), (1440, 16), (720, 16), (480, 8))  # pixels across, twice what a page shows at first; colours
ROOM = 3_400_000  # bytes for all pictures of a page, a third less than they take as text


@dataclass(frozen=True)
class Picture:
    """A picture as a page holds it; width and height in pixels."""

    data: str
    width: int
    height: int


def compact(paths: Iterable[Path | None]) -> tuple[list[Picture], list[int]]:
    """The pictures that differ, and for each path which of them it is; -1 for none.

    All get fewer colours, then fewer pixels, where together they would not fit a page. Pixels come last: to draw a
    sharp picture smaller makes new shades, which take more room than its pixels did.
    """
    files = [path.read_bytes() if path and path.is_file() else b"" for path in paths]
    different = list(dict.fromkeys(filter(None, files)))
    for width, colours in STEPS:
        pictures = [_encoded(file, width, colours) for file in different]
        if sum(len(content) for content, _ in pictures) <= ROOM:
            break
    kind = "webp" if features.check("webp") else "png"
    found = [
        Picture(f"data:image/{kind};base64,{base64.b64encode(content).decode()}", *size) for content, size in pictures
    ]
    return found, [different.index(file) if file else -1 for file in files]


def _encoded(file: bytes, width: int, colours: int) -> tuple[bytes, tuple[int, int]]:
    """A picture with a palette, at most so wide: lossless WebP, which takes half of a PNG's room."""
    picture = Image.open(io.BytesIO(file)).convert("RGB")
    if picture.width > width:
        picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    few = picture.quantize(colours, dither=Image.Dither.NONE)
    out = io.BytesIO()
    if features.check("webp"):
        few.convert("RGB").save(out, "WEBP", lossless=True, method=4)
    else:
        few.save(out, "PNG", optimize=True)
    return out.getvalue(), picture.size
