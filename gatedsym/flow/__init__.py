"""Analyses: any cell, any input, to labelled datasets (xarray)."""

from gatedsym.flow.ablation import ablation
from gatedsym.flow.bound import bound
from gatedsym.flow.clipping import clipping
from gatedsym.flow.data import DataError, Series, read_input, shipped_text, text_series, white_noise
from gatedsym.flow.gate_statistics import gate_statistics
from gatedsym.flow.gradient_norm import fitted_rate, gradient_flow, summary
from gatedsym.flow.jacobian_sheet import jacobian_sheet
from gatedsym.flow.laws import set_input_laws
from gatedsym.flow.layers import layers
from gatedsym.flow.loss import Loss
from gatedsym.flow.lyapunov import lyapunov
from gatedsym.flow.mean_field import mean_field
from gatedsym.flow.paths import paths
from gatedsym.flow.phase_diagram import phase_diagram
from gatedsym.flow.quiescent import quiescent
from gatedsym.flow.singular_values import singular_values
from gatedsym.flow.temporal_contributions import temporal_contributions
from gatedsym.flow.timescales import timescales
from gatedsym.flow.truncation import truncation
from gatedsym.flow.valve import valve

__all__ = [
    "DataError",
    "Loss",
    "Series",
    "ablation",
    "bound",
    "clipping",
    "fitted_rate",
    "gate_statistics",
    "gradient_flow",
    "jacobian_sheet",
    "layers",
    "lyapunov",
    "mean_field",
    "paths",
    "phase_diagram",
    "quiescent",
    "read_input",
    "set_input_laws",
    "shipped_text",
    "singular_values",
    "summary",
    "temporal_contributions",
    "text_series",
    "timescales",
    "truncation",
    "valve",
    "white_noise",
]
