"""A drawing → the same with every text in the room that it has: broken into lines, thinned out, or found to overlap."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import combinations, pairwise
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Drawing
from matplotlib.font_manager import FontProperties
from matplotlib.layout_engine import PlaceHolderLayoutEngine
from matplotlib.legend import Legend
from matplotlib.text import Annotation, Text
from matplotlib.textpath import TextPath

from gatedsym.figures.style import setting

Box = Any
"""matplotlib.transforms.Bbox, in pixels."""
Interval = tuple[float, float]
GAP = 3.0
"""Points between texts that stand side by side."""
ROUNDS = 4
"""Of laying out; what is broken into lines moves the panels, which moves the room of other texts."""


def fit_texts(drawing: Drawing) -> None:
    """Break titles and labels of panels, and entries of legends, that are wider than their room; thin out ticks."""
    for _ in range(ROUNDS):
        if not _arrange(drawing):
            drawing.draw_without_rendering()
        changed = [_fit_legend(legend, drawing) for legend in drawing.legends]
        for axes in _shown(drawing):
            changed += [_fit(text, room) for text, room in _rooms(axes, drawing)]
            changed += [_thin(axis) for axis in (axes.xaxis, axes.yaxis)]
        if not any(changed):
            return


def lay_out(drawing: Drawing) -> None:
    """Give the panels their places for good: once, so that all formats agree."""
    if _arrange(drawing):
        drawing.set_layout_engine("none")


def _arrange(drawing: Drawing) -> bool:
    """Give the panels their places, as drawing does, which also makes every mark on the way; False where none moves."""
    engine = drawing.get_layout_engine()
    if engine is None or isinstance(engine, PlaceHolderLayoutEngine):
        return False
    engine.execute(drawing)
    for axis in (axis for axes in _shown(drawing) for axis in (axes.xaxis, axes.yaxis)):
        axis.get_majorticklabels()  # where a panel's place has its ticks
    return True


def text_width(text: str, size: float, weight: str = "normal") -> float:
    """Inches that a text takes in the font that is in force; without mathematics."""
    font = FontProperties(weight=weight)
    return _path_width(text, size, weight, tuple(font.get_family()), tuple(font_list(font)))


@cache
def _path_width(text: str, size: float, weight: str, family: tuple[str, ...], names: tuple[str, ...]) -> float:
    if not text.strip():
        return 0.0
    return float(TextPath((0, 0), text.replace("$", r"\$"), size=size,
                          prop=FontProperties(family=list(family), weight=weight)).get_extents().x1) / 72  # fmt: skip


def font_list(font: FontProperties) -> list[str]:
    """The fonts that a family stands for now."""
    generic = {"serif", "sans-serif", "monospace", "cursive", "fantasy"}
    return [str(n) for f in font.get_family() if f in generic for n in setting(f"font.{f}")]


def overlapping(drawing: Drawing) -> list[tuple[str, str]]:
    """Pairs of texts whose boxes overlap; a text that the drawing's edge cuts stands beside "edge"."""
    drawing.draw_without_rendering()
    boxes = [(t.get_text().strip(), _box(t)) for t in _written(drawing)]
    slack, page = _pixels(drawing, 0.4), drawing.bbox
    found = [
        (words, "edge")
        for words, box in boxes
        if box.x0 < page.x0 - slack or box.x1 > page.x1 + slack or box.y0 < -slack or box.y1 > page.y1 + slack
    ]
    for (a, one), (b, other) in combinations(boxes, 2):
        across = min(one.x1, other.x1) - max(one.x0, other.x0)
        down = min(one.y1, other.y1) - max(one.y0, other.y0)
        if across > slack and down > slack:
            found.append((a, b))
    return found


def break_at_spaces(text: str, pieces: int) -> str:
    """Words in so many lines of about one length; a formula between dollar signs is one word."""
    words = re.findall(r"(?:\$[^$]*\$|[^\s$])+", text)
    best = [words]
    for count in range(2, min(pieces, len(words)) + 1):
        best = _even(words, count)
    return "\n".join(" ".join(line) for line in best)


def _even(words: Sequence[str], count: int) -> list[list[str]]:
    """The split into `count` lines whose longest line is the shortest."""
    cuts = min(
        combinations(range(1, len(words)), count - 1),
        key=lambda at: max(_length(" ".join(words[i:j])) for i, j in pairwise((0, *at, len(words)))),
    )
    return [list(words[i:j]) for i, j in pairwise((0, *cuts, len(words)))]


def _length(text: str) -> int:
    """Letters of a text as it is set."""
    return len(re.sub(r"\\[a-zA-Z]+", "x", text).replace("$", ""))


def _fit(text: Text, room: float) -> bool:
    """Break a text into as few lines as fit the room (pixels); False where nothing can or need be done."""
    written = text.get_text()
    if not written.strip() or _extent(text) <= room:
        return False
    lines = written.split("\n")
    for pieces in range(2, 5):
        text.set_text("\n".join(break_at_spaces(line, pieces) if line.strip() else line for line in lines))
        if _extent(text) <= room:
            break
    return text.get_text() != written


