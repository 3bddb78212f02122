"""The look that a person wants → the plate on which it is drawn: its size, type, colours, and whose axes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypedDict

import matplotlib
import numpy as np
import pandas as pd
import xarray as xr
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import is_color_like, to_hex, to_rgba, to_rgba_array
from matplotlib.figure import Figure as Drawing
from matplotlib.lines import Line2D

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_several, shown
from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.panels import Sharing, add_legend, blocks_of, make_grid, name_row
from gatedsym.figures.style import (
    OF_FILES,
    PALETTE,
    RC,
    WIDTHS,
    Line,
    drawing_style,
    type_sizes,
    width_of,
)
from gatedsym.figures.texts import fit_texts, overlapping

NARROWEST = min(WIDTHS.values())
"""Inches; below the narrowest column of a venue a figure whose texts do not find room is refused."""
SENSIBLE_HEIGHT = (0.8, 60.0)


class Look(TypedDict, total=False):
    """Arguments by which every figure takes the look that a person wants, as keyword arguments.

    Attributes
    ----------
    width : str or float
        A venue (`style.WIDTHS`) or inches; default neurips. Panels that find no room beside each other go below.
    height : float, optional
        Inches; by default each row of panels has its own. Not for figures whose height follows from their text.
    font_size : float, optional
        Points of ordinary text (7.5); titles, labels and notes stand in proportion.
    rc : mapping, optional
        Settings of Matplotlib over ours, by name; ``rc=matplotlib.rcParams`` takes yours whole.
    colors : sequence of colours, or mapping, optional
        In place of those of the series, in order; or by name: ``{"vermillion": "#882255"}``.
    ax : matplotlib.axes.Axes, optional
        Draw into it, under the settings in force, rather than on a figure of its own: for a figure of one panel (use
        ``.sel`` and the figure's own arguments), or with `panel`. Size and layout are then its figure's.
    panel : (row, column), optional
        Of a figure with several panels the one that goes into `ax`, counted from 0.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.bound("rnn", "noise", n=4, seeds=2, lags=10)
    >>> look: gs.figures.Look = {"width": "icml-column", "font_size": 8}
    >>> float(gs.figures.bound(data, **look).drawing.get_figwidth())
    3.25
    """

    width: str | float
    height: float | None
    font_size: float | None
    rc: Mapping[str, Any] | None
    colors: Sequence[Any] | Mapping[str, Any] | None
    ax: Axes | None
    panel: tuple[int, int] | None


@contextmanager
def plate(name: str, look: Look) -> Iterator[Plate]:
    """A plate for the time of a drawing; at its end every text is given its room, and colours are put on.

    Parameters
    ----------
    name : str
        Of the figure, for what is refused.
    look : Look

    Raises
    ------
    ArgumentError
        For what is no look, and for a width at which texts overlap.
    """
    made = read_look(name, look)
    with drawing_style(made.rc):
        yield made
        made.finish()


@dataclass
class Plate:
    """A figure while it is drawn.

    Attributes
    ----------
    name : str
    width : float
        Inches.
    height : float or None
        Inches, where the person says.
    rc : mapping or None
        Settings over ours.
    colors : mapping of str to colour
        In place of a colour of ours.
    ax : Axes or None
        Whose axes are drawn into.
    panel : (row, column) or None
    drawing : Figure
        Once `grid` or `sheet` has made it.
    """

    name: str
    width: float
    height: float | None
    rc: Mapping[str, Any] | None
    colors: Mapping[str, Any]
    ax: Axes | None
    panel: tuple[int, int] | None
    _drawing: Drawing | None = None
    _axes: Any = None
    _blocks: list[range] = field(default_factory=list)
    _stand_in: Axes | None = None
    _sharing: tuple[Sharing, Sharing] = (False, False)

    @property
    def drawing(self) -> Drawing:
        """The drawing."""
        assert self._drawing is not None, "a plate has a drawing once its grid is made"
        return self._drawing

    def columns(self, most: int, least: float = 1.5) -> int:
        """The number of panels of at least so many inches stand beside each other; `most` at most."""
        return most if self.ax is not None else max(1, min(most, int(self.width / least + 1e-6)))

    def grid(
        self, rows: int, columns: int, row_height: float, sharey: Sharing = True, sharex: Sharing = True,
        least: float = 1.3,
    ) -> Any:  # fmt: skip
        """Axes, (rows, columns); columns narrower than `least` inches go below each other in blocks.

        Raises
        ------
        ArgumentError
            Where `ax` is one panel and the figure has several.
        """
        self._sharing = (sharex, sharey)
        self._blocks = blocks_of(columns, self.width, least) if self.ax is None else [range(columns)]
        drawing, axes = make_grid(rows, columns, self.width, row_height, sharey, sharex, self._blocks, self.height)
        if self.ax is None:
            self._drawing, self._axes = drawing, axes
            return axes
        row, column = self._place_of_panel(rows, columns)
        self._stand_in, axes[row, column] = axes[row, column], self.ax
        root = self.ax.get_figure()
        assert root is not None, "axes that are drawn into belong to a figure"
        self._drawing, self._axes, self.panel = root, axes, (row, column)  # type: ignore[assignment]
        return axes

    def sheet(self, height: float) -> Drawing:
        """An empty drawing whose height follows from what stands on it.

        Raises
        ------
        ArgumentError
            For a height or axes that were given.
        """
        if self.ax is not None or self.height is not None:
            what = "ax" if self.ax is not None else "height"
            raise ArgumentError(
                f"{self.name} is a sheet of lines, whose height follows from its width and its text: leave {what} out."
            )
        self._drawing = Drawing(figsize=(self.width, height))
        FigureCanvasAgg(self._drawing)
        return self._drawing

    def name_row(self, axes: Axes, text: str) -> None:
        """The row's name beside a panel, and beside the last one of each block of columns before it."""
        if self.ax is not None:
            return
        row, column = next(place for place, panel in np.ndenumerate(self._axes) if panel is axes)
        for block in self._blocks:
            if block[0] <= column:
                name_row(self._axes[row, min(block[-1], column)], text)

    def legend(self, entries: Sequence[tuple[str, Line]]) -> None:
        """A legend above all panels, or within the axes that were given, where it covers least."""
        if self.ax is None:
            add_legend(self.drawing, entries)
            return
        drawn = _colours_in(self.ax)
        handles = [
            Line2D([], [], label=label, **line.options()) for label, line in entries if to_rgba(line.color) in drawn
        ]
        if handles:
            self.ax.legend(handles=handles, loc="best")

    def beside(self, panels: Any) -> Any:
        """The panels beside which a scale of colours stands: of axes that were given these alone."""
        return panels if self.ax is None else [self.ax]

    def figure(self, title: str, data: xr.Dataset, table: pd.DataFrame, caption: Caption) -> Figure:
        """The finished figure of what was drawn."""
        return Figure(self.name, title, self.drawing, data, table, caption, self.rc, self.ax)

    def finish(self) -> None:
        """Label the outer panels, give every text its room, put the person's colours on."""
        if self.ax is not None:
            self._label_given()
            recolour([self.ax], self.colors)
            return
        if self._axes is not None:
            self._label_outer()
        fit_texts(self.drawing)
        recolour([self.drawing], self.colors)
        if self.width < NARROWEST and (found := overlapping(self.drawing)):
            one, other = (" ".join(words.split()) for words in found[0])
            told = f"{one!r} is cut" if other == "edge" else f"{one!r} and {other!r} overlap"
            raise ArgumentError(
                f"{self.name} finds no room for its texts in {self.width:g} inches ({told}): give more, such as "
                f"{NARROWEST:g}, a smaller font_size, or fewer cells."
            )

    def _place_of_panel(self, rows: int, columns: int) -> tuple[int, int]:
        if self.panel is None and rows * columns == 1:
            return 0, 0
        if self.panel is None:
            raise ArgumentError(
                f"ax is one panel and {self.name} has {rows} x {columns}: select one with .sel and the figure's own "
                "arguments, or say which by panel=(row, column)."
            )
        row, column = self.panel
        if not (0 <= row < rows and 0 <= column < columns):
            raise ArgumentError(f"panel {row}, {column}: {self.name} has {rows} rows and {columns} columns, from 0.")
        return row, column

    def _label_outer(self) -> None:
        """Put the labels of a shared axis at the outer panels of a block, also where the next panel is hidden."""
        sharex, sharey = self._sharing
        there = [[a.figure is not None and a.get_visible() and a.axison for a in row] for row in self._axes]
        rows = len(there)
        for block in self._blocks:
            for (i, j), panel in np.ndenumerate(self._axes[:, block[0] : block[-1] + 1]):
                if not there[i][block[0] + j]:
                    continue
                below = any(there[k][block[0] + j] for k in range(i + 1, rows))
                before = any(there[i][k] for k in range(block[0], block[0] + j))
                if sharex in (True, "col"):
                    panel.tick_params(which="both", labelbottom=not below)
                if sharey in (True, "row"):
                    panel.tick_params(which="both", labelleft=not before)
                    if not before and not panel.get_ylabel():
                        panel.set_ylabel(self._axes[i, 0].get_ylabel())

    def _label_given(self) -> None:
        """Axes that were given get the labels, scales and ticks that the panel would have shared."""
        assert self.ax is not None
        assert self.panel is not None
        assert self._stand_in is not None
        (row, column), own, other = self.panel, self.ax, self._stand_in
        beside = self._axes[row, :] if self._sharing[1] in (True, "row") else []
        for label, sources in (("xlabel", self._axes[::-1, column]), ("ylabel", beside),
                               ("title", self._axes[:, column])):  # fmt: skip
            if not getattr(own, f"get_{label}")():
                found = [a for a in sources if a is not own and getattr(a, f"get_{label}")()]
                getattr(own, f"set_{label}")(getattr(found[0], f"get_{label}")() if found else "")
        for axis, shared, which in ((own.xaxis, other.xaxis, "x"), (own.yaxis, other.yaxis, "y")):
            if shared.get_scale() != axis.get_scale() and axis.get_scale() == "linear":
                getattr(own, f"set_{which}scale")(shared.get_scale())
            if not getattr(other, f"get_autoscale{which}_on")() and getattr(own, f"get_autoscale{which}_on")():
                getattr(own, f"set_{which}lim")(getattr(other, f"get_{which}lim")())
            if not shared.isDefault_majfmt and axis.isDefault_majfmt:
                axis.set_major_formatter(shared.get_major_formatter())
            if not shared.isDefault_majloc and axis.isDefault_majloc:
                axis.set_major_locator(shared.get_major_locator())


def _colours_in(axes: Axes) -> set[tuple[float, float, float, float]]:
    """The colours of what a panel shows: of its lines, its marks and its bars, whatever their transparency."""
    marks = [c.get_edgecolor() for c in axes.collections] + [c.get_facecolor() for c in axes.collections]
    bars = [patch.get_edgecolor() for patch in axes.patches] + [patch.get_facecolor() for patch in axes.patches]
    lines = [line.get_color() for line in axes.lines]
    return {to_rgba(tuple(c[:3])) for colours in (*marks, *bars, *lines) for c in to_rgba_array(colours)}


def read_look(name: str, look: Look) -> Plate:
    """The plate that a look asks for.

    Raises
    ------
    ArgumentError
        For a word that is none of `Look`'s, and for values that cannot be used.
    """
    known = list(Look.__annotations__)
    for word in look:
        if word not in known:
            raise ArgumentError(f"{name} has no argument {word!r}: how a figure looks is said by {', '.join(known)}.")
    ax, panel = look.get("ax"), look.get("panel")
    if ax is not None and not isinstance(ax, Axes):
        raise ArgumentError(f"ax is of type {type(ax).__name__}: give the axes of a Matplotlib figure.")
    if panel is not None and ax is None:
        raise ArgumentError("panel says what goes into ax: give both, or neither.")
    width = width_of(look.get("width", "neurips"))
    return Plate(name, width, _height(look.get("height")), _settings(look), _colors(look.get("colors")), ax, panel)


def _height(height: float | None) -> float | None:
    low, high = SENSIBLE_HEIGHT
    if height is not None and not (isinstance(height, int | float) and low <= height <= high):
        raise ArgumentError(f"height {height!r}: give {low:g} to {high:g} inches, or leave it out.")
    return None if height is None else float(height)


def _settings(look: Look) -> dict[str, Any] | None:
    """Matplotlib's settings over ours; into axes that were given, a person's own are drawn with."""
    given: Any = look.get("rc")
    if given is None and look.get("ax") is not None:
        given = matplotlib.rcParams
    size = look.get("font_size")
    if size is not None and not (isinstance(size, int | float) and 2 <= size <= 40):
        raise ArgumentError(f"font_size {size!r}: give 2 to 40 points, or leave it out.")
    if given is None:
        return None if size is None else type_sizes(size)
    if not isinstance(given, Mapping):
        raise ArgumentError(f"rc is of type {type(given).__name__}: give settings by name, or matplotlib.rcParams.")
    return _over_ours(given) | (type_sizes(size) if size is not None else {})


def _over_ours(given: Any) -> dict[str, Any]:
    """Settings by name, checked; of a whole set of them what files need stays ours where it is Matplotlib's default."""
    whole = isinstance(given, matplotlib.RcParams)
    defaults: Any = matplotlib.rcParamsDefault
    found: dict[str, Any] = {}
    for key in given:
        if key not in matplotlib.rcParams:
            raise ArgumentError(f"rc names {key!r}, which is no setting of Matplotlib: see matplotlib.rcParams.")
        if whole and (key.startswith("backend") or (key in OF_FILES and given[key] == defaults[key])):
            continue
        found[key] = given[key]
    try:
        matplotlib.RcParams(found)
    except ValueError as error:
        raise ArgumentError(f"rc cannot be used: {error}.") from error
    sized = "font.size" in found and not whole
    return (type_sizes(float(found["font.size"])) if sized else {}) | found


def _colors(given: Sequence[Any] | Mapping[str, Any] | None) -> dict[str, Any]:
    """Colours in place of ours, by ours."""
    if given is None:
        return {}
    series = () if isinstance(given, Mapping) else expect_several("colors", given, "names of colours or '#rrggbb'")
    named = dict(given) if isinstance(given, Mapping) else dict(zip(PALETTE, series))
    for name, color in named.items():
        if name not in PALETTE:
            raise ArgumentError(f"there is no colour {shown(name)} in a figure: choose from {', '.join(PALETTE)}.")
        if not is_color_like(color):
            raise ArgumentError(f"{shown(color)} is no colour that Matplotlib knows: give a name or '#rrggbb'.")
    return {to_hex(PALETTE[name]): color for name, color in named.items()}


def recolour(roots: Sequence[Any], colors: Mapping[str, Any]) -> None:
    """Put colours in the place of ours, wherever they are, as thin as they were."""
    if not colors:
        return
    for artist in (a for root in roots for a in root.findobj()):
        for part in ("color", "facecolor", "edgecolor", "markeredgecolor", "markerfacecolor"):
            get, put = (getattr(artist, f"{verb}_{part}", None) for verb in ("get", "set"))
            if get is None or put is None:
                continue
            old = get()
            new = _replaced(old, colors)
            if new is not None:
                put(new)


def _replaced(old: Any, colors: Mapping[str, Any]) -> Any:
    """The colour, or the list of them, in whose place others stand; None where none does."""
    several = isinstance(old, np.ndarray) and old.ndim == 2
    each = list(old) if several else [old]
    if not all(is_color_like(c) for c in each):
        return None
    changed = [to_rgba(colors[to_hex(c)], to_rgba(c)[3]) if to_hex(c) in colors else to_rgba(c) for c in each]
    if changed == [to_rgba(c) for c in each]:
        return None
    return changed if several else changed[0]


__all__ = ["RC", "Look", "Plate", "plate", "recolour"]
