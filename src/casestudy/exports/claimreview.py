"""The register as ClaimReview, the form in which search engines and fact-checkers pass verdicts on: schema.org."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from casestudy import claims, data
from casestudy.case import Case, open_case
from casestudy.exports.citation import citation

CONCERNS = "The verdict concerns the sentence, not anyone's conduct."
DATES = ("date_earliest", "date_latest")
WITHOUT = "no number is printed"


def claim_reviews(case: Case | None = None, document: str | None = None) -> dict[str, Any]:
    """Every claim with its verdict as JSON-LD, to stand beside the page of all claims that a run writes.

    A claim is told in the register's own words and the bare printed figure, never in the article's sentence. The rating
    has no number: our verdicts are words. document: only its claims.
    """
    case = case or open_case()
    articles = data.documents(case).astype(object)
    rows = claims.records(claims.load(case).join(claims.verdicts(case)), document)
    cited = citation(case)
    by = {"@type": "Organization", "name": cited.authors if cited else "The authors of the case"}
    graph = [_review(row, articles.loc[row["document"]].to_dict(), by) for row in rows]
    return {"@context": "https://schema.org", "@graph": graph}


def _review(row: Mapping[str, Any], article: Mapping[str, Any], by: dict[str, str]) -> dict[str, Any]:
    appearance = _article(article)
    item = {"@type": "Claim", "name": claims.locator(row), "appearance": appearance}
    item |= {name: appearance[name] for name in ("author", "publisher", "datePublished") if name in appearance}
    leaves = f" The sentence leaves out: {row['missing'].replace(' ', ', ')}." if row["missing"] else ""
    rating = {
        "@type": "Rating",
        "alternateName": row["verdict"],
        "ratingExplanation": f"{CONCERNS} Its arithmetic: {row['arithmetic']}.{leaves} {row['note'] or ''}".strip(),
    }
    return {
        "@type": "ClaimReview",
        "url": f"claims.html#claim-{row['id']}",
        "claimReviewed": f"{row['subject']}, {row['metric']}: {row['printed'] or WITHOUT}",
        "author": by,
        "inLanguage": "en",
        "itemReviewed": item,
        "reviewRating": rating,
    }


def _article(row: Mapping[str, Any]) -> dict[str, Any]:
    """An article with what is known of it; a day only where it is one, not a window."""
    known = {name: value for name, value in row.items() if pd.notna(value)}
    earliest, latest = (known[name].date().isoformat() if name in known else "" for name in DATES)
    found: dict[str, Any] = {"@type": "Article"}
    if title := known.get("title") or known.get("title_en"):
        found["headline"] = title
    if "author" in known:
        found["author"] = {"@type": "Person", "name": known["author"]}  # a role: the case names nobody
    if "publisher" in known:
        found["publisher"] = {"@type": "Organization", "name": known["publisher"]}
    if "language" in known:
        found["inLanguage"] = known["language"]
    if earliest == latest:
        found |= {"datePublished": earliest} if earliest else {}
    elif earliest and latest:
        found["description"] = f"Published between {earliest} and {latest}."
    if address := known.get("address"):
        found["url"] = address if "://" in address else f"https://{address}"
    return found
