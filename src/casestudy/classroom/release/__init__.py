"""Hand a set out: the roster, figures of their own for everyone, and the solutions after the day."""

from casestudy.classroom.release.release import Released, read_secret, release
from casestudy.classroom.release.solutions import solutions

__all__ = ["Released", "read_secret", "release", "solutions"]
