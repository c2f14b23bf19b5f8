"""The variants of a set's questions: drawn, tried, and put together; what cannot be expressed is said."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from casestudy.classroom.authoring.build import degenerate
from casestudy.classroom.feedback.html import light, shown
from casestudy.classroom.questions.items import Bank, Group, Item, Part, Slip, plain_number
from casestudy.classroom.questions.pieces import Piece, pieces, refused, tolerance, typed
from casestudy.classroom.questions.prose import Prose
from casestudy.classroom.questions.slips import Put, Shared, shared
from casestudy.classroom.questions.trial import faults
from casestudy.classroom.sets.question import Question
from casestudy.classroom.sets.solve import Solved, solve
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal

MOST = 1000  # variants
SKIPPED = 20  # degenerate draws in a row
BUILT = "a program of the set judges what is built there, and no platform has it: a person reads it, by the guide"
WRITTEN = "a person reads what is written there, by the rubric"


@dataclass(frozen=True)
class Drawn:
    """One variant: its code, solved, and by question the notebook's names at its check."""

    code: str
    solved: Solved
    namespaces: dict[str, dict[str, Any]]


def bank(
    problem_set: ProblemSet, variants: int, seed: str = "bank", finished: Callable[[str], None] = lambda code: None
) -> Bank:
    """So many variants of every question; the same for the same source and seed.

    Each is tried before it is taken: the right answers earn all points, each named slip its credit, nothing and a wrong
    number what they earn in the set. Where no share of the parts gives a slip's credit, a note says so.
    """
    if not 1 <= variants <= MOST:
        raise Refusal(f"the number of variants goes from 1 to {MOST}: got {variants}")
    if not seed.strip() or not seed.isprintable():
        raise Refusal(f"the seed must be a word: got {seed!r}")
    prose, notes = Prose(problem_set), dict.fromkeys(_said(problem_set))
    groups: dict[str, list[Item]] = {}
    for drawn in _drawn(problem_set, variants, seed.strip()):
        for question in problem_set.questions:
            for item in _items(problem_set, prose, question, drawn, notes):
                groups.setdefault(item.question, []).append(item)
        finished(drawn.code)
    named = tuple(Group(name, tuple(items)) for name, items in groups.items())
    return Bank(problem_set.name, problem_set.title, named, tuple(notes))


def _said(problem_set: ProblemSet) -> Iterator[str]:
    """What is known before anything is drawn."""
    for question in problem_set.questions:
        if question.manual:
            yield f"{question.id}: {WRITTEN}"
        yield from (f"{question.id}, {one.name}: {BUILT}" for one in question.answers if one.kind == "construct")


def _drawn(problem_set: ProblemSet, variants: int, seed: str) -> Iterator[Drawn]:
    """Variants whose figures are not degenerate."""
    number = 0
    for _ in range(variants):
        for _ in range(SKIPPED):
            number += 1
            drawn = draw(problem_set, f"{seed} {number}")
            if not (reasons := degenerate(problem_set, drawn.solved)):
                yield drawn
                break
        else:
            raise Refusal(f"{problem_set.name}: {SKIPPED} draws in a row were degenerate: {reasons[0]}")


def draw(problem_set: ProblemSet, code: str) -> Drawn:
    """One variant, whatever its figures are."""
    namespaces: dict[str, dict[str, Any]] = {}

    def at(question: Question, namespace: dict[str, Any]) -> None:
        namespaces[question.id] = dict(namespace)

    return Drawn(code, solve(problem_set, code, at), namespaces)


def _items(
    problem_set: ProblemSet, prose: Prose, question: Question, drawn: Drawn, notes: dict[str, None]
) -> Iterator[Item]:
    """A question on one variant's figures: what is typed and chosen, and apart from it what a person reads."""
    item = _item(problem_set, question, drawn.code)
    if question.manual:
        yield _written(item, prose, question, drawn)
    elif why := refused(question, drawn.solved):
        notes[f"{question.id} is left out: {why}"] = None
    else:
        found = shared(question, drawn.solved, pieces(question, drawn.solved))
        automatic = _automatic(item, prose, question, drawn, found)
        if reasons := faults(problem_set, question, drawn.solved, found, automatic):
            raise Refusal(f"{problem_set.name}, {drawn.code}: {reasons[0]}")
        notes |= dict.fromkeys(f"{question.id}: {words}" for words in found.told())
        built = _built(_item(problem_set, question, drawn.code, "-built"), prose, question, drawn, found)
        yield from (one for one in (automatic, built) if one)


