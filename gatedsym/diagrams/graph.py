"""The drawing graph of a cell: boxes, valves and wires as a reader expects them, and which rails are highways."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Literal

from gatedsym.ir.program import Program

Kind = Literal[
    "state",  # a state's previous value, or a longer delay of it
    "input",
    "constant",  # computed from parameters alone, and named
    "next",  # a state's next value
    "output",
    "function",  # of the sum of what enters
    "affine",  # weighted sum of what enters
    "valve",  # a gate on what it multiplies
    "times",
    "outer",
    "divide",
    "plus",
    "scale",  # times a parameter or a number
    "offset",  # plus a parameter or a number; 1 - z
    "power",
    "contract",  # sum over an index of a product of values
    "copy",  # another name for the same value
    "join",  # values that several boxes read together
]

Weight = Literal["", "matrix", "elementwise", "parameter"]
"""What a wire is multiplied by where it enters: nothing, a matrix, a number for each unit; or it is a parameter."""


@dataclass(frozen=True)
class Port:
    """Entry of a node for a wire.

    Attributes
    ----------
    source : str
        The node the wire comes from.
    role : {"flow", "control", "side"}
        `flow` is what runs through a valve, a quotient or a sum; `control` what turns a valve; `side` what divides.
    negative : bool
        The value enters with a minus.
    weight : Weight
    """

    source: str
    role: Literal["flow", "control", "side"] = "flow"
    negative: bool = False
    weight: Weight = ""


@dataclass(frozen=True)
class Node:
    """
    Attributes
    ----------
    id : str
    kind : Kind
    ports : tuple of Port
    name : str
        The Program's name of the value, where a person gave it one: it is written on the wire.
    text : str
        What stands in the node.
    weights : tuple of str
        Parameters and constants that act in it.
    equation : int
        Position of the typed line that it belongs to; -1 of what is given.
    value : str
        The tensor of `Graph.program` that holds its value; "" where it has none of its own.
    gate : bool
        True if the value turns a valve.
    """

    id: str
    kind: Kind
    ports: tuple[Port, ...] = ()
    name: str = ""
    text: str = ""
    weights: tuple[str, ...] = ()
    equation: int = -1
    value: str = ""
    gate: bool = False


@dataclass(frozen=True)
class Graph:
    """
    Attributes
    ----------
    nodes : tuple of Node
        In an order in which they can be computed; terminals of next values and outputs last.
    program : Program
        The cell's Program, and statements for the values of nodes that have no name in it.
    highways : tuple of tuple of str
        For each state that has one, the nodes of the direct path from its previous to its next value: no matrix, never
        through a valve's handle, and no activation but that whose value is the state.
    """

    nodes: tuple[Node, ...]
    program: Program
    highways: tuple[tuple[str, ...], ...] = ()

    def __getitem__(self, identity: str) -> Node:
        return self.index[identity]

    @cached_property
    def index(self) -> dict[str, Node]:
        return {node.id: node for node in self.nodes}

    @cached_property
    def readers(self) -> dict[str, tuple[str, ...]]:
        """For each node those that read it."""
        found: dict[str, list[str]] = {node.id: [] for node in self.nodes}
        for node in self.nodes:
            for source in dict.fromkeys(port.source for port in node.ports):
                found[source].append(node.id)
        return {name: tuple(readers) for name, readers in found.items()}

    @cached_property
    def rail(self) -> dict[str, int]:
        """For each node on a highway its position among the highways."""
        return {node: k for k, path in enumerate(self.highways) for node in path}


_THROUGH = frozenset({"valve", "times", "divide", "plus", "scale", "offset", "copy", "next"})


def find_highways(graph: Graph) -> Graph:
    """The graph with the direct path of each state; no node belongs to two."""
    paths: list[tuple[str, ...]] = []
    taken: set[str] = set()
    for node in graph.nodes:
        if node.kind != "next":
            continue
        state = graph.program[node.value].of
        start = next((n.id for n in graph.nodes if n.kind == "state" and n.value == state), None)
        path = _direct_path(graph, start, node.id) if start else None
        if path and not taken & set(path):
            taken |= set(path)
            paths.append(path)
    return replace(graph, highways=tuple(paths))


def _direct_path(graph: Graph, start: str, end: str) -> tuple[str, ...] | None:
    """The shortest way along flows alone, breadth first; None if there is none."""
    before: dict[str, str] = {start: ""}
    queue = [start]
    for name in queue:
        for reader in graph.readers[name]:
            node = graph[reader]
            if reader not in before and any(p.source == name and _passes(graph, node, p) for p in node.ports):
                before[reader] = name
                queue.append(reader)
    if end not in before:
        return None
    path = [end]
    while before[path[-1]]:
        path.append(before[path[-1]])
    return tuple(reversed(path))


def _passes(graph: Graph, node: Node, port: Port) -> bool:
    """True where a value goes on elementwise: without an activation, or through one that is the next value."""
    if node.kind == "function":
        last = bool(node.value) and graph.program[node.value].role == "next"
        return last and port.weight in ("", "elementwise")
    return node.kind in _THROUGH and port.role == "flow" and not port.weight


def join_inputs(graph: Graph) -> Graph:
    """Values that the same boxes weigh by matrices run together as one wire, [h, x]."""
    while True:
        chosen = _best_bundle(graph)
        if chosen is None:
            return graph
        graph = _joined(graph, chosen)


def _weighed(node: Node) -> tuple[str, ...]:
    return tuple(p.source for p in node.ports if p.weight == "matrix" and not p.negative)


def _best_bundle(graph: Graph) -> frozenset[str] | None:
    """The set of values that saves most wires where it is read as one; None if none saves any."""
    sets = [frozenset(_weighed(n)) for n in graph.nodes if n.kind in ("function", "affine")]
    candidates = {a & b for a, b in combinations(sets, 2) if len(a & b) > 1}
    position = {node.id: k for k, node in enumerate(graph.nodes)}
    best: tuple[int, tuple[int, ...]] | None = None
    for candidate in sorted(candidates, key=lambda c: sorted(position[n] for n in c)):
        count = sum(candidate <= s for s in sets)
        score = (count - 1) * (len(candidate) - 1)
        key = (-score, tuple(sorted(position[n] for n in candidate)))
        if score > 0 and (best is None or key < best):
            best = key
    if best is None:
        return None
    return frozenset(graph.nodes[k].id for k in best[1])


def _joined(graph: Graph, bundle: frozenset[str]) -> Graph:
    count = sum(n.kind == "join" for n in graph.nodes)
    members = [n.id for n in graph.nodes if n.id in bundle]
    join = Node(f"join{count + 1}", "join", tuple(Port(m) for m in members))
    nodes: list[Node] = []
    for node in graph.nodes:
        if node.kind in ("function", "affine") and bundle <= set(_weighed(node)):
            if join not in nodes:
                nodes.append(join)
            kept = tuple(p for p in node.ports if not (p.source in bundle and p.weight == "matrix"))
            node = replace(node, ports=(*kept, Port(join.id, weight="matrix")))
        nodes.append(node)
    return replace(graph, nodes=tuple(nodes))
