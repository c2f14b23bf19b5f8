"""The figures of 08-purpose-and-impact: titles and marks follow the numbers they are given."""

import pandas as pd
from drawn import texts, title

from casestudy.models.impact import PARTS
from casestudy.plots import impact as draw


def ties(*rows):
    return pd.DataFrame(rows, index=["ads", "mentors"], columns=list(PARTS), dtype=bool)


def test_the_map_names_the_part_that_nobody_is_tied_to_and_marks_who_ties():
    article, ours = ties([1, 0, 1], [0, 0, 0]), ties([1, 1, 1], [0, 1, 0])
    ax = draw.purpose_map(article, ours, pd.Series({"ads": "service", "mentors": "initiative"}))
    assert title(ax) == "Connecting has no tie of its own"
    assert [line.get_marker() for line in ax.lines].count("s") == 2
    assert [line.get_marker() for line in ax.lines].count("o") == 2
    assert [words for words in texts(ax) if "tie" in words and words[0].isdigit()] == ["1 tie", "0 ties", "1 tie"]


def test_a_full_map_says_so():
    full = ties([1, 1, 0], [0, 0, 1])
    ax = draw.purpose_map(full, full, pd.Series({"ads": "service", "mentors": "service"}))
    assert title(ax) == "Each part is tied to something"


def test_the_dial_tells_the_range_and_each_rule_s_count():
    columns = ["unrelated", "opposed", "pool", "real", "reals"]
    counts = pd.DataFrame([(20, 5, 40, 2, 2), (0, 1, 40, 0, 2)], index=["any", "word"], columns=columns)
    ax = draw.dial(counts)
    assert title(ax) == "The rule decides: 1 to 25 of 40 invented goals fit"
    assert texts(ax) == [
        "Any: 2 of 2 real goals fit",
        "25 of 40 invented goals fit, 5 of them against the purpose",
        "Word: 0 of 2 real goals fit",
        "1 of 40 invented goals fit, 1 of them against the purpose",
    ]


def test_listings_name_the_point_and_both_ends():
    curve = pd.DataFrame({"weeks": [1.0, 52.0], "low": [5200.0, 100], "high": [5300.0, 102]})
    ax = draw.listings(curve, weeks=4, closed=1300)
    assert title(ax) == "100 to 5,200 listings close a year"
    assert texts(ax)[-1] == "4 weeks each:\n1,300 a year"


def test_what_is_left_of_the_lives_is_titled_by_the_dot_and_its_line_passes_there():
    """600 over the years, less those who would have found work anyway: 30 at ten years and a half."""
    left = pd.DataFrame({share: [600 / years * (1 - share) for years in range(1, 20)] for share in (0.0, 0.5, 0.95)})
    ax = draw.found_anyway(left.set_axis(range(1, 20)), (10, 0.5, 30.0))
    assert title(ax) == "600 lives a head are 30 a year, if half would have found work anyway"
    other = draw.found_anyway(left.set_axis(range(1, 20)), (5, 0.2, 96.0))
    assert title(other) == "600 lives a head are 96 a year at the dot"
