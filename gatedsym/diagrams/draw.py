"""Layout → drawing: rails and wires, nodes, names on the wires, and a legend of what occurs."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch, Polygon

from gatedsym.diagrams.graph import Graph, Port
from gatedsym.diagrams.layout import Dot, Layout, Mark, Spot, Wire
from gatedsym.diagrams.legend import draw_legend, legend_entries, legend_height
from gatedsym.diagrams.shapes import BOXED, INPUT_DROP, LABEL, LINE, NUMBERS, TERMINALS
from gatedsym.diagrams.style import (
    BODY,
    DIM,
    HIGHWAY_WIDTH,
    LIT,
    WIRE_WIDTH,
    Inks,
    diagram_style,
)
from gatedsym.diagrams.symbols import draw_node, draw_weight, put_text
from gatedsym.errors import ArgumentError
from gatedsym.files.write import write_atomically

FORMATS = ("svg", "pdf", "png")

PAD = 0.08
LEAST_WIDTH = 3.1
"""Inches: a column's width, so that the legend has room."""


@dataclass(frozen=True)
class Lit:
    """Nodes and wires that take part in a step; everything else is dimmed.

    Attributes
    ----------
    nodes, nets : frozenset of str
        Nodes that act, and nodes whose values are at hand.
    numbers : mapping of str to sequence of str
        For a node the lines of numbers below its wire.
    """

    nodes: frozenset[str]
    nets: frozenset[str]
    numbers: Mapping[str, Sequence[str]]


def draw_diagram(graph: Graph, layout: Layout, labels: Mapping[str, str]) -> Figure:
    """The whole cell, with a legend below it."""
    entries = legend_entries(graph)
    width = max(layout.width, LEAST_WIDTH, *(e.whole for e in entries)) + 2 * PAD
    low = legend_height(entries, width - 2 * PAD)
    height = -layout.bottom + low + 3 * PAD
    figure, axes = new_canvas(width, height)
    shift = (width - layout.width) / 2
    axes.set_xlim(-shift, width - shift)
    axes.set_ylim(layout.bottom - low - 2 * PAD, PAD)
    draw_layout(axes, graph, layout, labels)
    draw_legend(axes, entries, -shift + PAD, layout.bottom - PAD, width - 2 * PAD)
    return figure


