"""Figures: labelled datasets to plots that can be printed, cited and checked."""

from typing import TYPE_CHECKING

from gatedsym.figures.ablation import ablation
from gatedsym.figures.bound import bound
from gatedsym.figures.clipping import clipping
from gatedsym.figures.depth import depth
from gatedsym.figures.exploding import exploding
from gatedsym.figures.figure import Figure
from gatedsym.figures.fixed_point_spectrum import quiescent
from gatedsym.figures.gate_clamping import valve
from gatedsym.figures.gate_statistics import gate_statistics
from gatedsym.figures.gradient_norm import gradient_norm
from gatedsym.figures.jacobian_sheet import jacobian_sheet
from gatedsym.figures.layers import layers
from gatedsym.figures.learning.training import training
from gatedsym.figures.live_gradient import live_gradient
from gatedsym.figures.look import Look
from gatedsym.figures.lyapunov import lyapunov
from gatedsym.figures.mean_field import mean_field
from gatedsym.figures.paths import paths
from gatedsym.figures.phase_diagram import phase_diagram
from gatedsym.figures.singular_values import singular_values
from gatedsym.figures.speed import speed
from gatedsym.figures.temporal_contributions import temporal_contributions
from gatedsym.figures.timescales import timescales
from gatedsym.figures.truncation import truncation
from gatedsym.lazy import lazy_names

__all__ = [
    "Figure",
    "Look",
    "ablation",
    "bound",
    "clipping",
    "depth",
    "exploding",
    "gate_statistics",
    "gradient_norm",
    "jacobian_sheet",
    "layers",
    "live_gradient",
    "lyapunov",
    "mean_field",
    "paths",
    "phase_diagram",
    "quiescent",
    "singular_values",
    "speed",
    "temporal_contributions",
    "timescales",
    "training",
    "truncation",
    "valve",
]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.figures")
