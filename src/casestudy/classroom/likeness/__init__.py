"""Texts and code that are more alike than chance makes them in this class: a reason to look, never a verdict."""

from casestudy.classroom.likeness.alike import Alike, Pair, alike
from casestudy.classroom.likeness.compare import compare, flags
from casestudy.classroom.likeness.work import FLAG

__all__ = ["FLAG", "Alike", "Pair", "alike", "compare", "flags"]