def new_canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure in inches, and axes that fill it."""
    figure = Figure(figsize=(width, height))
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    return figure, axes


def render(make: Callable[[], Figure], kind: str, title: str) -> bytes:
    """The drawing in one of `FORMATS`; no date stands in it, so the same cell gives the same bytes."""
    metadata: dict[str, dict[str, Any]] = {
        "pdf": {"Title": title, "CreationDate": None, "ModDate": None},
        "svg": {"Title": title, "Date": None},
        "png": {"Title": title},
    }
    buffer = io.BytesIO()
    with diagram_style():
        make().savefig(buffer, format=kind, metadata=metadata[kind])
    return buffer.getvalue()


def drawing_html(svg: bytes, title: str) -> str:
    """A drawing inline, no wider than the page."""
    drawn = base64.b64encode(svg).decode("ascii")
    return str(
        Markup('<img alt="{}" style="max-width: 100%" src="data:image/svg+xml;base64,{}"/>').format(title, drawn)
    )


def save_drawing(path: Path, make: Callable[[str], bytes]) -> list[Path]:
    """Write a drawing: in the format of the suffix, or as SVG and PDF under a name without one of `FORMATS`.

    Raises
    ------
    ArgumentError
        For a suffix that asks for another format.
    """
    suffix = path.suffix.lower().lstrip(".")
    # A word behind a dot asks for a format; in NAME.v2 and NAME.b the dot belongs to the name.
    if suffix not in FORMATS and suffix.isalpha() and len(suffix) > 1:
        raise ArgumentError(f"{path}: a diagram is written as {', '.join(FORMATS)}; choose one of these suffixes.")
    paths = {path: suffix} if suffix in FORMATS else {path.with_name(f"{path.name}.{f}"): f for f in ("svg", "pdf")}
    content = {file: make(kind) for file, kind in paths.items()}
    for file, whole in content.items():
        write_atomically(file, whole)
    return list(content)


def draw_layout(
    axes: Axes, graph: Graph, layout: Layout, labels: Mapping[str, str], lit: Lit | None = None, line: int | None = None
) -> None:
    """Draw a cell, or one line of it; where `lit` is given, what it does not name is dimmed."""
    Picture(axes, graph, layout, labels, lit, line).draw()


_Part = TypeVar("_Part", Spot, Wire, Dot, Mark)


@dataclass(frozen=True)
class Picture:
    """One drawing of a layout."""

    axes: Axes
    graph: Graph
    layout: Layout
    labels: Mapping[str, str]
    lit: Lit | None
    line: int | None

    def draw(self) -> None:
        for left, low, right, high in (b.body for k, b in enumerate(self.layout.bands) if self.line in (None, k)):
            body = FancyBboxPatch((left, low), right - left, high - low, boxstyle="round,pad=0,rounding_size=0.08")
            body.set(facecolor=BODY, edgecolor="#dddddd", linewidth=0.6, zorder=0)
            self.axes.add_patch(body)
        for wire in sorted(self._here(self.layout.wires), key=lambda w: (self._acts(w), w.highway)):
            self._wire(wire)
        for dot in self._here(self.layout.dots):
            on = any(w.net == dot.net and self._acts(w) and _touches(w, dot) for w in self._here(self.layout.wires))
            inks = LIT if on else DIM
            colour = inks.gate_wire if self.graph[dot.net].gate else inks.ink
            self.axes.add_patch(Circle((dot.x, dot.y), 0.022, fc=colour, ec="none", zorder=5))
        for spot in self._here(self.layout.spots.values()):
            label = self.labels.get(spot.node.id, "")
            inks = LIT if self.lit is None or spot.node.id in self.lit.nodes else DIM
            draw_node(self.axes, spot.node, spot.x, spot.y, spot.size, label, inks)
            self._name(spot, label)
            self._numbers(spot)
        for mark in self._here(self.layout.marks):
            self.axes.add_patch(Circle((mark.x, mark.y), 0.075, fc="white", ec=LIT.ink, lw=0.6, zorder=6))
            put_text(self.axes, mark.x, mark.y, str(self.layout.continued.index(mark.net) + 1), 5.5, LIT.ink)

    def _here(self, parts: Iterable[_Part]) -> list[_Part]:
        """Items that stand in the line that is drawn."""
        return [part for part in parts if self.line in (None, part.line)]

    def _acts(self, wire: Wire) -> bool:
        """True if the wire brings its value to a node that acts."""
        return self.lit is None or (wire.net in self.lit.nets and wire.reader in self.lit.nodes)

    def _wire(self, wire: Wire) -> None:
        on = self._acts(wire)
        inks = LIT if on else DIM
        port = self.graph[wire.reader].ports[wire.port] if wire.reader else None
        colour = inks.highway if wire.highway else inks.gate_wire if self.graph[wire.net].gate else inks.ink
        self.axes.plot(
            *zip(*wire.points, strict=True),
            color=colour,
            lw=HIGHWAY_WIDTH if wire.highway else WIRE_WIDTH,
            ls=(0, (2, 1.2)) if port is not None and port.weight == "parameter" else "solid",
            solid_joinstyle="round",
            solid_capstyle="butt",
            zorder=4 if wire.highway and on else 3 if on else 2,
        )
        if port is not None and self.graph[wire.reader].kind not in ("join", "copy"):
            self._entry(wire, port, inks, colour)

    def _entry(self, wire: Wire, port: Port, inks: Inks, colour: str) -> None:
        """Entry of a wire: an arrow, or the mark of a weight; a minus beside it."""
        (x0, y0), (x, y) = wire.points[-2:]
        reader = self.graph[wire.reader]
        dx, dy = (0.0, 1.0 if y > y0 else -1.0) if abs(x - x0) < 1e-6 else (1.0, 0.0)
        if port.weight in ("matrix", "elementwise"):
            draw_weight(self.axes, x, y, port.weight, inks)
        elif port.role != "control" and (not wire.highway or reader.kind == "next"):
            long, half = (0.11, 0.055) if wire.highway else (0.06, 0.024)
            tail = (x - dx * long, y - dy * long)
            points = [(x, y), (tail[0] - dy * half, tail[1] + dx * half), (tail[0] + dy * half, tail[1] - dx * half)]
            self.axes.add_patch(Polygon(points, closed=True, fc=colour, ec="none", zorder=5))
        if port.negative:
            at = (x + 0.06, y) if reader.kind in BOXED else (x - 0.08, y + (0.06 if dx else -0.08 * dy))
            put_text(self.axes, *at, "−", 7, inks.ink)

    def _name(self, spot: Spot, label: str) -> None:
        """The name of a value above its wire."""
        node = spot.node
        if node.name and node.kind not in TERMINALS and node.kind != "constant":
            inks = LIT if self.lit is None or node.id in self.lit.nets else DIM
            colour = inks.gate_wire if node.gate else inks.ink
            x = spot.x + spot.size.half + 0.05
            put_text(self.axes, x, spot.y + 0.035, label, LABEL, colour, "left", "bottom", node.id)

    def _numbers(self, spot: Spot) -> None:
        """The numbers of a value below its wire or its terminal."""
        node, size = spot.node, spot.size
        x, y, ha = spot.x + size.half + 0.05, spot.y - 0.035, "left"
        if node.kind in TERMINALS:
            x, ha = spot.x, "center"
            y -= INPUT_DROP + 2 * size.high if node.kind == "input" else size.high
        for k, line in enumerate(self.lit.numbers.get(node.id, ()) if self.lit is not None else ()):
            drop = (k + 0.5) * NUMBERS * LINE / 72
            put_text(self.axes, x, y - drop, line, NUMBERS, LIT.ink, ha, "center_baseline", f"{node.id} number {k}")


def _touches(wire: Wire, dot: Dot) -> bool:
    """True if a wire runs through a branching."""
    return any(
        min(x0, x1) - 1e-6 <= dot.x <= max(x0, x1) + 1e-6 and min(y0, y1) - 1e-6 <= dot.y <= max(y0, y1) + 1e-6
        for (x0, y0), (x1, y1) in pairwise(wire.points)
    )
