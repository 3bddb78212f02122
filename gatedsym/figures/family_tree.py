"""The family tree as a picture: every cell at its year, each below the cell that it is an edit of.

Trees are packed into the rows of their family's band so that no label and no line meets another: what a row holds is a
list of intervals, and a tree goes into the first rows in which all of its own are free.
"""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Drawing

from gatedsym.errors import ArgumentError
from gatedsym.figures.figure import FORMATS
from gatedsym.figures.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, drawing_style
from gatedsym.figures.texts import text_width
from gatedsym.files.write import write_atomically
from gatedsym.messages import room

if TYPE_CHECKING:
    from gatedsym.library.family_tree import Member

say = room("captions")

# Inches, but for the sizes of type, which are points.
WIDTH, MARGIN, HEAD, FOOT = 7.2, 0.06, 0.32, 0.26
ROW, BAND_GAP, BAND_TITLE = 0.103, 0.06, 0.15
FIRST, INDENT, AFTER_DOT, GAP = 0.10, 0.085, 0.05, 0.11
NAME, NOTE, TITLE, YEAR = 6.0, 4.8, 7.0, 6.0
DOT = 0.019
YEARS_APART = 0.30
"""Below it a year's label stands one line higher."""

COLOURS = (BLACK, VERMILLION, BLUE, GREEN, ORANGE, PURPLE, SKY)
_TINT = 0.07
_SCARCE, _CROWDED = 0.5, 6
"""The room of a year with few cells, in that of a year with so many or more."""


@dataclass(frozen=True)
class Placed:
    """A cell with its place: inches from the left, rows from the top of its band."""

    member: Member
    x: float
    row: int
    above: tuple[float, int] | None
    leftwards: bool

    @property
    def note(self) -> str:
        """The cells that it is one with."""
        equals = self.member.equals
        return f"= {', '.join(equals[:2])}{', …' if len(equals) > 2 else ''}" if equals else ""

    @property
    def extent(self) -> tuple[float, float]:
        """The part of its row that its label and the line to it cover."""
        length = AFTER_DOT + text_width(self.member.name, NAME)
        if self.note:
            length += AFTER_DOT + text_width(self.note, NOTE)
        ends = [self.x - DOT, self.x + (-length if self.leftwards else length)]
        if self.above is not None:
            ends.append(self.above[0])
        return min(ends), max(ends)


@dataclass
class Band:
    """A family's rows, and what they hold."""

    family: str
    placed: list[Placed] = field(default_factory=list)
    taken: dict[int, list[tuple[float, float]]] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        return 1 + max(self.taken, default=0)

    def add(self, tree: Sequence[Placed]) -> None:
        """Put a tree, placed from row 0 on, into the first rows in which it meets nothing."""
        needs = _needs(tree)
        shift = next(s for s in range(self.rows + 1) if self._is_free(needs, s))
        for row, (low, high) in needs:
            self.taken.setdefault(row + shift, []).append((low, high))
        for p in tree:
            above = None if p.above is None else (p.above[0], p.above[1] + shift)
            self.placed.append(Placed(p.member, p.x, p.row + shift, above, p.leftwards))

    def _is_free(self, needs: Sequence[tuple[int, tuple[float, float]]], shift: int) -> bool:
        return all(
            high + GAP <= a or b + GAP <= low for row, (low, high) in needs for a, b in self.taken.get(row + shift, ())
        )


def _needs(tree: Sequence[Placed]) -> list[tuple[int, tuple[float, float]]]:
    """For each row of a tree the interval that it covers: labels, lines, and trunks that pass through."""
    found = {p.row: p.extent for p in tree}
    for p in tree:
        if p.above is not None:
            x, top = p.above
            for row in range(top, p.row + 1):
                low, high = found[row]
                found[row] = (min(low, x), max(high, x))
    return sorted(found.items())


def year_positions(years: Sequence[int], width: float) -> dict[int, float]:
    """The place of each year, in inches: a year takes room by the number of its cells, years without any take none."""
    counts = Counter(years)
    steps = [0.0]
    for year in sorted(counts)[:-1]:
        steps.append(steps[-1] + _SCARCE + min(counts[year] / _CROWDED, 1.0))
    scale = width / steps[-1] if steps[-1] else 0.0
    return {year: FIRST + MARGIN + step * scale for year, step in zip(sorted(counts), steps, strict=True)}


def place_tree(root: Member, years: Mapping[int, float]) -> list[Placed]:
    """A cell and its descendants, one row each, from row 0 on."""
    found: list[Placed] = []

    def place(member: Member, parent: Placed | None) -> None:
        x, leftwards = years[member.year], False
        if parent is not None:
            leftwards = x < parent.x - INDENT
            x = x if leftwards else max(x, parent.x + INDENT)
        above = None if parent is None else (parent.x, parent.row)
        own = Placed(member, x, len(found), above, leftwards)
        found.append(own)
        for child in member.children:
            place(child, own)

    place(root, None)
    return found


