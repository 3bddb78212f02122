"""Graph → layers: which column each node stands in, so that wires run from left to right and are short."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

from gatedsym.diagrams.graph import Graph, Node

_EARLY = 1e-3
"""Weight of standing early, where wires are as short either way: gates of one step then share a column."""

_FIRST = 1.5
"""Weight of standing early, of a box that reads nothing but what is given: gates stand above each other."""


def assign_layers(graph: Graph) -> dict[str, int]:
    """The column of each node: what is given in the first, next values and outputs in the last.

    A linear programme whose matrix is totally unimodular: its vertices are whole numbers.
    """
    nodes = [n.id for n in graph.nodes]
    column = {name: k for k, name in enumerate(nodes)}
    count = len(nodes)
    last, size = 2 * count, 2 * count + 1  # variables: layers, layers of each node's last reader, the last layer
    cost = np.zeros(size)
    rows: list[dict[int, float]] = []
    bounds: list[tuple[float, float | None]] = [(0, None)] * size
    least: list[float] = []
    for node in graph.nodes:
        k = column[node.id]
        readers = graph.readers[node.id]
        cost[k] += _FIRST if _reads_given(graph, node) else _EARLY
        if readers:
            cost[count + k] += 1
            cost[k] -= 1
        for reader in readers:
            rows += [{column[reader]: 1, k: -1}, {count + k: 1, column[reader]: -1}]
            least += [1, 0]
        ends = node.kind in ("next", "output")
        rows.append({last: 1, k: -1})
        least.append(0)
        if ends:
            rows.append({k: 1, last: -1})
            least.append(0)
        if node.kind in ("state", "input"):
            bounds[k] = (0, 0)
        elif node.kind == "constant":
            bounds[k] = (1, None)
    cost[last] = 10
    matrix = np.zeros((len(rows), size))
    for number, row in enumerate(rows):
        for at, value in row.items():
            matrix[number, at] = -value
    found = linprog(cost, A_ub=matrix, b_ub=-np.array(least), bounds=bounds, method="highs-ds")
    return {name: round(float(found.x[column[name]])) for name in nodes}


def _reads_given(graph: Graph, node: Node) -> bool:
    """True for a box of weights whose wires come from terminals, joined or not."""
    if node.kind not in ("function", "affine") or not any(p.weight == "matrix" for p in node.ports):
        return False
    sources = [graph[p.source] for p in node.ports]
    sources += [graph[p.source] for s in sources if s.kind == "join" for p in s.ports]
    return all(s.kind in ("state", "input", "join", "constant") for s in sources)
