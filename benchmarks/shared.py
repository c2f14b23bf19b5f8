"""The shipped notebooks, with cells that are common to all sets run once, and without."""

import json
import shutil
from functools import partial
from pathlib import Path

from measure import BUILD, CHECKOUT, OURS, Cost, Options, in_turn, measured, our_versions
from sweeps import DEARER, SWEEP, UNSHARED, sharing
from tell import paragraphs, read, table, told_lines, verdict

from casestudy.case import built_in
from casestudy.reports.bench.outputs import differing
from casestudy.reports.sets import parameters

LATE = {  # a parameter that is needed late in its notebook
    "04": ("behaviour_trend", [round(0.03 * step, 2) for step in range(-6, 6)]),
    "06": ("base_rate", [float(f"{digit}e{power}") for power in (-6, -5, -4, -3) for digit in (1, 2, 5)]),
    "08": ("weeks_open", list(range(2, 26, 2))),
}
EARLY = {  # one that is needed early, so that little or nothing is common
    "00": ("paragraph", list(range(1, 13))),
    "01": ("drag_575", [-42, 0, 30, *range(60, 481, 60), 510]),
    "02": ("csat_after", [round(7 + 0.2 * step, 1) for step in range(12)]),
    "03": ("deflection", [round(0.87 + 0.01 * step, 2) for step in range(12)]),
    "05": ("jobs_share", [round(0.5 + 0.04 * step, 2) for step in range(12)]),
    "07": ("seed", list(range(1, 13))),
    "09": ("poland_daily", [round(0.12 + 0.02 * step, 2) for step in range(12)]),
}
ASKED = LATE | EARLY


def shared(options: Options) -> dict:
    """Each notebook with 12 values of one parameter, without sharing and with it, in turn."""
    ways = sharing()
    folder, tools = BUILD / "shared", {}
    shutil.rmtree(folder, ignore_errors=True)
    for number, (name, values) in ASKED.items():
        (folder / number).mkdir(parents=True)
        grid = f'notebook = "{number}"\n[grid]\n{name} = {json.dumps(values[: options.sets])}\n'
        (folder / number / "grid.toml").write_text(grid)
        tools |= {f"{number}: {way}": partial(_sweep, folder / number, way, how) for way, how in ways.items()}
    runs, told = in_turn(tools, options.rounds)
    unequal = {number: _unequal(folder / number) for number in ASKED}
    return {"runs": runs, "told": told, "unequal": unequal, "versions": [our_versions("papermill", "ipykernel")]}


def _sweep(folder: Path, way: str, how: list[str]) -> Cost:
    shutil.rmtree(folder / way, ignore_errors=True)
    command = [OURS / "casestudy", "sweep", "grid.toml", "--out", way, "--no-html", *how]
    return measured(command, folder, CASESTUDY_CASE=str(CHECKOUT))


def _unequal(folder: Path) -> int:
    """How many sets show something else with sharing than without, or are not there twice."""
    pairs = [sorted(folder.glob(f"{way}/sets/*/*.ipynb")) for way in (UNSHARED, SWEEP)]
    if [path.parent.name for path in pairs[0]] != [path.parent.name for path in pairs[1]]:
        return max(map(len, pairs))
    return sum(differing(one, other) is not None for one, other in zip(*pairs, strict=True))


def section(raw: dict) -> str:
    costs, rows, dearer, less = read(raw["runs"]), [], [], []
    stems = {book.stem[:2]: book.stem for book in parameters.select([], built_in())}
    for number, (name, values) in ASKED.items():
        ways = [f"{number}: {way}" for way in (UNSHARED, SWEEP)]
        if not set(ways) <= set(costs):
            continue
        apart, together = (costs[way] for way in ways)
        needed = "late" if number in LATE else "early"
        rows.append([stems[number], name, needed, len(values), len(raw["runs"][ways[0]]), apart.cpu, together.cpu])
        rows[-1] += [apart.cpu / together.cpu, apart.wall, together.wall, apart.wall / together.wall]
        rows[-1].append(raw["unequal"][number])
        dearer.append(together.cpu / apart.cpu)
        less += [apart.cpu / together.cpu] if number in LATE else []
    head = ["notebook", "parameter", "needed", "values", "rounds", "CPU unshared, s", "CPU shared, s", "times less"]
    head += ["wall unshared, s", "wall shared, s", "times less", "sets that show something else"]
    return paragraphs(
        "`casestudy sweep --no-html` on the shipped notebooks with --no-share and without it, over one parameter that"
        " is needed late and, in the other notebooks, over one that is needed early. Whole commands. Outputs are"
        " compared to the letter and the pixel.",
        table(head, rows),
        told_lines(raw["told"]),
        verdict("times less CPU shared, the smallest of those needed late", min(less, default=None), least=1.5)
        + "\n"
        + verdict("CPU shared over unshared, the largest", max(dearer, default=None), most=DEARER)
        + "\n"
        + verdict("sets that show something else", sum(raw["unequal"].values()), most=0),
    )
