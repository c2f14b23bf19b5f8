"""What a notebook's cells need, told from their text: which parameters, and what no two runs have in common.

Told too much, a cell runs for each set for nothing. Told too little, a set would take what another set's cells made;
so the parameters that vary are not there while common cells run, and a set of each branch is also run whole.
"""

import ast
import builtins
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from casestudy.reports.sets.source import INJECTED, PARAMETERS, tags

ANYWHERE = {  # by these a cell sees, or runs, what it does not name
    *("globals", "locals", "eval", "exec", "compile", "get_ipython", "__builtins__", "__main__", "__dict__"),
    *("_getframe", "currentframe", "exit", "quit", "breakpoint", "input"),
}
HISTORY = re.compile(r"In|_ih|_i+|_i\d+|_dh")  # what was typed: the cell that sets parameters is among it
CALLED = {"vars", "dir", "id"}  # names that one's own things may have too
OF_ONE_RUN = {  # what is another with each run, or is lost in a fork
    *("time_ns", "perf_counter", "monotonic", "process_time", "now", "today", "utcnow", "getpid", "getppid", "urandom"),
    *("uuid1", "uuid4", "secrets", "tempfile", "mkdtemp", "mkstemp", "NamedTemporaryFile", "TemporaryDirectory", "cwd"),
    *("getcwd", "chdir", "abspath", "asyncio", "threading", "_thread", "multiprocessing", "concurrent"),
    *("ThreadPool", "ThreadPoolExecutor", "ProcessPoolExecutor", "subprocess", "Popen", "socket", "signal", "fork"),
    *("timeit", "clock_gettime", "thread_time", "default_timer", "realpath", "__import__"),
    *("joblib", "ipywidgets", "atexit", "sqlite3", "mmap", "memmap", "display_id", "update_display", "DisplayHandle"),
}
LIBRARIES = OF_ONE_RUN | {"uuid", "importlib", "runpy", "ctypes", "gc", "inspect", "tracemalloc", "resource"}
PLACES = re.compile(r"CASESTUDY_FIGURES|TMPDIR|IPYTHONDIR|JPY_|/proc/self|__main__")  # in texts
CLOCKS = {f"time.{name}" for name in ("time", "localtime", "gmtime", "ctime", "asctime", "strftime")}
NOW = ("now", "today")  # texts of which pandas and NumPy make a time, by
TIMES = {"Timestamp", "to_datetime", "datetime64", "DatetimeIndex", "Period", "date_range", "period_range"}
CHANCE = ("np.random", "numpy.random", "random")
SEEDED = {"seed", "default_rng", "Generator", "SeedSequence", "RandomState", "PCG64", "Random", "set_state", "setstate"}
SEEDABLE = {"default_rng", "RandomState", "SeedSequence", "Random", "MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"}
SEEDABLE |= {"seed"}
SEEDS = re.compile(r"\brandom\.seed\(|\brandom\.set_?state\(")
PYTHONS_OWN = set(dir(builtins))
BY_STATEMENT = re.compile(r"seed|set_\w+|use|rc\w*|update|register\w*|\w*option\w*|\w*theme|\w*style")


@dataclass(frozen=True)
class Needs:
    """first: by parameter, the first cell that names it, or the end; stop: the first cell that can be common to no two
    sets, or the end, and why. Cells are counted from 0, texts among them.
    """

    first: Mapping[str, int]
    stop: int
    why: str = ""


def needs(cells: Sequence[Any], names: Sequence[str], modules: Sequence[str] = ()) -> Needs:
    """Where each parameter is first needed.

    cells: of a notebook with the cell that changes parameters; modules: the code of the case's own modules that it
    imports, which count for the whole of it.
    """
    first: dict[str, int] = {}
    seeded, pictures = False, iter(named(cells, names))
    inner = next(filter(None, (_odd_in(text, True) for text in modules)), "")
    for index, cell in enumerate(cells):
        if cell.cell_type != "code" or not cell.source.strip():
            continue
        shown = next(pictures)  # a picture that names a parameter needs it
        if {PARAMETERS, INJECTED} & set(tags(cell)):
            continue
        seeded |= bool(SEEDS.search(cell.source))
        if why := inner or _odd_in(cell.source, seeded):
            return Needs({name: min(first.get(name, index), index) for name in names}, index, why)
        for name in (_words(ast.parse(cell.source)) | set(shown)) & set(names):
            first.setdefault(name, index)
    end = len(cells)
    return Needs({name: first.get(name, end) for name in names}, end)


def named(cells: Sequence[Any], names: Sequence[str]) -> list[list[str]]:
    """For each cell that runs, in order, the parameters that what it shows can depend on.

    A cell depends on those that it names, and on all that a name in it depends on; whatever else it names depends on
    them from then on. A library is no result; but a cell that gives one a setting by such a parameter leaves nothing
    after it out, and nor does a cell that cannot be read.
    """
    code = [cell for cell in cells if cell.cell_type == "code" and cell.source.strip()]
    texts = ("" if {PARAMETERS, INJECTED} & set(tags(cell)) else cell.source for cell in code)
    return [list(found) for found in _named(tuple(texts), tuple(names))]


