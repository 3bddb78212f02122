"""The exploding case: gradient norm against lag as all weights grow, one row a cell, one column a quantity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import xarray as xr

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.gradient_norm import drawn_quantities, gradient_label, gradients_words, tabulate
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_band, draw_reference, powers_of_ten
from gatedsym.figures.readings import exploding_reading
from gatedsym.figures.style import SERIES
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    in_rows,
    initialisation_words,
    listing,
    sentences,
    sizes_words,
    warnings_of,
)
from gatedsym.flow.analyses.gradient_norm import summary
from gatedsym.flow.numerics.rates import fitted_rate, stretch_words
from gatedsym.messages import room

say = room("captions")


def exploding(
    flow: xr.Dataset,
    *,
    quantities: Sequence[str] | None = None,
    name: str = "exploding",
    **look: Unpack[Look],
) -> Figure:
    """Draw gradient norms of networks whose weights are scaled by several gains.

    Parameters
    ----------
    flow : xarray.Dataset
        From `gradient_flow` with one initialisation and several gains; of a cell's retention biases the first is drawn.
    quantities : sequence of str, optional
        What to show, of the dataset's quantities; by default h, and x if a cell has input.
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
    >>> data = gs.flow.gradient_norm("rnn", "noise", n=4, seeds=2, lags=10, init="gaussian", gain=[1.0, 3.0])
    >>> gs.figures.exploding(data).title
    'Exploding gradients: the same cells with larger weights'
    """
    flow = restored(flow, "gradient_norm")
    quantities = drawn_quantities(flow, quantities)
    flow = flow.isel(init=[0])
    numbers = summary(flow)
    cells = [str(c) for c in flow["cell"].values]
    with plate(name, look) as page:
        axes = page.grid(len(cells), len(quantities), 1.2, sharey="row")
        for i, cell in enumerate(cells):
            retention = first_retention(flow, cell)
            for j, quantity in enumerate(quantities):
                for k, gain in enumerate(flow["gain"].values):
                    one = numbers.isel(init=0).sel(cell=cell, retention=retention, quantity=quantity, gain=gain)
                    curves = (one[c].values for c in ("lower", "median", "upper"))
                    draw_band(axes[i, j], flow["lag"].values, curves, SERIES[k % len(SERIES)], shift=k / 3)
                if i == 0:
                    axes[i, j].set_title(gradient_label(quantity))
                draw_reference(axes[i, j], 0.0, "")
            powers_of_ten(axes[i, 0].yaxis)
            axes[i, 0].set_ylabel(say("axis-gradient"))
            page.name_row(axes[i, -1], cell_label(cell))
        for panel in axes[-1]:
            panel.set_xlabel(say("axis-lag"))
        axes[0, 0].set_xlim(0, float(flow.lag[-1]))
        entries = [
            (say("legend-gain", gain=f"{g:g}"), SERIES[k % len(SERIES)]) for k, g in enumerate(flow["gain"].values)
        ]
        page.legend(entries)
    return page.figure(say("title-exploding"), flow, tabulate(numbers), _caption(flow, quantities, cells))


def first_retention(data: xr.Dataset, cell: str) -> str:
    """The first retention setting that a cell was run with; "none" where nothing of it is finite."""
    variable = data[next(iter(data.data_vars))]
    labels = [str(label) for label in data["retention"].values]
    for label in labels:
        if bool(variable.sel(cell=cell, retention=label).notnull().any()):
            return label
    return "none" if "none" in labels else labels[0]


def biases_words(data: xr.Dataset, cells: Sequence[str]) -> str:
    """The retention bias of each cell, as a sentence, or nothing if none has one."""
    found: dict[str, list[str]] = {}
    for cell in cells:
        found.setdefault(first_retention(data, cell), []).append(cell_label(cell))
    words = [say("bias-for", bias=label, cells=listing(own)) for label, own in found.items() if label != "none"]
    return say("note-biases", listed=listing(words)) if words else ""


def _caption(flow: xr.Dataset, quantities: Sequence[str], cells: Sequence[str]) -> Caption:
    attrs = drawn_attrs(flow)
    gains = listing([f"{g:g}" for g in flow["gain"].values])
    rates = fitted_rate(flow[["log10_norm"]].sel(quantity=quantities[:1]))
    return Caption(
        exploding_reading(flow, {c: first_retention(flow, c) for c in cells}),
        say("shown-exploding", gradients=gradients_words(quantities), cells=in_rows(cells), gains=gains),
        sentences(
            initialisation_words(attrs, flow["init"].values),
            biases_words(flow, cells),
            say("note-factors", window=stretch_words(rates)),
            sizes_words(attrs),
        ),
        warnings_of(attrs),
    )
