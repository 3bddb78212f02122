"""Eigenvalues at rest in the complex plane, under the region that theory predicts: one panel a cell and bias."""

from __future__ import annotations

from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.readings import quiescent_reading
from gatedsym.figures.style import BLACK, BLUE, VERMILLION, Line, points
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    initialisation_words,
    listing,
    matched_words,
    retention_words,
    used_sizes,
    warnings_of,
)

_REGION = Line(VERMILLION, "-", "")
_CIRCLE = Line(BLACK, (0, (3, 2)), "")
_MEASURED = Line(BLUE, "", ".")
_SHOWN = 4000
"""Most eigenvalues in a panel."""


def quiescent(data: xr.Dataset, *, name: str = "quiescent", **look: Unpack[Look]) -> Figure:
    """Draw the spectra.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.quiescent`; the first initialisation and gain are drawn.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.quiescent("gru", "noise", n=4, seeds=2, critical=False)
    >>> gs.figures.quiescent(data).title
    'Eigenvalues of the Jacobian at rest'
    """
    data = restored(data, "quiescent")
    part = data.isel(init=0, gain=0)
    pairs = [
        (str(c), str(r))
        for c in part["cell"].values
        for r in part["retention"].values
        if bool(part["spectral_radius"].sel(cell=c, retention=r).notnull().any())
    ]
    with plate(name, look) as page:
        columns = page.columns(min(len(pairs), 3))
        rows = -(-len(pairs) // columns)
        axes = page.grid(rows, columns, 0.92 * page.width / columns + 0.1, sharey=False, sharex=False)
        for k, panel in enumerate(axes.ravel()):
            if k >= len(pairs):
                panel.remove()
                continue
            _draw(panel, part.sel(cell=pairs[k][0], retention=pairs[k][1]), *pairs[k])
            if k % columns == 0:
                panel.set_ylabel(r"Im $\lambda$")
            if k + columns >= len(pairs):
                panel.set_xlabel(r"Re $\lambda$")
        entries = [("eigenvalues", _MEASURED), ("unit circle", _CIRCLE)]
        if bool(part["boundary_real"].notnull().any()):
            entries.insert(1, ("predicted edge", _REGION))
        page.legend(entries)
    return page.figure("Eigenvalues of the Jacobian at rest", data, _table(data), _caption(data, part, pairs))


def _draw(panel: Axes, part: xr.Dataset, cell: str, retention: str) -> None:
    real, imag = (np.ravel(part[f"eigenvalue_{k}"].values) for k in ("real", "imag"))
    finite = np.isfinite(real)
    every = max(1, int(finite.sum()) // _SHOWN)
    real, imag = real[finite][::every], imag[finite][::every]
    panel.plot(real, imag, linestyle="", marker=".", markersize=1.4, color=BLUE, alpha=0.45, markeredgewidth=0,
               rasterized=True)  # fmt: skip
    turn = np.linspace(0, 2 * np.pi, 361)
    panel.plot(np.cos(turn), np.sin(turn), color=BLACK, linestyle=(0, (3, 2)), linewidth=0.8)
    edge = part["boundary_real"].values, part["boundary_imag"].values
    panel.plot(*edge, color=VERMILLION, linewidth=1.1)
    reach = 1.12 * max(1.0, np.abs(real + 1j * imag).max(initial=0.0), np.nanmax(np.hypot(*edge), initial=0.0))
    panel.set_xlim(-reach, reach)
    panel.set_ylim(-reach, reach)
    panel.set_aspect("equal")
    words = cell_label(cell) + ("" if retention == "none" else f", {retention_words(retention)}")
    gain = float(part["critical_gain"].median())
    below = f"radius {float(part['spectral_radius'].median()):.3g}"
    below += f"; critical gain {gain:.3g}" if np.isfinite(gain) else ""
    panel.set_title(f"{words}\n{below}", fontsize=points(7), linespacing=1.2)


def _table(data: xr.Dataset) -> pd.DataFrame:
    names = ["spectral_radius", "predicted_radius", "disc_centre", "disc_radius", "critical_gain",
             "critical_gain_measured"]  # fmt: skip
    frame = data[names].to_dataframe().reset_index()
    return frame[frame["spectral_radius"].notnull()]


def _caption(data: xr.Dataset, part: xr.Dataset, pairs: list[tuple[str, str]]) -> Caption:
    attrs = drawn_attrs(data)
    cells = list(dict.fromkeys(c for c, _ in pairs))
    without = [
        f"{cell_label(str(c))} ({why})" for c, why in zip(data["cell"].values, np.ravel(data.attrs["regions"]))
        if why != "predicted"
    ]  # fmt: skip
    scaled = f", gain {float(part['gain']):g}"
    note = (
        f"{initialisation_words(attrs, [part['init'].values], scaled)} Hidden size <n> = {attrs['n']}{_smaller(data)}"
        f"{matched_words(attrs, used_sizes(data, np.ravel(data.attrs['sizes_used'])))}. "
        f"Critical gain, the factor of {attrs['weights']} for which the radius is 1, predicted and (in parentheses) "
        f"measured, median over seeds: {_gains(part, pairs)}."
    )
    if without:
        note += f" No region is predicted for {listing(without)}."
    return Caption(
        quiescent_reading(part, pairs),
        "Eigenvalues (dots) of the Jacobian of one step, with respect to all states, at the fixed point without input, "
        f"for {listing([cell_label(c) for c in cells])}: measured on {attrs['seeds']} "
        f"network{'s' if attrs['seeds'] > 1 else ''} a panel. Edge: theory for <n> → ∞ with the same weights at every "
        "step (tied), independent entries and, where the fixed point is not zero, independence of weights and state. "
        "Radius: largest modulus, the factor per step of the slowest direction, median over seeds.",
        note,
        warnings_of(attrs),
    )


def _smaller(data: xr.Dataset) -> str:
    used = used_sizes(data, np.ravel(data.attrs["sizes_used"]))
    found = [f"{n} for {cell_label(cell)}" for cell, n in used.items() if n != int(data.attrs["n"])]
    return f" ({', '.join(found)})" if found else ""


def _gains(part: xr.Dataset, pairs: list[tuple[str, str]]) -> str:
    found = []
    for cell, retention in pairs:
        one = part.sel(cell=cell, retention=retention)
        gain, measured = (float(one[k].median()) for k in ("critical_gain", "critical_gain_measured"))
        words = cell_label(cell) + ("" if retention == "none" else f", {retention_words(retention)}")
        if not np.isfinite(gain):
            found.append(f"{words}: none")
        else:
            found.append(f"{words}: {gain:.3g}" + (f" ({measured:.3g})" if np.isfinite(measured) else ""))
    return "; ".join(found)
