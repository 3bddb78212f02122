"""A cell step by step: one panel for each equation, what acts lit, and the numbers of a small example on the wires."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from gatedsym.diagrams.draw import PAD, Lit, draw_layout, new_canvas
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.layout import lay_out
from gatedsym.diagrams.legend import draw_legend, legend_entries, legend_height
from gatedsym.diagrams.letters import Labels
from gatedsym.diagrams.shapes import node_size, text_size
from gatedsym.diagrams.style import INK
from gatedsym.diagrams.symbols import put_text
from gatedsym.evaluate import NUMPY, evaluate
from gatedsym.program import Program, Recurrence

UNITS = 2
"""Size of every dimension in the example, where the cell leaves it open."""

SEED = 0
_TITLE = 9.0
_ROWS, _COLUMNS = 4, 4
"""Of an array so many rows and columns are written out."""

Array = np.ndarray[Any, Any]


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
    sizes = {n.id: node_size(n, labels.get(n.id, ""), numbers.get(n.id, ()), len(n.ports)) for n in graph.nodes}
    layout = lay_out(graph, sizes, width)
    names = Labels(recurrence.program)
    titles = [names.equation(e) for e in recurrence.equations]
    head = [0.2 * len(lines) + 0.1 for lines in titles]
    entries = legend_entries(graph)
    wide = max(layout.width, 3.1, *(e.whole for e in entries), *(text_size(t, _TITLE)[0] for ts in titles for t in ts))
    wide += 2 * PAD
    note = 0.3
    legend = legend_height(entries, wide - 2 * PAD)
    tall = sum(head) + len(titles) * (-layout.bottom + 0.1) + legend + note + 2 * PAD
    figure, axes = new_canvas(wide, tall)
    axes.set_axis_off()
    axes.set_xlim(-PAD, wide - PAD)
    axes.set_ylim(-tall + PAD, PAD)
    put_text(axes, 0, -0.12, _about(recurrence), 7, INK, "left")
    y = -note
    for k, lines in enumerate(titles):
        for n, line in enumerate(lines):
            put_text(axes, 0, y - 0.12 - 0.2 * n, line, _TITLE, INK, "left", gid=f"title {k}")
        y -= head[k]
        panel = figure.add_axes((0, 0, 1, 1))
        panel.set_axis_off()
        panel.set_xlim(-PAD, wide - PAD)
        panel.set_ylim(-tall + PAD - y, PAD - y)
        draw_layout(panel, graph, layout, labels, lit_in(graph, k, numbers))
        y -= -layout.bottom + 0.1
    draw_legend(axes, entries, 0, y + 0.06, wide - 2 * PAD)
    return figure


def lit_in(graph: Graph, equation: int, numbers: Mapping[str, Sequence[str]]) -> Lit:
    """What takes part in one equation: its nodes, and all whose values they read."""
    nodes = {n.id for n in graph.nodes if n.equation == equation}
    nets = {p.source for n in graph.nodes if n.id in nodes for p in n.ports}
    joined = {n for n in nets if graph[n].kind == "join"}
    nets |= {p.source for n in joined for p in graph[n].ports}
    nodes |= joined
    shown = {n: numbers[n] for n in nodes | nets if n in numbers}
    # A result and its terminal have one value: it is written at the terminal.
    for name in [n for n in shown if graph[n].kind in ("next", "output")]:
        shown.pop(graph[name].ports[0].source, None)
    # So are terminals lit: of what is read, and of a next value that is read.
    given = {n for n in nets if graph[n].kind in ("state", "input", "constant")}
    given |= {r for n in nets for r in graph.readers[n] if graph[r].kind in ("next", "output")}
    return Lit(frozenset(nodes | given), frozenset(nets | nodes), shown)


def _about(recurrence: Recurrence) -> str:
    return f"{recurrence.name}, an example with numbers drawn at random (seed {SEED}): {UNITS} units, two decimals"


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
        if tensor.role not in ("constant", "identity"):
            shape = tuple(sizes[d] for d in tensor.dims)
            values[name] = np.round(generator.normal(size=shape), 2)
            if tensor.role == "state":
                values[name] = np.abs(values[name])
    with np.errstate(all="ignore"):
        return evaluate(program, values, NUMPY)


def dimension_sizes(recurrence: Recurrence, program: Program) -> dict[str, int]:
    """The size of every dimension: two, or what the cell says."""
    sizes = {d: int(d) if d.isdigit() else UNITS for t in program.tensors for d in t.dims}
    for dimension in recurrence.dimensions:
        if dimension.size is not None:
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
