"""What 06-asking-for-help says in words is what its cells give, at the documents' figures and our defaults."""

import ast

import matplotlib as mpl
import nbformat
import numpy as np
import pandas as pd
import pytest

from casestudy.case import open_case
from casestudy.models import asking

PAGE = nbformat.read(open_case().notebooks / "06-asking-for-help.ipynb", 4)
WORDS = " ".join("\n".join(cell.source for cell in PAGE.cells if cell.cell_type == "markdown").split())


@pytest.fixture(scope="module")
def run():
    """The names that the cells leave behind, and under a cell's id what its last line gives."""
    names: dict = {}
    with mpl.rc_context({"backend": "agg"}):
        for cell in PAGE.cells:
            if cell.cell_type == "code":
                body = ast.parse(cell.source).body
                last = body.pop() if isinstance(body[-1], ast.Expr) else None
                exec(compile(ast.Module(body, []), cell.id, "exec"), names)
                if last:
                    names[cell.id] = eval(compile(ast.Expression(last.value), cell.id, "eval"), names)
    return names


def per_cent(share):
    return f"{100 * share:.0f}"


def rule_table(run):
    return pd.DataFrame(run["shown"], index=list(run["rules"]))


def wilsons_errors(run):
    """How often an even street shows 'most' by Wilson at each fixed number up to a hundred."""
    n = np.arange(1, 101)
    return run["stats"].binom.sf(asking.needed_wilson(n) - 1, n, 0.5)


