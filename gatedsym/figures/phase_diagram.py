"""Phase diagram: χ over the gain of recurrent weights and a bias, with the three lines that mark a transition."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.patheffects import withStroke

from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.readings import phase_reading
from gatedsym.figures.style import BLACK, BLUE, VERMILLION, Line, points
from gatedsym.figures.words import (
    cell_label,
    drawn_attrs,
    initialisation_words,
    input_words,
    listing,
    own_sizes,
    sentences,
    warnings_of,
)
from gatedsym.flow.analyses.phase_diagram import averaged
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("captions")

LEVELS = (-1.5, -1.2, -0.9, -0.6, -0.3, 0.0, 0.3)
MAP = LinearSegmentedColormap.from_list("light", ["#ffffff", "#e9eef2", "#c9d6df", "#a3b8c6"])
"""Light throughout, lighter where the signal decays faster: lines and words stand out on it, in grey too."""


@dataclass(frozen=True)
class Transition:
    """A line of the diagram."""

    name: str
    line: Line

    @property
    def words(self) -> str:
        """In the legend."""
        return say(f"legend-phase-{self.name}")

    @property
    def label(self) -> str:
        """On the line."""
        return say(f"label-phase-{self.name}")


UNTIED = Transition("untied", Line(BLACK, "-", ""))
TIED = Transition("tied", Line(VERMILLION, (0, (5, 1.5)), ""))
REST = Transition("rest", Line(BLUE, (0, (1, 1)), "o"))
UNDECIDED = 2.0
"""Standard errors within which an exponent is not told from 0."""


def phase_diagram(data: xr.Dataset, *, name: str = "phase-diagram", **look: Unpack[Look]) -> Figure:
    """Draw the map of χ with the lines χ = 1, λ₁ = 0 and that of networks at rest.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.phase_diagram`; of a selection of seeds or networks, the means of these are drawn.
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
    >>> data = gs.flow.phase_diagram("gru", "noise", n=4, population=64, steps=20, gain=[1.0, 2.0])
    >>> gs.figures.phase_diagram(data).title
    'Where the backward signal grows'
    """
    data = restored(data, "phase_diagram")
    if "chi_of_each" in data:  # of the seeds that a selection has left
        data = averaged(data)
        data.attrs["networks"] = data.sizes["network"]
    cells = [str(c) for c in data["cell"].values]
    with plate(name, look) as page:
        columns = page.columns(min(len(cells), 3))
        rows = -(-len(cells) // columns)
        axes = page.grid(rows, columns, 1.75, sharey=False, sharex=True)
        filled: Any = None
        for k, cell in enumerate(cells):
            filled = _draw_panel(axes[k // columns, k % columns], data.sel(cell=cell), cell)
        for k in range(len(cells), rows * columns):
            axes[k // columns, k % columns].set_axis_off()
            axes[k // columns - 1, k % columns].tick_params(labelbottom=True)
        for k in range(max(0, len(cells) - columns), len(cells)):
            axes[k // columns, k % columns].set_xlabel(say("axis-recurrent-gain"))
        bar = page.drawing.colorbar(filled, ax=page.beside(axes), fraction=0.03, pad=0.02, aspect=30)
        bar.set_ticks(LEVELS, labels=[f"{np.exp(level):.2g}" for level in LEVELS])
        bar.set_label(say("bar-chi"))
        bar.outline.set_linewidth(0.6)
        page.legend([(t.words, t.line) for t in (UNTIED, TIED, REST)])
    return page.figure(say("title-phase"), data, _table(data), _caption(data, cells))


def _draw_panel(axes: Axes, data: xr.Dataset, cell: str) -> Any:
    shown = data.isel(place=np.flatnonzero(np.isfinite(data["bias"].values)))
    gain, bias = shown["gain"].values, shown["bias"].values
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.log(shown["chi"].values) / 2
    tied = shown["tied"].values
    drawn = np.clip(np.where(np.isneginf(rate), LEVELS[0] - 1, rate), LEVELS[0] - 1, LEVELS[-1] + 1)
    filled = axes.contourf(gain, bias, np.ma.masked_invalid(drawn), levels=LEVELS, cmap=MAP, extend="both")
    axes.set_title(cell_label(cell))
    axes.set_ylabel(say("axis-bias" if str(data["axis"].values) == "retention" else "axis-spread"))
    axes.set_xlim(gain[0], gain[-1])
    axes.set_ylim(bias[0], bias[-1])
    axes.grid(False)
    unknown = ~np.isfinite(rate) | np.isnan(tied)
    if unknown.any():
        j, i = np.nonzero(unknown)
        axes.plot(gain[i], bias[j], linestyle="", marker="x", color=BLACK, markersize=3, clip_on=False)
    _mark_undecided(axes, gain, bias, tied, shown["tied_error"].values)
    labels = _Labels(axes)
    for transition, values in ((UNTIED, rate), (TIED, np.where(np.isneginf(tied), -10.0, tied))):
        labels.add(_draw_contour(axes, gain, bias, values, transition.line), transition)
    rest = shown["at_rest"].values
    inside = np.isfinite(rest)
    if inside.any():
        axes.plot(rest[inside], bias[inside], **REST.line.options() | {"markersize": 2.2})
        within = inside & (rest <= gain[-1])
        labels.add([np.column_stack([rest[within], bias[within]])], REST)
    return filled


def _mark_undecided(axes: Axes, gain: Array, bias: Array, tied: Array, error: Array) -> None:
    """Small strokes where the exponent is within two standard errors of 0: pieces of its line there are no finding."""
    with np.errstate(invalid="ignore"):
        j, i = np.nonzero(np.abs(tied) < UNDECIDED * error)
    axes.plot(gain[i], bias[j], linestyle="", marker="_", color=VERMILLION, markersize=3.5, markeredgewidth=0.9)


def _draw_contour(axes: Axes, gain: Array, bias: Array, values: Array, line: Line) -> list[Array]:
    """Draw where the values are 0; return the line's pieces."""
    finite = values[np.isfinite(values)]
    if not finite.size or not finite.min() < 0 < finite.max():
        return []
    found = axes.contour(gain, bias, np.ma.masked_invalid(values), levels=[0.0], colors=[line.color],
                         linestyles=[line.dashes], linewidths=[1.3])  # fmt: skip
    return [piece for piece in found.allsegs[0] if len(piece) > 1]


class _Labels:
    """Words on lines, each where it is farthest from all lines and words that are there already."""

    def __init__(self, axes: Axes) -> None:
        self.axes = axes
        self.taken: list[Array] = []
        low, high = np.array([axes.get_xlim(), axes.get_ylim()]).T
        self.low, self.span = low, high - low

    def add(self, pieces: Sequence[Array], transition: Transition) -> None:
        """Write a label on a line that is inside the panel."""
        pieces = [p for p in pieces if len(p)]
        if not pieces:
            return
        along = np.concatenate([_dense((p - self.low) / self.span) for p in pieces])
        inside = along[(along > [0.12, 0.08]).all(axis=1) & (along < [0.88, 0.92]).all(axis=1)]
        if not len(inside):
            self.taken.append(along)
            return
        room = np.min([np.abs(inside - 0.5).max(axis=1) * -0.2 + 1] + [
            np.sqrt((((inside[:, None] - other) * [1.0, 1.4]) ** 2).sum(axis=-1)).min(axis=1) for other in self.taken
        ], axis=0)  # fmt: skip
        place = inside[int(room.argmax())]
        x, y = self.low + place * self.span
        self.axes.text(x, y, transition.label, color=transition.line.color, fontsize=points(6.5), ha="center",
                       va="center", path_effects=[withStroke(linewidth=2.2, foreground="white")])  # fmt: skip
        self.taken += [along, place[None] + np.array([[-0.1, 0.0], [0.0, 0.0], [0.1, 0.0]])]


def _dense(points: Array) -> Array:
    """Points along a polyline, evenly enough for a label to find its place."""
    if len(points) < 2:
        return points
    at = np.linspace(0, len(points) - 1, 8 * len(points))
    return np.column_stack([np.interp(at, np.arange(len(points)), points[:, k]) for k in range(2)])


def _table(data: xr.Dataset) -> pd.DataFrame:
    frame = data[["chi", "chi_error", "tied", "tied_error", "at_rest", "bias", "axis"]].to_dataframe().reset_index()
    frame = frame[frame["bias"].notnull()].drop(columns="place")
    return frame[["cell", "axis", "bias", "gain", "chi", "chi_error", "tied", "tied_error", "at_rest"]]


def _caption(data: xr.Dataset, cells: Sequence[str]) -> Caption:
    attrs = drawn_attrs(data)
    kinds = {str(a) for a in data["axis"].values}
    biases = []
    if "retention" in kinds:
        biases.append(say("phase-retention"))
    if "spread" in kinds:
        biases.append(say("phase-spread"))
    known = data["bias"].notnull()
    marked = bool((known & (~np.isfinite(data["chi"]) | data["tied"].isnull())).any())
    n, others, steps = str(attrs["n"]), own_sizes(attrs), str(attrs["steps"])
    return Caption(
        phase_reading(data, cells),
        say(
            "shown-phase", cells=listing([cell_label(c) for c in cells]), biases=listing(biases),
            networks=str(attrs["networks"]), rest=_rest_words(data, cells),
        ),
        sentences(
            say(
                "note-phase", population=str(attrs["population"]), seeds=str(attrs["seeds"]),
                error=_theory_error(data), n=n, others=others, steps=steps,
            ),
            say("crosses-not-finite") if marked else "",
            initialisation_words(attrs, [attrs["init"]]),
            say("sizes-phase", input=input_words(attrs), dtype=str(attrs["dtype"])),
        ),
        warnings_of(attrs),
    )  # fmt: skip


def _theory_error(data: xr.Dataset) -> str:
    """The largest standard error of ½ ln χ; one population has none."""
    with np.errstate(divide="ignore", invalid="ignore"):
        errors = (data["chi_error"] / data["chi"] / 2).values
    finite = errors[np.isfinite(errors)]
    return f"{finite.max():.2g}" if finite.size else say("error-unknown")


def _rest_words(data: xr.Dataset, cells: Sequence[str]) -> str:
    """By what the line at rest is known, for which cells."""
    by = [str(b) for b in np.ravel(data.attrs["at_rest_by"])]
    lawful = [cell_label(c) for c, b in zip(cells, by) if b == "law"]
    others = [cell_label(c) for c, b in zip(cells, by) if b != "law"]
    words, seeds = [], str(data.attrs["seeds"])
    if lawful and others:
        words.append(say("phase-rest-law-of", seeds=seeds, cells=listing(lawful)))
        words.append(say("phase-rest-also", cells=listing(others)))
    elif lawful:
        words.append(say("phase-rest-law", seeds=seeds))
    elif others:
        words.append(say("phase-rest-measured", cells=listing(others)))
    return "; ".join(words)
