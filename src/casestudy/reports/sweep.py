"""Run every set of a grid, each to a folder of its own that appears whole or not at all."""

import json
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from casestudy.case import Case, open_case
from casestudy.reports import together
from casestudy.reports.batch import Batch
from casestudy.reports.executors.local import Local
from casestudy.reports.run import SUMMARIES, apart
from casestudy.reports.sets import modules, table
from casestudy.reports.sets.fingerprint import Ingredients, Unchanged, fingerprint, ingredients, sha256
from casestudy.reports.sets.grid import Grid
from casestudy.reports.sets.outcome import LONGEST, Executor, Gone, Outcome, ParameterSet, Shelf
from casestudy.reports.sets.parameters import Notebook
from casestudy.reports.sets.provenance import described, hashes, stamped
from casestudy.staging import staging, whole

SETS, RECORD = "sets", "set.json"
INDEX = "../../index.html"  # from a set's folder


@dataclass(frozen=True)
class Plan:
    """What a grid comes to when it is gone through once: every set is checked, and nothing is written."""

    grid: Grid
    ids: list[str]  # of the sets, each once, sorted
    notebooks: list[Notebook]
    changed: list[str]  # parameters that some set changes

    @classmethod
    def of(cls, grid: Grid) -> "Plan":
        ids: list[str] = []
        notebooks: dict[str, Notebook] = {}
        changed: set[str] = set()
        for asked in grid:
            ids.append(asked.id)
            notebooks[asked.notebook.stem] = asked.notebook
            changed |= asked.changed.keys()
        names = dict.fromkeys(name for notebook in notebooks.values() for name in notebook.parameters)
        return cls(grid, sorted(ids), list(notebooks.values()), [name for name in names if name in changed])


@dataclass(frozen=True)
class Closing:
    """How many sets went well, failed, had been finished before, and lie in the folder from another grid."""

    ok: int
    failed: int
    kept: int
    others: int


def sweep(
    plan: Plan,
    out: Path,
    executor: Executor,
    case: Case | None = None,
    resume: bool = False,
    html: bool = True,
    kept: Callable[[ParameterSet], None] = lambda asked: None,
    finished: Callable[[Outcome], None] = lambda outcome: None,
    seconds: float = LONGEST,
    share: bool = True,
    told: Callable[[str], None] = lambda line: None,
) -> Closing:
    """Run the sets of a plan into `out/sets/<id>/`, then write results, `run.json` and an index over all of them.

    resume: leave alone what is whole and was made from the same notebook, parameters, code and data: `kept` is called
    with each such set, `finished` with the outcome of each that ran. Nothing is held for a set that is done: its record
    is read from its folder. seconds: how long the cells of one set may take. share: run once what sets of a notebook
    have in common; told: called with a line that says where that cannot be.
    """
    case = case or open_case()
    tally: Counter[str] = Counter()
    apart(out, case)
    modules.refuse_shadows(case)
    unchanged, made = Unchanged(plan.notebooks, case), ingredients(plan.notebooks, case)
    made_of = described(made, case)

    def waiting() -> Iterator[ParameterSet]:
        for asked in plan.grid:
            if resume and _is_whole(out / SETS / asked.id, asked, _mark(asked, made), html):
                tally["kept"] += 1
                kept(asked)
            else:
                yield asked

    if isinstance(executor, Local):
        executor.expect(plan.notebooks, case)
    with executor, staging(out, SUMMARIES, SETS) as staged:
        batch = Batch(executor, case, Shelf(INDEX) if html else None, seconds=seconds)
        for outcome, files in batch.stream(
            (lambda batch: together.share(batch, waiting(), told)) if share else lambda batch: batch.each(waiting())
        ):
            if path := unchanged.other():
                raise Gone(f"{path} was changed while sets ran")
            _put_in(outcome, files, made, staged, out)
            if outcome.again:
                tally["ok"] -= 1
            tally["failed" if outcome.error else "ok"] += 1
            finished(outcome)
        try:
            folders = [out.absolute() / SETS / asked.id for asked in plan.grid]
            asked_for = (folders, plan.notebooks, plan.changed, tally["failed"], case)
            page = executor.aside(_index, *asked_for) if isinstance(executor, Local) else _index(*asked_for)
            with whole(staged, out, "run.json") as runs, whole(staged, out, "results.csv") as results:
                records = (_kept(out / SETS / id) for id in plan.ids)
                table.write(results, runs, records, plan.changed, made_of, {"index.html": page.encode()})
            with whole(staged, out, "index.html") as file:
                file.write(page)
        except OSError as error:
            raise _stuck(out, error) from None
    there = sum(1 for folder in (out / SETS).iterdir())
    return Closing(tally["ok"], tally["failed"], tally["kept"], there - len(plan.ids))


def _index(folders: list[Path], notebooks: list[Notebook], changed: list[str], failed: int, case: Case) -> str:
    """The front page, from the records in the sets' folders, in the grid's order."""
    from casestudy.reports.front import sweep_index  # here, since the workers have imported what that needs

    return sweep_index.index(map(_record, folders), notebooks, changed, len(folders), failed, case)


def _mark(asked: ParameterSet, made: Ingredients) -> str:
    return fingerprint(made.mark(asked.notebook.stem), asked.id)


def _put_in(outcome: Outcome, files: Mapping[str, bytes], made: Ingredients, staged: Path, out: Path) -> None:
    """Write a set's files and their record, then put the folder in place of what an earlier run left."""
    id = outcome.asked.id
    folder, final = staged / id, out / SETS / id
    record = stamped(outcome, made, files) | {"shared": outcome.shared}
    try:
        folder.mkdir()
        for name, content in files.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_bytes(content)
        (folder / RECORD).write_text(json.dumps(record) + "\n", encoding="utf-8")
        if final.exists():
            os.replace(final, staged / f"{id}-before")
        os.replace(folder, final)
        shutil.rmtree(staged / f"{id}-before", ignore_errors=True)
    except OSError as error:
        raise _stuck(out, error) from None


def _stuck(out: Path, error: OSError) -> Gone:
    """Such as by a full disk, on which no further set would fit either."""
    return Gone(f"cannot write to {out}: {error.strerror}")


def _is_whole(folder: Path, asked: ParameterSet, mark: str, html: bool) -> bool:
    """Whether a set is there, went well, has the same fingerprint, and no byte of it is missing or changed."""
    try:
        record = _record(folder)
        went = record["status"] == "ok" and record["fingerprint"] == mark
        return (
            went
            and (not html or f"{asked.notebook.stem}.html" in record["files"])
            and all(_is_file(folder / name, about) for name, about in record["files"].items())
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False


def _is_file(path: Path, about: Mapping[str, object]) -> bool:
    return path.stat().st_size == about["bytes"] and sha256(path.read_bytes()) == about["sha256"]


def _record(folder: Path) -> dict:
    return json.loads((folder / RECORD).read_text(encoding="utf-8"))


def _kept(folder: Path) -> dict:
    """A set's record as the table of all takes it: of its files only the record, which has the hashes of the others."""
    return _record(folder) | {"files": hashes({f"{SETS}/{folder.name}/{RECORD}": (folder / RECORD).read_bytes()})}
