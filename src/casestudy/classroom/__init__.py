"""Exercises: author, release, practise. What a notebook imports stands here."""

from casestudy.classroom.practice import check, declare, overview, predict, progress, ready
from casestudy.classroom.sets.options import options
from casestudy.classroom.sets.seeds import individual

__all__ = ["check", "declare", "individual", "options", "overview", "predict", "progress", "ready"]
