"""A notebook as its author left it: read, put in order, with its one parameters cell and what is put below that."""

import ast
import io
import math
import re
import tokenize
import unicodedata
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from casestudy.reports.sets.plain import ID, read_plain

if TYPE_CHECKING:
    from nbformat import NotebookNode

KINDS = ("markdown", "code", "raw")
PARAMETERS = "parameters"  # the tag of the cell that holds them
INJECTED = "injected-parameters"  # the tag that papermill gives the cell that changes them
LEFT_OVER = {INJECTED, "papermill-error-cell-tag"}  # tags of what an earlier run put in
RUN = ("time", "timeit", "capture", "prun")  # magics that run Python
BUILT_IN = {"abs", "bool", "dict", "float", "int", "list", "max", "min", "pow", "range", "round", "set", "str", "tuple"}
FORM = "the parameters cell holds one `name = literal  # help` a line"
VARIANT = "variant"  # id and tag of the cell in which a run says that its numbers are not the document's


class Unreadable(ValueError):
    """Why a file is no notebook that can be run, in one line without its name."""


def glance(path: Path) -> tuple["NotebookNode", int]:
    """What `load` gives, for whoever only looks at texts and tags: without nbformat where that can be done without."""
    try:
        notebook: Any = read_plain(path.read_bytes())
    except OSError:
        notebook = None
    if notebook is None:
        return load(path)  # which mends it, or says what is wrong
    _refuse_another_language(notebook.metadata)
    return _without_what_a_run_left(notebook, [_in_order(cell, number) for number, cell in enumerate(notebook.cells)])


def load(path: Path) -> tuple["NotebookNode", int]:
    """The notebook without outputs, and how many cells that an earlier run had put in were left out.

    Metadata that are none, and tags that are no list of texts, count as empty.
    """
    import nbformat  # here, since a list of notebooks does without

    try:
        notebook = nbformat.reader.reads(path.read_bytes().decode("utf-8-sig"))
        notebook = nbformat.from_dict(nbformat.v4.upgrade(nbformat.convert(notebook, 4)))  # version 3 has its own kinds
        notebook.metadata = _mapping(notebook.get("metadata"))
        _refuse_another_language(notebook.metadata)
        for name, needed in (("kernelspec", ("name", "display_name")), ("language_info", ("name",))):
            given = notebook.metadata.get(name)
            if not isinstance(given, dict) or not all(isinstance(given.get(each), str) for each in needed):
                notebook.metadata.pop(name, None)
        cells = [_in_order(cell, number) for number, cell in enumerate(notebook.cells)]
        ids = [cell.id for cell in cells]
        for number, cell in enumerate(cells):
            if cell.id in ids[:number]:
                cell.id = f"cell-{number + 1}"
        nbformat.validate(notebook)
    except Unreadable:
        raise
    except (AttributeError, UnboundLocalError):  # of nbformat, which took it for a notebook
        raise Unreadable("not a readable notebook: it must be JSON with `cells`, `metadata` and `nbformat`") from None
    except Exception as error:  # nbformat raises many kinds for a damaged file
        why = str(error).strip().partition("\n")[0] or type(error).__name__
        raise Unreadable(f"not a readable notebook: {short(why, 200)}") from None
    notebook.metadata["papermill"] = {}  # nothing of an earlier run's record
    return _without_what_a_run_left(notebook, cells)


def _without_what_a_run_left(notebook: "NotebookNode", cells: list["NotebookNode"]) -> tuple["NotebookNode", int]:
    notebook.cells = [cell for cell in cells if not _is_left_over(cell)]
    return notebook, len(cells) - len(notebook.cells)


def _in_order(cell: "NotebookNode", number: int) -> "NotebookNode":
    """The cell with metadata that can be asked for, and nothing of an earlier run."""
    if not (isinstance(cell, dict) and cell.get("cell_type") in KINDS and isinstance(cell.source, str)):
        raise TypeError(f"cell {number + 1} must have a text and be one of {', '.join(KINDS)}")
    cell.metadata = _mapping(cell.get("metadata"))
    if not (isinstance(cell.get("id"), str) and ID.fullmatch(cell.id)):
        cell.id = f"cell-{number + 1}"
    if cell.cell_type == "code":
        cell.outputs, cell.execution_count = [], None
    tags = cell.metadata.get("tags")
    listed = [tags] if isinstance(tags, str) else tags if isinstance(tags, list) else []
    words = (word.strip() for tag in listed if isinstance(tag, str) for word in tag.split(","))
    cell.metadata["tags"] = list(dict.fromkeys(filter(None, words)))  # papermill asks each cell
    return cell


def _refuse_another_language(metadata: "NotebookNode") -> None:
    """A cell of R can be valid Python and mean another thing: `x <- 3`."""
    kernel, about = _mapping(metadata.get("kernelspec")), _mapping(metadata.get("language_info"))
    language = kernel.get("language") or about.get("name")
    if isinstance(language, str) and not re.match("i?python", language, re.I):
        raise Unreadable(f"a notebook here must be in Python: its metadata say {short(language)}")


def _mapping(metadata: object) -> Any:
    return metadata if isinstance(metadata, dict) else {}  # which becomes a node where it is set


def tags(cell: "NotebookNode") -> list[str]:
    """A cell's tags, of a notebook that was loaded here."""
    found: list[str] = cell.metadata.get("tags", [])
    return found


