"""What the cells of a set hold for each question, as somebody reads it who teaches it or hands it out on paper."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from casestudy.classroom.sets.question import Node, role
from casestudy.classroom.sets.source import SOLUTION, ProblemSet, headed

STEP = re.compile(r"^\*\*(\w+):?\*\*:?[ \t]*", re.M)
HINT = re.compile(r"<details>(?:(?!</details>).)*\*\*Hint:?\*\*.*?</details>", re.S)

CHECK = re.compile(r"^\*\*Check:?\*\*(?:(?!\n\*\*).)*", re.M | re.S)


@dataclass(frozen=True)
class Part:
    """One question's texts and code, each as its author wrote it; empty where there is none.

    explain: what the student is asked to put into words; model: the author's words for it.
    """

    goal: str = ""
    task: str = ""
    solution: str = ""
    explain: str = ""
    model: str = ""


def parts(problem_set: ProblemSet) -> dict[str, Part]:
    """By question what belongs to it: what stands under its heading, and the solutions right before its check."""
    found: dict[str, Part] = {}
    for _, cells in groupby(headed(problem_set.notebook), key=lambda pair: pair[1]):
        found |= _section([cell for cell, _ in cells])
    return found


def steps(source: str) -> Iterator[tuple[str, str]]:
    """The steps in a text, such as Goal and Do, each with its words; hints are left out.

    >>> dict(steps("**Goal:** divide.\\n\\n**Do:** compute `x`.\\n\\nTwo decimals."))
    {'Goal': 'divide.', 'Do': 'compute `x`.\\n\\nTwo decimals.'}
    """
    pieces = STEP.split(without_hints(source))[1:]
    yield from zip(pieces[::2], (words.strip() for words in pieces[1::2]), strict=True)


def without_hints(source: str) -> str:
    """A text without its hints, and without what only asks to run a check.

    >>> without_hints("<details>\\n\\n**Hint:** think.\\n\\n</details>\\n\\n**Check:** Run.\\n\\n**Do:** add.")
    '**Do:** add.'
    """
    return CHECK.sub("", HINT.sub("", source)).strip()


def _section(cells: list[Node]) -> dict[str, Part]:
    """The questions that are asked under one heading."""
    said: dict[str, str] = {}
    found: dict[str, Part] = {}
    lines: list[str] = []
    for cell in cells:
        kind = role(cell)
        if kind == "plain" and cell.cell_type == "markdown":
            said |= {step: words for step, words in steps(cell.source) if step not in said or step == "Explain"}
        elif kind == "solution" and SOLUTION.search(cell.source):
            lines.append(SOLUTION.sub(lambda match: match[1], cell.source).strip())
        elif kind == "check":
            code = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
            part = Part(said.get("Goal", ""), said.get("Do", ""), code)
            found[cell.metadata["nbgrader"]["grade_id"]] = part
            lines = []
        elif kind == "manual":
            part = Part(explain=said.get("Explain", ""), model=cell.source)
            found[cell.metadata["nbgrader"]["grade_id"]] = part
        elif kind == "explain" and found:
            asked = list(found)[-1]
            found[asked] = replace(found[asked], explain=said.get("Explain", ""), model=cell.source)
    return found
