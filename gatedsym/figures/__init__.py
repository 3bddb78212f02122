"""Figures: labelled datasets to plots that can be printed, cited and checked."""

from gatedsym.figures.clipping import clipping
from gatedsym.figures.exploding import exploding
from gatedsym.figures.figure import Figure
from gatedsym.figures.gradient_norm import gradient_norm
from gatedsym.figures.truncation import truncation

__all__ = ["Figure", "clipping", "exploding", "gradient_norm", "truncation"]
