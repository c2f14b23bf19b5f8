"""Reports by the dozen and by the thousand: `casestudy sweep` beside what people use instead."""

import importlib.util
import json
import shutil
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import million
import realistic
from measure import (
    BESIDE,
    BUILD,
    CHECKOUT,
    OURS,
    Cost,
    Options,
    Watch,
    environment,
    in_turn,
    measured,
    our_versions,
    versions,
)
from million import MILLION
from realistic import REALISTIC, Book
from tell import cost_rows, costs_head, costs_table, paragraphs, read, table, told_lines, verdict

LIMIT, SWEEP, HTML = "the cells as functions, two processes", "casestudy sweep", "casestudy sweep, with HTML"
UNSHARED, DEARER = "casestudy sweep --no-share", 1.03
BOOKS = (REALISTIC, MILLION)
LOOP, POOL, ONE = "papermill, loop", "papermill, pool of 2", ": one set"
CLUSTER, WARM, COLD = "casestudy sweep, dask", "nbval, warm", "nbval, cold"
NEEDED = ("numpy", "pandas", "statsmodels", "seaborn", "matplotlib", "ipykernel")
ONCE_ABOVE_S = 600
TWO = ("--workers", 2)  # where the table is about two; beside others the command is run as one types it
LIGHT = [
    "# How many heads?\n\nAs many as are given. No more is asked here.",
    "from casestudy import claims",
    "heads = 775  # heads; 1..100000; our choice",
    'claims.compare(derived={"cx_agents": heads})',
    "heads / 2",
]


@dataclass(frozen=True)
class Seen(Cost):
    """A cost, and the memory seen meanwhile in MB: of all processes and of the command's own."""

    all: float = 0
    own: float = 0
    looks: int = 0


def sweep(case: Path, grid: str, *options: object, watch: Watch | None = None) -> Cost:
    """The whole command, into a fresh folder."""
    shutil.rmtree(case / "out", ignore_errors=True)
    command = [OURS / "casestudy", "sweep", grid, "--out", "out", *options]
    return measured(command, case, watch, CASESTUDY_CASE=str(case))


def sharing() -> dict[str, list[str]]:
    """The options of a sweep without and with what is common run once."""
    return {UNSHARED: ["--no-share"], SWEEP: []}


def beside(options: Options) -> dict:
    """Each notebook with each of its sets, everyone in turn; ours and the limit also with one set alone."""
    million.write()
    papermill = partial(environment, "papermill", "papermill", "nbconvert", *NEEDED, pinned=True)
    ploomber = partial(environment, "ploomber", "ploomber-engine", *NEEDED, pinned=True)
    books = {book.stem: _beside(book, options, papermill, ploomber) for book in BOOKS}
    used = [f"ours: {our_versions(*NEEDED, 'papermill')}"]
    for name, programs, packages in (
        ("papermill's", papermill, ("papermill", "nbconvert", "pandas", "matplotlib")),
        ("ploomber-engine's", ploomber, ("ploomber-engine", "pandas", "matplotlib")),
    ):
        if any(name[:8] in tool for book in books.values() for tool in book["runs"]):
            used.append(f"{name}: {versions(programs(), *packages)}")
    return {"sets": len(REALISTIC.sets()[: options.sets]), "books": books, "versions": used}


def _beside(book: Book, options: Options, papermill: Callable[[], Path], ploomber: Callable[[], Path]) -> dict:
    """One notebook, everyone in turn: the runs and what must be told of them."""
    sets = book.sets()[: options.sets]
    case = realistic.prepare(BUILD / book.stem, book, sets)
    notebook, out, words = case / f"notebooks/{book.stem}.ipynb", case / "peer", json.dumps(sets)

    def plain(sets: list[dict]) -> Cost:
        return measured([OURS / "python", "plain.py", json.dumps(sets)], case)

    def peer(programs: Path, script: str, *words: object) -> Cost:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        command = [programs / "python", BESIDE / script, *words]
        cost = measured(command, case, PYTHONPATH=str(CHECKOUT / "src"))  # which a notebook records a number by
        if (made := len(list(out.glob("*.ipynb")))) != len(sets):
            raise RuntimeError(f"{made} notebooks for {len(sets)} sets")
        return cost

    tools = {
        LIMIT: lambda: plain(sets),
        **{name: partial(sweep, case, "sets.csv", "--no-html", *how) for name, how in sharing().items()},
        HTML: lambda: sweep(case, "sets.csv"),
        POOL: lambda: peer(papermill(), "run_papermill.py", notebook, out, 2, words),
        LOOP: lambda: peer(papermill(), "run_papermill.py", notebook, out, 1, words),
        "nbconvert --execute": lambda: peer(
            papermill(), "run_nbconvert.py", out, *sorted(case.glob("written/*.ipynb"))
        ),
        "ploomber-engine, loop": lambda: peer(ploomber(), "run_ploomber.py", notebook, out, words),
        LIMIT + ONE: lambda: plain(sets[:1]),
        SWEEP + ONE: lambda: sweep(case, "one.csv", "--no-html"),
    }
    runs, told = in_turn(tools, options.rounds)
    return {"runs": runs, "told": [f"{book.stem}: {line}" for line in told]}


