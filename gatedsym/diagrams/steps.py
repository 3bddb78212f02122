"""A cell step by step: one panel for each equation, what acts lit, and the numbers of a small example on the wires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from gatedsym.diagrams.draw import LEAST_WIDTH, PAD, Lit, draw_layout, new_canvas
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.layout import Layout, lay_out
from gatedsym.diagrams.legend import draw_legend, legend_entries, legend_height
from gatedsym.diagrams.letters import Labels
from gatedsym.diagrams.shapes import node_size, port_rows, text_size
from gatedsym.diagrams.style import INK
from gatedsym.diagrams.symbols import put_text
from gatedsym.flow.inputs.domain_laws import of_normal
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import NUMBERS, Program, Recurrence
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("diagrams")

UNITS = 2
"""Size of every dimension in the example, where the cell leaves it open."""

SEED = 0
_TITLE, _ABOUT = 9.0, 7.0
_NOTE, _ROW, _HEAD, _GAP = 0.26, 0.24, 0.16, 0.08
_ROWS, _COLUMNS = 4, 4
"""Of an array so many rows and columns are written out."""


def draw_steps(recurrence: Recurrence, graph: Graph, labels: Mapping[str, str], width: float) -> Figure:
    """Draw one panel for each typed equation.

    Parameters
    ----------
    recurrence : Recurrence
    graph : Graph
    labels : mapping of str to str
        For each node with a name its label.
    width : float
        Inches that a panel may be wide.
    """
    values = example(recurrence, graph)
    numbers = {n.id: number_lines(values[n.value]) for n in graph.nodes if n.value in values}
    sizes = {n.id: node_size(n, labels.get(n.id, ""), numbers.get(n.id, ()), port_rows(graph, n)) for n in graph.nodes}
    layout = lay_out(graph, sizes, width)
    names = Labels(recurrence.program, recurrence.rows)
    panels = [
        _panel(graph, layout, names.equation(e), lit_in(graph, k, numbers)) for k, e in enumerate(recurrence.equations)
    ]
    entries = legend_entries(graph)
    about = say("steps-about", cell=recurrence.name, seed=SEED, units=UNITS)
    texts = [text_size(line, _TITLE)[0] for p in panels for line in p.title] + [text_size(about, _ABOUT)[0]]
    wide = max(layout.width, LEAST_WIDTH, *(e.whole for e in entries), *texts)
    legend = legend_height(entries, wide)
    tall = _NOTE + sum(p.height for p in panels) + legend
    figure, axes = new_canvas(wide + 2 * PAD, tall + 2 * PAD)
    axes.set_xlim(-PAD, wide + PAD)
    axes.set_ylim(-tall - PAD, PAD)
    put_text(axes, 0, -_NOTE / 3, about, _ABOUT, INK, "left")
    top = -_NOTE
    for panel in panels:
        _draw_panel(figure, axes, panel, top, graph, layout, labels)
        top -= panel.height
    draw_legend(axes, entries, 0, top, wide)
    return figure


@dataclass(frozen=True)
class _Panel:
    """One equation, and the lines of the diagram in which something acts."""

    title: Sequence[str]
    lit: Lit
    lines: Sequence[int]
    height: float


def _panel(graph: Graph, layout: Layout, title: Sequence[str], lit: Lit) -> _Panel:
    acting = {layout.spots[n].line for n in lit.nodes if graph[n].ports and graph[n].kind != "join"}
    lines = sorted(acting)
    high = sum(layout.bands[k].high - layout.bands[k].low + _GAP for k in lines)
    return _Panel(title, lit, lines, _HEAD + _ROW * len(title) + high)


def _draw_panel(
    figure: Figure, axes: Axes, panel: _Panel, top: float, graph: Graph, layout: Layout, labels: Mapping[str, str]
) -> None:
    """The equation, and below it what it does; every line has axes of its own, moved to its place."""
    for line in panel.title:
        put_text(axes, 0, top - 0.6 * _ROW, line, _TITLE, INK, "left", gid="title")
        top -= _ROW
    top -= _HEAD / 2
    for k in panel.lines:
        band = layout.bands[k]
        shifted = figure.add_axes((0, 0, 1, 1))
        shifted.set_axis_off()
        shifted.set_xlim(*axes.get_xlim())
        shifted.set_ylim(*(y - top + band.high for y in axes.get_ylim()))
        draw_layout(shifted, graph, layout, labels, panel.lit, k)
        top -= band.high - band.low + _GAP


def lit_in(graph: Graph, equation: int, numbers: Mapping[str, Sequence[str]]) -> Lit:
    """Parts of the drawing that one equation lights: its nodes, and all whose values they read."""
    nodes = {n.id for n in graph.nodes if n.equation == equation}
    nets = {p.source for n in graph.nodes if n.id in nodes for p in n.ports}
    joined = {n for n in nets if graph[n].kind == "join"}
    nets |= {p.source for n in joined for p in graph[n].ports}
    nodes |= joined
    shown = {n: numbers[n] for n in sorted(nodes | nets) if n in numbers}
    # A result and its terminal have one value: it is written at the terminal.
    for name in [n for n in shown if graph[n].kind in ("next", "output")]:
        shown.pop(graph[name].ports[0].source, None)
    # So are terminals lit: of what is read, and of a next value that is read.
    given = {n for n in nets if graph[n].kind in ("state", "input", "constant")}
    given |= {r for n in nets for r in graph.readers[n] if graph[r].kind in ("next", "output")}
    return Lit(frozenset(nodes | given), frozenset(nets | nodes), shown)


def example(recurrence: Recurrence, graph: Graph) -> dict[str, Array]:
    """Every value of one step from numbers drawn at random.

    Parameters
    ----------
    recurrence : Recurrence
    graph : Graph
        Its Program has the values of nodes without a name as well.
    """
    program = graph.program
    sizes = dimension_sizes(recurrence, program)
    generator = np.random.default_rng(SEED)
    values: dict[str, Array] = {}
    for name in program.sources:
        tensor = program[name]
        if tensor.role not in NUMBERS:
            shape = tuple(sizes[d] for d in tensor.dims)
            values[name] = np.round(generator.normal(size=shape), 2)
            if (domain := recurrence.domains.get(_layout(recurrence, tensor.of or name))) is not None:
                values[name] = of_normal(domain, values[name], sizes)
            if tensor.role == "state":
                values[name] = np.abs(values[name])  # some states are divided by: they cannot be negative
    with np.errstate(all="ignore"):
        return evaluate(program, values, NUMPY)


def _layout(recurrence: Recurrence, part: str) -> str:
    """The input that a tensor is a part of; "" of none."""
    return next((layout.name for layout in recurrence.inputs if part in layout.parts), "")


def dimension_sizes(recurrence: Recurrence, program: Program, given: Mapping[str, int] | None = None) -> dict[str, int]:
    """The size of every dimension: what is given, what the cell says, else two."""
    chosen = dict(given or {})
    sizes = {d: int(d) if d.isdigit() else chosen.get(d, UNITS) for t in program.tensors for d in t.dims}
    for dimension in recurrence.dimensions:
        if dimension.size is not None and (dimension.fixed or dimension.name not in chosen):
            known = {str(s): sizes.get(str(s), UNITS) for s in dimension.size.free_symbols}
            sizes[dimension.name] = max(1, int(dimension.size.subs(known)))
    return sizes


def number_lines(value: Array) -> tuple[str, ...]:
    """An array in two decimals, a line a row; vectors are columns."""
    array = np.asarray(value, dtype=float)
    while array.ndim > 2:
        array = array[0]
    if array.ndim < 2:
        array = array.reshape(-1, 1)
    lines = ["  ".join(f"{x:.2f}".replace("-", "−") for x in row[:_COLUMNS]) for row in array[:_ROWS]]
    return (*lines, "…") if len(array) > _ROWS else tuple(lines)
