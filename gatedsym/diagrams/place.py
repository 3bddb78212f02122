"""Ordered layers → coordinates: heights by a linear programme that keeps rails and wires straight, then columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from gatedsym.diagrams.graph import Graph, Node
from gatedsym.diagrams.order import Item, Sheet, Strand
from gatedsym.diagrams.shapes import JOIN_GAP, PORT_GAP, SIDE, SIDED, WIRE_GAP, Size

_RAIL, _PASS, _FLOW, _TURN, _BRANCH = 400.0, 6.0, 3.0, 1.5, 0.4
"""How much the parts of a wire ought to be straight; rails are."""

_STATES = 0.3
"""Weight of a state's leaving at the height at which it came."""

_SMALL_STEP = 0.13
_AGAIN = 3

_TOGETHER = 0.02
"""Weight of a low diagram."""


@dataclass(frozen=True)
class Entry:
    """Position of one port of a node.

    Attributes
    ----------
    port : int
        Position among the node's ports.
    offset : float
        Height of the wire's last stretch above the node's own.
    turns : bool
        True if the wire then turns and enters from above or below.
    """

    port: int
    offset: float
    turns: bool


def port_entries(graph: Graph, sheet: Sheet) -> dict[str, tuple[Entry, ...]]:
    """The place of every port: wires enter a box in the order in which they come, a valve's handle from its side."""
    entries: dict[str, tuple[Entry, ...]] = {}
    for gap, strands in enumerate(sheet.strands):
        position = {item.id: k for k, item in enumerate(sheet.layers[gap])}
        comes = {(s.net, r): position[s.left] for s in strands for r in s.rights}
        for item in sheet.layers[gap + 1]:
            if item.kind == "node":
                node = graph[item.id]
                places = [comes[p.source, node.id] for p in node.ports]
                entries[node.id] = _entries(graph, node, places)
    return entries


def _entries(graph: Graph, node: Node, places: list[int]) -> tuple[Entry, ...]:
    count = len(places)
    if node.kind in SIDED and count == 2:
        main = _main_port(graph, node, places)
        other = 1 - main
        side = SIDE if places[other] < places[main] else -SIDE
        found = [Entry(0, 0.0, False)] * 2
        found[main], found[other] = Entry(main, 0.0, False), Entry(other, side, True)
        return tuple(found)
    ranked = sorted(range(count), key=lambda k: (places[k], k))
    rail = graph.rail.get(node.id, -1)
    straight = [k for k, p in enumerate(node.ports) if rail >= 0 and graph.rail.get(p.source) == rail]
    if straight:  # the rail runs on through the middle of the box; what else enters does so below it
        ranked = [straight[0], *(k for k in ranked if k != straight[0])]
    middle = 0 if straight else (count - 1) / 2
    gap = JOIN_GAP if node.kind == "join" else PORT_GAP
    offsets = {port: (middle - rank) * gap for rank, port in enumerate(ranked)}
    return tuple(Entry(k, offsets[k], False) for k in range(count))


def _main_port(graph: Graph, node: Node, places: list[int]) -> int:
    """The port whose wire runs straight on: that of the rail, else the flow; of a sum what comes from below."""
    rail = graph.rail.get(node.id, -1)
    on_rail = [
        k for k, p in enumerate(node.ports) if rail >= 0 and p.role == "flow" and graph.rail.get(p.source) == rail
    ]
    if on_rail:
        return on_rail[0]
    if node.kind in ("valve", "divide"):
        return next(k for k, p in enumerate(node.ports) if p.role == "flow")
    return 0 if places[0] <= places[1] else 1


def item_extent(item: Item, sizes: Mapping[str, Size], entries: Mapping[str, tuple[Entry, ...]]) -> tuple[float, float]:
    """Room above and below an item's own height."""
    if item.kind != "node":
        return (WIRE_GAP, WIRE_GAP) if item.kind == "pass" else (0.09, 0.09)
    size = sizes[item.id]
    above = max([size.above, *(e.offset + WIRE_GAP for e in entries.get(item.id, ()))])
    below = max([size.below, *(WIRE_GAP - e.offset for e in entries.get(item.id, ()))])
    return above, below