def _item(problem_set: ProblemSet, question: Question, code: str, kind: str = "") -> Item:
    number, name = code.rpartition(" ")[2], f"{question.id}{kind}"
    title = f"{problem_set.name[:2]} {question.title}{' (built)' * bool(kind)}{' (text)' * question.manual}, {number}"
    return Item(f"{problem_set.name}.{name}.{code.replace(' ', '-')}", title, name, code, "", question.points)


def _written(item: Item, prose: Prose, question: Question, drawn: Drawn) -> Item:
    """A text that a person reads."""
    namespace = list(drawn.namespaces.values())[-1]
    rubric = "".join(f"<p>{light(line)}</p>" for line in question.rubric.splitlines() if line.strip())
    guide = f"{rubric}<p>The author would have written:</p>{prose.model(question)}"
    return replace(item, text=prose.text(question, namespace), guide=guide)


def _automatic(item: Item, prose: Prose, question: Question, drawn: Drawn, found: Shared) -> Item | None:
    """What a platform can judge of a question; nothing where all of it is built."""
    namespace = drawn.namespaces[question.id]
    pairs = [pair for pair in zip(found.pieces, found.puts, strict=True) if pair[0].answer.kind != "construct"]
    whole = sum(piece.weight for piece, _ in pairs)
    if not pairs:
        return None
    parts = [_part(piece, puts, prose, question, namespace) for piece, puts in pairs]
    parts = [replace(part, weight=part.weight / whole) for part in parts]
    told = "" if len(pairs) == len(found.pieces) else _asked(piece for piece, _ in pairs)
    text = prose.text(question, namespace, told)
    return replace(item, text=text, points=question.points * whole, parts=tuple(parts))


def _asked(found: Iterable[Piece]) -> str:
    """Which of a question's answers are to be given here."""
    names = ", ".join(f"<code>{name}</code>" for name in dict.fromkeys(piece.answer.name for piece in found))
    return f"<p><strong>Here you give {names} only.</strong></p>"


def _part(piece: Piece, puts: tuple[Put, ...], prose: Prose, question: Question, namespace: dict[str, Any]) -> Part:
    """One piece as a platform asks for it."""
    answer, place = piece.kind, piece.said
    label = f"<code>{light(piece.answer.name)}</code>{f' ({light(place)})' if place else ''}"
    if answer.kind == "choice":
        slips = tuple(Slip(put.value, 0.0, put.share, put.hints) for put in puts)
        options = prose.options(question, answer.name, namespace) or {one: str(light(one)) for one in answer.choices}
        return Part(piece.name, label, piece.weight, piece.right, 0.0, slips, options)
    label += f" ({light(answer.unit)})" if answer.unit else ""
    values = [(value, near, put) for put in puts for value, near in typed(answer, put.value)]
    slips = tuple(Slip(value, near, put.share, put.hints) for value, near, put in values)
    return Part(piece.name, label, piece.weight, piece.right, tolerance(answer, piece.right), slips)


def _built(item: Item, prose: Prose, question: Question, drawn: Drawn, found: Shared) -> Item | None:
    """What a person reads of a question, with a guide to it; nothing where nothing is built."""
    pairs = [pair for pair in zip(found.pieces, found.puts, strict=True) if pair[0].answer.kind == "construct"]
    if not pairs:
        return None
    points = question.points * sum(piece.weight for piece, _ in pairs)
    guide = "".join(_guide(piece, puts, question.points * piece.weight) for piece, puts in pairs)
    text = prose.text(question, drawn.namespaces[question.id], _asked(piece for piece, _ in pairs))
    return replace(item, text=text, points=points, guide=guide)


def _guide(piece: Piece, puts: tuple[Put, ...], points: float) -> str:
    """How a person marks one thing that was built."""
    name, code = light(piece.answer.name), f"{plain_number(round(points, 3))} points"
    lines = [
        f"<p><code>{name}</code>: {code} where all that the text asks holds, as it does of {_value(piece.right)}.</p>"
    ]
    lines += [
        f"<p>{_value(put.value)}: {plain_number(round(put.share * points, 3))} points. {light(' '.join(put.hints))}</p>"
        for put in puts
    ]
    return "".join(lines)


def _value(value: Any) -> str:
    """What was built, on one line."""
    if isinstance(value, dict):
        rows = zip(*value["columns"].values(), strict=True)
        value = [", ".join(map(str, value["columns"])), *(", ".join(map(shown, row)) for row in rows)]
        return str(light("; ".join(value)))
    return str(light(shown(value)))
