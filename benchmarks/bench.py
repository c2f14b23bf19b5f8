"""Run tables and write RESULTS.md beside this: `python benchmarks/bench.py [NAME ...]`; without a name, all.

What a run measured is kept in build/bench/NAME.json; RESULTS.md is composed of what is there, each section with its own
date, versions and commit. A section of which nothing is kept here stays as it stands.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import grading
import hostile
import shared
import sweeps
import waiting
from measure import BUILD, CHECKOUT, Options
from tell import paragraphs

PAGE = Path(__file__).with_name("RESULTS.md")


@dataclass(frozen=True)
class Table:
    """One section: its heading, how it is measured, and how the measurements are told."""

    title: str
    measure: Callable[[Options], dict]
    section: Callable[[dict], str]


TABLES = {
    "beside": Table("Twenty reports beside other runners", sweeps.beside, sweeps.beside_section),
    "shared": Table("What is common runs once, in the shipped notebooks", shared.shared, shared.section),
    "many": Table("A hundred to ten thousand reports", sweeps.many, sweeps.many_section),
    "notebooks": Table("nbval on warm kernels", sweeps.notebooks, sweeps.notebooks_section),
    "dask": Table("Two workers of a dask cluster", sweeps.on_dask, sweeps.on_dask_section),
    "simulation": Table("A queue of a thousand agents", waiting.simulation, waiting.simulation_section),
    "erlang": Table("A million values of Erlang C", waiting.erlang, waiting.erlang_section),
    "grading": Table("Grading", grading.grading, grading.section),
}


def run(name: str, options: Options) -> None:
    """Measure one table and keep what came out; a try that fails leaves what an earlier one measured."""
    begun, at, kept = time.monotonic(), commit(), BUILD / f"{name}.json"  # the commit that runs, not a later one
    try:
        told = {"about": {"date": f"{date.today()}", "commit": at}, "raw": TABLES[name].measure(options)}
        told["about"] |= {"options": asdict(options), "failed": ""}
        told["about"] |= {"load": os.getloadavg()[2], "minutes": (time.monotonic() - begun) / 60}
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}", flush=True)
        told = json.loads(kept.read_text()) if kept.exists() else {"about": {}, "raw": {}}
        told["about"]["failed"] = f"on {date.today()} failed ({type(error).__name__})"
    kept.write_text(json.dumps(told, indent=1))


def commit() -> str:
    """The checkout's commit, and whether it was changed since; RESULTS.md itself does not count."""

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=CHECKOUT, capture_output=True, text=True).stdout.strip()

    changed = git("status", "--porcelain", "--", ".", ":!benchmarks/RESULTS.md")
    return git("rev-parse", "--short", "HEAD") + (" with changes" if changed else "")


def section(name: str) -> str:
    """One table as Markdown, from what was kept."""
    lines, kept = [f"## {TABLES[name].title}"], BUILD / f"{name}.json"
    if not kept.exists():
        stands = re.search(rf"^{re.escape(lines[0])}\n.*?(?=\n+## |\Z)", PAGE.read_text(encoding="utf-8"), re.S | re.M)
        return stands[0] if stands else "\n\n".join([*lines, f"Not run yet: `python benchmarks/bench.py {name}`."])
    told = json.loads(kept.read_text())
    about = told["about"]
    if not told["raw"]:
        return "\n\n".join([*lines, f"Not measured: a try {about['failed']}."])
    given = Options(**about["options"])
    short = " A trial, not a measurement." if given.rounds < Options().rounds or given.sets < Options().sets else ""
    lines.append(TABLES[name].section(told["raw"]))
    lines.append(
        f"*{about['date']}, commit {about['commit']}, {about['minutes']:.0f} minutes, load {about['load']:.1f};"
        f" {'; '.join(told['raw']['versions'])}.{short}*"
    )
    lines.append(f"A later try {about['failed']}." if about["failed"] else "")
    return paragraphs(*lines)


def compose() -> str:
    """RESULTS.md."""
    about = (
        f"# What was measured\n\nWritten by `make bench`; do not edit. {os.cpu_count()} cores, {platform.machine()},"
        f" Python {platform.python_version()}. Tools take turns, ours and theirs in one run; figures are medians of the"
        " rounds in the table. CPU is the sum over all processes that a command starts; the kernel's account of the"
        " same stands beside it where it can be had. Load is that of the machine over the last quarter of an hour: the"
        " bench's own is about two. Compare ratios rather than seconds."
    )
    return "\n\n".join([about, *map(section, TABLES), hostile.section()]) + "\n"


def main() -> None:
    """Run the named tables and compose the page again after each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TABLES))
    for name, value in asdict(Options()).items():
        parser.add_argument(f"--{name}", type=int, default=value)
    given = vars(parser.parse_args())
    names = given.pop("names") or list(TABLES)
    if unknown := [name for name in names if name not in TABLES]:
        parser.error(f"no table {unknown[0]!r}; there are {', '.join(TABLES)}")
    BUILD.mkdir(parents=True, exist_ok=True)
    for name in names:
        run(name, Options(**given))
        PAGE.write_text(compose(), encoding="utf-8")
        print(section(name), flush=True)


if __name__ == "__main__":
    main()
