"""Which files of a case's data a notebook may read, told from its code and from that of the own modules it imports.

Told too many, a set runs again for nothing; told too few, it keeps a number that the data no longer give. So every
file counts as soon as the code may read one that it does not name.
"""

import ast
import re

from casestudy.case import Case
from casestudy.reports.sets.modules import OURS
from casestudy.schema import FILE

ALWAYS = {"claims", "documents"}  # which every page may cite
REGISTER = {"enumerations", "members_reported", "outside_reported", "premises"}  # what claims are held against
JUDGING = {"claims", "proof"}  # rooms that read the register
BLIND = {"granularity", "intervals", "layers", "models", "plots", "variant"}  # rooms that read no data
NAMING = {"series", "table"}  # functions of `data` that are given the name of what they read
TELLING = {"documents", "members_reported"}  # functions of `data` that bear it
FORMATS = "bytes|clipboard|csv|excel|feather|fwf|hdf|html|json|orc|parquet|pickle|sas|spss|sql|stata|table|text|xml"
READERS = re.compile(  # by these a text reads files, or reaches functions, that it need not name
    rf"open|open_\w+|read_({FORMATS})|i?glob|rglob|iterdir|listdir|scandir|f?walk|genfromtxt|loadtxt|fromfile|memmap"
    r"|Case|getattr|attrgetter|methodcaller|vars|globals|locals|__\w+__"
)


def unread(case: Case, texts: list[str] | None) -> list[str]:
    """Files of `data/` that code cannot read, by their path in the case; datapackage.json is never one.

    texts: the code of a notebook and of the modules that it imports; None where it may run more than that.
    """
    read = set(ALWAYS)
    for text in [None] if texts is None else texts:
        if text is None or (named := _named(ast.parse(text))) is None:
            return []
        words, judges = named
        read |= words | _words(text)
        if judges:  # a claim names the series that it is held against
            read |= REGISTER | _words(case.claims.read_text(encoding="utf-8-sig", errors="replace"))
    files = (path for path in case.data.rglob("*") if path.is_file() and not path.name.startswith("."))
    others = (path for path in files if path.stem not in read and path.name != FILE)
    return sorted(path.relative_to(case.root).as_posix() for path in others)


def _named(code: ast.Module) -> tuple[set[str], bool] | None:
    """Words of the texts in code, and whether it reads the register; None where it may read what it does not name."""
    nodes, rooms = list(ast.walk(code)), set()
    for node in nodes:
        match node:
            case ast.Import(names=given) if any(one.name.partition(".")[0] == OURS for one in given):
                return None
            case ast.ImportFrom(names=given) if any(
                one.name == "*" or (one.name == "data" and one.asname) for one in given
            ):
                return None
            case ast.ImportFrom(module="casestudy", names=given):
                rooms |= {one.name for one in given}
            case ast.ImportFrom(module=str(module)) if module.partition(".")[0] == OURS:
                rooms.add(module.split(".")[1])
                if module.split(".")[1] == "data":
                    return None
    told = {id(one) for node in nodes for one in _told(node)}
    unsaid = any(_asks(node, "data" in rooms) and id(node) not in told for node in nodes)
    if unsaid or not rooms <= {"data", *BLIND, *JUDGING}:
        return None
    texts = [node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    return {word for text in texts for word in _words(text)}, not rooms.isdisjoint(JUDGING)


def _told(node: ast.AST) -> tuple[ast.AST, ...]:
    """What in a node asks for data and says which: `data.table` called with a text, or `data.documents`."""
    match node:
        case ast.Call(func=ast.Attribute(value=inner, attr=name) as function, args=[ast.Constant(value=str()), *_]):
            return (function, inner) if name in NAMING else ()
        case ast.Attribute(value=ast.Name(id="data") as inner, attr=name) if name in TELLING:
            return (inner,)
    return ()


def _asks(node: ast.AST, imports_data: bool) -> bool:
    """Whether a node may ask for data: the module itself, one of its functions, or what reads any file."""
    match node:
        case ast.Name(id="data"):
            return imports_data
        case ast.Call(func=ast.Attribute(attr="open")):
            return True
        case ast.Attribute(value=inner, attr=name) if name in NAMING:
            return not isinstance(inner, ast.Name) or inner.id == "data"  # a module under its own name alone
        case ast.Attribute(attr=name) if name != "open":  # which much is that is no file
            return READERS.fullmatch(name) is not None
        case ast.Name(id=name):
            return READERS.fullmatch(name) is not None
    return False


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text))
