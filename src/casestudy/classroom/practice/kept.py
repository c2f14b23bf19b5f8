"""What was done and guessed in a set, kept in a file beside the notebook: it outlives kernel and browser tab."""

import contextlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from casestudy.case import refuse_the_installed
from casestudy.classroom.sets.agreement import Guess
from casestudy.refusals import Refusal

ENDING = ".progress.json"


@dataclass
class Kept:
    """Of one set and code: the first guesses, questions once right, how often a slip was met, the answers seen last."""

    predictions: dict[str, Guess] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    seen: dict[str, Any] = field(default_factory=dict)


def beside(name: str, folder: Path | None = None) -> Path:
    """The file for one set, in the notebook's folder."""
    return (folder or Path()) / f"{name}{ENDING}"


def read(path: Path, code: str | None = None) -> Kept:
    """What stands kept for a code, or for the one used last; nothing where there is none, or it cannot be read."""
    try:
        content = _content(path)
        kept = content["codes"][content["latest"] if code is None else code]
        predictions = {name: Guess(**guess) for name, guess in kept["predictions"].items()}
        tries = {str(slip): int(times) for slip, times in kept["tries"].items()}
        return Kept(predictions, list(map(str, kept["done"])), tries, dict(kept["seen"]))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Kept()


def write(path: Path, code: str, kept: Kept) -> bool:
    """Keep it; whether that was possible. A file that cannot be read is put aside under another name."""
    content: dict[str, Any] = {"codes": {}}
    try:
        refuse_the_installed(path)
        with contextlib.suppress(FileNotFoundError):
            try:
                content = _content(path)
            except ValueError:
                path.replace(path.with_suffix(".damaged"))
        content["codes"][code] = asdict(kept)
        content["latest"] = code
        new = path.with_suffix(".new")
        new.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        new.replace(path)
    except (OSError, Refusal):
        return False
    return True


def _content(path: Path) -> dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or not isinstance(content.get("codes"), dict):
        raise ValueError("not what was kept")
    return content
