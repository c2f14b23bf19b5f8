"""What students might write about one rise in satisfaction: the same ideas, the same words of the course, own order.

Each idea has wordings with parts that vary; a student picks some ideas, mostly in the usual order, words each, and
sometimes adds a clause. So two honest texts may share whole sentences, as they do where all have heard one lecture.
"""

import random
import re
from pathlib import Path

IDEAS = [idea.splitlines() for idea in Path(__file__).with_suffix(".txt").read_text("utf-8").strip().split("\n\n")]
CHANGED = """
rise:increase rose:increased shows:proves mean:average only:just customers:clients so:therefore score:rating
higher:larger before:earlier cannot:can_not is:was per:pro one:you cause:reason we:i open:unclear cases:questions
"""
SAME = dict(pair.split(":") for pair in CHANGED.split())


def essay(rng: random.Random) -> str:
    """One honest text of some 40 to 100 words."""
    a = rng.uniform(5, 7.5)
    b, low = a + rng.uniform(0.4, 2), rng.uniform(10, 25)
    numbers = {"a": f"{a:.1f}", "b": f"{b:.1f}", "d": f"{b - a:.1f}", "p": f"{100 * (b - a) / a:.1f}"}
    numbers |= {"l": f"{low:.1f}", "h": f"{low + 3:.1f}", "q": str(rng.randint(3, 6))}
    ideas = [number for number in range(len(IDEAS)) if rng.random() < (0.75 if number < 6 else 0.4)] or [0, 2, 5]
    if rng.random() < 0.3:
        rng.shuffle(ideas)
    said = [worded(rng, rng.choice(IDEAS[number]), numbers) for number in ideas]
    while len(" ".join(said).split()) < 35:
        said.insert(rng.randrange(len(said) + 1), worded(rng, rng.choice(rng.choice(IDEAS)), numbers))
    return " ".join(said)


def worded(rng: random.Random, pattern: str, numbers: dict[str, str]) -> str:
    """A sentence with one choice of each part that varies."""
    for name, value in numbers.items():
        pattern = pattern.replace("{" + name + "}", value)
    while found := re.search(r"\{([^{}]*)\}", pattern):
        pattern = pattern[: found.start()] + rng.choice(found[1].split("|")) + pattern[found.end() :]
    return " ".join(pattern.split())


def copied(rng: random.Random, text: str, changed: float) -> str:
    """A text as somebody hands it on who changes this share of its words, and all of its numbers."""
    words = []
    for word in text.split():
        if re.search(r"\d", word):
            word = f"{rng.uniform(1, 30):.1f}"
        elif rng.random() < changed:
            word = rng.choice([SAME.get(word.lower(), "really"), "", f"{word} also"])
        words.append(word)
    return " ".join(filter(None, words))


STEPS = [
    ["{r} = {b} - {a}", "{r} = after - {a}", "{r} = round({b} - {a}, 2)", "{a}, {b} = before, after\n{r} = {b} - {a}"],
    [
        "{p} = 100 * {r} / {a}",
        "{p} = {r} / {a} * 100",
        "{p} = ({b} / {a} - 1) * 100",
        "{p} = {r} / before\n{p} = {p} * 100",
    ],
    [
        "{t} = data.groupby('kind')['rating'].mean()",
        "{t} = {{}}\nfor {k} in data['kind'].unique():\n    {t}[{k}] = data[data['kind'] == {k}]['rating'].mean()",
        "{t} = data[data.kind == 'easy'].rating.mean(), data[data.kind == 'hard'].rating.mean()",
        "{t} = data.pivot_table(values='rating', index='kind')",
    ],
    [
        "{m} = max({t})",
        "{m} = sorted({t})[-1]",
        "{m} = None\nfor {k} in {t}:\n    if {m} is None or {k} > {m}:\n        {m} = {k}",
        "{m} = data['rating'].max()",
    ],
    [
        "{l} = ({a} - 0.05, {a} + 0.05)",
        "{l} = [{a} + {k} for {k} in (-0.05, 0.05)]",
        "low = {a} - 0.05\nhigh = {a} + 0.05",
        "half = 10 ** -1 / 2\n{l} = {a} - half",
    ],
    [
        "print({p})",
        "print(f'{{{p}:.1f}} per cent')",
        "{p}",
        "assert {p} > 0\ndisplay({t})",
        "# what is the base here?\nprint('rise', {p}, {m})",
    ],
    ["# see the lecture", "# {q}: not sure", "", "import math", "# done by hand first, then here"],
]


def program(rng: random.Random) -> str:
    """One honest solution in code: steps that all take, each in one of a few ways, with names of one's own."""
    names = {key: rng.choice("abcdefg") + rng.choice(["", "_1", "_pct", "x", "val", "2"]) for key in "abrptmlkq"}
    return "\n".join(rng.choice(step).format(**names) for step in STEPS for _ in range(rng.randint(1, 2)))
