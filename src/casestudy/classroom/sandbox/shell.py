"""IPython's own shell, as students' cells run in it: it shows nothing, asks nobody, and runs no command of the system.

What is left out of a cell where work is graded is listed here once: the shell passes over it, `left_out` finds it.
"""

import ast
import asyncio
import contextlib
import contextvars
import functools
import os
import re
import sys
import types
from collections.abc import Iterator
from typing import Any

from IPython.core.autocall import ExitAutocall
from IPython.core.displayhook import DisplayHook
from IPython.core.error import StdinNotImplementedError
from IPython.core.formatters import DisplayFormatter
from IPython.core.inputtransformer2 import TransformerManager
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Instance
from traitlets.config import Config

_INSTALLED = "what is installed there is all there is; what your work needs is installed beforehand"
_COMMAND = "no command of the system is run there; write it in Python"
_ADDED = "only what belongs to IPython is there"
_NOBODY = "nobody is there to answer"
_ELSEWHERE = "nothing is there but your notebook and what came with it"
ALIASES = ("cat", "cp", "ldir", "lf", "lk", "ll", "ls", "lx", "mkdir", "mv", "rm", "rmdir")  # of commands
LEFT_OUT = {  # magics, by why they are
    **dict.fromkeys(("pip", "conda", "mamba", "micromamba", "uv"), _INSTALLED),
    **dict.fromkeys(("!", "sx", "sc", "system", "bash", "sh", "script", "cmd", "perl", "ruby", "pypy"), _COMMAND),
    **dict.fromkeys(("python", "python2", "python3", "alias", "rehashx", "killbgscripts"), _COMMAND),
    **dict.fromkeys(ALIASES, _COMMAND),
    **dict.fromkeys(("load_ext", "reload_ext", "unload_ext"), _ADDED),
    **dict.fromkeys(("debug", "pdb", "ed", "edit"), _NOBODY),
    **dict.fromkeys(("store", "pastebin", "logstart", "notebook", "save"), _ELSEWHERE),
}
SHOWING = (  # magics of which nothing is left where nothing is shown
    *("matplotlib", "gui", "autosave", "clear", "cls", "connect_info", "less", "man", "more", "qtconsole", "subshell"),
    *("colors", "xmode", "pinfo", "pinfo2", "pdoc", "pdef", "pfile", "psource", "page", "tb"),
)
OF_IPYTHON = ("autoreload", "IPython.extensions.autoreload")  # extensions that may be loaded
HOLDING_CODE = ("capture", "prun", "time", "timeit")  # magics below, or beside, which code of a cell stands
TIMED = re.compile(r"(?:[ \t]*-(?:[nrp][ \t]*\d+|[a-z]+)(?=\s|$))*")  # the options of %timeit
SIGN = re.compile(r"[%!?]|^\s*[,;/]")  # without which a line is Python's alone


def left_out(cell: str) -> Iterator[tuple[str, str]]:
    """What of a cell is not run where work is graded, as it is written there, and why.

    >>> [what for what, _ in left_out("!pip install pandas\\n%time x = 1\\nif x:\\n    files = !ls")]
    ['!pip install pandas', '!ls']
    >>> list(left_out("text = '''\\n!ls\\n'''"))
    []
    """
    try:
        tree = ast.parse(_Transformer().transform_cell(_marked(cell)))
    except (SyntaxError, ValueError, RuntimeError, MemoryError):  # the third where there are too many magics
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_shell(node.func.value):
            words = [part.value for part in node.args if isinstance(part, ast.Constant) and type(part.value) is str]
            yield from _of_call(node.func.attr, [*words, "", "", ""])


def _marked(cell: str) -> str:
    """A cell of one line with the sign that IPython lets one leave out: `pip install x` is `%pip install x`."""
    line = cell.strip()
    if "\n" not in line and line.partition(" ")[0] in LEFT_OUT:
        with contextlib.suppress(SyntaxError, ValueError):
            ast.parse(line)
            return cell
        return f"%{line}"
    return cell


