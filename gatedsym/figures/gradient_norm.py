"""The headline: gradient norm against lag, one row a gated cell, one column an initialisation and quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_several, shown
from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, draw_reference, powers_of_ten
from gatedsym.figures.readings import gradient_norm_reading
from gatedsym.figures.style import PLAIN, SERIES, Line
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    gain_words,
    in_rows,
    initialisation_words,
    is_given,
    listing,
    plain_and_gated,
    retention_words,
    scheme_over,
    scheme_words,
    sentences,
    sizes_words,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import summary
from gatedsym.flow.numerics.rates import fitted_rate, stretch_words
from gatedsym.messages import room

say = room("captions")

GRADIENTS = {"h": (r"$\|\partial L/\partial h_t\|$", "<dh>"), "x": (r"$\|\partial L/\partial x_t\|$", "<dx>")}
FLOAT32_TINY = -44.85  # log10 of 2^-149, the smallest float32


def gradient_norm(
    flow: xr.Dataset,
    *,
    quantities: Sequence[str] | None = None,
    name: str = "gradient-norm",
    **look: Unpack[Look],
) -> Figure:
    """Draw how the gradient shrinks or grows with the lag.

    Parameters
    ----------
    flow : xarray.Dataset
        From `gradient_flow`, with one gain.
    quantities : sequence of str
        What to show, of the dataset's quantities; by default h, and x if a cell has input; where a selection has left
        neither, what it has left.
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
    >>> data = gs.flow.gradient_norm(["rnn", "gru"], "noise", n=4, seeds=2, lags=10)
    >>> gs.figures.gradient_norm(data).title
    'Gradient norm against lag: RNN and GRU reading noise'
    """
    flow = restored(flow, "gradient_norm")
    quantities = drawn_quantities(flow, quantities)
    whole, flow = flow, flow.isel(gain=0)
    numbers = summary(flow)
    plain, gated = plain_and_gated(flow)
    if "none" not in flow["retention"].values:
        plain = []  # of a cell without such gates nothing was selected
    if "h" not in quantities:
        plain = [c for c in plain if bool(flow["log10_norm"].sel(cell=c, quantity=quantities).notnull().any())]
    if not plain and not gated:
        raise ArgumentError(
            f"of these cells nothing was measured of {listing(quantities)} under the retention bias that was selected: "
            "take another."
        )
    rows = gated or plain[:1]
    cells = [str(c) for c in flow["cell"].values]
    schemes = [str(s) for s in flow["init"].values]
    if is_given(flow.attrs, cells):
        schemes = schemes[:1]  # what is given is the same under each
    columns = [(q, s) for q in quantities for s in schemes]
    biases = [str(r) for r in flow["retention"].values if gated and str(r) != "none"]
    with plate(name, look) as page:
        inches = page.width
        axes = page.grid(len(rows), len(columns), max(1.35, 0.26 * inches))
        for i, row in enumerate(rows):
            for j, (quantity, scheme) in enumerate(columns):
                part = numbers.sel(quantity=quantity, init=scheme)
                _draw_panel(axes[i, j], part, plain, row if gated else "", biases)
                if i == 0:
                    axes[i, j].set_title(f"{gradient_label(quantity)}\n{scheme_over(flow.attrs, cells, scheme)}")
                if i == len(rows) - 1:
                    axes[i, j].set_xlabel(say("axis-lag"))
            axes[i, 0].set_ylabel(say("axis-gradient"))
            if gated:
                page.name_row(axes[i, -1], cell_label(row))
        powers_of_ten(axes[0, 0].yaxis)
        axes[0, 0].set_xlim(0, float(flow.lag[-1]))
        entries = [(cell_label(c), _line_of_plain(k)) for k, c in enumerate(plain)]
        entries += [(retention_words(b), SERIES[k % len(SERIES)]) for k, b in enumerate(biases)]
        page.legend(entries)
    caption = _caption(flow, quantities, schemes, plain, gated, biases, numbers)
    title = say("title-norm", cells=listing([cell_label(c) for c in cells]), input=str(flow.attrs["input"]))
    return page.figure(title, whole, tabulate(numbers), caption)


def drawn_quantities(flow: xr.Dataset, quantities: Sequence[str] | None) -> list[str]:
    """The quantities asked for, or h and x as far as they were measured."""
    measured = [str(q) for q in flow["quantity"].values]
    if quantities is None:
        return [q for q in ("h", "x") if q in measured] or measured
    quantities = expect_several("quantities", quantities, f"one of {', '.join(measured)}")
    unknown = [q for q in quantities if not isinstance(q, str) or q not in measured]
    if unknown:
        raise ArgumentError(f"quantity {shown(unknown[0])} was not measured: choose from {', '.join(measured)}.")
    return list(quantities)


def tabulate(numbers: xr.Dataset) -> pd.DataFrame:
    """One row a point that is drawn, without the settings that a cell lacks."""
    frame = numbers.to_dataframe().reset_index()
    total = numbers.attrs["seeds"]
    frame = frame[frame["missing"] < total].sort_values(list(numbers["median"].dims), kind="stable")
    renamed = {k: f"log10_norm_{k}" for k in ("median", "lower", "upper")}
    return frame.rename(columns={**renamed, "zero": "seeds_exactly_zero", "missing": "seeds_not_finite"})


def _draw_panel(axes: Axes, part: xr.Dataset, plain: Sequence[str], gated: str, biases: Sequence[str]) -> None:
    lag = part["lag"].values
    for k, bias in enumerate(biases):
        one = part.sel(cell=gated, retention=bias)
        draw_band(axes, lag, _curves(one), SERIES[k % len(SERIES)], shift=k / len(biases))
    for k, cell in enumerate(plain):
        draw_band(axes, lag, _curves(part.sel(cell=cell, retention="none")), _line_of_plain(k), shift=0.5)
    if axes.get_ylim()[0] < FLOAT32_TINY:
        draw_reference(axes, FLOAT32_TINY, say("reference-float32"))


def _curves(one: xr.Dataset) -> tuple[Any, Any, Any]:
    return one["lower"].values, one["median"].values, one["upper"].values


def _line_of_plain(k: int) -> Line:
    return PLAIN[k % len(PLAIN)]


def gradient_label(quantity: str) -> str:
    """The norm of the gradient with respect to a quantity, as it is set over a panel."""
    name = quantity if len(quantity) == 1 else rf"\mathrm{{{quantity.replace('_', chr(92) + '_')}}}"
    return GRADIENTS.get(quantity, (rf"$\|\partial L/\partial {name}_t\|$", ""))[0]


def gradients_words(quantities: Sequence[str]) -> str:
    """The gradients that are drawn, for a caption."""
    return listing([GRADIENTS[q][1] if q in GRADIENTS else _gradient_of(q) for q in quantities])


def _gradient_of(quantity: str) -> str:
    return say("gradient-of-state") if quantity == "state" else say("gradient-of", quantity=quantity)


def _caption(
    flow: xr.Dataset,
    quantities: Sequence[str],
    schemes: Sequence[str],
    plain: Sequence[str],
    gated: Sequence[str],
    biases: Sequence[str],
    numbers: xr.Dataset,
) -> Caption:
    attrs = drawn_attrs(flow)
    rates = fitted_rate(flow[["log10_norm"]].sel(quantity=quantities[:1]))
    zero = bool(np.isneginf(numbers["median"].sel(quantity=list(quantities))).any())
    missing = numbers["missing"].sel(quantity=list(quantities))
    missing = missing.where(missing < flow.sizes["seed"], 0)
    columns = say("shown-norm-columns", schemes=listing([scheme_words(s) for s in schemes]))
    note = sentences(
        say("note-factors", window=stretch_words(rates)),
        say("note-chrono", most=str(int(attrs["horizon"]) - 1)) if "chrono" in biases else "",
        initialisation_words(attrs, schemes, gain_words(flow)),
        sizes_words(attrs),
        say("triangles-gradient") if zero else "",
        say("seeds-missing", count=int(missing.max())) if bool((missing > 0).any()) else "",
    )
    shown = sentences(
        _shown_cells(quantities, plain, gated, biases),
        "" if is_given(attrs, flow["cell"].values) else columns,
        say("shown-norm-lines"),
    )
    return Caption(gradient_norm_reading(flow, schemes), shown, note, warnings_of(attrs))


def _shown_cells(quantities: Sequence[str], plain: Sequence[str], gated: Sequence[str], biases: Sequence[str]) -> str:
    gradients = gradients_words(quantities)
    cells = listing([cell_label(c) for c in plain]) if plain else ""
    if not gated:
        return say("shown-norm-plain", gradients=gradients, cells=cells)
    rows = "rows" if len(gated) > 1 else "one"
    return say(
        "shown-norm-gated", gradients=gradients, cells=in_rows(gated), biases=listing(list(biases)),
        plain=rows if plain else "none", others=cells,
    )  # fmt: skip
