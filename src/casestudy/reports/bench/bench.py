"""The same sets by papermill's own loop and by sweeps, in one run: what each costs, and whether outputs are equal."""

import csv
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from casestudy.case import VARIABLE, Case, around, open_case
from casestudy.forks import ADDRESS, SWITCH
from casestudy.refusals import Refusal, file_access
from casestudy.reports.bench import loop
from casestudy.reports.bench.cost import Cost, Ended, measured
from casestudy.reports.bench.outputs import differing
from casestudy.reports.executors.task import QUIET
from casestudy.reports.run import apart
from casestudy.reports.sets import grid as grids
from casestudy.reports.sets import parameters
from casestudy.reports.sets.outcome import ParameterSet
from casestudy.reports.sets.parameters import Notebook
from casestudy.staging import staging, whole

TABLE, THEIRS, LOOP = "bench.csv", "papermill", "papermill, loop"
COLUMNS = ("tool", "sets", "cpu_s", "wall_s", "times_less_cpu", "times_less_wall", "sets_equal")


@dataclass(frozen=True)
class Row:
    """One tool: what all sets cost, and where they show something else than papermill's, by set the first code cell."""

    tool: str
    sets: int
    cost: Cost
    unequal: Mapping[str, int] = field(default_factory=dict)

    def less(self, base: Cost) -> tuple[float, float]:
        """How many times less CPU and wall it takes than `base`.

        >>> Row("sweep", 20, Cost(cpu=10, wall=5)).less(Cost(cpu=25, wall=20))
        (2.5, 4.0)
        """
        return base.cpu / self.cost.cpu, base.wall / self.cost.wall


def found(word: str) -> tuple[Case, Notebook]:
    """A notebook and its case: by its path, the case in which it lies; by stem or unique prefix, the open one."""
    path = Path(word)
    if path.suffix != ".ipynb":
        case = open_case()
        return case, parameters.select([word], case)[0]
    if not path.is_file():
        raise Refusal(f"NOTEBOOK is a notebook's path, its stem or a unique prefix: there is no file {path}")
    lies_in = open_case() if os.environ.get(VARIABLE) else around(path.parent)
    if lies_in is None or path.resolve().parent != lies_in.notebooks.resolve():
        place = f"not in {lies_in.notebooks}" if lies_in else "in no case"
        raise Refusal(
            f"{path} lies {place}; put it into a case's notebooks/ (`casestudy new DIR --empty` begins a case)"
        )
    return lies_in, parameters.select([path.stem], lies_in)[0]


def asked_for(notebook: Notebook, grid: Path, case: Case) -> list[ParameterSet]:
    """The sets of a grid, each checked; refuses a grid of other notebooks."""
    read = grids.read(grid, case)
    if read.count > grids.MOST:
        raise Refusal(f"{grid} asks for {read.count:,} sets; bench runs {grids.MOST:,} at most")
    sets = list(read)
    if other := next((asked.notebook.stem for asked in sets if asked.notebook.stem != notebook.stem), None):
        raise Refusal(f"{grid} must ask for sets of {notebook.stem} alone: it asks for {other}, too")
    return sets


def bench(
    sets: Sequence[ParameterSet],
    grid: Path,
    sweeps: Mapping[str, Sequence[str]],
    out: Path,
    case: Case,
    begun: Callable[[str], None] = lambda tool: None,
) -> list[Row]:
    """One row a tool, papermill's loop first; in `out` the table as CSV, and a folder a tool with what it made.

    sets: all that `grid` asks for. sweeps: options of `casestudy sweep` by the name of a folder. Ours run first, so
    that what only the first one pays, such as reading libraries from the disk, is never papermill's. BLAS has one
    thread everywhere.
    """
    if sys.platform != "linux":
        raise Refusal(f"bench counts the CPU of all processes, which it can on Linux alone: got {sys.platform}")
    apart(out, case)
    with staging(out, [TABLE], ".") as staged:
        costs = {}
        for name, options in sweeps.items():
            begun(tool := " ".join(["casestudy sweep", *options]))
            costs[name] = _cost(tool, _sweep(grid, staged / name, options), staged, case)
        begun(LOOP)
        theirs = _cost(LOOP, _loop(sets, staged, case), staged, case)
        rows = [Row(LOOP, len(sets), theirs)]
        for number, (name, options) in enumerate(sweeps.items()):
            others = [THEIRS, *list(sweeps)[:number]]
            unequal = {asked.id: cell for asked in sets if (cell := _differing(asked, name, others, staged))}
            rows.append(Row(" ".join(["casestudy sweep", *options]), len(sets), costs[name], unequal))
        with file_access(f"write to {out}"):
            with whole(staged, out, TABLE) as file:
                csv.writer(file, lineterminator="\n").writerows([COLUMNS, *(_cells(row, theirs) for row in rows)])
            for name in (THEIRS, *sweeps):
                shutil.rmtree(out / name, ignore_errors=True)
                os.replace(staged / name, out / name)
    return rows


def _cost(tool: str, command: Sequence[str], staged: Path, case: Case) -> Cost:
    """One command, with what every one is given; where one fails, the notebook is refused with what it said last."""
    kept = {
        name: word for name, word in os.environ.items() if name not in (SWITCH, ADDRESS)
    }  # or theirs were warm, too
    try:
        return measured(command, staged / "log", env=kept | QUIET | {VARIABLE: str(case.root)})
    except Ended as ended:
        last = "; ".join(ended.said.splitlines()[-2:])  # of a sweep the set that failed, and how many did
        raise Refusal(f"bench needs sets that run, and {tool} did not run them all: {last}") from None


def _sweep(grid: Path, out: Path, options: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "casestudy", "sweep", str(grid), "--out", str(out), "--no-html", *options]


def _loop(sets: Sequence[ParameterSet], staged: Path, case: Case) -> list[str]:
    """Papermill's loop, in a copy of what lies beside the notebook: the case stays as it is."""
    folder, out = staged / "work", staged / THEIRS
    out.mkdir()
    shutil.copytree(case.notebooks, folder, ignore=shutil.ignore_patterns("*.ipynb", ".*", "__pycache__"))
    job = {"notebook": str(sets[0].notebook.path), "out": str(out), "folder": str(folder)}
    values = {asked.id: asked.changed for asked in sets}
    (staged / "job.json").write_text(json.dumps(job | {"sets": values}), encoding="utf-8")
    return [sys.executable, "-P", loop.__file__, str(staged / "job.json")]


def _differing(asked: ParameterSet, name: str, others: Sequence[str], staged: Path) -> int | None:
    """The first code cell of a set that shows something else than with papermill, or than in a sweep before this."""

    def path(name: str) -> Path:
        own = f"{asked.id}.ipynb" if name == THEIRS else f"sets/{asked.id}/{asked.notebook.stem}.ipynb"
        return staged / name / own

    found = (differing(path(name), path(other), (staged / "work",), drawn=other != THEIRS) for other in others)
    return next(filter(None, found), None)


def _cells(row: Row, base: Cost) -> list[object]:
    """A row of the table; the seconds and ratios to three digits behind the point."""
    numbers = (row.cost.cpu, row.cost.wall, *row.less(base))
    return [row.tool, row.sets, *(f"{number:.3f}" for number in numbers), row.sets - len(row.unequal)]
