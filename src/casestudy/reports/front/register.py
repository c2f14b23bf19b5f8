"""Every claim with its verdict: the wall of tiles on the front page, and the page of rows that it leads to."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from casestudy import claims, data
from casestudy.case import Case
from casestudy.claims.severity import shown
from casestudy.claims.verdicts import TESTED
from casestudy.reports.front import words
from casestudy.reports.pages import frame

MEANING = {  # of a verdict, to who reads it for the first time
    "agrees": "it could have failed, and agrees with what else is known",
    "stale": "it was true once, and out of date when it was printed",
    "contradicted": "what else is known says otherwise",
    "undefined": "the sentence leaves out a scale, a base, a number or the like",
    "not testable": "there is nothing to hold it against, or nothing that could fail",
}
MARKS = {"holds": "✓", "fails": "✗", "outdated": "✗"}  # of a test that was survived, or failed


@dataclass(frozen=True)
class Row:
    """One claim as a reader looks it up. page: where it is treated, in this run; empty where it is not."""

    id: str
    place: str
    paragraph: int
    about: str
    printed: str
    verdict: str
    mark: str
    tested: str
    missing: str
    note: str
    page: str
    number: str

    @property
    def kind(self) -> str:
        """The verdict as the name of a style."""
        return self.verdict.replace(" ", "-")

    @property
    def spoken(self) -> str:
        """What a tile says to who cannot see it."""
        told = {"✓": ", survived a test", "✗": ", failed a test"}.get(self.mark, "")
        return f"{self.paragraph}{self.mark}: {self.about}, {self.printed or 'nothing printed'}: {self.verdict}{told}"


@dataclass(frozen=True)
class Block:
    """An article and its claims, in the order of its paragraphs."""

    article: dict
    rows: list[Row]


def blocks(case: Case, pages: Collection[str]) -> list[Block]:
    """The claims, article by article. pages: stems of the notebooks that have a page in this run."""
    register = claims.load(case).join(claims.verdicts(case))
    return [
        Block(
            {"id": id} | article.fillna("").to_dict(),
            [
                _row(row, pages)
                for _, row in register[register["document"] == id].sort_values("paragraph", kind="stable").iterrows()
            ],
        )
        for id, article in data.documents(case).iterrows()
    ]


def _row(row: pd.Series, pages: Collection[str]) -> Row:
    own = {name: "" if pd.isna(row[name]) else str(row[name]) for name in ("printed", "missing", "note", "notebook")}
    return Row(
        id=str(row.name),
        place=claims.locator(row),
        paragraph=int(row["paragraph"]),
        about=words.sentence(f"{row['subject']}: {row['metric']}"),
        printed=own["printed"],
        verdict=row["verdict"],
        mark=MARKS.get(row["arithmetic"], ""),
        tested=_tested(row),
        missing=own["missing"].replace(" ", ", "),
        note=own["note"],
        page=f"{own['notebook']}.html" if own["notebook"] in pages else "",
        number=own["notebook"][:2],
    )


def _tested(row: pd.Series) -> str:
    """What came of its test, or why there was none."""
    if row["arithmetic"] not in TESTED:
        return f"No test: {claims.NO_TEST[row['arithmetic']]}."
    ours = words.spread(row["ours_low"], row["ours_high"], row["unit"], row["resolution"])
    came = "survived" if row["arithmetic"] == "holds" else "failed"
    rest = "reported elsewhere" if row["against"] == "report" else "from the article's other numbers"
    return f"Test {came}: {ours} {rest}. It would have failed {shown(row['severity'])} of other numbers."


def legend(found: list[Block]) -> list[dict]:
    """The verdicts that occur, the commonest first, with how many have them."""
    counts = Counter(row.verdict for block in found for row in block.rows)
    return [
        {"verdict": word, "kind": word.replace(" ", "-"), "count": number, "meaning": MEANING[word]}
        for word, number in counts.most_common()
    ]


def page(found: list[Block], company: str, style: str) -> str:
    """The page of all claims, each a row that a tile or a citation can lead to."""
    return frame.template("claims.html.j2").render(
        title=f"Every claim{f' about {company}' if company else ''}",
        count=sum(len(block.rows) for block in found),
        blocks=found,
        legend=legend(found),
        style=style,
    )
