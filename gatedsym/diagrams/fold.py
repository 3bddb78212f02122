"""Long reductions, such as a layer normalisation, become one box: its definition's name stands in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

from gatedsym.diagrams.graph import Graph, Node, Port
from gatedsym.equations import read_equations
from gatedsym.errors import EquationError
from gatedsym.ir.program import Recurrence

_LEAST = 5
"""So many nodes at least: less is drawn operation by operation."""

_INNER = frozenset({"contract", "scale", "offset", "plus", "times", "divide", "power"})
_INNER_FUNCTIONS = frozenset({"√", "|·|"})
_DEFINITION = re.compile(r"^\s*(\w+)\s*\([^()=]*\)\s*=.*$", re.MULTILINE)

UNNAMED = "…"
"""Stands in a box of several operations that no definition names."""

Shape = Counter[tuple[str, str]]
"""How many nodes of each kind, with their letters."""


def fold_reductions(graph: Graph, recurrence: Recurrence, read: Callable[[Recurrence], Graph]) -> Graph:
    """The graph with each part of a line that reduces values and gives one value as a single box.

    Parameters
    ----------
    graph : Graph
    recurrence : Recurrence
    read : callable
        From a Recurrence to its graph, nothing folded: a definition's name stands in a box that is drawn like it.
    """
    shapes = _definition_shapes(recurrence, read)
    while True:
        found = _largest(graph)
        if found is None:
            return graph
        end, region = graph[found[0]], found[1]
        inside = [n for n in graph.nodes if n.id in region]
        weights = tuple(dict.fromkeys(w for n in inside for w in n.weights))
        ports = dict.fromkeys(
            Port(p.source, weight=p.weight) for n in inside for p in n.ports if p.source not in region
        )
        shape = _shape(inside)
        text = next((name for name, other in shapes.items() if other == shape), UNNAMED)
        box = replace(end, kind="function", ports=tuple(ports), text=text, weights=weights)
        nodes = tuple(box if n.id == end.id else n for n in graph.nodes if n.id == end.id or n.id not in region)
        graph = replace(graph, nodes=nodes)


def _shape(nodes: list[Node]) -> Shape:
    return Counter((n.kind, n.text) for n in nodes)


def _definition_shapes(recurrence: Recurrence, read: Callable[[Recurrence], Graph]) -> Mapping[str, Shape]:
    """For each definition of vectors how it is drawn."""
    found = {m[1]: m[0] for m in _DEFINITION.finditer(recurrence.source)}
    shapes = {}
    for name in found:
        lines = "\n".join(found[used] for used in _needed(name, found))
        constants = [f"{c} = {value}" for c, value in recurrence.constants.items() if re.search(rf"\b{c}\b", lines)]
        arguments = [f"argument_{k + 1}" for k in range(found[name].split("=")[0].count(",") + 1)]
        text = [f"input {argument} in R^n" for argument in arguments]
        text += [lines, *constants, "output value", f"value = {name}({', '.join(arguments)})"]
        try:
            graph = read(read_equations("\n".join(text)))
        except EquationError:
            continue  # not a definition of vectors, or one that cannot stand alone: its parts are drawn
        shapes[name] = _shape([n for n in graph.nodes if n.kind not in ("input", "output")])
    return shapes


def _needed(name: str, definitions: Mapping[str, str]) -> list[str]:
    """A definition and those that it calls, in the order of the text."""
    needed = {name}
    while True:
        more = {n for n in definitions if any(re.search(rf"\b{n}\(", definitions[m].split("=", 1)[1]) for m in needed)}
        if more <= needed:
            return [n for n in definitions if n in needed]
        needed |= more


def _largest(graph: Graph) -> tuple[str, frozenset[str]] | None:
    """The largest part that may become a box: where it ends, and its nodes."""
    best: tuple[str, frozenset[str]] | None = None
    for end in graph.nodes:
        region = _region(graph, end) if _inner(end) and end.id not in graph.rail else frozenset()
        if len(region) >= _LEAST and (best is None or len(region) > len(best[1])):
            best = (end.id, region)
    return best


def _inner(node: Node) -> bool:
    """True for what may stand inside of a reduction."""
    return node.kind in _INNER or (node.kind == "function" and node.text in _INNER_FUNCTIONS)


def _region(graph: Graph, end: Node) -> frozenset[str]:
    """The nodes of the same line that only serve this one; none where nothing is reduced."""
    region = {end.id}
    for node in reversed(graph.nodes[: [n.id for n in graph.nodes].index(end.id)]):
        serves = node.id not in region and set(graph.readers[node.id]) <= region and bool(graph.readers[node.id])
        plain = not node.name and node.equation == end.equation and _inner(node) and node.id not in graph.rail
        if serves and plain and not any(p.weight == "matrix" for p in node.ports):
            region.add(node.id)
    reduces = any(graph[n].kind == "contract" and len(graph[n].ports) == 1 for n in region)
    return frozenset(region) if reduces else frozenset()
