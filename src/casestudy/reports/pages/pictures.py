"""Pictures within a page: their bytes stand in it, so that it asks neither a network nor a file for them."""

import base64
import binascii
import os
import posixpath
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, unquote_to_bytes

import nbformat

LARGEST = 10_000_000  # bytes of one picture, since a page holds them all
KINDS = (
    ("image/png", rb"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", rb"\xff\xd8\xff"),
    ("image/gif", rb"GIF8[79]a"),
    ("image/webp", rb"RIFF....WEBP"),
    ("image/avif", rb"....ftypavi[fs]"),
    ("image/bmp", rb"BM.{12}"),
    ("image/svg+xml", rb"(?:\xef\xbb\xbf)?\s*<(?:svg|(?:\?xml|!DOCTYPE|!--).{0,5000}?<svg)[\s>]"),
)
_DATA = re.compile(r"data:(image/[\w.+-]+)((?:;[^,;]*)*),(.*)", re.S | re.I)


class NoPicture(ValueError):
    """Why there is nothing to show: one clause, for a reader."""


@dataclass(frozen=True)
class Pictures:
    """Where a notebook's pictures lie.

    attachments: those of the cell, by name, each by MIME type; folder: the notebook's own, if files may be read;
    written: what the run itself left, by its name in the run's folder, which goes before an older file of that name.
    """

    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    folder: Path | None = None
    written: Mapping[str, bytes] = field(default_factory=dict)

    def of(self, cell: Mapping[str, Any]) -> "Pictures":
        """With those that are attached to a cell."""
        return replace(self, attachments=cell.get("attachments") or {})

    def within(self, address: str) -> str:
        """A data address for the picture at `address`; raises NoPicture."""
        address = address.strip()
        if not address:
            raise NoPicture("it names no file")
        if address[:5].lower() == "data:":
            data(address)
            return address
        if address.startswith("attachment:"):
            return self._attached(address.removeprefix("attachment:"))
        if address.startswith(("//", "\\\\")) or re.match(r"[A-Za-z][\w+.-]+:", address):
            raise NoPicture(f"{address} lies elsewhere, and a page fetches nothing; put a copy beside the notebook")
        return self._beside(address)

    def _attached(self, name: str) -> str:
        held = {_plain(key): value for key, value in self.attachments.items()}
        found = held.get(_plain(name)) or held.get(_plain(unquote(name))) or {}
        for kind, _ in reversed(KINDS):  # an SVG first
            if kind in found:
                text = "".join(found[kind])  # several lines, perhaps
                return encoded(text.encode() if text.lstrip()[:1] == "<" else base64_bytes(text), name)
        raise NoPicture(f"the cell has no picture {unquote(name)!r} attached; paste it once more")

    def _beside(self, address: str) -> str:
        plain = unquote(re.split(r"[?#]", address)[0])
        written = dict.fromkeys([address, unquote(address), plain, plain.replace("\\", "/")])
        names = [unicodedata.normalize(form, name) for name in written for form in ("NFC", "NFD")]
        for name in names:
            if content := self.written.get(posixpath.normpath(name)):
                return encoded(content, name)
        if self.folder is None:
            raise NoPicture(f"{unquote(address)!r} is a file of its own; paste the picture into the notebook instead")
        try:
            root = self.folder.resolve()
            within = [file for name in names if (file := (root / name).resolve()).is_relative_to(root)]
            path = next((file for file in within if file.is_file()), None)
            size = path.stat().st_size if path else 0
            content = path.read_bytes() if path and size <= LARGEST else b""
        except (OSError, ValueError) as error:  # a name that no file can have, or a file that may not be read
            raise NoPicture(f"{unquote(address)!r} cannot be read: {type(error).__name__}") from error
        if not within:
            raise NoPicture(f"{unquote(address)!r} lies outside the notebook's folder; put a copy beside the notebook")
        if path is None:
            raise NoPicture(f"there is no file {unquote(address)!r} beside the notebook")
        if size > LARGEST:
            raise NoPicture(f"{path.name!r} has {size / 1e6:.0f} MB, and a picture may have {LARGEST / 1e6:.0f}")
        return encoded(content, path.name)


def written(notebook: nbformat.NotebookNode | None, folder: Path) -> dict[str, bytes]:
    """The pictures that a run left in its folder, which goes before a page is made, and that its notebook names."""
    if notebook is None:
        return {}
    shown = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", ())]
    named = [cell.source for cell in notebook.cells if cell.cell_type != "code"]
    text = str(named + [data.get(kind) for data in shown for kind in ("text/html", "text/markdown")])
    found = {}
    for path in folder.rglob("*"):
        if (path.name in text or quote(os.fsencode(path.name)) in text) and path.resolve().is_relative_to(
            folder.resolve()
        ):
            with suppress(OSError):  # what else is left there is the notebook's affair
                if path.is_file() and path.stat().st_size <= LARGEST:
                    found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def kind_of(content: bytes) -> str:
    """The MIME type of a picture by its first bytes; nothing where it is none that a browser shows.

    >>> kind_of(b"GIF89a..."), kind_of(b"<html>")
    ('image/gif', '')
    """
    return next((kind for kind, begin in KINDS if re.match(begin, content[:6000], re.S)), "")


def encoded(content: bytes, name: str = "it") -> str:
    """A picture as a data address; name: what it is called where it is none."""
    kind = kind_of(content)
    if not kind:
        raise NoPicture(f"{unquote(name)!r} holds no picture that a browser shows" if content else f"{name!r} is empty")
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def data(address: str) -> bytes:
    """The bytes of a picture in a data address; raises NoPicture where it holds none."""
    parts = _DATA.match(address)
    if not parts:
        raise NoPicture("its data are no picture")
    content = base64_bytes(unquote(parts[3])) if parts[2].lower().endswith(";base64") else unquote_to_bytes(parts[3])
    if not kind_of(content):
        raise NoPicture("its data are damaged")
    return content


def base64_bytes(text: str) -> bytes:
    """What is written in base64, with or without line ends and padding; nothing where it is not."""
    text = re.sub(r"[\s=]", "", text)
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        return b""


def _plain(name: str) -> str:
    return unicodedata.normalize("NFC", name.strip())
