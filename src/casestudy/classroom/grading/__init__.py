"""From submissions to grades: run, mark, run again, explain, override, rescore, withdraw, confirm, export."""

from casestudy.classroom.grading.confirm import confirm
from casestudy.classroom.grading.explain import explain
from casestudy.classroom.grading.export import advice, export
from casestudy.classroom.grading.grade import Graded, Regraded, grade, regrade
from casestudy.classroom.grading.override import override
from casestudy.classroom.grading.rescore import rescore
from casestudy.classroom.grading.run import Running
from casestudy.classroom.grading.withdraw import withdraw

__all__ = ["Graded", "Regraded", "Running", "advice", "confirm", "explain", "export", "grade", "override", "regrade"]
__all__ += ["rescore", "withdraw"]
