"""Every rule that a case must keep, asked at once, with the place of each fault and what to do."""

from casestudy.check.check import check, counts, write
from casestudy.check.fault import Fault

__all__ = ["Fault", "check", "counts", "write"]
