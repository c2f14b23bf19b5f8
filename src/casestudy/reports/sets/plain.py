"""A notebook's JSON as it stands, where no library is needed to see that it is a valid notebook of version 4.5."""

import json
import re
from typing import Any

ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # of a cell
OF_A_CELL = {"cell_type", "id", "metadata", "source"}
KEYS = {"markdown": OF_A_CELL, "raw": OF_A_CELL, "code": OF_A_CELL | {"outputs", "execution_count"}}
RULED = {"name", "format", "collapsed", "scrolled", "execution"}  # metadata of a cell that may be wrong in themselves


class Plain(dict[str, Any]):
    """An object of JSON whose values are attributes, too, as nbformat has it."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None

    def __setattr__(self, name: str, value: object) -> None:
        self[name] = value


def read_plain(content: bytes) -> Plain | None:
    """The notebook, each source one text; None where it has anything of which nbformat must be asked.

    >>> read_plain(b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}').cells
    []
    >>> read_plain(b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}')
    """
    try:
        notebook = json.loads(content.decode("utf-8-sig"), object_hook=Plain)
    except (ValueError, RecursionError):
        return None
    if not (isinstance(notebook, Plain) and notebook.keys() == {"cells", "metadata", "nbformat", "nbformat_minor"}):
        return None
    version, cells = (notebook.nbformat, notebook.nbformat_minor), notebook.cells
    if not (all(type(part) is int for part in version) and version == (4, 5) and _is_about(notebook.metadata)):
        return None
    if not (isinstance(cells, list) and all(map(_is_cell, cells)) and len({cell.id for cell in cells}) == len(cells)):
        return None
    for cell in cells:
        cell.source = "".join(cell.source)
    return notebook


def _is_about(metadata: object) -> bool:
    """Whether the notebook's metadata are certainly valid."""
    if not isinstance(metadata, dict) or not metadata.keys().isdisjoint({"authors", "orig_nbformat"}):
        return False
    kernel, language = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    if not (isinstance(kernel, dict) and isinstance(language, dict) and isinstance(metadata.get("title", ""), str)):
        return False
    said = [value for name, value in language.items() if name != "codemirror_mode"]
    return isinstance(language.get("codemirror_mode", ""), str | dict) and _are_texts([*kernel.values(), *said])


def _is_cell(cell: Any) -> bool:
    """Whether a cell is certainly valid as soon as its outputs are left out, and these can be read."""
    if not (isinstance(cell, dict) and isinstance(cell.get("cell_type"), str)):
        return False
    metadata, id, outputs = cell.get("metadata"), cell.get("id"), cell.get("outputs", [])
    return (
        cell.keys() == KEYS.get(cell["cell_type"])
        and (isinstance(id, str) and ID.fullmatch(id) is not None)
        and (isinstance(metadata, dict) and metadata.keys().isdisjoint(RULED))
        and isinstance(metadata.get("jupyter", {}), dict)
        and _is_text(cell["source"])
        and (isinstance(outputs, list) and all(map(_is_output, outputs)))
    )


def _is_output(output: object) -> bool:
    if not (isinstance(output, dict) and isinstance(output.get("output_type"), str)):
        return False
    return isinstance(output.get("data", {}), dict) and _is_text(output.get("text", ""))


def _is_text(source: object) -> bool:
    """Whether it is a text, or a list of its lines."""
    return isinstance(source, str) or (isinstance(source, list) and _are_texts(source))


def _are_texts(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)
