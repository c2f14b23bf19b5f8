"""A set for whoever teaches it: solutions, usual slips, model answers, what to talk about. Never for students."""

import ast
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from casestudy import claims, data
from casestudy.case import open_case
from casestudy.classroom.feedback import html
from casestudy.classroom.feedback.page import headings
from casestudy.classroom.feedback.parts import Part, parts
from casestudy.classroom.feedback.summary import Overrides, Row, commonest, hardest, met, standing
from casestudy.classroom.sets.answers import IMPOSSIBLE, Answer
from casestudy.classroom.sets.copies import PRACTICE
from casestudy.classroom.sets.question import Mistake, Question
from casestudy.classroom.sets.solve import Solved, solve, worked_examples
from casestudy.classroom.sets.source import ProblemSet
from casestudy.refusals import Refusal
from casestudy.reports.pages import document
from casestudy.reports.pages.pictures import Pictures

CODES = 50  # on so many a verdict's outcomes are counted
UNKNOWN = {"what": "", "printed": ""}  # of a claim or system that the case has not
Known = Mapping[str, dict[str, str]]  # claims and systems by id: what it is, and the figure as printed


def guide(
    problem_set: ProblemSet,
    rows: Iterable[Row] = (),
    overrides: Overrides | None = None,
    codes: int = CODES,
    finished: Callable[[str], None] = lambda code: None,
) -> str:
    """The page of a set for its lecturer, worked out on the figures of the practice copy.

    rows, overrides: a class's marks, if there are any, of which shares and usual slips are told. codes: on how many a
    verdict's outcomes are counted, where the set has one.
    """
    rows, overrides = list(rows), overrides or {}
    final, solved = standing(rows, overrides), solve(problem_set, PRACTICE)
    spread, texts, known = _spread(problem_set, codes, finished), parts(problem_set), _known(problem_set)
    names, words = headings(problem_set), _words(problem_set)
    named, examples = met(final, overrides), worked_examples(problem_set, PRACTICE)
    return html.rendered(
        "guide.html.j2",
        "guide.css",
        title=problem_set.title,
        name=problem_set.name,
        version=problem_set.version,
        minutes=problem_set.minutes,
        points=sum(question.points for question in problem_set.questions),
        code=PRACTICE,
        codes=codes,
        about={key: _sentences(problem_set.about.get(key)) for key in ("able", "needs", *ENDS)},
        ends=ENDS,
        questions=[
            {
                "question": question,
                "heading": names[question.id],
                "part": texts.get(question.id, Part()),
                "words": words,
                "about": [known.get(id, UNKNOWN) | {"id": id} for id in question.about],
                "answers": [_answer(answer, solved.right[question.id][answer.name]) for answer in question.answers],
                "spread": spread.get(question.id, []),
                "judges": [judge for judge in problem_set.judges if judge.question == question.id],
                "slips": _slips(problem_set, question, solved, named),
                "example": examples.get(question.id, ""),
            }
            for question in problem_set.questions
        ],
        students=len(rows),
        final=len(final),
        hardest=hardest(problem_set, final),
        mistakes=commonest(problem_set, final, overrides),
    )


ENDS = {"discussion": "To talk about in class", "oral": "To ask in five minutes", "next_term": "For next term"}


def line(code: str) -> str:
    """Code on one line, as it is written.

    >>> line("mean = total / n\\n\\nrise = max(\\n    mean, 0\\n)\\n")
    'mean = total / n; rise = max( mean, 0 )'
    """
    statements = [ast.get_source_segment(code, node) or "" for node in ast.parse(code).body]
    return "; ".join(" ".join(statement.split()) for statement in statements)


def _words(problem_set: ProblemSet) -> Callable[[str], Markup]:
    """How this set's Markdown becomes HTML."""
    cited, pictures = document.citations(open_case()), Pictures(folder=problem_set.path.parent)
    return lambda source: Markup(document.markdown(source, cited, pictures))


def _sentences(given: object) -> list[str]:
    """One sentence, or a list of them."""
    return [given] if isinstance(given, str) else [str(one) for one in given] if isinstance(given, list) else []


def _known(problem_set: ProblemSet) -> Known:
    """What the case knows of the claims and systems that the set is about."""
    if not any(question.about for question in problem_set.questions):
        return {}
    case = open_case()
    found = {
        str(id): {"what": f"{claims.locator(row)}, {row['subject']}: {row['metric']}", "printed": row["printed"]}
        for id, row in claims.load(case).fillna({"printed": ""}).iterrows()
    }
    try:
        systems = data.table("systems", case)
    except Refusal:  # a case of one's own may have none
        return found
    return found | {row["id"]: {"what": row["name"], "printed": ""} for row in systems.to_dict("records")}


def _answer(answer: Answer, right: Any) -> dict[str, Any]:
    """A right value as it is shown."""
    unit = "" if right == IMPOSSIBLE else answer.unit
    return {"name": answer.name, "unit": unit, "value": html.shown(right), "table": _table(right)}


def _table(value: Any) -> dict[str, Any] | None:
    return html.table(value) if isinstance(value, dict) else None


def verdicts(problem_set: ProblemSet) -> list[tuple[str, Answer]]:
    """Answers that turn out otherwise on other codes, by question: verdicts, and what cannot always be built."""
    asked = [(one.id, answer) for one in problem_set.questions for answer in one.answers]
    return [(id, answer) for id, answer in asked if answer.verdict or answer.impossible]


def _spread(
    problem_set: ProblemSet, codes: int, finished: Callable[[str], None]
) -> dict[str, list[tuple[str, list[tuple[str, int]]]]]:
    """By question, how often each outcome of a verdict is right, and how often nothing can be built."""
    counted = verdicts(problem_set)
    times: dict[str, Counter[str]] = {answer.name: Counter() for _, answer in counted}
    for number in range(codes if counted else 0):
        right = solve(problem_set, f"seed {number}").right
        for id, answer in counted:
            times[answer.name][_outcome(answer, right[id][answer.name])] += 1
        finished(f"seed {number}")
    found: dict[str, list[tuple[str, list[tuple[str, int]]]]] = {}
    for id, answer in counted:
        outcomes = answer.choices if answer.verdict else (BUILT, IMPOSSIBLE)
        found.setdefault(id, []).append((answer.name, [(one, times[answer.name][one]) for one in outcomes]))
    return found


BUILT = "can be built"


def _outcome(answer: Answer, right: Any) -> str:
    return str(right) if answer.verdict or right == IMPOSSIBLE else BUILT


def _slips(problem_set: ProblemSet, question: Question, solved: Solved, named: Counter[int]) -> list[dict[str, Any]]:
    """A question's named mistakes: what they compute, give, earn and reveal, and how many students met them."""
    tell = partial(_slip, question, solved.right.get(question.id, {}))
    return [
        tell(mistake, given) | {"times": named[number]}
        for number, (mistake, given) in enumerate(solved.wrong)
        if mistake.question == question.id
    ]


def _slip(question: Question, right: Mapping[str, Any], mistake: Mistake, given: Mapping[str, Any]) -> dict[str, Any]:
    changed = [answer for answer in question.answers if given[answer.name] != right[answer.name]]
    gives = [(answer.name, html.shown(given[answer.name]) or "another table") for answer in changed]
    earned = mistake.credit * question.points
    return {"line": line(mistake.code), "gives": gives, "earns": earned, "hints": mistake.hints["en"]}