def lay_out(tree: Mapping[str, Sequence[Member]]) -> tuple[list[Band], dict[int, float]]:
    """All families' bands, and where the years stand.

    Parameters
    ----------
    tree : mapping of str to sequence of Member
        For each family the cells that are no edits of others.
    """
    members = [m for roots in tree.values() for root in roots for m in root.walk()]
    if not members:
        raise ArgumentError("a family tree needs a cell: the library is empty.")
    wide = WIDTH - 2 * MARGIN - FIRST
    years: dict[int, float] = {}
    for _ in range(4):  # the last years' labels need room on the right, which moves the years
        years = year_positions([m.year for m in members], wide)
        bands = [_band(family, roots, years) for family, roots in tree.items()]
        most = max(end for band in bands for row in band.taken.values() for _, end in row)
        if most <= WIDTH - MARGIN:
            break
        wide -= most - (WIDTH - MARGIN)
    return bands, years


def _band(family: str, roots: Sequence[Member], years: Mapping[int, float]) -> Band:
    band = Band(family)
    for root in roots:
        band.add(place_tree(root, years))
    return band


def draw_family_tree(tree: Mapping[str, Sequence[Member]], out: Path) -> list[Path]:
    """Draw the family tree and write it.

    Parameters
    ----------
    tree : mapping of str to sequence of Member
    out : path
        With the suffix .svg, .pdf or .png.

    Returns
    -------
    list of Path
        What was written. The same library gives the same bytes (under the same library versions).

    Raises
    ------
    ArgumentError
        For another suffix.
    """
    kind = out.suffix.lower().lstrip(".")
    if kind not in FORMATS:
        raise ArgumentError(f"{out} is no picture: let the name end in {', '.join('.' + f for f in FORMATS)}.")
    bands, years = lay_out(tree)
    title = say("title-family-tree")
    metadata: dict[str, dict[str, Any]] = {
        "pdf": {"Title": title, "CreationDate": None, "ModDate": None},
        "svg": {"Title": title, "Date": None},
        "png": {"Title": title},
    }
    buffer = io.BytesIO()
    with drawing_style():
        drawing = _drawing(bands, years)
        FigureCanvasAgg(drawing)
        drawing.savefig(buffer, format=kind, metadata=metadata[kind])
    write_atomically(out, buffer.getvalue())
    return [out]


def _drawing(bands: Sequence[Band], years: Mapping[int, float]) -> Drawing:
    height = HEAD + FOOT + sum(BAND_TITLE + band.rows * ROW + BAND_GAP for band in bands)
    drawing = Drawing(figsize=(WIDTH, height))
    axes = drawing.add_axes((0, 0, 1, 1))
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(height, 0)
    axes.set_axis_off()
    _draw_years(axes, years, height)
    top = HEAD
    for band, colour in zip(bands, COLOURS, strict=False):
        _draw_band(axes, band, colour, top)
        top += BAND_TITLE + band.rows * ROW + BAND_GAP
    axes.text(MARGIN + 0.03, height - 0.13, say("note-family-tree"), size=YEAR, color=GREY, va="center")
    return drawing


def _draw_years(axes: Axes, years: Mapping[int, float], height: float) -> None:
    ends = [-1.0, -1.0]  # of the labels in the lower and in the upper line
    for year, x in years.items():
        line = 0 if x - ends[0] >= YEARS_APART else 1
        top = HEAD - 0.04 - line * 0.11
        axes.plot([x, x], [top, height - FOOT + 0.02], color="#e3e3e3", linewidth=0.4, zorder=0.5)
        if x - ends[line] >= YEARS_APART:
            axes.text(x, top - 0.06, str(year), size=YEAR, color=GREY, ha="center", va="center")
            ends[line] = x


def _draw_band(axes: Axes, band: Band, colour: str, top: float) -> None:
    from matplotlib.patches import Rectangle

    size = BAND_TITLE + band.rows * ROW + BAND_GAP / 2
    axes.add_patch(
        Rectangle((MARGIN, top), WIDTH - 2 * MARGIN, size, facecolor=colour, alpha=_TINT, linewidth=0, zorder=0.2)
    )
    count = len(band.placed)
    axes.text(
        MARGIN + 0.04, top + BAND_TITLE / 2 + 0.01, f"{band.family} ({count})", size=TITLE, color=BLACK,
        weight="bold", va="center",
    )  # fmt: skip

    def level(row: int) -> float:
        return top + BAND_TITLE + (row + 0.5) * ROW

    for p in band.placed:
        y = level(p.row)
        if p.above is not None:
            x, row = p.above
            axes.plot([x, x, p.x], [level(row), y, y], color=colour, linewidth=0.6, solid_joinstyle="round", zorder=1)
    for p in band.placed:
        y = level(p.row)
        axes.plot([p.x], [y], marker="o", markersize=2 * DOT * 72, color=colour, markeredgewidth=0, zorder=2)
        start = p.x + (-AFTER_DOT if p.leftwards else AFTER_DOT)
        side = "right" if p.leftwards else "left"
        axes.text(start, y, p.member.name, size=NAME, color=BLACK, ha=side, va="center_baseline", zorder=3)
        if p.note:
            beyond = text_width(p.member.name, NAME) + AFTER_DOT
            place = start + (-beyond if p.leftwards else beyond)
            axes.text(place, y, p.note, size=NOTE, color=GREY, ha=side, va="center_baseline", zorder=3)
