"""A vector passed through a layer again and again: size, spread and small differences, with and without activations."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, draw_reference, powers_of_ten
from gatedsym.figures.readings import layers_reading
from gatedsym.figures.style import SERIES
from gatedsym.figures.words import listing
from gatedsym.flow.analyses.gradient_norm import quartiles

PANELS = {"log10_size": "size", "log10_spread": "spread over units", "log10_distance": "small difference"}
LOWEST = -20.0
"""Powers of ten below which a panel is cut."""


def layers(data: xr.Dataset, *, name: str = "layers", **look: Unpack[Look]) -> Figure:
    """Draw a row for each activation and one without: what becomes of a vector, for each gain of the weights.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.layers`.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.layers(n=8, seeds=2, depth=5)
    >>> gs.figures.layers(data).title
    'A vector passed through a layer again and again'
    """
    data = restored(data, "layers")
    functions = [str(f) for f in data["function"].values]
    functions = [*functions[1:], functions[0]]
    gains = [float(g) for g in data["gain"].values]
    depth = data["depth"].values
    with plate(name, look) as page:
        axes = page.grid(len(functions), len(PANELS), 1.3, sharey=False, sharex="col")
        for panels, function in zip(axes, functions):
            for panel, (variable, title) in zip(panels, PANELS.items()):
                part = data[variable].sel(function=function)
                lines = [tuple(q.sel(gain=g).values for q in quartiles(part)) for g in gains]
                for k, curves in enumerate(lines):
                    draw_band(panel, depth, curves, SERIES[k % len(SERIES)], shift=k / max(1, len(gains)))
                _limit(panel, lines)
                powers_of_ten(panel.yaxis)
                if function == functions[0]:
                    panel.set_title(title)
                if variable == "log10_distance":
                    draw_reference(panel, 0.0, "")
            page.name_row(panels[-1], _words(function))
        for panel in axes[-1]:
            panel.set_xlabel("passes through the layer")
        page.legend([(f"gain {g:g}", SERIES[k % len(SERIES)]) for k, g in enumerate(gains)])
    return page.figure("A vector passed through a layer again and again", data, _table(data),
                  _caption(data, functions))  # fmt: skip


def _limit(panel: object, lines: list[tuple[np.ndarray, ...]]) -> None:
    """Axis limits: all that is finite, cut below `LOWEST` and above its mirror image; never less than a decade."""
    values = np.concatenate([np.ravel(c) for curves in lines for c in curves])
    values = values[np.isfinite(values)]
    low = max(LOWEST, float(values.min())) if len(values) else -1.0
    high = min(-LOWEST, float(values.max())) if len(values) else 1.0
    margin = 0.05 * max(high - low, 1.0)
    panel.set_ylim(min(low, high - 1) - margin, high + margin)  # type: ignore[attr-defined]


def _words(function: str) -> str:
    return {"identity": "no activation", "sigmoid": "σ (logistic)"}.get(function, function)


def _table(data: xr.Dataset) -> pd.DataFrame:
    parts = {}
    for name in PANELS:
        for where, part in zip(("lower", "median", "upper"), quartiles(data[name])):
            parts[f"{name}_{where}"] = part
    return xr.Dataset(parts).to_dataframe().reset_index()


def _caption(data: xr.Dataset, functions: list[str]) -> Caption:
    attrs = data.attrs
    critical = [
        f"{float(data['critical'].sel(function=f)):.3g} for {_words(f)}"
        for f in functions
        if np.isfinite(float(data["critical"].sel(function=f)))
    ]
    layer = "the same layer each time" if attrs["weights"] == "same" else "a new layer each time"
    theory = (
        " Theory, for wide layers with a new matrix each time: a small difference neither grows nor decays at a gain "
        f"of {listing(critical)}."
        if critical
        else ""
    )
    seeds = "s" if data.sizes["seed"] > 1 else ""
    return Caption(
        layers_reading(data, {f: _words(f) for f in functions}),
        f"A vector x passed through x ← φ(W x) again and again ({layer}), for φ = "
        f"{listing([_words(f) for f in functions])}. Measured: root mean square of the entries (left), their "
        "standard deviation (middle), and the growth of a small difference between two vectors (right). Lines: "
        f"median over {data.sizes['seed']} seed{seeds}; bands: from the lower to the upper quartile. Axes are cut at "
        "twenty powers of ten.",
        "Where the difference decays, all vectors become one and what told them apart is lost; where it grows, "
        "neighbours part. Without an activation size, spread and difference grow or decay together, without "
        f"end.{theory} Initialisation: entries of W are independent N(0, g²/<n>) with gain <g>, those of the first x "
        f"N(0, 1); <n> = {attrs['n']}; {attrs['dtype']}.",
    )
