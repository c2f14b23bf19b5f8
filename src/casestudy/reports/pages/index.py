"""The front page of a run: questions, answers, main figures, tests survived, articles."""

from casestudy import claims
from casestudy.case import Case
from casestudy.reports.pages.document import changes, markdown
from casestudy.reports.pages.frame import articles, style, template
from casestudy.reports.sets.outcome import Outcome

NOTICE = (
    "**No longer the document's figures.** Run with {}. The answer below was written for the document's values; "
    "the figure follows the changed ones."
)


def index(outcomes: list[Outcome], case: Case) -> str:
    """The page one hands to a class: questions, answers, main figures, tests survived, articles."""
    cards = [
        {
            "outcome": outcome,
            "notebook": outcome.asked.notebook,
            "tests": outcome.tests(),
            "severities": [f"{100 * share:.0f}%" for share in outcome.severities],
            "notice": markdown(NOTICE.format(changes(outcome.asked)), {}) if outcome.asked.changed else "",
        }
        for outcome in outcomes
    ]
    return template("index.html.j2").render(
        title="The case in figures", cards=cards, articles=articles(case), tally=claims.tally(case), style=style()
    )