def beside_section(raw: dict) -> str:
    count, rows, told, verdicts, where = raw["sets"], [], [], [], []
    for book in BOOKS:
        runs = raw["books"][book.stem]["runs"]
        costs = read(runs)
        shown = {name: cost for name, cost in costs.items() if not name.endswith(ONE)}
        rows += [[f"{book.stem}: {name}", *cells] for name, *cells in cost_rows(shown, runs, LIMIT, count)]
        told += raw["books"][book.stem]["told"]
        verdicts += [f"{line} ({book.stem})" for line in _verdicts(book, costs)]
        where.append(_where(book, costs, count))
    notebooks = "; ".join(f"{book.stem}, of {len(book.cells)} cells: {book.told}" for book in BOOKS)
    return paragraphs(
        f"{count} sets of two notebooks, on two cores, BLAS on one thread for everyone ({notebooks}). Whole commands,"
        " imports included; BLAS, libraries and figures are the same. Ours writes executed notebooks and results, run"
        " without options but that against HTML, and with --no-share where it is named; nbconvert gets a notebook a"
        " set, since it takes no parameters, all in one call; ploomber-engine runs all in one process. The limit"
        " imports once, forks two processes, runs all cells for each set and saves each figure as the notebook does.",
        table(costs_head(), rows),
        told_lines(told),
        "\n".join(verdicts),
        *where,
    )


def _verdicts(book: Book, costs: dict[str, Cost]) -> list[str]:
    def ratio(one: str, other: str, what: str) -> float | None:
        return getattr(costs[one], what) / getattr(costs[other], what) if {one, other} <= set(costs) else None

    if book is MILLION:
        return [
            verdict("CPU over the limit's", ratio(SWEEP, LIMIT, "cpu"), most=0.25),
            verdict("times less CPU than papermill's pool", ratio(POOL, SWEEP, "cpu"), least=6),
        ]
    return [
        verdict("CPU over the limit's", ratio(SWEEP, LIMIT, "cpu"), most=1.15),
        verdict("wall over the limit's", ratio(SWEEP, LIMIT, "wall"), most=1.6),
        verdict("times less CPU than papermill's pool", ratio(POOL, SWEEP, "cpu"), least=2.5),
        verdict("times less wall than papermill's loop", ratio(LOOP, SWEEP, "wall"), least=5),
        verdict("CPU over that of the same without sharing", ratio(SWEEP, UNSHARED, "cpu"), most=DEARER),
    ]


def _where(book: Book, costs: dict[str, Cost], count: int) -> str:
    """Where the CPU goes, from many sets and one."""
    if not ({LIMIT, SWEEP, LIMIT + ONE, SWEEP + ONE} <= set(costs) and count > 1):
        return ""
    (ours, cells), (start, imports) = zip(*(_split(costs, name, count) for name in (SWEEP, LIMIT)), strict=True)
    if book is MILLION:
        return (
            f"{book.stem}, from {count} sets against one: start {start:.1f} CPU s, what is common included; a further"
            f" set {ours:.2f}, and {cells:.2f} as a function."
        )
    return (
        f"Where ours goes in {book.stem}, from {count} sets against one: start {start:.1f} CPU s, of which the limit's"
        f" imports {imports:.1f}; a further set {ours:.2f}, of which its cells in a process that has run them before"
        f" {cells:.2f}, and {ours - cells:.2f} the kernel's start and end, messages, files, and what cells cost the"
        " first time."
    )


def _split(costs: dict[str, Cost], name: str, count: int) -> tuple[float, float]:
    """(CPU of a further set, CPU of the start), from many sets and one."""
    each = (costs[name].cpu - costs[name + ONE].cpu) / (count - 1)
    return each, costs[name + ONE].cpu - each


def many(options: Options) -> dict:
    """A light notebook at ever more sets: cost, and memory as seen during the same runs."""
    case = realistic.case(BUILD / "light", "01-light", LIGHT, given=2)
    sizes = [size for size in (100, 1_000, 10_000) if size <= options.largest]
    for size in sizes:
        grid = f'notebook = "01"\n[grid]\nheads = {{ from = 1, to = {size}, step = 1 }}\n'
        (case / f"{size}.toml").write_text(grid)

    def seen(size: int) -> Seen:
        watch = Watch(every_s=0.2 if size == 100 else 1)
        cost = sweep(case, f"{size}.toml", "--no-html", watch=watch)
        if (made := len(list(case.glob("out/sets/*/*.ipynb")))) != size:
            raise RuntimeError(f"{made} notebooks for {size} sets")
        return Seen(**asdict(cost), all=watch.all / 1e6, own=watch.own / 1e6, looks=watch.looks)

    runs, told = in_turn({str(size): partial(seen, size) for size in sizes}, options.rounds, ONCE_ABOVE_S)
    if options.largest < 10_000:
        told.append(f"A short run: nothing above {options.largest:,} sets.")
    return {"runs": runs, "told": told, "versions": [our_versions("papermill", "ipykernel")]}


