"""Sizes of everything in a diagram, in inches: nodes by what stands in them, labels by their letters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextToPath

from gatedsym.diagrams.graph import Graph, Node

LABEL, INNER, SMALL, NUMBERS = 8.0, 8.0, 6.0, 5.5
"""Font sizes in points: of names on wires, in boxes, in small boxes, of numbers on wires."""

PORT_GAP = 0.115
"""Between the wires that enter a box."""

JOIN_GAP = 0.22
"""Between the wires that run together."""

SIDE = 0.2
"""How far from its centre line a wire approaches a node that it enters from above or below."""

WIRE_GAP = 0.05
"""Half of the room that a passing wire takes."""

INPUT_DROP = 0.15
"""From an input's wire down to its terminal."""

_HINTED = 1.02
"""On a screen letters are fitted to pixels, and a little wider."""

LINE = 1.25
"""Height of a line of text, in units of its size."""

ROUND = frozenset({"plus", "times", "outer", "divide"})
TERMINALS = frozenset({"state", "input", "next", "output"})
SIDED = ROUND | {"valve"}
"""Nodes whose second wire comes from above or below."""

BOXED = frozenset({"function", "affine", "contract", "power", "scale", "offset", "constant"})


@cache
def text_size(text: str, points: float) -> tuple[float, float]:
    """Width and height of a text in inches, mathematics between dollar signs."""
    if not text:
        return 0.0, 0.0
    font = FontProperties(family="DejaVu Sans", size=points, math_fontfamily="dejavusans")
    width, height, descent = TextToPath().get_text_width_height_descent(text, font, ismath="$" in text)
    return _HINTED * float(width) / 72, float(height + descent) / 72


@dataclass(frozen=True)
class Size:
    """Of a node, from the point where its wire leaves and enters.

    Attributes
    ----------
    half : float
        Half the width of its box.
    high : float
        Half the height of its box.
    left, right, above, below : float
        All the room it takes: box, name and numbers.
    """

    half: float
    high: float
    left: float
    right: float
    above: float
    below: float


def port_rows(graph: Graph, node: Node) -> int:
    """Number of rows of wires that a box has room for: on a highway the rail is in the middle, others below it."""
    return 2 * len(node.ports) - 1 if node.id in graph.rail and node.kind in BOXED else len(node.ports)


def node_size(node: Node, label: str, numbers: Sequence[str], ports: int) -> Size:
    """The room of a node with its name and its numbers.

    Parameters
    ----------
    node : Node
    label : str
        The name on its wire, or in its terminal.
    numbers : sequence of str
        Lines of numbers below the wire.
    ports : int
        How many wires enter it.
    """
    half, high = _box(node, label, ports)
    name = text_size(label, LABEL)
    count = max((text_size(n, NUMBERS)[0] for n in numbers), default=0.0)
    tall = len(numbers) * NUMBERS * LINE / 72
    if node.kind in ("state", "next", "output"):
        wide = max(half, count / 2)
        return Size(half, high, wide + 0.03, wide + 0.03, high + 0.04, high + 0.04 + tall)
    if node.kind == "input":
        wide = max(half, count / 2)
        return Size(half, high, wide + 0.03, wide + 0.03, 0.06, INPUT_DROP + 0.04 + 2 * high + tall)
    on_wire = bool(node.name) and node.kind != "constant"
    zone = max(name[0] if on_wire else 0.0, count)
    right = half + (zone + 0.08 if zone else 0.0)
    above = max(high, 0.07 + name[1] if on_wire else 0.0)
    return Size(half, high, half, right, above + 0.03, max(high, 0.04 + tall) + 0.03)


_FIXED: Mapping[str, tuple[float, float]] = {
    "valve": (0.12, 0.085),
    "plus": (0.085, 0.085),
    "times": (0.085, 0.085),
    "outer": (0.085, 0.085),
    "divide": (0.085, 0.085),
    "copy": (0.02, 0.05),
    "join": (0.03, 0.09),
}


def _box(node: Node, label: str, ports: int) -> tuple[float, float]:
    """Half width and half height of what is drawn."""
    if node.kind in _FIXED:
        half, high = _FIXED[node.kind]
        return half, max(high, (ports - 1) * JOIN_GAP / 2 + 0.06) if node.kind == "join" else high
    if node.kind in ("state", "next", "output", "input"):
        return max(0.16, text_size(label, LABEL)[0] / 2 + 0.06), 0.11
    small = node.kind in ("scale", "offset", "power")
    width, height = text_size(node.text, inner_points(node))
    least = (0.1, 0.08) if small else (0.19, 0.13)
    room = (ports - 1) * PORT_GAP / 2 + 0.07
    width += 0.12 if any(p.negative for p in node.ports) else 0.0
    return max(least[0], width / 2 + (0.04 if small else 0.06)), max(least[1], height / 2 + 0.04, room)


def inner_points(node: Node) -> float:
    """Size of the letters in a node."""
    long = len(node.text) > 8 and "$" not in node.text
    return SMALL if long or node.kind in ("scale", "offset", "power") else INNER
