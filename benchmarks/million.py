"""A notebook that loads and cleans a million rows before anything in it depends on what varies."""

from pathlib import Path

import numpy as np
import pandas as pd
from measure import BUILD
from realistic import Book

ROWS, TABLE = 1_000_000, BUILD / "million.csv"
CELLS = [
    """# How many cases are slow?

About one in ten, in invented data, and more of them by the end of the year.""",
    """import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from casestudy import claims""",
    """threshold = 20  # minutes more than usual; 0..120; our choice
bandwidth = 2.0  # minutes; 0.1..20; our choice""",
    f'cases = pd.read_csv("{TABLE}")',
    "cases.head(10)",
    """cases["channel"] = cases["channel"].str.strip().str.lower()
cases["minutes"] = pd.to_numeric(cases["minutes"].str.removesuffix(" min"), errors="coerce")
cases["opened"] = pd.to_datetime(cases["opened"])
cases = cases.dropna().drop_duplicates("case").sort_values("opened", ignore_index=True)
len(cases)""",
    """usual = cases.groupby(["agent", "channel"])["minutes"].transform("median")
cases["extra"], cases["week"] = cases["minutes"] - usual, cases["opened"].dt.isocalendar().week
cases["place"] = cases.groupby("agent")["minutes"].rank(pct=True)
cases["lately"] = cases.groupby("agent")["minutes"].transform(lambda own: own.rolling(20, min_periods=1).mean())""",
    'cases.groupby(["channel", "week"])["minutes"].describe().round(2).head(12)',
    'cases.groupby(["channel", "agent"])[["minutes", "lately"]].agg(["mean", "median", "std"]).round(2).head(12)',
    """counts, edges = np.histogram(cases["extra"], bins=np.arange(-40, 80.1, 0.1))
middles = (edges[:-1] + edges[1:]) / 2""",
    "## The slow ones",
    """slow = cases["extra"] > threshold
by_week = slow.groupby(cases["week"]).mean()
by_week.describe().round(4)""",
    """nearness = np.exp(-(((middles[:, None] - middles) / bandwidth) ** 2) / 2)
density = nearness @ counts / nearness.sum(axis=0) / counts.sum() / 0.1""",
    """figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5))
left.plot(middles, density)
left.axvline(threshold, linestyle=":")
right.plot(by_week.index, by_week)
figure.suptitle("Slow cases become more during the year");""",
    'claims.record("slow_share", float(slow.mean()), "share")',
    "All of this was put in by construction.",
]
MILLION = Book(
    "01-million",
    "a million rows that are read, cleaned and ranked before a threshold or a bandwidth is needed, one figure, four"
    " tables, one recorded number",
    CELLS,
    {"threshold": [5, 10, 15, 25, 30], "bandwidth": [0.5, 1.0, 3.0, 4.0]},
)


def write(path: Path = TABLE, rows: int = ROWS) -> None:
    """Invented cases as people get them, with odd spaces, units in cells and gaps; once, since it takes a while."""
    if path.exists():
        return
    draw = np.random.default_rng(2015)
    spellings = np.array([" Phone", "phone ", "PHONE", "Chat", "chat ", " Mail", "mail", "MAIL "])
    day = draw.integers(0, 364, rows)
    seconds = (draw.random(rows) * 86_400).astype("timedelta64[s]")
    minutes = pd.Series(np.round(draw.lognormal(2.4, 0.8, rows) * (1 + 0.0005 * day), 2)).astype(str)
    minutes[draw.random(rows) < 0.02] = "n/a"
    cases = pd.DataFrame(
        {
            "case": draw.permutation(rows) + 1,
            "opened": np.datetime64("2015-01-05") + day + seconds,
            "channel": spellings[draw.integers(0, len(spellings), rows)],
            "agent": draw.integers(1, 776, rows),
            "minutes": minutes + np.where(draw.random(rows) < 0.5, " min", ""),
            "score": draw.integers(0, 11, rows),
        }
    )
    cases.to_csv(part := path.with_suffix(".part"), index=False)
    part.replace(path)
