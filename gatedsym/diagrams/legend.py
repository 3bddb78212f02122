"""The legend of a diagram: one entry for each symbol that occurs, in lines of the page's width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes

from gatedsym.diagrams.fold import UNNAMED
from gatedsym.diagrams.graph import Graph, Kind, Node
from gatedsym.diagrams.shapes import node_size, text_size
from gatedsym.diagrams.style import HIGHWAY_WIDTH, LIT, WIRE_WIDTH
from gatedsym.diagrams.symbols import draw_node, draw_weight, put_text
from gatedsym.messages import room

say = room("diagrams")

_POINTS = 6.5
_SAMPLE, _GAP, _ROW = 0.36, 0.16, 0.2


@dataclass(frozen=True)
class Entry:
    """A sample and what it means."""

    text: str
    draw: Callable[[Axes, float, float], None]
    width: float = _SAMPLE

    @property
    def whole(self) -> float:
        """Inches of the sample and its words."""
        return self.width + 0.05 + 1.04 * text_size(self.text, _POINTS)[0]  # small letters on a screen are wider


def legend_entries(graph: Graph, matrix: str = "") -> list[Entry]:
    """The entries for what occurs in a graph; `matrix`: what a filled square says, if not what it does forward."""
    nodes = graph.nodes
    kinds = {n.kind for n in nodes}
    ports = [p for n in nodes for p in n.ports]
    entries: list[Entry] = []

    def add(there: bool, text: str, draw: Callable[[Axes, float, float], None], width: float = _SAMPLE) -> None:
        if there:
            entries.append(Entry(text, draw, width))

    add(bool(graph.highways), say("legend-highway"), _highway)
    add("valve" in kinds, say("legend-valve"), _node("valve"))
    add(any(n.gate and n.kind == "function" for n in nodes), say("legend-gate"), _node("function", "σ", True))
    plain = [n for n in nodes if n.kind == "function" and not n.gate and n.text != UNNAMED]
    add(bool(plain), say("legend-function"), _node("function", "f"))
    add(any(n.text == UNNAMED for n in nodes), say("legend-several"), _node("function", UNNAMED))
    add("affine" in kinds, say("legend-affine"), _node("affine", "$W$"))
    add(any(p.weight == "matrix" for p in ports), matrix or say("legend-matrix"), _square("matrix"), 0.16)
    add(any(p.weight == "elementwise" for p in ports), say("legend-elementwise"),
        _square("elementwise"), 0.16)  # fmt: skip
    add("join" in kinds, say("legend-join"), _node("join"), 0.2)
    add("plus" in kinds, say("legend-plus"), _node("plus"), 0.24)
    add("times" in kinds, say("legend-times"), _node("times"), 0.24)
    add("outer" in kinds, say("legend-outer"), _node("outer"), 0.24)
    add("divide" in kinds, say("legend-divide"), _node("divide"), 0.24)
    add("scale" in kinds, say("legend-scale"), _node("scale", "$a$"))
    add(any(n.kind == "offset" and n.text == "1−" for n in nodes), say("legend-complement"), _node("offset", "1−"))
    add(any(n.kind == "offset" and n.text != "1−" for n in nodes), say("legend-offset"), _node("offset", "+$b$"))
    add(any(n.kind == "contract" and n.text == "·" for n in nodes), say("legend-contract"), _node("contract", "·"))
    add(any(n.text == "solve" for n in nodes), say("legend-solve"), _node("contract", "solve"))
    add("copy" in kinds, say("legend-copy"), _node("copy"), 0.2)
    add("constant" in kinds, say("legend-constant"), _node("constant", ""))
    return entries


def _node(kind: Kind, text: str = "", gate: bool = False) -> Callable[[Axes, float, float], None]:
    node = Node("", kind, text=text, gate=gate)
    size = node_size(node, "", (), 1)
    scale = min(1.0, 0.075 / size.high)
    size = replace(size, half=size.half * scale, high=size.high * scale)

    def draw(axes: Axes, x: float, y: float) -> None:
        if kind not in ("function", "affine", "constant"):
            reach = max(0.12, size.half + 0.05)
            axes.plot([x - reach, x + reach], [y, y], color=LIT.ink, lw=WIRE_WIDTH, zorder=3)
        draw_node(axes, node, x, y, size, "")

    return draw


def _highway(axes: Axes, x: float, y: float) -> None:
    axes.plot([x - 0.18, x + 0.18], [y, y], color=LIT.highway, lw=HIGHWAY_WIDTH, solid_capstyle="butt", zorder=3)


def _square(weight: str) -> Callable[[Axes, float, float], None]:
    def draw(axes: Axes, x: float, y: float) -> None:
        axes.plot([x - 0.09, x + 0.03], [y, y], color=LIT.ink, lw=WIRE_WIDTH, zorder=3)
        draw_weight(axes, x + 0.075, y, weight)

    return draw


def _rows(entries: Sequence[Entry], width: float) -> list[list[tuple[float, Entry]]]:
    """Entries with their places, line by line."""
    rows: list[list[tuple[float, Entry]]] = [[]]
    x = 0.0
    for entry in entries:
        wide = entry.whole
        if rows[-1] and x + wide > width:
            rows.append([])
            x = 0.0
        rows[-1].append((x, entry))
        x += wide + _GAP
    return rows


def legend_height(entries: Sequence[Entry], width: float) -> float:
    """Inches that a legend takes."""
    return _ROW * len(_rows(entries, width)) + 0.06 if entries else 0.0


def draw_legend(axes: Axes, entries: Sequence[Entry], left: float, top: float, width: float) -> None:
    """Draw a legend below `top`."""
    for k, row in enumerate(_rows(entries, width)):
        y = top - 0.06 - _ROW * (k + 0.5)
        for x, entry in row:
            entry.draw(axes, left + x + entry.width / 2, y)
            put_text(axes, left + x + entry.width + 0.05, y, entry.text, _POINTS, LIT.ink, "left", gid="legend")
