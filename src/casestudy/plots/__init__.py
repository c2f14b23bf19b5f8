"""Figures: functions that take data and axes and return the axes. One module a notebook, one language for all."""

from casestudy.layers import LAYERS
from casestudy.plots.language import QUIET, canvas, finish, fold, label, show

__all__ = ["LAYERS", "QUIET", "canvas", "finish", "fold", "label", "show"]