SENTENCES = {  # as it stands in the text, and whether the cells say so
    "good to three points if about a thousand people": lambda run: 900 < run["people"][0] < 1_100,
    "within a hundred strangers in almost one even street in five": lambda run: (
        0.17 < rule_table(run).loc["Wilson, each time", "50% yes"] < 0.2
    ),
    "One. 'Most' and 'a group' are Polish words without a count": lambda run: (
        run["cell-05"]["printed"].str.contains(r"\d").sum() == 1
    ),
    "wants three or four people more": lambda run: (
        {int(np.ceil(1.959964**2 * 0.65 * 0.35 / m**2)) - asking.people_for_margin(0.65, m) for m in run["margins"]}
        == {3, 4}
    ),
    "With the document's figures: 968, 2,182 and 8,736 (the textbook: 972, 2,185 and 8,740)": lambda run: (
        list(run["people"]) == [968, 2_182, 8_736]
    ),
    "A third of the margin costs nine times the people": lambda run: (
        run["people"][2] / run["people"][0] == pytest.approx(9, abs=0.05)
    ),
    "one and a half is soon reached": lambda run: list(run["effects"].values()) == [1.5, 1.5],
    "65 can be anything from 64.5 to 65.5": lambda run: run["half_step"] == 0.005,
    "Some 35,000": lambda run: round(run["cell-13"], -3) == 35_000,
    "All of four, five, six or seven; then 7 of 8, 8 of 9, 9 of 10, 9 of 11": lambda run: (
        list(run["needed"]) == [4, 5, 6, 7, 7, 8, 9, 9]
    ),
    "below four, not even everybody would do": lambda run: (asking.needed_wilson([1, 2, 3]) > [1, 2, 3]).all(),
    "67 by the normal approximation; the exact binomial test first gets there at 69": lambda run: (
        run["plans"]["error 0.05"] == {"approximate": 67, "exact_first": 69, "exact_always": 76}
    ),
    "loses it again, and keeps it from 76": lambda run: run["plans"]["error 0.05"]["exact_always"] == 76,
    "2.5% on its upper side, it is 97": lambda run: run["plans"]["error 0.025"]["exact_always"] == 97,
    "finds one in 85 of 100 such streets": lambda run: (
        per_cent(rule_table(run).loc["plain majority, from 10 on", "50% yes"]) == "85"
    ),
    "shows 'most' in 18 streets instead of 3": lambda run: (
        [per_cent(rule_table(run).loc[rule, "50% yes"]) for rule in ("Wilson, each time", "Wilson, once")]
        == ["18", "3"]
    ),
    "even where only 45 per cent say yes, in 8": lambda run: (
        per_cent(rule_table(run).loc["Wilson, each time", "45% yes"]) == "8"
    ),
    "for about half of the group sizes up to a hundred its real error is above 2.5 in 100": lambda run: (
        40 <= (wilsons_errors(run) > 0.025).sum() <= 60
    ),
    "(6 at four people, 2.8 at a hundred)": lambda run: (
        [f"{100 * wilsons_errors(run)[n - 1]:.1f}" for n in (4, 100)] == ["6.2", "2.8"]
    ),
    "The exact test keeps it at every size": lambda run: (
        run["stats"].binom.sf(asking.needed_exact(run["upto"]) - 1, run["upto"], 0.5) <= 0.025
    ).all(),
    "the answers are 40 times as likely": lambda run: 1 / 0.025 == 40,
    "in 58 of 100 streets, where one look at the end does in 83 (exact) or 87 (Wilson)": lambda run: (
        [
            per_cent(rule_table(run).loc[rule, "65% yes"])
            for rule in ("fair rule, each time", "exact test, once", "Wilson, once")
        ]
        == ["58", "83", "87"]
    ),
    "the upper lines never stop climbing": lambda run: (
        run["chances"].iloc[-1, :2] > run["chances"].iloc[500, :2]
    ).all(),
    "The fair rule stays below its promise forever": lambda run: run["chances"]["fair rule"].max() < 0.025,
    "From 30 to 40 per cent takes 356 a group": lambda run: run["per_group"] == 356,
    "a rate near 80 per cent is then good to four points": lambda run: (
        round(1.96 * (0.8 * 0.2 / 400) ** 0.5, 2) == 0.04
    ),
    "five times in a hundred give or take two, and finds the effect about as often as planned": lambda run: (
        abs(run["cell-31"].iloc[0, 0] - 0.05) < 0.03 and abs(run["cell-31"].iloc[0, 1] - 0.8) < 0.04
    ),
    "Choice finds one in some five of six trials without any": lambda run: (
        abs(run["cell-31"].iloc[1, 0] - 5 / 6) < 0.04
    ),
    "the ten points between the groups are who stepped up": lambda run: round(0.2 * (0.75 - 0.25), 6) == 0.1,
    "nobody to 35.5 per cent, or nobody to everybody": lambda run: (
        [round(end, 3) for ends in run["receive"].values() for end in ends] == [0, 0.355, 0, 1]
    ),
    "as soon as more than half need help": lambda run: run["bounds"](0.5)[1] <= 0.5 < run["bounds"](0.51)[1],
    "room for 2.8 to 2.9 times as much help, and not ignoring for 1.1 times": lambda run: (
        run["cell-37"].iloc[[0, 3]].to_numpy().tolist() == [[2.8, 2.9], [1.1, 1.1]]
    ),
    "leave 1.4 times to any number if half need help, 2.1 to 7.9 if three quarters do": lambda run: (
        run["cell-37"].iloc[1:3].to_numpy().tolist() == [[1.4, "any number"], [2.1, 7.9]]
    ),
    "Over 14,000 strangers were asked": lambda run: run["review"]["value"].iloc[1] == "14,000",
    "about 48 per cent less compliance": lambda run: run["under"] == 0.48,
    "About twice as many": lambda run: 1.85 < run["cell-41"].loc["at least"].iloc[0] < run["cell-41"].iloc[1, 0] < 2,
    "An outside page gives 88,243 for the census of 2011": lambda run: (
        run["reported"].at["grimsby_2011", "value"] == 88_243
    ),
    "would take some three million looks": lambda run: run["cell-43"]["looks, mean"].iloc[0] == "3,000,000",
    "there are 575 of them to be had": lambda run: run["cell-43"]["to be had"].iloc[0] == 575,
    "At one in a hundred million, three can still be found nine times in ten": lambda run: (
        0.9 < run["cell-43"]["chance of 3"].iloc[1] < 0.95
    ),
    "only towards one in a billion do three become a surprise": lambda run: (
        run["cell-43"]["chance of 3"].iloc[2] < 0.05
    ),
    "With the document's 575 million, 1.4 in a billion": lambda run: round(run["least"], 1) == 1.4,
    "Open. The job and the announcement overlap": lambda run: run["word"] == "open",
    "The 26th, and with ten days to the end of a month the words hold": lambda run: (
        run["announced"].day == 26 and run["end_days"] == 10 and run["first"] <= run["announced"] <= run["last"]
    ),
    "if 'two months ago' may be three days off": lambda run: run["off"] == 3,
}


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_with_a_number_is_what_the_cells_give(sentence, run):
    assert sentence in WORDS
    assert SENTENCES[sentence](run)


def test_the_layer_mark_of_a_figure_names_the_premise(run):
    draw = run["draw"]
    funnel = draw.share_against_n(pd.concat(run["curves"]), run["hard_share"], run["half_step"])
    assert funnel.get_figure().texts[-1].get_text() == "Implied, if drawn by chance"
    calendar = draw.calendar(run["events"], run["announced"], open_pair=True)
    assert calendar.get_figure().texts[-1].get_text() == "Implied, if our windows hold; check Reported"
