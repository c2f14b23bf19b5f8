"""The only room that reads a case's `data/` folder; as plain values, and as frames for whoever computes with them."""

from casestudy.data.over_time import SECONDS, Reported, Unit, reported
from casestudy.data.rows import Table, is_day, read
from casestudy.data.tables import Front, articles, documents, frame, front, members_reported, refuse, series, table

__all__ = [
    "SECONDS",
    "Front",
    "Reported",
    "Table",
    "Unit",
    "articles",
    "documents",
    "frame",
    "front",
    "is_day",
    "members_reported",
    "read",
    "refuse",
    "reported",
    "series",
    "table",
]
