"""Analyses: any cell, any input, to labelled datasets (xarray)."""

from typing import TYPE_CHECKING, Any

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
from gatedsym.lazy import lazy_names

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


def _registered() -> dict[str, Any]:
    """Analyses of the registry, those that have no line above among them."""
    from gatedsym.flow.registry import analyses

    return {name: entry.dataset for name, entry in analyses().items()}


if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.flow", registered=_registered)