def find_heights(
    graph: Graph, sheet: Sheet, sizes: Mapping[str, Size], entries: Mapping[str, tuple[Entry, ...]]
) -> dict[str, float]:
    """The height of every item, and of every wire that enters a node from above or below under ``node:port``.

    Wires that turn into a node have heights of their own, so that they may come straight and turn once.
    """
    items = [item for layer in sheet.layers for item in layer]
    at = {item.id: k for k, item in enumerate(items)}
    turning = [(i.id, e) for i in items if i.kind == "node" for e in entries.get(i.id, ()) if e.turns]
    at.update({entry_name(name, entry): len(items) + k for k, (name, entry) in enumerate(turning)})
    programme = _Heights(len(at))
    for layer in sheet.layers:
        stack = [part for item in layer for part in _stacked(item, sizes, entries)]
        for (upper, _, below, own), (lower, above, _, other) in pairwise(stack):
            programme.above(at[upper], at[lower], SIDE if own == other else below + above)
    kinds = {item.id: item for item in items}
    for strands in sheet.strands:
        for strand in strands:
            for right in strand.rights:
                main = right == _straightest(strand, kinds)
                for end, offset, weight in _pulls(graph, kinds[strand.left], kinds[right], entries):
                    programme.level(at[strand.left], at[end], offset, weight if main else min(weight, _BRANCH))
    for first, last in _state_pairs(graph, at):
        programme.level(first, last, 0.0, _STATES)
    heights = programme.solve()
    return {name: round(float(heights[k]), 4) for name, k in at.items()}


