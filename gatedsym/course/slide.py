"""One slide: a heading, a formula as large as it fits, words with formulas among them, symbols, a drawing below."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gatedsym.diagrams.diagram import Diagram
from gatedsym.diagrams.draw import Lit, draw_layout, new_canvas
from gatedsym.diagrams.shapes import text_size
from gatedsym.diagrams.style import INK
from gatedsym.diagrams.symbols import put_text
from gatedsym.messages import room
from gatedsym.typesetting.document import Formula, Spans
from gatedsym.typesetting.mathtext import formula_mathtext, terms_mathtext
from gatedsym.typesetting.notation import Box, inline

say = room("course")

WIDTH, HEIGHT, MARGIN = 13.333, 7.5, 0.7
"""Inches: sixteen to nine."""

LARGEST, SMALLEST = 34.0, 15.0
"""Points of a formula."""

_HEADING, _TITLE, _WORDS, _ROWS = 15.0, 30.0, 15.0, 14.0
_GREY = "#5a5f66"

Symbol = tuple[Box, Box, Spans]
"""Letter, shape, meaning."""


@dataclass(frozen=True)
class Slide:
    """
    Attributes
    ----------
    heading : str
        Small, above all.
    formulas : tuple of Formula
    title : str
        Large, in the place of a formula.
    note : str
        Below the title.
    reason : spans
        Why the formula holds.
    symbols : tuple of (Box, Box, spans)
        Letter, shape and meaning of parameters and of what else the formula is given.
    lit : Lit, optional
        Nodes of the cell's drawing that take part; None for no drawing.
    """

    heading: str
    formulas: tuple[Formula, ...] = ()
    title: str = ""
    note: str = ""
    reason: Spans = ()
    symbols: tuple[Symbol, ...] = ()
    lit: Lit | None = None


def draw_slide(slide: Slide, diagram: Diagram, page: int, pages: int) -> Figure:
    """Draw a slide, to be rendered under `diagram_style`."""
    figure, axes = new_canvas(WIDTH, HEIGHT)
    axes.set_xlim(0, WIDTH)
    axes.set_ylim(-HEIGHT, 0)
    put_text(axes, MARGIN, -0.5, slide.heading, _HEADING, _GREY, "left", gid="heading")
    put_text(axes, WIDTH - MARGIN, -0.5, f"{page} / {pages}", _HEADING, _GREY, "right", gid="page")
    floor = -HEIGHT + 0.35 + _draw_cell(figure, axes, slide, diagram)
    text = [*_title_lines(slide), *_formula_lines(slide.formulas)]
    text += [(line, _WORDS, _GREY) for line in wrapped(slide.reason, _WORDS, WIDTH - 2 * MARGIN)]
    rows = _symbol_rows(slide.symbols)
    tall = sum(_height(line, size) for line, size, _ in text) + 0.32 * len(rows)
    top = -0.95
    gap = max(0.0, (top - floor - tall) / (3 if rows else 2))
    y = top - min(gap, 0.9)
    for line, size, colour in text:
        high = _height(line, size)
        put_text(axes, MARGIN, y - high / 2, line, size, colour, "left", "center")
        y -= high
    _draw_rows(axes, rows, y - min(gap, 0.45), floor)
    return figure


Line = tuple[str, float, str]
"""Text, points, colour."""


def _title_lines(slide: Slide) -> Iterator[Line]:
    if slide.title:
        yield from ((line, _TITLE, INK) for line in wrapped((slide.title,), _TITLE, WIDTH - 2 * MARGIN))
        yield from ((line, _WORDS, _GREY) for line in wrapped((slide.note,), _WORDS, WIDTH - 2 * MARGIN))


def _height(line: str, size: float) -> float:
    return max(1.5 * size / 72, text_size(line, size)[1] + 0.55 * size / 72)


def _formula_lines(formulas: Sequence[Formula]) -> Iterator[Line]:
    """Formulas at the largest size at which each fits on a line; a longer one is broken before its signs."""
    room_for = WIDTH - 2 * MARGIN
    whole = [line for f in formulas for line in _unbroken(f)]
    widest = max((text_size(line, LARGEST)[0] for line in whole), default=0.0)
    size = min(LARGEST, LARGEST * room_for / widest) if widest else LARGEST
    if size >= 0.62 * LARGEST:
        yield from ((line, size, INK) for line in whole)
        return
    broken = [line for f in formulas for line in _broken(f, 0.62 * LARGEST, room_for)]
    widest = max(text_size(line, LARGEST)[0] for line in broken)
    size = max(0.5 * SMALLEST, min(0.62 * LARGEST, LARGEST * room_for / widest))
    yield from ((line, size, INK) for line in broken)


def _unbroken(formula: Formula) -> list[str]:
    first, *others = [formula_mathtext(right) for right in formula.right]
    sign = formula_mathtext_sign(formula.relation)
    return [f"${formula_mathtext(formula.left)} {sign} {first}$", *(rf"$\quad = {other}$" for other in others)]


def formula_mathtext_sign(relation: str) -> str:
    """The sign of a relation in Matplotlib's mathematics."""
    return {"≥": r"\geq", "≤": r"\leq", "≈": r"\approx", "∈": r"\in"}.get(relation, relation)


