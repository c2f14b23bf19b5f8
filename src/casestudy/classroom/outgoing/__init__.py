"""What leaves for other systems beside a set's grades: points of several sets together, and feedback pages."""

from casestudy.classroom.outgoing.feedback_zip import feedback_zip
from casestudy.classroom.outgoing.gradebook import Gradebook, gradebook

__all__ = ["Gradebook", "feedback_zip", "gradebook"]
