"""The Jacobian sheet: a cell's step, the closed form of each block of its Jacobian, its highways, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Unpack

import pandas as pd
import xarray as xr
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser
from matplotlib.patches import Rectangle

from gatedsym.errors import ArgumentError
from gatedsym.figures.caption import Caption
from gatedsym.figures.figure import Figure
from gatedsym.figures.forms import restored
from gatedsym.figures.look import Look, plate
from gatedsym.figures.readings import sheet_reading
from gatedsym.figures.style import GREY, points, setting
from gatedsym.figures.texts import text_width
from gatedsym.figures.words import cell_label, listing, sentences
from gatedsym.messages import room

say = room("captions")

POINTS = 72.0
SIZE = 7.5
SMALL = 6.5
LEAST = 4.0
"""A formula that does not fit a line at this size is cut where it may not break, so it is set no smaller."""

MARGIN = 6.0
INDENT = 8.0
GAP = 3.2
TINT = "#e6e6e6"
COUNTS = ("parameters", "state_numbers", "multiply_adds", "elementwise", "functions")


@dataclass(frozen=True)
class Text:
    """A piece of text on a line: where it begins, and how it is set."""

    x: float
    text: str
    size: float = SIZE
    bold: bool = False
    color: str = "#000000"
    right: bool = False


@dataclass(frozen=True)
class Line:
    """A line of the sheet: what stands on it, its height above and below the base line, in points, and its tint."""

    texts: tuple[Text, ...]
    above: float
    below: float
    tinted: bool = False
    space: float = GAP


def jacobian_sheet(
    data: xr.Dataset, *, cell: str | None = None, name: str = "jacobian-sheet", **look: Unpack[Look]
) -> Figure:
    """Draw the sheet of one cell, or of all cells under each other.

    Parameters
    ----------
    data : xarray.Dataset
        From `flow.jacobian_sheet`.
    cell : str, optional
        One of the dataset's cells.
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
        For a cell that the dataset does not have.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.jacobian_sheet("gru", "noise", n=4)
    >>> gs.figures.jacobian_sheet(data).title
    'The Jacobian of one step: GRU'
    """
    data = restored(data, "jacobian_sheet")
    cells = [str(c) for c in data["cell"].values]
    if cell is not None:
        if cell not in cells:
            raise ArgumentError(f"cell {cell!r} has no sheet here: choose from {', '.join(cells)}.")
        data = data.isel(line=data["line_cell"].values == cell).sel(cell=[cell])
        cells = [cell]
    with plate(name, look) as page:
        # Laid out at our size of type, in as much less room as that of the person is larger.
        scale = points(1.0)
        room = page.width * POINTS / scale
        lines = [line for c in cells for line in _sheet(data, c, room - 2 * MARGIN)]
        lines[0] = replace(lines[0], space=0.0)
        height = sum(x.space + x.above + x.below for x in lines) + 2 * MARGIN
        _draw_lines(page.sheet(height * scale / POINTS), lines, (room, height))
    title = say("title-sheet", cells=listing([cell_label(c) for c in cells]))
    return page.figure(title, data, _table(data), _caption(data, cells))


# What stands on a sheet.


def _sheet(data: xr.Dataset, cell: str, room: float) -> Iterator[Line]:
    numbers = data.sel(cell=cell)
    part = data.isel(line=data["line_cell"].values == cell)
    rows = [{k: str(part[k].values[j]) for k in ("kind", "left_mathtext", "right_mathtext", "highway_mathtext")}
            for j in range(part.sizes["line"])]  # fmt: skip
    yield from _heading(cell, str(numbers["states_mathtext"].values), room)
    yield from _columns([r for r in rows if r["kind"] in ("equation", "helper")], room)
    yield _section(say("sheet-blocks"))
    for row in rows:
        if row["kind"] in ("shared", "block"):
            yield from _formula(row, 0.0, room, row["highway_mathtext"])
    zero = [r["left_mathtext"] for r in rows if r["kind"] == "zero"]
    if zero:
        pieces = [f"{z}," for z in zero[:-1]] + [f"{zero[-1]}\n{{}} = 0"]
        yield from _formula({"left_mathtext": "", "right_mathtext": "\n".join(pieces)}, 0.0, room, "")
    yield _section(say("sheet-costs", sizes=str(numbers["sizes"].values)))
    yield from _costs(numbers, room)


def _heading(cell: str, states: str, room: float) -> Iterator[Line]:
    """The cell's name and its states, on one line where they find room."""
    label = Text(0.0, cell_label(cell), 10.0, bold=True)
    state = Text(room, f"{say('sheet-state')} ${_joined(states.split(chr(10)))}$", SIZE, right=True)
    long = text_width(label.text, 10.0, "bold") * POINTS
    if long + _extent(state.text, SIZE)[0] + 12 <= room:
        yield Line((label, state), 9.0, 3.0, space=10.0)
        return
    # A name that is longer than the line is set smaller: no word of it may be lost.
    yield Line((replace(label, size=min(10.0, 10.0 * room / max(long, 1.0))),), 9.0, 3.0, space=10.0)
    yield from _in_words(say("sheet-state"), _joined(states.split(chr(10))), room)