def _is_left_over(cell: "NotebookNode") -> bool:
    found = tags(cell)
    variant = VARIANT in found and cell.get("id") == VARIANT
    return PARAMETERS not in found and (variant or not LEFT_OVER.isdisjoint(found))


def parameters_cell(notebook: "NotebookNode") -> "NotebookNode | None":
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
        line = short((error.text or "").strip())
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
                raise Unreadable(f"{FORM} and nothing else: got {short(ast.unparse(statement))}")
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


def short(text: str, most: int = 60) -> str:
    """A text on one line, cut to fit."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 3]}..."


def set_again(notebook: "NotebookNode", given: "NotebookNode", names: set[str]) -> str:
    """The first place where a later cell gives a parameter another value, without regard to the one that it has.

    What a page says of it would hold no longer. A cell that computes with the value, or a function of its own, may.
    """
    later = notebook.cells[notebook.cells.index(given) + 1 :]
    for cell in later:
        code = unicodedata.normalize("NFKC", cell.source)  # as Python reads names
        if cell.cell_type != "code" or not any(name in code for name in names):
            continue
        for statement in _of_a_cell(code):
            if text := next(_settings(statement, names), ""):
                return short(text)
    return ""


def _of_a_cell(code: str) -> list[ast.stmt]:
    """A cell's statements; where it has lines that only notebooks know, those of the rest."""
    for text in (code, _without_magics(code)):
        with suppress(SyntaxError, ValueError, RecursionError, MemoryError):
            return _statements(text)
    return []


def _without_magics(code: str) -> str:
    """Python, as far as it goes: what `%time` and its like run stays, what goes to another program does not."""
    if found := re.match(r"\s*%%(\w*).*", code):
        code = code[found.end() :] if found[1] in RUN else ""
    code = re.sub(rf"^([ \t]*)%(?:{'|'.join(RUN)})[ \t]+", r"\1", code, flags=re.M)
    code = re.sub(r"^([ \t]*)(?:[%!?].*|.*\?[ \t]*)$", r"\1pass", code, flags=re.M)
    return re.sub(r"=[ \t]*[%!].*$", "= _", code, flags=re.M)


def _settings(statement: ast.AST, names: set[str]) -> Iterator[str]:
    """How it reads wherever a statement, or one within it, sets one of these names without regard to any other."""
    pairs: list[tuple[ast.AST, ast.expr]] = []
    match statement:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef() | ast.Lambda():
            return  # with names of its own
        case ast.Assign(targets=targets, value=value):
            pairs = [pair for target in targets for pair in _pairs(target, value)]
        case ast.AnnAssign(target=target, value=ast.expr() as value) | ast.NamedExpr(target=target, value=value):
            pairs = [(target, value)]
        case ast.For(target=target, iter=value):
            pairs = [(each, value) for each in ast.walk(target)]
    for place, value in pairs:
        if _target(place) in names and _is_constant(value):
            yield _heading(statement)
    for child in ast.iter_child_nodes(statement):
        if child._fields:  # all but names' contexts and signs
            yield from _settings(child, names)


def _heading(statement: ast.AST) -> str:
    """A statement in words of code; of a loop, what it runs through."""
    if isinstance(statement, ast.For):
        return f"for {ast.unparse(statement.target)} in {ast.unparse(statement.iter)}"
    return ast.unparse(statement)


def _pairs(target: ast.AST, value: ast.expr) -> Iterator[tuple[ast.AST, ast.expr]]:
    """Targets with their values: `a, b = 1, 2` are two."""
    match target, value:
        case ((ast.Tuple(elts=targets) | ast.List(elts=targets)), (ast.Tuple(elts=values) | ast.List(elts=values))):
            if len(targets) == len(values):
                for pair in zip(targets, values, strict=True):
                    yield from _pairs(*pair)
        case _:
            yield target, value


def _target(target: ast.AST) -> str:
    match target:
        case ast.Name(id=name):
            return name
        case ast.Subscript(
            value=ast.Call(func=ast.Name(id="globals" | "locals" | "vars")), slice=ast.Constant(value=name)
        ):
            return str(name)
    return ""


def _is_constant(value: ast.expr) -> bool:
    """Whether it is made of literals: `2.0`, `60 * 60`, `float("2")`, `[1, 2]`, `range(3)`."""
    made = (ast.Constant, ast.UnaryOp, ast.BinOp, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Call, ast.Name)
    parts = [node for node in ast.walk(value) if not isinstance(node, ast.operator | ast.unaryop | ast.expr_context)]
    return all(isinstance(node, made) and (not isinstance(node, ast.Name) or node.id in BUILT_IN) for node in parts)


def put_in(notebook: "NotebookNode", values: Mapping[str, object]) -> "NotebookNode":
    """The notebook with papermill's cell that changes parameters, right below theirs."""
    from papermill.parameterize import parameterize_notebook

    notebook = parameterize_notebook(notebook, dict(values), kernel_name="python3", language="python")
    injected = next(cell for cell in notebook.cells if INJECTED in tags(cell))
    injected.id = INJECTED  # not a new one for each run
    return notebook


def assignments(values: Mapping[str, object]) -> str:
    """Parameters as lines of Python.

    >>> print(assignments({"label": "it's", "most": float("inf")}))
    label = "it's"
    most = float('inf')
    """
    return "\n".join(f"{name} = {_literal(value)}" for name, value in values.items())


def _literal(value: object) -> str:
    odd = isinstance(value, float) and not math.isfinite(value)
    return f"float({str(value)!r})" if odd else repr(value)
