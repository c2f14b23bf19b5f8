"""What sets of a sweep show, to be held against each other; and what a sweep leaves running."""

import json
import os
import re
import tempfile
import time
from collections import defaultdict

import nbformat
import psutil

from casestudy.reports.run import strip_volatile
from casestudy.reports.shared.branches import FEWEST

VOLATILE = re.compile(r"0x[0-9a-f]{6,}|ipykernel_\d+[/\\]\d+\.py")  # addresses, and files that a cell is said to be
OWN_FOLDER = r"[\w./-]*?/(work|figures|tmp)\b"  # of a run, somewhere in the folder for temporary files
PATIENCE = 60  # seconds, after which nothing of a sweep may be left
ALWAYS = "casestudy.reports.shared.branches.pays"  # patched by `worth_it`


def worth_it(count, *_):
    """What `ALWAYS` is to say: cells are so dear that they run once wherever they may."""
    return count >= FEWEST


def shown(place):
    """All that the set in this folder shows: outcome, rows, signature figure, page, and the notebook cell by cell."""
    record = json.loads((place / "set.json").read_text())
    told = {name: record[name] for name in ("status", "error", "rows", "tests")}
    told |= {path.name: path.read_bytes() for path in [*place.glob("figures/*.png"), *place.glob("*.html")]}
    for path in place.glob("*.ipynb"):
        book = nbformat.read(path, 4)
        strip_volatile(book)
        text = VOLATILE.sub("...", nbformat.writes(book))
        told["notebook"] = json.loads(re.sub(re.escape(tempfile.gettempdir()) + OWN_FOLDER, r"\1", text))
    return told


def by_notebook(out):
    """What each set in a sweep's folder shows, and its record, by the stem of its notebook and its values."""
    shows, records = defaultdict(dict), defaultdict(dict)
    for place in (out / "sets").iterdir():
        record = json.loads((place / "set.json").read_text())
        values = tuple(record["parameters"].values())
        shows[record["notebook"]][values], records[record["notebook"]][values] = shown(place), record
    return shows, records


def running(case):
    """Processes other than this one that were started for the case; a fork keeps its server's variables."""
    found = []
    for process in psutil.process_iter():
        try:
            ours = process.environ().get("CASESTUDY_CASE") == str(case.root) and process.pid != os.getpid()
            if ours and process.status() != psutil.STATUS_ZOMBIE and not _tracks(process):
                found.append(process)
        except psutil.Error:
            continue
    return found


def _tracks(process):
    """Whether it is multiprocessing's own, of which this interpreter has one to its end."""
    return process.ppid() == os.getpid() and "multiprocessing.resource_tracker" in " ".join(process.cmdline())


def wait_for_none(case):
    deadline = time.monotonic() + PATIENCE
    while left := running(case):
        assert time.monotonic() < deadline, left
        time.sleep(0.05)