def many_section(raw: dict) -> str:
    runs, costs = raw["runs"], read(raw["runs"])
    peak = {
        name: {what: statistics.median(one[what] for one in some) for what in ("all", "own", "looks")}
        for name, some in runs.items()
    }
    head = ["sets", "rounds", "CPU, s", "wall, s", "CPU a set, s", "memory of all, MB", "of the command, MB", "looks"]
    rows = []
    for name, cost in costs.items():
        rows.append([f"{int(name):,}", len(runs[name]), cost.cpu, cost.wall, cost.cpu / int(name)])
        rows[-1] += [peak[name]["all"], peak[name]["own"], int(peak[name]["looks"])]

    def grown(what: str) -> float | None:
        return peak["10000"][what] / peak["100"][what] if "10000" in peak else None

    dearest = costs["10000"].cpu / 10_000 if "10000" in costs else None
    return paragraphs(
        "`casestudy sweep --no-html` on a notebook with one comparison that imports this package only."
        " Memory of all is proportional (shared pages counted once), the command's own is resident; both are the"
        " largest of the looks taken while it ran.",
        table(head, rows),
        told_lines(raw["told"]),
        verdict("memory of all processes at 10,000 sets over that at 100", grown("all"), most=1.2)
        + "\n"
        + verdict("the command's own at 10,000 over that at 100", grown("own"), most=1.2)
        + "\n"
        + verdict("CPU s of each of the 10,000", dearest, most=0.18),
    )


def notebooks(options: Options) -> dict:
    """nbval of all notebooks in one process, on warm and on ordinary kernels."""
    command = [OURS / "pytest", "-q", "-p", "no:cacheprovider", "--nbval"]
    command += ["--nbval-sanitize-with", "tests/nbval.cfg", "notebooks"]
    tools = {
        WARM: lambda: measured(command, CHECKOUT, JUPYTER_DEFAULT_PROVISIONER_NAME="casestudy-warm"),
        COLD: lambda: measured(command, CHECKOUT),
    }
    runs, told = in_turn(tools, options.rounds)
    count = len(list((CHECKOUT / "notebooks").glob("*.ipynb")))
    return {"count": count, "runs": runs, "told": told, "versions": [our_versions("nbval", "pytest", "ipykernel")]}


def notebooks_section(raw: dict) -> str:
    costs = read(raw["runs"])
    ratio = costs[COLD].cpu / costs[WARM].cpu if {WARM, COLD} <= set(costs) else None
    return paragraphs(
        f"`pytest --nbval` on the {raw['count']} notebooks, one process; warm is"
        " `JUPYTER_DEFAULT_PROVISIONER_NAME=casestudy-warm` and nothing else.",
        costs_table(costs, raw["runs"], WARM, raw["count"], each="a notebook"),
        told_lines(raw["told"]),
        verdict("times less CPU warm than cold", ratio, least=1.5),
    )


def on_dask(options: Options) -> dict:
    """The realistic sets on a scheduler and two workers of this machine, beside the command's own pool."""
    if not importlib.util.find_spec("distributed"):
        raise ModuleNotFoundError("distributed")
    sets = REALISTIC.sets()[: options.sets]
    case = realistic.prepare(BUILD / "on_dask", REALISTIC, sets)

    def cluster(grid: str) -> Cost:
        shutil.rmtree(case / "out", ignore_errors=True)
        return measured([OURS / "python", BESIDE / "on_dask.py", grid, "out"], case, CASESTUDY_CASE=str(case))

    tools = {
        SWEEP: lambda: sweep(case, "sets.csv", "--no-html", *TWO),
        CLUSTER: lambda: cluster("sets.csv"),
        SWEEP + ONE: lambda: sweep(case, "one.csv", "--no-html", *TWO),
        CLUSTER + ONE: lambda: cluster("one.csv"),
    }
    runs, told = in_turn(tools, options.rounds)
    return {"sets": len(sets), "runs": runs, "told": told, "versions": [our_versions("distributed", "papermill")]}


def on_dask_section(raw: dict) -> str:
    costs, count = read(raw["runs"]), raw["sets"]
    shown, where = {name: cost for name, cost in costs.items() if not name.endswith(ONE)}, ""
    if len(costs) == 4 and count > 1:
        (pool, begun), (cluster, started) = (_split(costs, name, count) for name in (SWEEP, CLUSTER))
        where = (
            f"From {count} sets against one: starting costs {begun:.1f} CPU s without dask and {started:.1f} with it, a"
            f" further set {pool:.2f} and {cluster:.2f}."
        )
    return paragraphs(
        f"The same {count} sets of {REALISTIC.stem} as above: two processes of the command's own pool, and a dask"
        " scheduler with two workers on this machine, whose start and end are included. No target.",
        costs_table(shown, raw["runs"], SWEEP, count),
        told_lines(raw["told"]),
        where,
    )
