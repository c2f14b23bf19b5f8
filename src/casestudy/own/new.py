"""The case that researchers begin with: small and complete, or empty."""

import os
import re
import shutil
from pathlib import Path

from casestudy.case import Case, refuse_the_installed
from casestudy.classroom.authoring import new as problem_set
from casestudy.own import package
from casestudy.own.package import Described
from casestudy.refusals import Refusal, file_access
from casestudy.schema import FILE
from casestudy.staging import clear, private

TEMPLATE = Path(__file__).parent / "template"
SET = "01-the-rise"
APART = ("README.md", "skeleton.ipynb")  # which are filled in; the second by `add notebook`
REGISTER = ("claims", "documents")  # the tables without which there is no case
FILLED = """The firm, its documents and all
figures are invented. Replace them by your own, one at a time."""
HOLLOW = """It holds nothing yet. Begin with `casestudy add
document`, then `add notebook` and `add claim`."""


def new(folder: Path, empty: bool = False) -> Path:
    """Write a small complete case of a firm that does not exist into `folder`, which is not there yet, or empty.

    empty: only the two tables of a register, without a row, for whoever knows the way. It appears whole or not at all.
    What its tables' columns are is taken from the built-in case.
    """
    refuse_the_installed(folder)
    with file_access(f"write to {folder}", "name another folder"):
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise Refusal(f"a new case needs a folder that is not there, or empty: {folder} holds something already")
        parent = folder.resolve().parent
        parent.mkdir(parents=True, exist_ok=True)
        clear(parent)
        staged = private(parent)
        try:
            _write(case := Case(staged / "case"), folder.resolve().name, empty)
            _move(case.root, folder)
        finally:
            shutil.rmtree(staged, ignore_errors=True)
    return folder


def _move(whole: Path, folder: Path) -> None:
    """Put a finished case where it belongs; a folder that is there stays, since somebody may stand in it."""
    if not folder.is_dir():
        os.replace(whole, folder)
        return
    moved: list[Path] = []
    try:
        for path in sorted(whole.iterdir()):
            os.replace(path, folder / path.name)
            moved.append(folder / path.name)
    except BaseException:
        for path in moved:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        raise


def _write(case: Case, name: str, empty: bool) -> None:
    for path in sorted(TEMPLATE.rglob("*.*")):
        there = case.root / path.relative_to(TEMPLATE)
        if path.name not in APART:
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, there)
    said = package.read(case)
    if empty:
        _emptied(case, said, name)
    else:
        problem_set.new(case.exercises / SET)
    contents = [(case.data / f"{own['name']}.csv").read_bytes() for own in said["resources"]]
    said["resources"] = [package.described(*pair) for pair in zip(said["resources"], contents, strict=True)]
    (case.data / FILE).write_text(package.written(said), encoding="utf-8", newline="\n")
    words = (TEMPLATE / "README.md").read_text(encoding="utf-8")
    words = words.replace("# NAME", f"# {name}", 1).replace("COLUMNS", columns(said["resources"]))
    if empty:
        words = words.replace(FILLED, HOLLOW)
    (case.root / "README.md").write_text(words, encoding="utf-8", newline="\n")


def _emptied(case: Case, said: Described, name: str) -> None:
    """Take away what the example holds, and what is said of it."""
    shutil.rmtree(case.root / "documents")
    (case.root / "grid.toml").unlink()
    for path in case.notebooks.iterdir():
        path.unlink()
    for path in case.data.glob("*.csv"):
        header = path.read_text(encoding="utf-8").partition("\n")[0]
        path.write_text(f"{header}\n", encoding="utf-8", newline="\n")
        if path.stem not in REGISTER:
            path.unlink()
    said["resources"] = [own for own in said["resources"] if own["name"] in REGISTER]
    said |= {"name": re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-") or "case", "description": ""}
    said["title"] = f"What the documents of {name} claim"
    said.pop("front")


def columns(resources: list[Described]) -> str:
    """Which columns of each table must be filled and which may be empty, as a Markdown table."""
    lines = ["| table | always filled | may be empty |", "|---|---|---|"]
    for resource in resources:
        fields = resource["schema"]["fields"]
        filled = [field["name"] for field in fields if field.get("constraints", {}).get("required")]
        others = [field["name"] for field in fields if field["name"] not in filled]
        cells = [", ".join(f"`{name}`" for name in names) for names in (filled, others)]
        lines.append(f"| `{resource['path']}` | {cells[0]} | {cells[1]} |")
    return "\n".join(lines)
