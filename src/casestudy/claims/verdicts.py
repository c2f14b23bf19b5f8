"""Verdicts that follow from figures alone."""

import math

import numpy as np
import pandas as pd

from casestudy import data, intervals
from casestudy.case import Case
from casestudy.claims.register import bounds, interval_in, load
from casestudy.intervals import Interval


def computed_verdicts(case: Case | None = None) -> pd.Series:
    """Verdicts that follow from figures alone, by claim id, for the rows whose `verdict_by` is `computed`.

    A claim with a formula is held against the other printed figures; a number announced, against the items that the
    article then lists; a count of members against the confirmed reported series (the documents' own four counts left
    out), conventional reading.
    """
    frame = load(case)
    ids = frame.index[frame["verdict_by"] == "computed"]
    return pd.Series({id: _verdict(frame, id, case) for id in ids}, dtype="str")


def _verdict(frame: pd.DataFrame, id: str, case: Case | None) -> str:
    row, printed = frame.loc[id], bounds(frame.loc[id])
    if pd.isna(row["printed"]):
        return "not testable"  # our own arithmetic cannot agree with itself
    if pd.notna(row["formula"]):
        points = frame.loc[sorted(set(intervals.names(row["formula"]))), "value"].to_dict()
        exact = intervals.evaluate(row["formula"], points)[0]
        if math.isclose(exact, row["value"], rel_tol=1e-9, abs_tol=1e-12):
            return "agrees"
        ours = interval_in(frame, id)
    elif items := items_listed(id, case):
        return "agrees" if printed[0] <= items <= printed[1] else "contradicted"
    else:
        if largest_reported_before(row, case) > printed[1]:
            return "stale"
        ours = reported_members(row["as_of_earliest"], row["as_of_latest"], case)
    return "agrees within rounding" if intervals.overlap(ours, printed) else "contradicted"


def items_listed(id: str, case: Case | None = None) -> int:
    """How many items the article lists where it announces a number of them; 0 where `enumerations.csv` has none."""
    return int((data.table("enumerations", case)["claim"] == id).sum())


def _independent(case: Case | None) -> pd.DataFrame:
    """The confirmed reported counts without those that the documents themselves print."""
    frame, reported = load(case), data.members_reported(case)
    own = frame.loc[frame["metric"].eq("members") & frame["geography"].eq("world"), "value"]
    return reported[~reported["members_millions"].mul(1e6).isin(own)]


def reported_members(earliest: pd.Timestamp, latest: pd.Timestamp, case: Case | None = None) -> Interval:
    """Members at either end of a window, by straight lines between the confirmed reported counts.

    The counts that the documents print are left out, so that they can be held against the rest.
    """
    series = _independent(case)
    seconds = series["date"].astype("datetime64[s]").astype("int64")
    ends = [pd.Timestamp(end).timestamp() for end in (earliest, latest)]
    low, high = np.interp(ends, seconds, series["members_millions"] * 1e6)
    return float(low), float(high)


def largest_reported_before(row: pd.Series, case: Case | None = None) -> float:
    """The largest count reported before the claim's article can have been written; NaN where none was."""
    written = data.documents(case).at[row["document"], "date_earliest"]
    reported = data.members_reported(case)
    return float(reported.loc[reported["date_latest"] <= written, "members_millions"].max() * 1e6)
