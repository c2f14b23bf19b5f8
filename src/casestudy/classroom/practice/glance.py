"""What there is to read and to practise, and how far one has come: the start page of `casestudy lab`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from casestudy.classroom.practice import kept
from casestudy.classroom.sets import source
from casestudy.classroom.sets.source import ProblemSet

NOTEBOOKS, EXERCISES = "notebooks", "exercises"


@dataclass(frozen=True)
class Overview:
    """One row a set, as a table with links from `folder`: its notebook, minutes, what is done and what is left."""

    rows: tuple[tuple[str, ...], ...]

    def __repr__(self) -> str:
        return "\n".join(": ".join((title, *rest)) for _, title, *rest in self.rows)

    def _repr_markdown_(self) -> str:
        head = "| | set | minutes | done | left |\n|---|---|---|---|---|"
        return "\n".join((head, *(f"| {' | '.join(row)} |" for row in self.rows)))


def overview(folder: Path | None = None) -> Overview:
    """How far one has come with each set whose copy lies in `folder`, or in this one."""
    return Overview(tuple(_rows(folder or Path())))


def _rows(folder: Path) -> Iterator[tuple[str, ...]]:
    for path in source.found():
        problem_set = source.load(path)
        copy = Path(EXERCISES, problem_set.name, f"{problem_set.name}.ipynb")
        if (folder / copy).exists():
            done, left = _standing(problem_set, folder / copy.parent)
            low, high = problem_set.minutes or ("", "")
            notebook = Path(NOTEBOOKS, f"{problem_set.name}.ipynb")
            read = f"[notebook {problem_set.name[:2]}]({notebook.as_posix()})"
            read = read if (folder / notebook).exists() else problem_set.name[:2]
            yield read, f"[{problem_set.title}]({copy.as_posix()})", f"{low}–{high}", done, left


def _standing(problem_set: ProblemSet, folder: Path) -> tuple[str, str]:
    """How many questions are done, and the next one that is not."""
    ever = kept.read(kept.beside(problem_set.name, folder)).done
    asked = problem_set.checked
    left = [question.title for question in asked if question.id not in ever]
    more = f" and {len(left) - 1} more" if len(left) > 1 else ""
    return f"{len(asked) - len(left)} of {len(asked)}", f"{left[0]}{more}" if left else "nothing"
