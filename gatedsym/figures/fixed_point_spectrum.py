"""Eigenvalues at rest in the complex plane, under the region that theory predicts: one panel a cell and bias."""

from __future__ import annotations

from typing import Any, Unpack

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
    sentences,
    setting_label,
    used_sizes,
    warnings_of,
)
from gatedsym.messages import room

say = room("captions")

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
        entries = [(say("legend-eigenvalues"), _MEASURED), (say("legend-circle"), _CIRCLE)]
        if bool(part["boundary_real"].notnull().any()):
            entries.insert(1, (say("legend-edge"), _REGION))
        page.legend(entries)
    return page.figure(say("title-quiescent"), data, _table(data), _caption(data, part, pairs))


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
    gain, radius = float(part["critical_gain"].median()), f"{float(part['spectral_radius'].median()):.3g}"
    below = say("panel-radius", radius=radius)
    if np.isfinite(gain):
        below = say("panel-radius-critical", radius=radius, gain=f"{gain:.3g}")
    panel.set_title(f"{setting_label(cell, retention)}\n{below}", fontsize=points(7), linespacing=1.2)


def _table(data: xr.Dataset) -> pd.DataFrame:
    names = ["spectral_radius", "predicted_radius", "disc_centre", "disc_radius", "critical_gain",
             "critical_gain_measured"]  # fmt: skip
    frame = data[names].to_dataframe().reset_index()
    return frame[frame["spectral_radius"].notnull()]


def _caption(data: xr.Dataset, part: xr.Dataset, pairs: list[tuple[str, str]]) -> Caption:
    attrs = drawn_attrs(data)
    cells = list(dict.fromkeys(c for c, _ in pairs))
    without = [
        say("without-region", cell=cell_label(str(cell)), why=str(why))
        for cell, why in zip(data["cell"].values, np.ravel(data.attrs["regions"]))
        if why != "predicted"
    ]
    gain = say("more-gain", gain=f"{float(part['gain']):g}")
    return Caption(
        quiescent_reading(part, pairs),
        say("shown-quiescent", cells=listing([cell_label(c) for c in cells]), count=int(attrs["seeds"])),
        sentences(
            initialisation_words(attrs, [part["init"].values], gain),
            say("note-size", size=_size(data, attrs)),
            say("note-quiescent", weights=str(attrs["weights"]), listed=_gains(part, pairs)),
            say("note-quiescent-without", listed=listing(without)) if without else "",
        ),
        warnings_of(attrs),
    )


def _size(data: xr.Dataset, attrs: dict[str, Any]) -> str:
    used = used_sizes(data, np.ravel(data.attrs["sizes_used"]))
    found = [
        say("size-for-cell", n=str(n), cell=cell_label(cell)) for cell, n in used.items() if n != int(data.attrs["n"])
    ]
    others = f" ({', '.join(found)})" if found else ""
    return say("size-hidden", n=str(attrs["n"]), others=others, matched=matched_words(attrs, used))


def _gains(part: xr.Dataset, pairs: list[tuple[str, str]]) -> str:
    return "; ".join(_gain(part.sel(cell=cell, retention=label), setting_label(cell, label)) for cell, label in pairs)


def _gain(one: xr.Dataset, setting: str) -> str:
    gain, measured = (float(one[k].median()) for k in ("critical_gain", "critical_gain_measured"))
    if not np.isfinite(gain):
        return say("critical-gain-none", setting=setting)
    if not np.isfinite(measured):
        return say("critical-gain-predicted", setting=setting, gain=f"{gain:.3g}")
    return say("critical-gain-measured", setting=setting, gain=f"{gain:.3g}", measured=f"{measured:.3g}")
