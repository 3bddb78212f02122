"""Analyses: any cell, any input, to labelled datasets (xarray)."""

from typing import TYPE_CHECKING

from gatedsym.flow.analyses.ablation import ablation
from gatedsym.flow.analyses.bound import bound
from gatedsym.flow.analyses.clipping import clipping
from gatedsym.flow.analyses.depth import depth
from gatedsym.flow.analyses.fixed_point_spectrum import quiescent
from gatedsym.flow.analyses.gate_clamping import valve
from gatedsym.flow.analyses.gate_statistics import gate_statistics
from gatedsym.flow.analyses.gradient_norm import fitted_rate, gradient_flow, gradient_norm, summary
from gatedsym.flow.analyses.jacobian_sheet import jacobian_sheet
from gatedsym.flow.analyses.layers import layers
from gatedsym.flow.analyses.lyapunov import lyapunov
from gatedsym.flow.analyses.mean_field import mean_field
from gatedsym.flow.analyses.paths import paths
from gatedsym.flow.analyses.phase_diagram import phase_diagram
from gatedsym.flow.analyses.singular_values import singular_values
from gatedsym.flow.analyses.temporal_contributions import temporal_contributions
from gatedsym.flow.analyses.timescales import timescales
from gatedsym.flow.analyses.truncation import truncation
from gatedsym.flow.inputs.laws import set_input_laws
from gatedsym.flow.inputs.series import DataError, Series, read_input, shipped_text, text_series, white_noise
from gatedsym.flow.loss import Loss

__all__ = [
    "DataError",
    "Loss",
    "Series",
    "ablation",
    "bound",
    "clipping",
    "depth",
    "fitted_rate",
    "gate_statistics",
    "gradient_flow",
    "gradient_norm",
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

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others

    def __getattr__(name: str):
        """Find an analysis that has no line above in the registry."""
        from gatedsym.flow.registry import analyses

        if name.startswith("_") or name not in analyses():
            raise AttributeError(f"module 'gatedsym.flow' has no attribute {name!r}")
        return analyses()[name].dataset