def _broken(formula: Formula, size: float, width: float) -> Iterator[str]:
    """A formula over several lines, each no wider than the page where a sign allows it."""
    line = f"{formula_mathtext(formula.left)} {formula_mathtext_sign(formula.relation)} "
    for n, right in enumerate(formula.right):
        line = line if n == 0 else r"\quad = "
        started = False
        for term in terms_mathtext(right):
            if started and text_size(f"${line}{term}$", size)[0] > width:
                yield f"${line}$"
                line, started = r"\qquad ", False
            line, started = f"{line}{term}", True
        yield f"${line}$"


def wrapped(spans: Spans, size: float, width: float) -> list[str]:
    """Words and formulas in lines of a width in inches."""
    text = "".join(s.replace("$", r"\$") if isinstance(s, str) else f"${formula_mathtext(inline(s))}$" for s in spans)
    lines: list[str] = []
    for token in re.findall(r"(?:\$[^$]*\$|[^\s$])+", text):
        longer = f"{lines[-1]} {token}" if lines else token
        if lines and text_size(longer, size)[0] <= width:
            lines[-1] = longer
        else:
            lines.append(token)
    return lines


def _symbol_rows(symbols: Sequence[Symbol]) -> list[tuple[str, str, str]]:
    """Rows of the table of symbols; its head is one of them."""
    if not symbols:
        return []
    rows = [
        (f"${formula_mathtext(a)}$", f"${formula_mathtext(b)}$", " ".join(wrapped(c, _ROWS, 100.0)))
        for a, b, c in symbols
    ]
    return [(say("slides-symbol"), say("slides-shape"), say("slides-meaning")), *rows]


def _draw_rows(axes: Axes, rows: Sequence[tuple[str, str, str]], top: float, floor: float) -> None:
    """The table of symbols, closer together where there are many."""
    if not rows:
        return
    high = min(0.36, max(0.16, (top - floor) / len(rows)))
    size = min(_ROWS, 72 * high / 1.7)
    first = max(text_size(r[0], size)[0] for r in rows) + 0.35
    second = first + max(text_size(r[1], size)[0] for r in rows) + 0.35
    for n, row in enumerate(rows):
        y = top - (n + 0.5) * high
        for x, text in zip((0.0, first, second), row, strict=True):
            put_text(axes, MARGIN + x, y, text, size, _GREY if n == 0 else INK, "left", "center")
    axes.plot([MARGIN, WIDTH - MARGIN], [top - high] * 2, color="#c9ccd1", lw=0.8)


def _draw_cell(figure: Figure, axes: Axes, slide: Slide, diagram: Diagram) -> float:
    """The cell's drawing at the bottom, what acts lit; the inches that it takes, 0 where it finds no room."""
    layout = diagram.layout
    tall = -layout.bottom
    if slide.lit is None or layout.width > WIDTH - 2 * MARGIN or tall > 0.46 * HEIGHT:
        return 0.0
    left = (WIDTH - layout.width) / 2
    below = figure.add_axes((0, 0, 1, 1))
    below.set_axis_off()
    below.set_xlim(-left, WIDTH - left)
    bottom = layout.bottom - 0.3
    below.set_ylim(bottom, bottom + HEIGHT)
    draw_layout(below, diagram.graph, layout, diagram.labels, slide.lit)
    return tall + 0.1
