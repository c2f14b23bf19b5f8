"""A case's own modules, which lie beside its notebooks: which notebook imports which, read without running any."""

import ast
import re
import sys
import sysconfig
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path

from casestudy.case import Case
from casestudy.refusals import Refusal, file_access
from casestudy.reports.sets import source

# by these a text may import or run what it does not name
CALLS = {"__import__", "exec", "eval", "compile", "get_ipython"}
LIBRARIES = {"importlib", "imp", "pkgutil", "runpy", "subprocess", "zipimport"}
OF_SYS = {"path", "modules", "meta_path", "path_hooks"}
OURS = __name__.partition(".")[0]
MAGIC = re.compile(r"^[ \t]*(?:[%!].*|.*\?[ \t]*)$", re.M)  # which may run a file


@dataclass(frozen=True)
class Modules:
    """A case's own code, by the name by which it is imported: a module, or a folder of them as a whole."""

    files: dict[str, list[Path]]

    @classmethod
    def of(cls, case: Case) -> "Modules":
        """Those of a case."""
        found: dict[str, list[Path]] = {}
        for path in case.beside():
            if path.suffix == ".py" and path.is_file():
                first = path.relative_to(case.notebooks).parts[0]
                found.setdefault(first.removesuffix(".py"), []).append(path)
        return cls(found)

    def reached(self, path: Path) -> tuple[set[str], list[str] | None]:
        """Names of the modules that a notebook imports, and that these import; and the code of it and of them.

        Where more may be run than is named, that is all names, and None for the code.
        """
        try:
            cells = source.glance(path)[0].cells
        except source.Unreadable:
            return set(self.files), None
        waiting = ["\n".join(cell.source for cell in cells if cell.cell_type == "code")]
        names: set[str] = set()
        texts: list[str] = []
        while waiting:
            texts.append(waiting.pop())
            if (named := self._named(texts[-1])) is None:
                return set(self.files), None
            for name in named - names:
                names.add(name)
                waiting += [_text(path) for path in self.files[name]]
        return names, texts

    def _named(self, code: str) -> set[str] | None:
        """Names of own modules that a text imports or mentions; None where it may reach others without a name."""
        if MAGIC.search(code):
            return None
        try:
            nodes = list(ast.walk(ast.parse(code)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        names: set[str] = set()
        for node in nodes:
            if (found := self._mentioned(node)) is None:
                return None
            names |= found
        return names & self.files.keys()

    def _mentioned(self, node: ast.AST) -> set[str] | None:
        """Names in one node of a syntax tree; None where more may be meant than is named."""
        names: set[str] = set()
        hidden = False
        match node:
            case ast.Import(names=given):
                names = {one.name.partition(".")[0] for one in given}
                hidden = not names.isdisjoint(LIBRARIES)
            case ast.ImportFrom(module=str(module), names=given, level=0):
                names = {module.partition(".")[0]}
                inner = {one.name for one in given}
                hidden = not names.isdisjoint(LIBRARIES) or (module == "sys" and not inner.isdisjoint(OF_SYS))
            case ast.Attribute(value=ast.Name(id="sys"), attr=name) if name in OF_SYS:
                hidden = True
            case ast.Name(id=name):
                names, hidden = {name}, name in CALLS
            case ast.Attribute(attr=name):
                names = {name}
            case ast.Constant(value=str(words)):
                names = set(re.findall(r"\w+", words))
                hidden = ".py" in words and names.isdisjoint(self.files)
        return None if hidden else names


def imported(code: str) -> set[str]:
    """Modules that code imports, and those above them; of `from a import b` it may be `a.b`.

    >>> sorted(imported("import a.b as c\\nfrom d import e"))
    ['a', 'a.b', 'd', 'd.e']
    """
    names: set[str] = set()
    for node in ast.walk(ast.parse(code)):
        match node:
            case ast.Import(names=given):
                names |= {one.name for one in given}
            case ast.ImportFrom(module=str(module), names=given, level=0):
                names |= {f"{module}.{one.name}" for one in given}
    return {".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 2)}


def refuse_shadows(case: Case) -> None:
    """Refuse a module that has a library's name: what imports the one would get the other."""
    for name, paths in Modules.of(case).files.items():
        if name in sys.stdlib_module_names or name == OURS or _is_installed(name):
            place = paths[0].relative_to(case.root)
            raise Refusal(f"{place} has a library's name, and to import {name!r} could give either: name it otherwise")


def _is_installed(name: str) -> bool:
    """Whether a library of that name is installed with this interpreter."""
    folders = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    found = PathFinder.find_spec(name, folders)
    return found is not None and found.loader is not None  # a folder without modules has none


def _text(path: Path) -> str:
    with file_access(f"read {path}"):
        return path.read_text(encoding="utf-8-sig", errors="replace")
