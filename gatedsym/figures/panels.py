"""Grids of panels, lines with bands, and a legend that stands outside the data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Normalize, to_rgba
from matplotlib.figure import Figure as Drawing
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from gatedsym.figures.style import GREY, Line, points
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("captions")

MAP_ZERO = "#e8e8e8"
"""The colour of exact zeros in a map."""
MAP_COLOURS = "viridis_r"
"""The colours of a map: even in lightness, so that it prints in grey; dark is large."""
Sharing = bool | Literal["row", "col"]


def make_grid(
    rows: int,
    columns: int,
    width: float,
    row_height: float,
    sharey: Sharing = True,
    sharex: Sharing = True,
    blocks: Sequence[range] | None = None,
    height: float | None = None,
) -> tuple[Drawing, Any]:
    """An empty drawing of `width` inches and its axes, (rows, columns), each block of columns below the last."""
    blocks = blocks or [range(columns)]
    layout = ConstrainedLayoutEngine(w_pad=0.03, h_pad=0.03, hspace=0.04, wspace=0.05)
    tall = len(blocks) * rows * row_height + 0.75 if height is None else height
    drawing = Drawing(figsize=(width, tall), layout=layout)
    FigureCanvasAgg(drawing)
    places = drawing.add_gridspec(len(blocks) * rows, max(map(len, blocks)))
    axes = np.empty((rows, columns), dtype=object)
    for above, block in enumerate(blocks):
        for i in range(rows):
            for j in block:
                shares = {"sharex": _leader(axes, i, j, sharex), "sharey": _leader(axes, i, j, sharey)}
                panel = drawing.add_subplot(places[above * rows + i, j - block[0]], **shares)
                if sharex in (True, "col") and i + 1 < rows:
                    panel.tick_params(which="both", labelbottom=False)
                if sharey in (True, "row") and j > block[0]:
                    panel.tick_params(which="both", labelleft=False)
                axes[i, j] = panel
    return drawing, axes


def blocks_of(columns: int, width: float, least: float) -> list[range]:
    """Columns in blocks of about one size, so that a panel with its labels has at least so many inches."""
    most = max(1, int(width / least + 1e-6))
    count = -(-columns // most)
    size = -(-columns // count)
    return [range(k, min(k + size, columns)) for k in range(0, columns, size)]


def _leader(axes: Any, row: int, column: int, sharing: Sharing) -> Axes | None:
    """The panel made before with which a new one shares an axis."""
    first = {True: (0, 0), "row": (row, 0), "col": (0, column), False: (row, column)}[sharing]
    found: Axes | None = axes[first]
    return found


def draw_band(axes: Axes, x: Array, curves: Iterable[Array], line: Line, shift: float = 0.0) -> None:
    """Draw lower quartile, median and upper quartile, as a line over a band; triangles below where the median is -inf.

    `shift` moves the markers along the line (0 to 1 of their distance), so that those of lines that coincide are seen.
    """
    lower, median, upper = curves
    if not np.isfinite(median).any():
        mark_zeros(axes, x, np.isneginf(median), line)
        return
    every = max(1, len(x) // 5)
    first = min(len(x) - 1, int(every * (0.25 + 0.6 * shift))) if len(x) > 12 else 0
    finite = np.where(np.isfinite(median), median, np.nan)
    band = np.isfinite(lower) & np.isfinite(upper)
    axes.fill_between(x, lower, upper, where=band, color=line.color, alpha=0.22, linewidth=0)
    axes.plot(x, finite, markevery=(first, every) if len(x) > 12 else None, **line.options())
    mark_zeros(axes, x, np.isneginf(median), line)


def mark_zeros(axes: Axes, x: Array, zero: Array, line: Line) -> None:
    """Triangles at the lower edge where a norm is exactly zero, its logarithm minus infinity."""
    if zero.any():
        places = x[zero][:: max(1, int(zero.sum()) // 8)]
        axes.plot(places, np.zeros(len(places)), linestyle="", marker="v", color=line.color, clip_on=False,
                  transform=axes.get_xaxis_transform())  # fmt: skip


def mark_empty_panels(found: Sequence[Axes]) -> bool:
    """Say so in each panel that shows nothing; returns whether any panel shows something."""
    panels = [axes for axes in found if axes.axison and axes.get_visible()]
    empty = [axes for axes in panels if not _shows_something(axes)]
    for axes in empty:
        axes.text(
            0.5,
            0.5,
            say("nothing"),
            transform=axes.transAxes,
            ha="center",
            va="center",
            fontsize=points(7),
            color=GREY,
        )
    return not panels or len(empty) < len(panels)


def _shows_something(axes: Axes) -> bool:
    """Whether a panel shows data; reference lines, which cross it whole, and its name are none."""
    lines = [line for line in axes.lines if line.get_transform() is not axes.get_yaxis_transform()]
    colored = [*axes.images, *axes.collections]
    values = (a.get_array() for a in colored if a.get_array() is not None)
    shapes = (path.vertices for c in axes.collections if c.get_array() is None for path in c.get_paths())
    written = any(t.get_text() for t in axes.texts if getattr(t, "xycoords", "data") == "data")
    drawn = any(_finite(line.get_ydata()) >= (1 if _marks_points(line) else 2) for line in lines)
    return written or drawn or bool(axes.patches) or any(_finite(a) for part in (values, shapes) for a in part)


def _marks_points(line: Line2D) -> bool:
    """Whether each point has a marker: a lone one without is no line and is not seen."""
    return line.get_marker() not in ("", "None", None) and line.get_markevery() is None


def _finite(values: Any) -> int:
    """Count the values that can be drawn."""
    return int(np.isfinite(np.ma.filled(np.ma.asarray(values, dtype=float), np.nan)).sum())


def powers_of_ten(axis: Any) -> None:
    """Label an axis that carries log10 of a value with the value."""
    low, high = axis.get_view_interval()
    if high - low < 1e-3:  # a single value: labels of its digits would all read alike
        (axis.axes.set_ylim if axis.axis_name == "y" else axis.axes.set_xlim)(low - 1, high + 1)
    axis.set_major_locator(MaxNLocator(nbins=6, integer=True, steps=[1, 2, 5, 10]))
    axis.set_major_formatter(FuncFormatter(_power_label))


def map_pixels(values: Array, scale: Normalize) -> Array:
    """Colours of a map of logarithms; exact zeros have one of their own, apart from numbers below the scale."""
    pixels = np.array(colormaps[MAP_COLOURS](scale(np.where(np.isfinite(values), values, 0.0))))
    pixels[np.isneginf(values)] = to_rgba(MAP_ZERO)
    pixels[np.isnan(values)] = to_rgba("white")
    return pixels


def whole_power_label(exponent: float, place: int | None = None) -> str:
    """10**exponent, for ticks that stand at integers."""
    return rf"$10^{{{exponent:.0f}}}$"


def _power_label(exponent: float, place: int | None = None) -> str:
    """10**exponent; within a decade, where exponents are no integers, as a plain number."""
    if abs(exponent - round(exponent)) < 1e-6:
        return whole_power_label(exponent)
    return f"{10**exponent:.2g}" if abs(exponent) < 4 else rf"$10^{{{exponent:.1f}}}$"


def add_legend(drawing: Drawing, entries: Sequence[tuple[str, Line]]) -> None:
    """A legend above all panels, in as many columns as the width holds."""
    handles = [Line2D([], [], label=label, **line.options()) for label, line in entries]
    # A handle takes about half an inch with its gaps, a letter about a fifteenth.
    widest = 0.5 + max(len(re.sub(r"[$\\]|gamma|mathrm", "", label)) for label, _ in entries) / 15
    columns = max(1, min(len(handles), int(drawing.get_figwidth() / widest)))
    drawing.legend(handles=handles, loc="outside upper center", ncols=columns, columnspacing=1.2)


def name_row(axes: Axes, text: str) -> None:
    """The row's name, beside the right edge of its last panel's frame, turned; a long one in several lines."""
    lines = _broken(text, 14)
    axes.annotate("\n".join(lines), xy=(1.0, 0.5), xycoords="axes fraction", xytext=(4, 0), textcoords="offset points",
                  rotation=-90, va="center", ha="left", multialignment="center",
                  fontsize=points(8 if len(lines) == 1 else 6), fontweight="bold")  # fmt: skip


def _broken(text: str, width: int) -> list[str]:
    """Lines of about `width` letters, broken after underscores and spaces, and within words that are longer."""
    lines = [""]
    for word in re.findall(r"[^_ ]*[_ ]|[^_ ]+", text):
        for piece in (word[k : k + width] for k in range(0, len(word), width)):
            if lines[-1] and len((lines[-1] + piece).rstrip()) > width:
                lines.append("")
            lines[-1] += piece
    return [line.rstrip() for line in lines]


def draw_reference(axes: Axes, y: float, text: str) -> None:
    """A thin horizontal line with its meaning written on it."""
    axes.axhline(y, color=GREY, linewidth=0.6, linestyle=(0, (1, 2)))
    axes.annotate(text, xy=(0.0, y), xycoords=("axes fraction", "data"), xytext=(3, 2), textcoords="offset points",
                  fontsize=points(6), color=GREY)  # fmt: skip
