"""How a state is opened on this machine: its folders, its variables, and the process."""

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from casestudy import variant
from casestudy.case import Case
from casestudy.reports.executors.task import QUIET, lay_out, variables
from casestudy.reports.sets.source import assignments

if TYPE_CHECKING:
    from casestudy.reports.shared.state import Begun, State


@dataclass(frozen=True)
class Step:
    """What a state is to run; picklable.

    root: the case's folder; stem: of the notebook; cells: place, text, and whether random numbers were seeded so far;
    given: parameters that a state above it left open; injected: the cell that changes parameters; varied: those which
    stay open; fixed: the others' values; changed, named: as `variant.announce` takes them.
    """

    root: str
    stem: str
    cells: tuple[tuple[int, str, bool], ...]
    given: Mapping[str, object]
    injected: int
    varied: tuple[str, ...]
    fixed: Mapping[str, object]
    changed: Mapping[str, object]
    named: Sequence[Sequence[str]]


class Opened(Protocol):
    """An open state, and how its owner lets go of it."""

    @property
    def begun(self) -> Any:
        """Where sets begin: what `execute` takes, and `begin` for a state below it."""

    @property
    def seconds(self) -> float:
        """How long its cells took; infinite where that is not known."""

    def close(self) -> None: ...


def begin(step: Step, server: str, folder: Path, above: "Begun | None", seconds: float) -> "State":
    """Open a state in a folder of its own, from the one above it or else from the server at an address.

    seconds: how long it may take. Raises `Uncommon`.
    """
    from casestudy.reports.shared.state import Prefix, State  # here, with what kernels need, for whoever shares nothing

    folder.mkdir()
    cwd, drawn, _ = lay_out(folder, Case(Path(step.root)))
    if above:
        shutil.copytree(above.figures, drawn, dirs_exist_ok=True)
    variant.announce(drawn, step.changed, step.named)
    umask = os.umask(0o077)
    os.umask(umask)
    env = dict(os.environ) | QUIET | variables(folder, step.root)
    env.pop("MPLBACKEND", None)  # as a worker of the server has none
    prefix = Prefix(
        *([], env, str(cwd), umask),
        address=f"{folder}/s",
        cells=step.cells,
        given=assignments(step.given),
        injected=step.injected,
        varied=step.varied,
        fixed=step.fixed,
    )
    return State(above.address if above else server, folder, prefix, above, seconds)
