"""What a lecturer learns from a class: each question's difficulty, slips and guesses, by group and term."""

from casestudy.classroom.analysis.analyse import analyse
from casestudy.classroom.analysis.classes import Class, read
from casestudy.classroom.analysis.measures import COLUMNS, measures

__all__ = ["COLUMNS", "Class", "analyse", "measures", "read"]
