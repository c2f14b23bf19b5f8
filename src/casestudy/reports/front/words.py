"""Numbers and names as a front page says them: rounded to what they can bear, shares in per cent, counts in words."""

import json
import math
import re
from pathlib import Path

SMALL = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
WORDS_A_MINUTE, MINUTES_A_GUESS, STEP = 150, 1, 5  # of a text with numbers in it; minutes are told in steps of five
WORD = re.compile(r"[^\W\d_]+")
PROMPT = re.compile(r"\bguess\b|before you run", re.I)
SIZES = ((1e9, "billion"), (1e6, "million"))


def count(number: int) -> str:
    """A count in words up to twelve.

    >>> count(5), count(140)
    ('five', '140')
    """
    return SMALL[number] if 0 <= number < len(SMALL) else f"{number:,}"


def lasting(minutes: int) -> str:
    """How long something takes: in hours where it takes more than two.

    >>> lasting(20), lasting(255)
    ('20 minutes', 'about 4 hours')
    """
    return f"{minutes} minutes" if minutes <= 120 else f"about {round(minutes / 60)} hours"


def sentence(text: str) -> str:
    """With a capital letter first.

    >>> sentence("five articles")
    'Five articles'
    """
    return text[:1].upper() + text[1:]


def plain(name: str) -> str:
    """A parameter's name in words.

    >>> plain("agents_high")
    'agents high'
    """
    return name.replace("_", " ")


def value(number: object, unit: str = "") -> str:
    """One number that was chosen, to three digits that count; shares in per cent, years and true or false as they are.

    >>> value(0.97, "share"), value(10000, "heads"), value(2014, "year"), value(66666.7), value(345e6), value(True)
    ('97%', '10,000', '2014', '66,700', '345 million', 'true')
    """
    if isinstance(number, bool) or not isinstance(number, int | float):
        return str(number).lower()
    if unit == "share":
        return f"{100 * number:.3g}%"
    if unit in ("year", "none") and number == int(number):
        return str(int(number))
    for size, word in SIZES:
        if abs(number) >= size:
            return f"{number / size:.3g} {word}"
    if isinstance(number, int) or abs(number) < 1000:
        return f"{number:,}" if isinstance(number, int) else f"{number:.3g}"
    return f"{round(number, 2 - math.floor(math.log10(abs(number)))):,.0f}"


def spread(low: float | None, high: float | None, unit: str = "", step: float = math.nan) -> str:
    """A range of ours, in steps of which it holds at least ten; both ends are the same for a single number.

    unit: `share` is told in per cent, `year` without a thousands separator. None or an infinity is an open end.
    step: of the print beside which it stands, than which a single number is not told more coarsely.

    >>> spread(21428.6, 32000), spread(667214000, 808285000), spread(0.420204, 0.500078, "share"), spread(2.09, 2.09)
    ('21,000 to 32,000', '670 to 810 million', '42% to 50%', '2.1')
    >>> spread(4000000, None), spread(-0.004, 0.004), spread(2002, 2002, "year")
    ('4 million or more', '-0.004 to 0.004', '2002')
    >>> spread(0.0388, 0.0388, "share"), spread(0.0388, 0.0388, "share", step=0.0001)
    ('3.9%', '3.88%')
    """
    low, high = (None if end is None or not math.isfinite(end) else float(end) for end in (low, high))
    if low is None or high is None:
        return _open(low, high, unit)
    by = 100 if unit == "share" else 1
    low, high = by * low, by * high
    finest = 0 if unit == "year" else -9
    digits = max(finest, math.floor(math.log10((high - low) / 10))) if high > low else _last(low, finest)
    if low == high and step > 0:
        digits = min(digits, math.floor(math.log10(by * step) + 1e-9))
    size, word = next(((s, f" {w}") for s, w in SIZES if max(abs(low), abs(high)) >= s), (1, ""))
    ends = [_rounded(end, digits, size, unit) for end in (low, high)]
    sign = "%" if by == 100 else ""
    return f"{ends[0]}{sign}{word}" if ends[0] == ends[1] else f"{ends[0]}{sign} to {ends[1]}{sign}{word}"


def _open(low: float | None, high: float | None, unit: str) -> str:
    if low is None and high is None:
        return "anything"
    return f"{spread(low, low, unit)} or more" if high is None else f"{spread(high, high, unit)} or less"


def _last(number: float, finest: int) -> int:
    """The place of the second digit that counts, of a number that stands alone."""
    return max(finest, math.floor(math.log10(abs(number))) - 1) if number and finest else 0


def _rounded(number: float, digits: int, size: float, unit: str) -> str:
    step = 10.0**digits
    shown = round(number / step) * step / size
    decimals = max(0, -math.floor(math.log10(step / size) + 1e-9))
    text = f"{shown:.{decimals}f}" if unit == "year" else f"{shown:,.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def minutes(notebook: Path) -> int:
    """How long a notebook takes to read, by its words and its guesses, in steps of five minutes; 0 where it is none."""
    cells = _cells(notebook)
    texts = [source for kind, source, _ in cells if kind == "markdown"]
    guesses = sum("reveal" in tags for _, _, tags in cells) or sum(bool(PROMPT.search(text)) for text in texts)
    words = sum(len(WORD.findall(text)) for text in texts)
    spent = words / WORDS_A_MINUTE + guesses * MINUTES_A_GUESS
    return max(STEP, STEP * round(spent / STEP)) if words else 0


def _cells(notebook: Path) -> list[tuple[str, str, list[str]]]:
    """Kind, source and tags of each cell; none where the file is no notebook."""
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
        return [
            (cell["cell_type"], "".join(cell["source"]), cell.get("metadata", {}).get("tags") or []) for cell in cells
        ]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []


def exercises(folder: Path) -> list[dict[str, str]]:
    """Number, title and minutes of each problem set in a folder, in order."""
    found = []
    for path in sorted(folder.glob("[0-9][0-9]-*/source.ipynb")):
        texts = [source for kind, source, _ in _cells(path) if kind == "markdown" and source.startswith("# ")]
        if texts:
            title = texts[0].splitlines()[0].removeprefix("# ").strip()
            found.append({"number": path.parent.name[:2], "title": title, "minutes": _between(path)})
    return found


def _between(path: Path) -> str:
    """How many minutes a set says it takes."""
    try:
        quick, slow = json.loads(path.read_text(encoding="utf-8"))["metadata"]["casestudy"]["minutes"]
        return f"{quick} to {slow}"
    except (ValueError, KeyError, TypeError):
        return ""
