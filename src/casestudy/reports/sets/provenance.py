"""What `run.json` says of where its numbers come from: case, data, code, libraries, commits; no times, no places."""

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from casestudy import schema
from casestudy.case import CHECKOUT, Case
from casestudy.reports.sets.fingerprint import CODE, SHOWN, Ingredients, Unchanged, fingerprint, ingredients, sha256
from casestudy.reports.sets.outcome import Outcome
from casestudy.reports.sets.parameters import Notebook

PATIENCE = 20  # seconds for git, which a slow disk may need


def provenance(notebooks: Iterable[Notebook], case: Case) -> dict[str, Any]:
    """What the runs of these notebooks are made of, fit for JSON; the same for two runs of the same.

    case: name and version from datapackage.json; commits: of the case's folder and of the package's checkout, where
    there are any; the rest as `Ingredients` has it.
    """
    return described(ingredients(notebooks, case), case)


def described(made: Ingredients, case: Case) -> dict[str, Any]:
    """`provenance` of ingredients that are known."""
    said = schema.package(case)
    named = {name: said[name] if isinstance(said.get(name), str) else None for name in ("name", "version")}
    commits = {"case": commit(case.root, "data/claims.csv"), "package": None}
    if Path(CODE) == CHECKOUT / "src" / "casestudy":
        commits["package"] = commit(CHECKOUT, "src/casestudy/__init__.py")
    return {"case": named, "commits": commits} | asdict(made)


def commit(root: Path, kept: str) -> dict[str, Any] | None:
    """The commit that a folder stands at, and whether a file that git keeps differs from it; None without git.

    kept: a file of the folder by which to tell: a folder that git ignores lies in somebody else's checkout.
    """
    if _git(root, "ls-files", "--error-unmatch", kept) is None or (name := _git(root, "rev-parse", "HEAD")) is None:
        return None
    state = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".")
    return {"commit": name.strip(), "dirty": state is None or bool(state.strip())}


def _git(root: Path, *words: str) -> str | None:
    """What git says; None where it is not there, or refuses. It runs nothing that the folder's settings name."""
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", str(root), *words]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, env=environment)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return None if done.returncode else done.stdout.decode("utf-8", "replace")


def meanwhile(unchanged: Unchanged, case: Case) -> list[str]:
    """Files that were written or removed while notebooks ran, so that nobody can tell which state was read."""
    paths = list(unchanged.others())
    of_code = {path for path in paths if path.is_relative_to(CODE)}  # the built-in case may lie within
    named = {path.relative_to(case.root).as_posix() for path in paths if path not in of_code or "_case" in path.parts}
    return sorted(named | {"code" for path in of_code if "_case" not in path.parts})


def stamped(outcome: Outcome, made: Ingredients, files: Mapping[str, bytes]) -> dict[str, Any]:
    """An outcome's record under the name of its run: the first digits of its fingerprint; with its files' hashes."""
    mark = fingerprint(made.mark(outcome.asked.notebook.stem), outcome.asked.id)
    return outcome.record() | {"run": mark[:SHOWN], "fingerprint": mark, "files": hashes(files)}


def hashes(files: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """By name, a file's bytes and sha256.

    >>> hashes({"a.txt": b"abc"})["a.txt"]["bytes"]
    3
    """
    return {name: {"bytes": len(content), "sha256": sha256(content)} for name, content in sorted(files.items())}