def _is_shell(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "get_ipython"


def _of_call(method: str, words: list[str]) -> Iterator[tuple[str, str]]:
    name, line, body = words[:3]
    if method in ("system", "getoutput", "system_piped", "system_raw"):
        yield f"!{name}", _INSTALLED if re.match(r"\S*(?:pip|conda|mamba)\b", name) else _COMMAND
    elif method in ("run_line_magic", "run_cell_magic"):
        sign = "%" if method == "run_line_magic" else "%%"
        if name in HOLDING_CODE:
            yield from left_out(line if sign == "%" else body)
        elif name in LEFT_OUT and not (name.endswith("load_ext") and line.strip() in OF_IPYTHON):
            yield f"{sign}{name} {line}".strip(), LEFT_OUT[name]


def _nothing(*given: Any, **more: Any) -> None:
    """In place of what is left out."""


def _unanswered(question: object = "") -> str:
    raise StdinNotImplementedError(f"input was called, and {_NOBODY}")


class _Transformer(TransformerManager):
    """IPython's own, which does not cut into tokens what has no sign of a magic: a class has many cells."""

    def do_token_transforms(self, lines: list[str]) -> list[str]:
        return super().do_token_transforms(lines) if any(map(SIGN.search, lines)) else lines


class _Unshown(DisplayFormatter):
    """Formats nothing: what a cell gives is kept, and nobody looks at it."""

    def format(self, obj: Any, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        return {}, {}


class _Kept(DisplayHook):
    """Keeps what a cell gives as `_` and in `Out`, and writes nothing."""

    def write_output_prompt(self) -> None:
        """Not even its number."""

    def finish_displayhook(self) -> None:
        """Nothing was begun."""


class _Exit(ExitAutocall):
    """`exit`, which takes a value as in a kernel, and ends nothing."""

    def __call__(self, value: object = None) -> None:
        """Go on."""


class Shell(InteractiveShell):
    """A kernel's shell without a kernel: no file, no history on a disk, no thread, no words.

    `Shell.instance()` is the one of a warm process; each fork runs one submission's cells in it, as the module
    `__main__`, where functions can be pickled.
    """

    displayhook_class = _Kept
    input_transformer_manager = Instance(_Transformer, ())
    exiter = Instance(_Exit, ())
    system = system_piped = system_raw = getoutput = ask_exit = _nothing
    showtraceback = showsyntaxerror = showindentationerror = _nothing
    history_manager: Any
    extension_manager: Any
    configurables: Any
    _db: Any
    _extended = False  # what brings magics was left out: one that nobody knows may be of these

    def __init__(self) -> None:
        config = Config()
        config.HistoryManager.enabled, config.HistoryManager.hist_file = False, ":memory:"
        self._db = {}
        self._begin()
        super().__init__(config=config, user_module=types.ModuleType("__main__"))
        self.builtin_trap.auto_builtins["input"] = _unanswered
        sys.breakpointhook = _nothing
        self.run("if 0:\n    %time await 0")  # what else would be loaded when it is first needed
        _ = self.logger
        self._loop.close()  # a fork has its own

    def run(self, source: str, number: int = 0) -> BaseException | None:
        """Run a cell as the one with this number, as a kernel does; what it raised.

        number: in `In` and `Out`; 0 for a cell that is not the student's and leaves no trace in these.
        """
        self._look_again()
        self._number(number)
        try:
            code, failed = self.transform_cell(source), None
        except Exception:
            code, failed = source, sys.exc_info()
        if self._loop.is_closed():
            self._begin()
        task = self._loop.create_task(self._ran(source, code, failed, number), context=self._context)
        return self._loop.run_until_complete(task)

    def _begin(self) -> None:
        """A loop, and what `contextvars` hold: both stay from cell to cell."""
        self._loop, self._context = asyncio.new_event_loop(), contextvars.copy_context()

    async def _ran(self, source: str, code: str, failed: Any, number: int) -> BaseException | None:
        kept = {"store_history": number > 0, "silent": number == 0}
        result = await self.run_cell_async(source, transformed_cell=code, preprocessing_exc_tuple=failed, **kept)
        self.events.trigger("post_execute")
        self.events.trigger("post_run_cell", result)
        await asyncio.sleep(0)  # what was begun in the background goes on between cells
        return result.error_in_exec if result.error_before_exec is None else result.error_before_exec

    def _look_again(self) -> None:
        """For modules: a cell before may have written one, a moment ago."""
        with contextlib.suppress(OSError, LookupError):
            here: Any = sys.path_importer_cache[os.getcwd()]
            here.invalidate_caches()

    def _number(self, number: int) -> None:
        """Go on from this number, whatever stood before."""
        if number:
            self.execution_count = number
            for inputs in (self.history_manager.input_hist_parsed, self.history_manager.input_hist_raw):
                inputs += [""] * (number - len(inputs))

    def _format_exception_for_storage(self, *given: Any, **more: Any) -> dict[str, Any]:
        return {}

    def _find_with_lazy_load(self, /, type_: str, magic_name: str) -> Any:
        found = super()._find_with_lazy_load(type_, magic_name)
        return _nothing if found is None and self._extended else found

    def enable_matplotlib(self, gui: Any = None) -> tuple[Any, str]:
        return gui, "agg"

    def enable_gui(self, gui: Any = None) -> None:
        """There is none."""

    def init_ipython_dir(self, ipython_dir: Any) -> None:
        """None is made."""

    def init_profile_dir(self, profile_dir: Any) -> None:
        """None is made."""

    def init_display_formatter(self) -> None:
        self.display_formatter = _Unshown(parent=self)
        self.configurables.append(self.display_formatter)

    def init_hooks(self) -> None:
        super().init_hooks()
        self.set_hook("show_in_pager", _nothing, 99)

    def init_events(self) -> None:
        super().init_events()
        self.events.register("post_execute", _close_figures)

    def init_magics(self) -> None:
        super().init_magics()
        register: Any = self.register_magic_function
        for name in {*LEFT_OUT, *SHOWING} - {*ALIASES}:
            register(_nothing, "line_cell", name)
        register(_once(self.find_line_magic("timeit")), "line_cell", "timeit")
        for name in ("alias", "load_ext", "reload_ext"):
            register(self._extend, "line", name)

    def _extend(self, name: str) -> None:
        if name.strip() in OF_IPYTHON:
            self.extension_manager.load_extension(OF_IPYTHON[-1])
        else:
            self._extended = True


def _once(timeit: Any) -> Any:
    """%timeit that runs its code once where nothing else is asked for: nobody reads how long it takes."""

    @functools.wraps(timeit)
    def once(line: str = "", cell: str | None = None, **more: Any) -> Any:
        given = TIMED.match(line)
        few = "".join(f"-{option}1 " for option in "nr" if not given or f"-{option}" not in given[0])
        return timeit(few + line, cell, **more)

    return once


def _close_figures() -> None:
    """As a notebook does after each cell."""
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")
