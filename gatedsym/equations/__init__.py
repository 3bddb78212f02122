"""Equations: the text of a cell, as papers print it, to a Recurrence."""

from gatedsym.equations.read import read_equations

__all__ = ["read_equations"]
