"""The options of a choice, lettered in an order of their own for each code."""

from collections.abc import Iterator, Mapping

import numpy as np

from casestudy.classroom.sets.seeds import seed
from casestudy.refusals import Refusal

LETTERS = "abcdefgh"


class Options(Mapping[str, str]):
    """By the author's key the letter under which an option stands; shown as a list, from a on."""

    def __init__(self, lettered: Mapping[str, tuple[str, str]]):
        self._lettered = lettered

    def __getitem__(self, key: str) -> str:
        return self._lettered[key][0]

    def __iter__(self) -> Iterator[str]:
        return iter(self._lettered)

    def __len__(self) -> int:
        return len(self._lettered)

    def __repr__(self) -> str:
        return "\n".join(f"{letter}: {text}" for letter, text in self._lettered.values())

    def _repr_markdown_(self) -> str:
        return "\n".join(f"- **{letter}:** {text}" for letter, text in self._lettered.values())


def options(problem_set: str, code: str, texts: Mapping[str, str]) -> Options:
    """Letter a choice's options for one code; another code may have another order.

    texts: by a key of the author's, which names no letter, what an option says. The same on every machine.

    >>> options("02-satisfaction", "practice", {"chance": "It is chance.", "team": "It is the team."})
    a: It is the team.
    b: It is chance.
    """
    if not 2 <= len(texts) <= len(LETTERS):
        raise Refusal(f"a choice has from 2 to {len(LETTERS)} options: got {len(texts)}")
    keys = list(texts)
    rng = np.random.default_rng(seed("\n".join((problem_set, *keys)), code))
    order = rng.permutation(len(keys))
    return Options({keys[n]: (letter, texts[keys[n]]) for letter, n in zip(LETTERS, order, strict=False)})