def _extent(text: Text) -> float:
    """Pixels along the line of type."""
    box = _box(text)
    return float(box.height if text.get_rotation() in (90.0, 270.0) else box.width)


def _rooms(axes: Axes, drawing: Drawing) -> Iterator[tuple[Text, float]]:
    """The texts about a panel with the pixels that each may take along its line."""
    own, others = axes.get_window_extent(), [a.get_window_extent() for a in _shown(drawing) if a is not axes]
    gap, page = _pixels(drawing, GAP), drawing.bbox
    beside = [b for b in others if min(b.y1, own.y1) > max(b.y0, own.y0)]
    above = [b for b in others if min(b.x1, own.x1) > max(b.x0, own.x0)]
    across = _room((own.x0, own.x1), [(b.x0, b.x1) for b in beside], (page.x0, page.x1), gap)
    down = _room((own.y0, own.y1), [(b.y0, b.y1) for b in above], (page.y0, page.y1), gap)
    for text in (axes.title, axes.xaxis.label, *_over(axes)):
        yield text, across
    yield axes.yaxis.label, down


def _over(axes: Axes) -> list[Annotation]:
    """Words above a panel, in its middle, that are not its title."""
    return [
        t for t in axes.texts
        if isinstance(t, Annotation) and t.xy == (0.5, 1.0) and t.xycoords == "axes fraction"
    ]  # fmt: skip


def _room(own: Interval, others: Sequence[Interval], ends: Interval, gap: float) -> float:
    """The most that a text in the middle of an interval may be long before it meets that of a neighbour, or an end."""
    middle = sum(own) / 2
    centres = [sum(o) / 2 for o in others]
    before = max([c for c in centres if c < middle - 1], default=None)
    after = min([c for c in centres if c > middle + 1], default=None)
    left = middle - ends[0] if before is None else (middle - before - gap) / 2
    right = ends[1] - middle if after is None else (after - middle - gap) / 2
    return 2 * min(left, right)


def _thin(axis: Any) -> bool:
    """Drop every second label of an axis where labels meet; their places stay those of the others."""
    shown = [t for t in axis.get_major_ticks() if _inside(axis, t.get_loc())]
    labels = [t.label1 for t in shown if t.label1.get_visible() and t.label1.get_text().strip()]
    if len(labels) < 3 or not axis.get_visible() or not axis.axes.axison:
        return False
    gap = _pixels(axis.get_figure(), 1.0)
    boxes = sorted(((b.x0, b.x1) if axis.axis_name == "x" else (b.y0, b.y1)) for b in map(_box, labels))
    if all(after[0] - before[1] >= gap for before, after in pairwise(boxes)):
        return False
    kept = labels[:: 2 if len(labels) > 2 else 1]
    places = [t.get_loc() for t in shown if t.label1 in kept]
    axis.set_ticks(places, labels=[label.get_text() for label in kept])
    return True


def _inside(axis: Any, place: float) -> bool:
    low, high = sorted(axis.get_view_interval())
    slack = 1e-9 * max(abs(low), abs(high))
    return bool(low - slack <= place <= high + slack)


def _fit_legend(legend: Legend, drawing: Drawing) -> bool:
    """Fewer columns, then broken entries, for a legend that is wider than the drawing."""
    room = drawing.bbox.width - _pixels(drawing, 2 * GAP)
    if legend.get_window_extent().width <= room:
        return False
    columns: int = legend._ncols  # type: ignore[attr-defined]
    if columns > 1:
        # A legend places its entries when it is made.
        again = drawing.legend(handles=legend.legend_handles, loc="outside upper center", ncols=columns - 1,
                               labels=[t.get_text() for t in legend.get_texts()], columnspacing=1.2)  # fmt: skip
        legend.remove()
        again.set_zorder(legend.get_zorder())
        return True
    beside = legend.get_window_extent().width - max(_box(t).width for t in legend.get_texts())
    return sum(_fit(text, room - beside) for text in legend.get_texts()) > 0


def _shown(drawing: Drawing) -> list[Axes]:
    return [a for a in drawing.axes if a.get_visible() and a.axison]


def _written(drawing: Drawing) -> list[Text]:
    """Texts that are drawn: no ticks outside the view, nothing of what is hidden."""
    found: list[Text] = list(drawing.texts)
    for legend in drawing.legends:
        found += legend.get_texts()
    for axes in (a for a in drawing.axes if a.get_visible()):
        found += axes.texts
        if (own := axes.get_legend()) is not None:
            found += [*own.get_texts(), own.get_title()]
        if axes.axison:
            found += [axes.title, axes.xaxis.label, axes.yaxis.label]
            for axis in (axes.xaxis, axes.yaxis):
                ticks = [t for t in axis.get_major_ticks() if _inside(axis, t.get_loc())]
                found += [t.label1 for t in ticks if t.label1.get_visible()]
    return [t for t in found if t.get_visible() and t.get_text().strip()]


def _box(text: Text) -> Box:
    """Of the words alone: an annotation's would hold its arrow and what it points at."""
    return Text.get_window_extent(text)


def _pixels(drawing: Any, size: float) -> float:
    return size * float(drawing.dpi) / 72


__all__ = ["break_at_spaces", "fit_texts", "overlapping", "text_width"]
