"""Whether two runs of a notebook show the same, without what differs between any two runs."""

import re
import tempfile
from itertools import zip_longest
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

PASSING = (  # what no two runs have in common, and what stands for it
    (re.compile(r"\b0x[0-9a-f]{6,16}\b"), "0x"),
    (re.compile(rf"{re.escape(tempfile.gettempdir())}/ipykernel_\d+/\d+\.py"), "<cell>"),  # a run of ours says so
    (re.compile(r"<dc:date>.*?</dc:date>"), ""),  # of an SVG, and its clip paths
    (re.compile(r"\b[pm][0-9a-f]{10}\b"), "p"),
)
DRAWN = re.compile(r'src="data:image/png;base64,[^"]*"')  # by `plots.show`, which names changed parameters in a run


def differing(one: Path, other: Path, folders: tuple[Path, ...] = (), drawn: bool = True) -> int | None:
    """The first code cell, counted from 1, whose outputs differ between two notebooks that ran; None where none does.

    folders: in which the two ran; their names count for nothing. drawn: whether pictures by `plots.show` count, too,
    or only their words; other pictures always do. Text counts to the letter; in how many pieces it was printed, and
    what was printed between errors, does not.
    """
    cells = [_cells(path, folders, drawn) for path in (one, other)]
    pairs = enumerate(zip_longest(*cells), 1)
    return next((number for number, (first, second) in pairs if first != second), None)


def _cells(path: Path, folders: tuple[Path, ...], drawn: bool) -> list[dict[str, Any]]:
    """What each code cell shows."""
    book = nbformat.read(path, 4)
    return [_shown(cell.outputs, folders, drawn) for cell in book.cells if cell.cell_type == "code"]


def _shown(outputs: list[NotebookNode], folders: tuple[Path, ...], drawn: bool) -> dict[str, Any]:
    """What a cell shows: its streams whole, by name, and its displays and errors in order."""

    def plain(content: Any) -> str:
        text = str(content)
        for folder in folders:
            text = text.replace(f"{folder}/", "")
        for pattern, word in PASSING:
            text = pattern.sub(word, text)
        return text if drawn else DRAWN.sub("", text)

    streams: dict[str, str] = {}
    displays = []
    for output in outputs:
        if output.output_type == "stream":
            streams[output.name] = streams.get(output.name, "") + output.text
        elif output.output_type == "error":
            displays.append({output.ename: plain(output.evalue)})
        else:
            displays.append({kind: plain(content) for kind, content in output.data.items()})
    return {"streams": {name: plain(text) for name, text in streams.items()}, "displays": displays}
