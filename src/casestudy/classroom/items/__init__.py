"""What a class's points say of each question: how much is earned, who earns it, and how sure that is."""

from casestudy.classroom.items.estimates import Estimate, correlation, difference, share
from casestudy.classroom.items.items import Item, items

__all__ = ["Estimate", "Item", "correlation", "difference", "items", "share"]