def _straightest(strand: Strand, kinds: Mapping[str, Item]) -> str:
    """Height at which a wire that branches had best run on: along its rail, past this layer, or to the middle one."""
    for right in strand.rights:
        item = kinds[right]
        if item.rail >= 0 and item.rail == kinds[strand.left].rail:
            return right
    passing = [r for r in strand.rights if kinds[r].kind != "node"]
    return passing[0] if passing else strand.rights[(len(strand.rights) - 1) // 2]


def entry_name(node: str, entry: Entry) -> str:
    """Under which name the height of a turning wire is found."""
    return f"{node}:{entry.port}"


def settle_entries(
    entries: Mapping[str, tuple[Entry, ...]], heights: Mapping[str, float]
) -> dict[str, tuple[Entry, ...]]:
    """The entries with the heights that were found for turning wires."""
    return {
        name: tuple(
            replace(e, offset=round(heights[entry_name(name, e)] - heights[name], 4)) if e.turns else e for e in found
        )
        for name, found in entries.items()
    }


def _stacked(
    item: Item, sizes: Mapping[str, Size], entries: Mapping[str, tuple[Entry, ...]]
) -> list[tuple[str, float, float, str]]:
    """An item and the wires that turn into it, from top to bottom: name, room above, room below, whose it is."""
    turning = [e for e in entries.get(item.id, ()) if e.turns] if item.kind == "node" else []
    still = {item.id: tuple(e for e in entries.get(item.id, ()) if not e.turns)}
    above, below = item_extent(item, sizes, still)
    wires = [(entry_name(item.id, e), WIRE_GAP, WIRE_GAP, item.id, e.offset > 0) for e in turning]
    upper = [w[:4] for w in wires if w[4]]
    lower = [w[:4] for w in wires if not w[4]]
    return [*upper, (item.id, above, below, item.id), *lower]


def _pulls(
    graph: Graph, left: Item, right: Item, entries: Mapping[str, tuple[Entry, ...]]
) -> list[tuple[str, float, float]]:
    """For each wire between two items where it ends, how far above that, and how straight it ought to be."""
    if right.kind != "node":
        return [(right.id, 0.0, _RAIL if right.rail >= 0 else _PASS)]
    node = graph[right.id]
    found = []
    for entry in entries[node.id]:
        port = node.ports[entry.port]
        if port.source != left.net:
            continue
        rail = graph.rail.get(node.id, -1)
        on_rail = rail >= 0 and graph.rail.get(port.source) == rail and not entry.offset and port.role == "flow"
        weight = _RAIL if on_rail else _FLOW
        if not on_rail and (left.rail >= 0 or (entry.turns and rail >= 0)):
            weight = _BRANCH if left.rail >= 0 else 1.5 * _BRANCH  # such a wire climbs anyway
        elif entry.turns:
            weight = _FLOW if left.kind == "pass" else _TURN
        end = (entry_name(node.id, entry), 0.0) if entry.turns else (node.id, entry.offset)
        found.append((*end, weight))
    return found


def _state_pairs(graph: Graph, at: Mapping[str, int]) -> list[tuple[int, int]]:
    """Previous and next value of each state, where both are here: they had best be level."""
    starts = {n.value: n.id for n in graph.nodes if n.kind == "state"}
    pairs = []
    for node in graph.nodes:
        start = starts.get(graph.program[node.value].of, "") if node.kind == "next" else ""
        if start in at and node.id in at:
            pairs.append((at[start], at[node.id]))
    return pairs


class _Heights:
    """A linear programme: heights, and for each wire how far it climbs."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.pairs: list[tuple[int, int, float, int]] = []  # left, right, offset, variable of the climb
        self.rows: list[tuple[dict[int, float], float]] = []  # Σ coefficient·variable ≤ bound
        self.cost: list[float] = [0.0] * count
        top, bottom = self._variable(_TOGETHER), self._variable(-_TOGETHER)
        for k in range(count):
            self.rows += [({k: 1.0, top: -1.0}, 0.0), ({bottom: 1.0, k: -1.0}, 0.0)]

    def _variable(self, cost: float) -> int:
        self.cost.append(cost)
        return len(self.cost) - 1

    def above(self, upper: int, lower: int, room: float) -> None:
        self.rows.append(({lower: 1.0, upper: -1.0}, -room))

    def level(self, left: int, right: int, offset: float, weight: float) -> None:
        if weight == _RAIL:
            self.rows += [({left: 1.0, right: -1.0}, offset), ({left: -1.0, right: 1.0}, -offset)]
            return
        climb = self._variable(weight)
        if weight != _STATES:
            self.pairs.append((left, right, offset, climb))
        self.rows += [
            ({left: 1.0, right: -1.0, climb: -1.0}, offset),
            ({left: -1.0, right: 1.0, climb: -1.0}, -offset),
        ]

    def solve(self) -> list[float]:
        """The heights; small steps in wires look like mistakes, so they are made dearer and all is found anew."""
        heights = self._solve()
        for _ in range(_AGAIN):
            for left, right, offset, climb in self.pairs:
                if 1e-4 < abs(heights[left] - heights[right] - offset) < _SMALL_STEP:
                    self.cost[climb] *= 6
            heights = self._solve()
        return heights

    def _solve(self) -> list[float]:
        rows, columns, values = [], [], []
        for number, (row, _) in enumerate(self.rows):
            for column, value in row.items():
                rows.append(number)
                columns.append(column)
                values.append(value)
        matrix = csr_matrix((values, (rows, columns)), shape=(len(self.rows), len(self.cost)))
        bounds: list[tuple[float | None, float | None]] = [(None, None)] * (self.count + 2)
        bounds += [(0, None)] * (len(self.cost) - self.count - 2)
        bounds[0] = (0, 0)
        found = linprog(
            self.cost, A_ub=matrix, b_ub=np.array([b for _, b in self.rows]), bounds=bounds, method="highs-ds"
        )
        if found.x is None:
            raise RuntimeError(f"no heights were found: {found.message}.")
        return [float(x) for x in found.x[: self.count]]
