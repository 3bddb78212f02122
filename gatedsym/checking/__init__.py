"""Homework → the equation of a hand-written backward pass that is wrong."""

from gatedsym.checking.answer import Answer
from gatedsym.checking.explain import Suspect
from gatedsym.checking.inspection import check

__all__ = ["Answer", "Suspect", "check"]