def _section(text: str) -> Line:
    return Line((Text(0.0, text, SMALL, color=GREY),), 6.0, 2.0, space=6.0)


def _costs(numbers: xr.Dataset, room: float) -> Iterator[Line]:
    """Two counts a line, where they fit."""
    entries = []
    for key in COUNTS:
        label = say(f"sheet-count-{key}")
        formula, number = _joined(str(numbers[f"{key}_mathtext"].values).split("\n")), int(numbers[key])
        spaced = f"{number:,}".replace(",", r"\,")
        entries.append(f"{label}: ${spaced}$" if formula == str(number) else f"{label}: ${formula} = {spaced}$")
    entries.append(say("sheet-sequential", count=int(numbers["sequential"])))
    half = room / 2
    fits = all(_extent(e, SIZE)[0] < half - INDENT - 4 for e in entries)
    step = 2 if fits else 1
    if not fits:
        for entry in entries:
            words, _, formula = entry.partition(": ")
            yield from (
                _in_words(f"{words}:", formula.strip("$"), room)
                if "$" in formula
                else [_line((Text(INDENT, entry, min(SIZE, SIZE * (room - INDENT) / _extent(entry, SIZE)[0])),))]
            )
        return
    for k in range(0, len(entries), step):
        texts = tuple(Text(INDENT + column * half, e) for column, e in enumerate(entries[k : k + step]))
        yield _line(texts)


def _in_words(words: str, formula: str, room: float) -> Iterator[Line]:
    """Words and a formula, which goes on the next line where it must."""
    whole = f"{words} ${formula}$"
    if INDENT + _extent(whole, SIZE)[0] <= room:
        yield _line((Text(INDENT, whole),))
        return
    yield _line((Text(INDENT, words),))
    yield replace(_fitted(2 * INDENT, formula, room), space=1.0)


def _columns(rows: Sequence[dict[str, str]], room: float) -> Iterator[Line]:
    """Equations, in two columns where each fits half the width."""
    whole = [f"${r['left_mathtext']} = {_joined(r['right_mathtext'].split(chr(10)))}$" for r in rows]
    if all(_extent(w, SIZE)[0] < room / 2 - INDENT - 4 for w in whole) and len(rows) > 1:
        half = (len(whole) + 1) // 2
        for left, right in zip(whole[:half], [*whole[half:], ""]):
            yield _line(tuple(Text(x, t) for x, t in ((INDENT, left), (INDENT + room / 2, right)) if t))
        return
    for row in rows:
        yield from _formula(row, 0.0, room, "")


def _formula(row: dict[str, str], start: float, room: float, highway: str) -> Iterator[Line]:
    """A formula over as many lines as it needs; behind that of a block with a highway a tint, and its factor."""
    # The one fraction that a reader looks for is set large.
    left = f"{row['left_mathtext']} = ".replace(r"\frac", r"\dfrac", 1) if row["left_mathtext"] else ""
    label = say("sheet-highway", factor=f"${_joined(highway.split(chr(10)))}$") if highway else ""
    pieces = row["right_mathtext"].split("\n")
    begin = start + INDENT
    hang = min(_extent(f"${left}$", SIZE)[0], room / 3) if left else 0.0
    lines: list[Line] = []
    current, x = left + pieces[0], begin
    for piece in pieces[1:]:
        if x + _extent(f"${current} {_joined([piece])}$", SIZE)[0] > room:
            lines.append(_fitted(x, current, room))
            current, x = piece, begin + hang
        else:
            current = f"{current} {piece}"
    lines.append(_fitted(x, current, room))
    if label:
        last = lines[-1]
        free = room - last.texts[-1].x - _extent(last.texts[-1].text, last.texts[-1].size)[0]
        text = Text(room - 3, label, SMALL, right=True)
        if free > _extent(label, SMALL)[0] + 12:
            lines[-1] = replace(last, texts=(*last.texts, text))
        else:
            lines.append(_line((text,)))
        lines = [replace(line, tinted=True) for line in lines]
    yield from (replace(line, space=GAP if k == 0 else 1.0) for k, line in enumerate(lines))


