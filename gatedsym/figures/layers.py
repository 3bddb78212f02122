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
from gatedsym.figures.words import listing, seeds_words, sentences
from gatedsym.flow.analyses.gradient_norm import quartiles
from gatedsym.messages import room

say = room("captions")

PANELS = {"log10_size": "size", "log10_spread": "spread", "log10_distance": "difference"}
"""The variable of each column, and what it is of, by which its title is found."""
LOWEST = -20.0
"""Powers of ten below which a panel is cut."""


def layers(data: xr.Dataset, *, name: str = "layers", **look: Unpack[Look]) -> Figure:
    """Draw a row for each activation and one without: what becomes of a vector, for each gain of the weights.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.layers`.
    name : str
        For file names and the LaTeX label.
    **look
        Width, height, type, colours, axes: see `gatedsym.figures.Look`.

    Returns
    -------
    Figure

    Raises
    ------
    ArgumentError
        For another dataset, or one that lacks what the figure goes by, and for a look that cannot be drawn.

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
            for panel, (variable, what) in zip(panels, PANELS.items()):
                part = data[variable].sel(function=function)
                lines = [tuple(q.sel(gain=g).values for q in quartiles(part)) for g in gains]
                for k, curves in enumerate(lines):
                    draw_band(panel, depth, curves, SERIES[k % len(SERIES)], shift=k / max(1, len(gains)))
                _limit(panel, lines)
                powers_of_ten(panel.yaxis)
                if function == functions[0]:
                    panel.set_title(say(f"panel-layers-{what}"))
                if variable == "log10_distance":
                    draw_reference(panel, 0.0, "")
            page.name_row(panels[-1], _words(function))
        for panel in axes[-1]:
            panel.set_xlabel(say("axis-passes"))
        page.legend([(say("panel-gain", gain=f"{g:g}"), SERIES[k % len(SERIES)]) for k, g in enumerate(gains)])
    return page.figure(say("title-layers"), data, _table(data), _caption(data, functions))


def _limit(panel: object, lines: list[tuple[np.ndarray, ...]]) -> None:
    """Axis limits: all that is finite, cut below `LOWEST` and above its mirror image; never less than a decade."""
    values = np.concatenate([np.ravel(c) for curves in lines for c in curves])
    values = values[np.isfinite(values)]
    low = max(LOWEST, float(values.min())) if len(values) else -1.0
    high = min(-LOWEST, float(values.max())) if len(values) else 1.0
    margin = 0.05 * max(high - low, 1.0)
    panel.set_ylim(min(low, high - 1) - margin, high + margin)  # type: ignore[attr-defined]


def _words(function: str) -> str:
    return say(f"activation-{function}") if say.has(f"activation-{function}") else function


def _table(data: xr.Dataset) -> pd.DataFrame:
    parts = {}
    for name in PANELS:
        for where, part in zip(("lower", "median", "upper"), quartiles(data[name])):
            parts[f"{name}_{where}"] = part
    return xr.Dataset(parts).to_dataframe().reset_index()


def _caption(data: xr.Dataset, functions: list[str]) -> Caption:
    attrs = data.attrs
    critical = [
        say("critical-of-activation", gain=f"{float(data['critical'].sel(function=f)):.3g}", activation=_words(f))
        for f in functions
        if np.isfinite(float(data["critical"].sel(function=f)))
    ]
    weights = "same" if attrs["weights"] == "same" else "new"
    seeds = seeds_words({"seeds": data.sizes["seed"]})
    return Caption(
        layers_reading(data, {f: _words(f) for f in functions}),
        say("shown-layers", weights=weights, activations=listing([_words(f) for f in functions]), seeds=seeds),
        sentences(
            say("note-layers"),
            say("note-layers-critical", listed=listing(critical)) if critical else "",
            say("sizes-layers", n=str(attrs["n"]), dtype=str(attrs["dtype"])),
        ),
    )
