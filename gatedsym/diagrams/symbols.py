"""The symbols of a diagram, drawn at a point: valves, boxes, sums, terminals."""

from __future__ import annotations

from typing import Any

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from matplotlib.text import Text

from gatedsym.diagrams.graph import Node
from gatedsym.diagrams.shapes import INNER, INPUT_DROP, LABEL, ROUND, Size, inner_points
from gatedsym.diagrams.style import EDGE_WIDTH, LIT, WIRE_WIDTH, Inks

_NODES, _TEXT = 6, 8


def draw_node(axes: Axes, node: Node, x: float, y: float, size: Size, label: str, inks: Inks = LIT) -> None:
    """Draw a node, the letters in it, and the name of a terminal."""
    if node.kind == "valve":
        _valve(axes, x, y, size, inks)
    elif node.kind in ROUND:
        axes.add_patch(Circle((x, y), size.half, fc="white", ec=inks.ink, lw=EDGE_WIDTH, zorder=_NODES))
        _sign(axes, node, x, y, size.half, inks)
    elif node.kind in ("join", "copy"):
        wide = size.half if node.kind == "join" else 0.012
        axes.add_patch(
            Rectangle((x - wide, y - size.high), 2 * wide, 2 * size.high, fc=inks.ink, ec="none", zorder=_NODES)
        )
    elif node.kind in ("state", "next", "output", "input"):
        _terminal(axes, node, x, y, size, label, inks)
    else:
        _box(axes, node, x, y, size, inks)


def _valve(axes: Axes, x: float, y: float, size: Size, inks: Inks) -> None:
    """A bow tie: what flows narrows where the gate's wire enters."""
    w, h = size.half, size.high
    for side in (-1, 1):
        points = [(x, y), (x + side * w, y + h), (x + side * w, y - h)]
        axes.add_patch(
            Polygon(points, closed=True, fc=inks.gate, ec=inks.ink, lw=EDGE_WIDTH, joinstyle="round", zorder=_NODES)
        )
    axes.add_patch(Circle((x, y), 0.028, fc=inks.ink, ec="none", zorder=_NODES + 1))


def _sign(axes: Axes, node: Node, x: float, y: float, radius: float, inks: Inks) -> None:
    """+, ·, × and ÷ as strokes: they stay in the middle in every font."""
    arm = 0.55 * radius
    stroke: Any = {"color": inks.ink, "lw": 1.0, "solid_capstyle": "butt", "zorder": _TEXT}
    if node.kind == "plus":
        axes.plot([x - arm, x + arm], [y, y], **stroke)
        axes.plot([x, x], [y - arm, y + arm], **stroke)
    elif node.kind == "times":
        axes.add_patch(Circle((x, y), 0.022, fc=inks.ink, ec="none", zorder=_TEXT))
    elif node.kind == "outer":
        arm *= 0.75
        axes.plot([x - arm, x + arm], [y - arm, y + arm], **stroke)
        axes.plot([x - arm, x + arm], [y + arm, y - arm], **stroke)
    else:
        axes.plot([x - arm, x + arm], [y, y], **stroke)
        for side in (-1, 1):
            axes.add_patch(Circle((x, y + side * 0.65 * arm), 0.011, fc=inks.ink, ec="none", zorder=_TEXT))


def _box(axes: Axes, node: Node, x: float, y: float, size: Size, inks: Inks) -> None:
    fill = inks.gate_box if node.gate and node.kind != "affine" else "white"
    if node.kind == "function" and not node.gate:
        fill = inks.function_box
    if node.kind == "constant":
        fill = inks.given
    small = node.kind in ("scale", "offset", "power")
    rounding = min(size.high, size.half, 0.11) * 0.98 if small else 0.035
    corners = f"round,pad=0,rounding_size={rounding}"
    patch = FancyBboxPatch((x - size.half, y - size.high), 2 * size.half, 2 * size.high, boxstyle=corners)
    patch.set(facecolor=fill, edgecolor=inks.ink, linewidth=EDGE_WIDTH, zorder=_NODES)
    axes.add_patch(patch)
    put_text(axes, x, y, node.text, inner_points(node), inks.ink)


def _terminal(axes: Axes, node: Node, x: float, y: float, size: Size, label: str, inks: Inks) -> None:
    fill = inks.given if node.kind == "input" else "white"
    state = node.kind in ("state", "next")
    middle = y - INPUT_DROP - size.high if node.kind == "input" else y
    corners = f"round,pad=0,rounding_size={size.high if state else 0.02}"
    patch = FancyBboxPatch((x - size.half, middle - size.high), 2 * size.half, 2 * size.high, boxstyle=corners)
    patch.set(facecolor=fill, edgecolor=inks.ink, linewidth=1.3 if state else EDGE_WIDTH, zorder=_NODES)
    axes.add_patch(patch)
    if node.kind == "input":
        axes.plot([x, x], [middle + size.high, y], color=inks.ink, lw=WIRE_WIDTH, zorder=3)
    put_text(axes, x, middle, label, LABEL, inks.ink)


def draw_weight(axes: Axes, x: float, y: float, weight: str, inks: Inks = LIT) -> None:
    """The mark before a box at (x, y): filled for a matrix, hollow for one number for each unit."""
    side = 0.056
    fill = inks.ink if weight == "matrix" else "white"
    axes.add_patch(Rectangle((x - side, y - side / 2), side, side, fc=fill, ec=inks.ink, lw=0.7, zorder=_NODES + 1))


def put_text(
    axes: Axes, x: float, y: float, text: str, points: float = INNER, color: str = LIT.ink, ha: str = "center",
    va: str = "center_baseline", gid: str = "",
) -> Text:  # fmt: skip
    """Text in the letters of diagrams, mathematics between dollar signs."""
    return axes.text(
        x, y, text, fontsize=points, color=color, ha=ha, va=va, zorder=_TEXT, gid=gid or None,
        math_fontfamily="dejavusans",
    )  # fmt: skip
