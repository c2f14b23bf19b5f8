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
    "Only one of the five is a number": lambda run: run["words"]["as printed"].str.contains(r"\d").sum() == 1,
    "asks for three or four people more": lambda run: (
        {int(np.ceil(1.959964**2 * 0.65 * 0.35 / m**2)) - asking.people_for_margin(0.65, m) for m in run["margins"]}
        == {3, 4}
    ),
    "A third of the margin costs nine times the people": lambda run: (
        run["people"][2] / run["people"][0] == pytest.approx(9, abs=0.05)
    ),
    "one and a half is soon reached": lambda run: list(run["effects"].values()) == [1.5, 1.5],
    "65 can be anything from 64.5 to 65.5": lambda run: run["half_step"] == 0.005,
    "unlikely to have asked that many": lambda run: round(run["enough"], -3) == 35_000,
    "In groups of four to seven, everybody must say yes": lambda run: (
        list(run["needed"]) == [4, 5, 6, 7, 7, 8, 9, 9] and list(run["groups"][:4]) == [4, 5, 6, 7]
    ),
    "In groups below four, not even that would do": lambda run: (asking.needed_wilson([1, 2, 3]) > [1, 2, 3]).all(),
    "it first has its chance of 80 per cent at 69 people, loses it again, and keeps it from 76": lambda run: (
        run["plans"]["people, error 5%"] == {"approximate": 67, "exact_first": 69, "exact_always": 76}
    ),
    "At that error it takes 97": lambda run: run["plans"]["people, error 2.5%"]["exact_always"] == 97,
    "85 of 100 such streets show one": lambda run: (
        per_cent(rule_table(run).loc["plain majority, from 10 on", "50% say yes"]) == "85"
    ),
    "18 streets show 'most', where one look at the end shows it in 3": lambda run: (
        [per_cent(rule_table(run).loc[rule, "50% say yes"]) for rule in ("Wilson, each time", "Wilson, once")]
        == ["18", "3"]
    ),
    "Even if only 45 per cent say yes, 8 do": lambda run: (
        per_cent(rule_table(run).loc["Wilson, each time", "45% say yes"]) == "8"
    ),
    "from the thirtieth stranger on:* still 10": lambda run: (
        per_cent(rule_table(run).loc["Wilson, from 30 on", "50% say yes"]) == "10"
    ),
    "for about half of the group sizes up to a hundred (6 at four people, 2.8 at a hundred)": lambda run: (
        40 <= (wilsons_errors(run) > 0.025).sum() <= 60
        and [f"{100 * wilsons_errors(run)[n - 1]:.1f}" for n in (4, 100)] == ["6.2", "2.8"]
    ),
    "it keeps its promise at every size": lambda run: (
        run["stats"].binom.sf(asking.needed_exact(run["upto"]) - 1, run["upto"], 0.5) <= 0.025
    ).all(),
    "the answers are 40 times as likely": lambda run: 1 / 0.025 == 40,
    "in 58 of 100 streets. One look at the end shows it in 83 (exact) or 87 (Wilson)": lambda run: (
        [
            per_cent(rule_table(run).loc[rule, "65% say yes"])
            for rule in ("fair rule, each time", "exact test, once", "Wilson, once")
        ]
        == ["58", "83", "87"]
    ),
    "the upper lines never stop climbing": lambda run: (
        run["chances"].iloc[-1, :2] > run["chances"].iloc[500, :2]
    ).all(),
    "The fair rule stays below its promise forever": lambda run: run["chances"]["fair rule"].max() < 0.025,
    "A handful of passers-by is far too few": lambda run: run["per_group"] == 356,
    "A rate near 80 per cent is then good to four points": lambda run: (
        round(1.96 * (0.8 * 0.2 / 400) ** 0.5, 2) == 0.04
    ),
    "five times in a hundred, give or take two. With one, it finds it about as often as planned": lambda run: (
        abs(run["rates"].iloc[0, 0] - 0.05) < 0.03 and abs(run["rates"].iloc[0, 1] - 0.8) < 0.04
    ),
    "would only make choice surer of itself": lambda run: run["rates"].iloc[1, 0] > 0.8,
    "The ten points between the two groups": lambda run: round(0.2 * (0.75 - 0.25), 6) == 0.1,
    "from nobody to about a third, or from nobody to everybody": lambda run: (
        [round(end, 3) for ends in run["receive"].values() for end in ends] == [0, 0.355, 0, 1]
    ),
    "as soon as more than half need help": lambda run: run["bounds"](0.5)[1] <= 0.5 < run["bounds"](0.51)[1],
    "nearly three times as much help. If nobody ignored a request, there would be a tenth more": lambda run: (
        run["table_of_stages"].iloc[[0, 3]].round(1).to_numpy().tolist() == [[2.8, 2.9], [1.1, 1.1]]
    ),
    "leave 1.4 times to any number if half need help, and 2.1 to 7.9 times if three quarters do": lambda run: (
        run["table_of_stages"].iloc[[1, 2]].round(1).to_numpy().tolist() == [[1.4, np.inf], [2.1, 7.9]]
    ),
    "expected 48 per cent less compliance": lambda run: run["under"] == 0.48,
    "to ask more people than it takes": lambda run: 1.85 < run["fold"][0] < run["fold"][1] < 2,
    "An outside page gives 88,243 for the census of 2011": lambda run: (
        run["reported"].at["grimsby_2011", "value"] == 88_243
    ),
    "would take some three million looks": lambda run: run["looks"].iloc[0, 0] == pytest.approx(3e6),
    "There are hundreds of them to be found": lambda run: run["members"] * run["rates_of_success"][0] == 575,
    "At one in a hundred million, three can still be found nine times in ten": lambda run: (
        run["cell-43"]["chance of three"].iloc[1] == "93%"
    ),
    "Only near one in a billion do three become a surprise": lambda run: (
        run["cell-43"]["chance of three"].iloc[2] == "2%"
    ),
    "the rate is not below about one in a billion": lambda run: round(run["least"], 1) == 1.4,
    "*Open* means that the two windows overlap": lambda run: run["word"] == "open",
    "With ten days for the end of a month, the words hold": lambda run: (
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
