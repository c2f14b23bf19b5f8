"""The small complete set that authors begin with."""

from pathlib import Path

from casestudy.case import refuse_the_installed
from casestudy.classroom.sets.source import NAME, SOURCE
from casestudy.refusals import Refusal, file_access


def new(folder: Path) -> Path:
    """Write the small complete set that authors begin with; a folder that has a source is left as it is."""
    if not NAME.fullmatch(folder.name):
        raise Refusal(f"a problem set's folder is named NN-words in small letters: got {folder.name!r}")
    if (folder / SOURCE).exists():
        raise Refusal(f"{folder / SOURCE} stands there already")
    refuse_the_installed(folder)
    words = (Path(__file__).parent / "start.ipynb").read_text(encoding="utf-8")
    with file_access(f"write to {folder}", "name another folder"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / SOURCE).write_text(words.replace("01-start", folder.name), encoding="utf-8")
    return folder / SOURCE
