"""Composition: cells → a cell. Stacks of layers, readouts and losses, masks; reductions of a loss over a run."""

from __future__ import annotations

from gatedsym.composition import head as head
from gatedsym.composition.masks import masks as masks
from gatedsym.composition.stack import stack as stack

__all__ = ["head", "masks", "stack"]
