"""Exercises: author, release, practise. What a notebook imports stands here."""

from casestudy.classroom.practice import check, declare, predict, ready
from casestudy.classroom.sets.seeds import individual

__all__ = ["check", "declare", "individual", "predict", "ready"]
