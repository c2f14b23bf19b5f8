"""Parameters -> run -> results -> publish."""

from casestudy.reports.tidy import results

__all__ = ["results"]
