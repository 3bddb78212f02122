"""Speed of kernels: how many times longer peers take, and the fraction of the machine's peak, against size."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from gatedsym.figures.caption import Caption, literal
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import draw_reference
from gatedsym.figures.style import BLACK, SERIES, Line
from gatedsym.figures.words import cell_label, listing, sentences
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("captions")

OURS = "gatedsym"
BOTH = "forward + backward"
OWN = Line(BLACK, "-", "o")


def speed(data: xr.Dataset, *, name: str = "speed", **look: Unpack[Look]) -> Figure:
    """Draw the ratio of a peer's time to gatedsym's, and the fraction of the multiply-add peak.

    Parameters
    ----------
    data : xarray.Dataset
        Times in milliseconds, as ``gatedsym bench`` measures them: ``milliseconds`` (point, measure, library) and
        ``fraction_of_peak`` (point, measure), between 0 and 1; a peer without times is not drawn.
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
    >>> import xarray as xr
    >>> point = {"cell": "lstm", "dtype": "float32", "steps": 100, "batch": 32, "hidden": 64}
    >>> data = xr.Dataset(
    ...     {
    ...         "milliseconds": (("point", "measure", "library"), [[[1.0, 2.0], [3.0, 7.5]]]),
    ...         "fraction_of_peak": (("point", "measure"), [[0.6, 0.5]]),
    ...     },
    ...     {name: ("point", [value]) for name, value in point.items()}
    ...     | {"measure": ["forward", "forward + backward"], "library": ["gatedsym", "torch"]},
    ...     {"threads": 2, "processor": "a processor", "versions": "torch 2.4"},
    ... )
    >>> gs.figures.speed(data).caption.result.plain
    'Geometric means against torch, forward + backward: float32 2.50.'
    """
    data = restored(data, "bench")
    table = _table(data)
    peers = list(dict.fromkeys(table["library"][table["library"] != OURS]))
    dtypes = list(dict.fromkeys(str(d) for d in data["dtype"].values))
    measures = [str(m) for m in data["measure"].values] if peers else []
    lines = {peer: SERIES[k % len(SERIES)] for k, peer in enumerate(peers)}
    with plate(name, look) as page:
        if not peers:
            page.width = max(page.width / 2, min(page.width, 2.5))
        axes = page.grid(len(dtypes), len(measures) + 1, 1.55, sharey="col", sharex=True)
        for i, dtype in enumerate(dtypes):
            here = table[table["dtype"] == dtype]
            for j, measure in enumerate(measures):
                _draw_ratios(axes[i, j], here[here["measure"] == measure], lines)
            _draw_fraction(axes[i, -1], here[(here["library"] == OURS) & (here["measure"] == BOTH)])
            page.name_row(axes[i, -1], dtype)
        for j, measure in enumerate(measures):
            axes[0, j].set_title(measure)
        axes[0, -1].set_title(BOTH)
        _label(axes, sorted({int(n) for n in data["hidden"].values}), bool(peers))
        if peers:
            page.legend(list(lines.items()))
    return page.figure(say("title-speed"), data, table, _caption(data, peers))


def _draw_ratios(axes: Axes, table: pd.DataFrame, lines: dict[str, Line]) -> None:
    """Every point as a mark, and the geometric mean at each size as a line."""
    for k, (peer, line) in enumerate(lines.items()):
        here = table[(table["library"] == peer) & table["ratio"].notna()]
        _draw_series(axes, here["n"].to_numpy(), np.log2(here["ratio"].to_numpy()), line, k - (len(lines) - 1) / 2)
    draw_reference(axes, 0.0, "")


def _draw_fraction(axes: Axes, table: pd.DataFrame) -> None:
    _draw_series(axes, table["n"].to_numpy(), table["fraction_of_peak"].to_numpy(), OWN, 0.0)
    axes.set_ylim(0, 1.02)
    draw_reference(axes, 1.0, "")


def _draw_series(axes: Axes, n: Array, values: Array, line: Line, shift: float) -> None:
    sizes = np.unique(n)
    if not len(sizes):
        return
    beside = 0.1 * shift  # marks of different libraries stand side by side
    axes.plot(np.log2(n) + beside, values, linestyle="", marker=line.marker, color=line.color, markersize=2, alpha=0.55)
    means = np.array([values[n == size].mean() for size in sizes])
    axes.plot(np.log2(sizes), means, **(line.options() | {"marker": ""}))


def _power_of_two(exponent: float, place: int | None = None) -> str:
    return f"{2**exponent:g}"


def _label(axes: Sequence[Sequence[Axes]], sizes: Sequence[int], ratios: bool) -> None:
    for bottom in axes[-1]:
        bottom.set_xlabel(say("axis-hidden"))
        bottom.xaxis.set_major_locator(FixedLocator([float(np.log2(n)) for n in sizes]))
        bottom.xaxis.set_minor_locator(NullLocator())
        bottom.xaxis.set_major_formatter(FuncFormatter(_power_of_two))
    for row in axes:
        row[-1].set_ylabel(say("axis-peak"))
        for panel in row[:-1] if ratios else ():
            panel.yaxis.set_major_formatter(FuncFormatter(_power_of_two))
        if ratios:
            row[0].set_ylabel(say("axis-ratio"))


def _table(data: xr.Dataset) -> pd.DataFrame:
    """One line for each point, measurement and library that has a time."""
    ours = data["milliseconds"].sel(library=OURS)
    both = xr.Dataset({"milliseconds": data["milliseconds"], "ratio": data["milliseconds"] / ours})
    table = both.to_dataframe().reset_index().drop(columns="point")
    fraction = data["fraction_of_peak"].expand_dims(library=[OURS]).to_dataframe().reset_index()
    keys = ["cell", "dtype", "steps", "batch", "hidden", "measure", "library"]
    table = table.merge(fraction[[*keys, "fraction_of_peak"]], on=keys, how="left")
    table = table[table["milliseconds"].notna()].rename(columns={"steps": "T", "batch": "B", "hidden": "n"})
    return table[["cell", "dtype", "T", "B", "n", "measure", "library", "milliseconds", "ratio", "fraction_of_peak"]]


def _caption(data: xr.Dataset, peers: Sequence[str]) -> Caption:
    cells = listing([cell_label(c) for c in dict.fromkeys(str(c) for c in data["cell"].values)])
    steps = listing([f"{t:,}" for t in sorted({int(t) for t in data["steps"].values})])
    batches = listing([str(b) for b in sorted({int(b) for b in data["batch"].values})])
    packs = "onnxruntime" if "onnxruntime" in peers else "none"
    return Caption(
        sentences(*(_mean_words(data, peer) for peer in peers)),
        sentences(
            say("shown-speed-ratios") if peers else "",
            say("shown-speed", place="right" if peers else "alone"),
        ),
        say(
            "note-speed", cells=cells, steps=steps, batches=batches, threads=int(data.attrs["threads"]), packs=packs,
            processor=literal(str(data.attrs["processor"])), versions=str(data.attrs["versions"]),
        ),
    )  # fmt: skip


def _mean_words(data: xr.Dataset, peer: str) -> str:
    """Geometric means of a peer's ratios."""
    words = []
    for dtype in dict.fromkeys(str(d) for d in data["dtype"].values):
        here = data.isel(point=np.flatnonzero(data["dtype"].values == dtype))["milliseconds"].sel(measure=BOTH)
        ratio = np.log((here.sel(library=peer) / here.sel(library=OURS)).values)
        if np.isfinite(ratio).any():
            words.append(f"{dtype} {np.exp(np.nanmean(ratio)):.2f}")
    return say("reading-speed", peer=peer, measure=BOTH, means=", ".join(words)) if words else ""