@lru_cache(maxsize=64)
def _named(texts: tuple[str, ...], names: tuple[str, ...]) -> list[list[str]]:
    """The same, worked out once for all sets of a notebook; texts: of cells, but none of one that sets parameters."""
    from_here: dict[str, set[str]] = {name: {name} for name in names}
    everywhere: set[str] = set()
    imported: set[str] = set()
    found: list[list[str]] = []
    for text in texts:
        if not text:
            found.append([])
            continue
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            everywhere |= set(names)
            found.append(list(names))
            continue
        imported |= set(_imported(tree))
        words = _words(tree)
        needed = everywhere.union(*(from_here.get(word, set()) for word in words))
        if any(isinstance(node, ast.Name) and node.id in ANYWHERE for node in ast.walk(tree)):
            needed |= set(names)
        for word in words - imported - PYTHONS_OWN:
            from_here[word] = from_here.get(word, set()) | needed
        if needed and _sets_a_library(tree, imported):
            everywhere |= needed
        found.append([name for name in names if name in needed])
    return found


def _odd_in(code: str, seeded: bool) -> str:
    """Why code can be common to no two sets, as far as its text tells; empty where it can."""
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return "it is not Python alone"
    return next((f"it has {why}" for node in ast.walk(tree) if (why := _odd(node, seeded))), "")


def _odd(node: ast.AST, seeded: bool) -> str:
    match node:
        case ast.Import(names=given):
            if any(one.name == "time" and one.asname for one in given):
                return "time under another name"
            return next((one.name for one in given if LIBRARIES & set(one.name.split("."))), "")
        case ast.ImportFrom(module=module, names=given):
            parts = {part for one in given for part in one.name.split(".")} | set((module or "").split("."))
            odd = parts & LIBRARIES or (parts & {"*"}) or ({"time"} & parts and parts)
            return next(iter(sorted(odd)), "") if odd else ""
        case ast.Await() | ast.AsyncFor() | ast.AsyncWith() | ast.AsyncFunctionDef():
            return "await or async"
        case ast.Name(id=name):
            return name if name in ANYWHERE | OF_ONE_RUN or HISTORY.fullmatch(name) else ""
        case ast.Attribute(value=ast.Name(id=inner), attr=name) if f"{inner}.{name}" in CLOCKS:
            return f"{inner}.{name}"
        case ast.Attribute(value=inner, attr=name):
            if name in OF_ONE_RUN | ANYWHERE - {"eval", "exec", "input", "compile"}:  # a frame's eval is not Python's
                return name
            return "unseeded chance" if ast.unparse(inner) in CHANCE and not seeded | (name in SEEDED) else ""
        case ast.Call(func=function, args=args, keywords=keywords):
            return _odd_call(ast.unparse(function), [*args], [*keywords])
        case ast.Constant(value=str(text)) if found := PLACES.search(text):
            return found[0]
    return ""


def _odd_call(name: str, args: list[ast.expr], keywords: list[ast.keyword]) -> str:
    last = name.rpartition(".")[2]
    if name in CALLED or (last in {"resolve", "absolute"} and not args):  # of a path; NumPy's takes numbers
        return f"{name}()"
    given = [*args, *(word.value for word in keywords)]
    if last in SEEDABLE and all(isinstance(one, ast.Constant) and one.value is None for one in given):
        return f"{last}() without a seed"
    if last in TIMES and any(isinstance(one, ast.Constant) and one.value in NOW for one in given):
        return f"the time of {last}()"
    if name == "open" or last == "open":
        asked = [*args[1:2], *(word.value for word in keywords if word.arg == "mode")]
        modes = [getattr(one, "value", None) for one in asked]
        if any(not (isinstance(mode, str) and set(mode) <= set("rbt")) for mode in modes):
            return "a file that is written"
    return ""


def _words(tree: ast.AST) -> set[str]:
    """Names, and words in texts: names in a formula or a query stand there."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name):
                found.add(name)
            case ast.Constant(value=str(text)):
                found |= set(re.findall(r"\w+", text))
            case ast.Global(names=names) | ast.Nonlocal(names=names):
                found |= {*names}
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
    return found


def _imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            for one in node.names:
                yield one.asname or one.name.partition(".")[0]


def _sets_a_library(tree: ast.Module, imported: set[str]) -> bool:
    """Whether a cell may leave a setting in a library: `plt.rcParams["x"] = ...`, `np.random.seed(...)`."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets) if any(_base(target) in imported for target in targets):
                return True
            case ast.AugAssign(target=target) if _base(target) in imported:
                return True
            case ast.Expr(value=ast.Call(func=function)) if _base(function) in imported:
                if BY_STATEMENT.fullmatch(ast.unparse(function).rpartition(".")[2]):
                    return True
    return False


def _base(node: ast.AST) -> str:
    """The name on which `a.b[c]` rests: `a`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""
