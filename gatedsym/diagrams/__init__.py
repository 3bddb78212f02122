"""Diagrams: a cell's equations to a drawing of it, states as rails, gates as valves on what they multiply."""

from gatedsym.diagrams.backward import BackwardDiagram
from gatedsym.diagrams.diagram import Diagram

__all__ = ["BackwardDiagram", "Diagram"]