def _fitted(x: float, formula: str, room: float) -> Line:
    """A line with one formula, set smaller where it is too long."""
    text = f"${formula}$"
    size = SIZE
    while size > LEAST and x + _extent(text, size)[0] > room:
        size -= 0.25
    return _line((Text(x, text, size),))


def _line(texts: tuple[Text, ...]) -> Line:
    extents = [_extent(t.text, t.size) for t in texts]
    return Line(texts, max(above for _, above, _ in extents), max(below for _, _, below in extents))


def _joined(pieces: Sequence[str]) -> str:
    return " ".join(pieces)


def _extent(text: str, size: float) -> tuple[float, float, float]:
    """Width, height above the base line and depth below it, in points, in the font that is in force."""
    return _parsed(text, size, (*FontProperties().get_family(), str(setting("mathtext.fontset"))))


@cache
def _parsed(text: str, size: float, fonts: tuple[str, ...]) -> tuple[float, float, float]:
    width, height, depth, *_ = MathTextParser("path").parse(text, POINTS, FontProperties(family=fonts[:-1], size=size))
    return float(width), max(float(height - depth), 0.72 * size), max(float(depth), 0.2 * size)


# Drawing.


def _draw_lines(drawing: Drawing, lines: Sequence[Line], size: tuple[float, float]) -> None:
    """The lines from the top down; sizes are in points of our own type."""
    across, height = size
    y = height - MARGIN
    for line in lines:
        y -= line.space
        if line.tinted:
            low, tall = y - line.above - line.below - 1.2, line.above + line.below + 2.4
            box = Rectangle((MARGIN / across, low / height), 1 - 2 * MARGIN / across, tall / height,
                            transform=drawing.transFigure, facecolor=TINT, linewidth=0, zorder=0)  # fmt: skip
            drawing.add_artist(box)
        base = y - line.above
        for text in line.texts:
            drawing.text((MARGIN + text.x) / across, base / height, text.text, fontsize=points(text.size),
                         color=text.color, fontweight="bold" if text.bold else "normal",
                         ha="right" if text.right else "left", va="baseline")  # fmt: skip
        y = base - line.below


def _table(data: xr.Dataset) -> pd.DataFrame:
    forms = [f"{side}_{form}" for form in ("text", "latex") for side in ("left", "right", "highway")]
    lines = data[["line_cell", "kind", "of", "by", *forms]].to_dataframe().reset_index(drop=True)
    lines = lines.rename(columns={"line_cell": "cell"})
    counts = []
    for key in (*COUNTS, "sequential"):
        for cell in data["cell"].values:
            one = data.sel(cell=cell)
            form = {f: str(one[f"{key}_{f}"].values) if f"{key}_{f}" in data else "" for f in ("text", "latex")}
            counts.append({"cell": str(cell), "kind": "count", "of": key, "by": "", "left_text": str(int(one[key])),
                           "right_text": form["text"], "right_latex": form["latex"]})  # fmt: skip
    return pd.concat([lines, pd.DataFrame(counts)], ignore_index=True).fillna("")


def _caption(data: xr.Dataset, cells: Sequence[str]) -> Caption:
    kinds = set(data["kind"].values.tolist())
    shaded = bool((data["highway_text"] != "").any())
    note = sentences(
        say("note-sheet-shaded") if shaded else "",
        say("note-sheet-shared") if "shared" in kinds else "",
        say("note-sheet"),
    )
    return Caption(sheet_reading(data, cells), say("shown-sheet", cells=listing([cell_label(c) for c in cells])), note)
