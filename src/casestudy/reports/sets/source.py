"""A notebook as its author left it: read, put in order, with its one parameters cell and what is put below that."""

import ast
import io
import tokenize
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import nbformat
from nbformat import NotebookNode, reader

KINDS = ("markdown", "code", "raw")
PARAMETERS = "parameters"  # the tag of the cell that holds them
INJECTED = "injected-parameters"  # the tag that papermill gives the cell that changes them
LEFT_OVER = {INJECTED, "papermill-error-cell-tag"}  # tags of what an earlier run put in
FORM = "the parameters cell holds one `name = literal  # help` a line"
VARIANT = "variant"  # id and tag of the cell in which an earlier run said that its numbers are not the document's


class Unreadable(ValueError):
    """Why a file is no notebook that can be run, in one line without its name."""


def load(path: Path) -> tuple[NotebookNode, int]:
    """The notebook without outputs, and how many cells that an earlier run had put in were left out.

    Metadata that are none, and tags that are no list of texts, count as empty.
    """
    try:
        notebook = reader.reads(path.read_bytes().decode("utf-8-sig"))
        notebook = nbformat.v4.upgrade(nbformat.convert(notebook, 4))
        notebook.metadata = _mapping(notebook.get("metadata"))
        for name in ("kernelspec", "language_info"):
            if not isinstance(notebook.metadata.get(name), dict):
                notebook.metadata.pop(name, None)
        cells = [_in_order(cell, number) for number, cell in enumerate(notebook.cells)]
        ids = [cell.id for cell in cells]
        for number, cell in enumerate(cells):
            if cell.id in ids[:number]:
                cell.id = f"cell-{number + 1}"
        nbformat.validate(notebook)
    except Exception as error:  # nbformat raises many kinds for a damaged file
        why = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Unreadable(f"not a readable notebook: {_short(why, 200)}") from None
    notebook.cells = [cell for cell in cells if not _is_left_over(cell)]
    notebook.metadata.papermill = NotebookNode()  # nothing of an earlier run's record
    return notebook, len(cells) - len(notebook.cells)


def _in_order(cell: NotebookNode, number: int) -> NotebookNode:
    """The cell with metadata that can be asked for, and nothing of an earlier run."""
    if not (isinstance(cell, NotebookNode) and cell.get("cell_type") in KINDS and isinstance(cell.source, str)):
        raise TypeError(f"cell {number + 1} must have a text and be one of {', '.join(KINDS)}")
    cell.metadata = _mapping(cell.get("metadata"))
    if not isinstance(cell.get("id"), str):
        cell.id = f"cell-{number + 1}"
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    tags = cell.metadata.get("tags")
    listed = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    cell.metadata.tags = [tag for tag in listed if isinstance(tag, str)]  # papermill asks each cell
    return cell


def _mapping(metadata: object) -> NotebookNode:
    return metadata if isinstance(metadata, NotebookNode) else NotebookNode()


def tags(cell: NotebookNode) -> list[str]:
    """A cell's tags, of a notebook that was loaded here."""
    found: list[str] = cell.metadata.get("tags", [])
    return found


def _is_left_over(cell: NotebookNode) -> bool:
    found = tags(cell)
    variant = VARIANT in found and cell.get("id") == VARIANT
    return PARAMETERS not in found and (variant or not LEFT_OVER.isdisjoint(found))


def parameters_cell(notebook: NotebookNode) -> NotebookNode | None:
    """The one code cell that is tagged `parameters`; None where no cell is."""
    tagged = [cell for cell in notebook.cells if PARAMETERS in tags(cell)]
    if len(tagged) > 1:
        raise Unreadable(f"one cell is tagged {PARAMETERS}, and {len(tagged)} are: put all lines into the first")
    if tagged and tagged[0].cell_type != "code":
        raise Unreadable(f"the cell tagged {PARAMETERS} must be a code cell: got a {tagged[0].cell_type} cell")
    return tagged[0] if tagged else None


def lines(code: str) -> Iterator[tuple[str, str, str, str]]:
    """Name, annotation, literal and comment of each line of a parameters cell; of strings and comments, any text.

    >>> list(lines('where: str = "a=1 # b"  # label; ; https://example.org/?page=2'))
    [('where', 'str', "'a=1 # b'", 'label; ; https://example.org/?page=2')]
    """
    try:
        statements = _statements(code)
        comments = list(_comments(code))
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise Unreadable(f"the parameters cell is not Python: {error.msg}{f': {line}' if line else ''}") from None
    except (ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise Unreadable(f"the parameters cell is not Python: {str(error) or type(error).__name__}") from None
    for statement in statements:
        first, last = statement.lineno, statement.end_lineno or statement.lineno
        beside = [other for other in statements if other is not statement and first <= other.lineno <= last]
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if not beside:
                annotation = ""
            case ast.AnnAssign(target=ast.Name(id=name), annotation=kind, value=ast.expr() as value) if not beside:
                annotation = ast.unparse(kind)
            case _:
                raise Unreadable(f"{FORM} and nothing else: got {_short(ast.unparse(statement))}")
        comment = next((text for begin, end, text in comments if begin <= first <= end), "")
        yield name, annotation, ast.unparse(value), comment


def _statements(code: str) -> list[ast.stmt]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd escapes; who runs the cell sees them
        return ast.parse(code).body


def _comments(code: str) -> Iterator[tuple[int, int, str]]:
    """Where each logical line begins and ends, and its last comment, without the sign."""
    begin, comment = 0, ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        if token.type == tokenize.NEWLINE:
            yield begin, token.start[0], comment.lstrip("#").strip()
            begin, comment = 0, ""
        elif token.type == tokenize.COMMENT:
            comment = token.string if begin else ""  # a line that is only a comment belongs to none
        elif not begin and token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            begin = token.start[0]


def _short(text: str, most: int = 60) -> str:
    return text if len(text) <= most else f"{text[: most - 3]}..."


def set_again(notebook: NotebookNode, given: NotebookNode, names: set[str]) -> str:
    """The first line `name = literal` of a parameter in a later cell; what a page says of it would hold no longer."""
    later = notebook.cells[notebook.cells.index(given) + 1 :]
    for cell in later:
        if cell.cell_type != "code" or not any(name in cell.source for name in names):
            continue
        try:
            statements = _statements(cell.source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # a line that only notebooks know
            continue
        for statement in statements:
            match statement:
                case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)) if name in names:
                    if _is_literal(statement.value):
                        return _short(ast.unparse(statement))
    return ""


def _is_literal(value: ast.expr | None) -> bool:
    try:
        return value is not None and isinstance(ast.literal_eval(value), bool | int | float | str)
    except (ValueError, RecursionError, MemoryError):
        return False


def put_in(notebook: NotebookNode, values: Mapping[str, object]) -> NotebookNode:
    """The notebook with papermill's cell that changes parameters, right below theirs."""
    from papermill.parameterize import parameterize_notebook

    notebook = parameterize_notebook(notebook, dict(values), kernel_name="python3", language="python")
    injected = next(cell for cell in notebook.cells if INJECTED in tags(cell))
    injected.id = INJECTED  # not a new one for each run
    return notebook
