"""What a set draws and solves on some codes, in a few letters: here and in a browser's Python it must be the same."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Namespace, solve
from casestudy.classroom.sets.source import ProblemSet, open_set
from casestudy.refusals import Refusal

DIGITS = 9  # as a fingerprint of figures has


class _Drawn(Exception):
    """The figures are there: what follows takes longer."""


def drawn(problem_set: ProblemSet, codes: Sequence[str], digits: int = DIGITS, whole: int = 1) -> dict[str, str]:
    """By code what stands for its figures, or why there are none.

    whole: for so many codes, the first, also the right answers and what each mistake gives, which may take a second.
    """
    found = {}
    for number, code in enumerate(codes):
        try:
            content = _solved(problem_set, code, digits) if number < whole else _figures(problem_set, code)
        except Refusal as refusal:
            found[code] = f"refused: {refusal}"
            continue
        data = content[0].to_csv(index=False, float_format=f"%.{digits}g", lineterminator="\n")
        text = json.dumps([data, *content[1:]], sort_keys=True)
        found[code] = hashlib.sha256(text.encode()).hexdigest()[:16]
    return found


def _solved(problem_set: ProblemSet, code: str, digits: int) -> list[Any]:
    solved = solve(problem_set, code)
    answers = [solved.right, *(values for _, values in solved.wrong)]
    return [solved.data, plain(answers, digits), sorted(solved.lost)]


def _figures(problem_set: ProblemSet, code: str) -> list[Any]:
    found: list[Any] = []

    def stop(question: Question, namespace: Namespace) -> None:
        found.append(namespace["data"])
        raise _Drawn

    try:
        solve(problem_set, code, stop)
    except _Drawn:
        return found
    raise Refusal(f"{problem_set.name} asks no question that is checked")


def told(asked: str) -> str:
    """The same for sets in the package, as JSON: {set: {code: letters}} for {"digits": n, "whole": n, "codes": {}}."""
    given = json.loads(asked)
    each = given["codes"].items()
    found = {name: drawn(open_set(name), codes, given["digits"], given["whole"]) for name, codes in each}
    return json.dumps(found)


def plain(value: Any, digits: int) -> Any:
    """A value with its numbers to some digits.

    >>> plain({"rise": [1 / 3, "up"]}, 3)
    {'rise': ['0.333', 'up']}
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each, digits) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, digits) for each in value]
    return f"{value:.{digits}g}" if isinstance(value, float) else value
