"""Parameters -> run -> results -> publish."""

from casestudy.reports.results import results

__all__ = ["results"]
