"""Order within the layers: rails on top, inputs at the bottom, and between them as few crossings as can be found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations

from gatedsym.diagrams.graph import Graph

_SWEEPS = 12
_MOST_PAIRS = 2_000_000
"""Pairs of wires looked at before neighbours are no longer exchanged: large cells are ordered by barycentres."""

_MOST_RAILS = 3
"""Up to so many rails every order of them is tried."""


@dataclass(frozen=True)
class Item:
    """Item of a layer: a node, a wire that passes, or the place where a wire comes from or goes to another line.

    Attributes
    ----------
    id : str
    net : str
        The node whose value it carries.
    kind : {"node", "pass", "enter", "leave"}
    rail : int
        Position of its highway; -1 off the highways.
    """

    id: str
    net: str
    kind: str
    rail: int = -1


@dataclass(frozen=True)
class Strand:
    """A wire across the gap between two layers, from one item to one or more."""

    net: str
    left: str
    rights: tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """One line of a diagram: layers of items, and strands between each layer and the next."""

    layers: tuple[tuple[Item, ...], ...]
    strands: tuple[tuple[Strand, ...], ...]

    @property
    def rails(self) -> tuple[int, ...]:
        """The highways from top to bottom."""
        return tuple(dict.fromkeys(item.rail for layer in self.layers for item in layer if item.rail >= 0))


def make_sheet(graph: Graph, layers: Mapping[str, int], first: int, last: int) -> Sheet:
    """The items of the layers `first` to `last`; wires from and to other lines get a layer at the ends."""
    columns: list[list[Item]] = [[] for _ in range(last - first + 1)]
    strands: list[list[Strand]] = [[] for _ in range(last - first)]
    before: list[Item] = []
    after: list[Item] = []
    enters: list[Strand] = []
    leaves: list[Strand] = []
    for node in graph.nodes:
        if first <= layers[node.id] <= last:
            columns[layers[node.id] - first].append(Item(node.id, node.id, "node", graph.rail.get(node.id, -1)))
    for node in graph.nodes:
        start = layers[node.id]
        readers = graph.readers[node.id]
        if not readers or start > last:
            continue
        end = max(layers[r] for r in readers)
        if end < first:
            continue
        rail, until = _rail_until(graph, layers, node.id)
        here = Item(node.id, node.id, "node")
        if start < first:
            here = Item(f"{node.id} enters", node.id, "enter", rail if until >= first else -1)
            before.append(here)
        left = here.id
        for layer in range(max(start, first - 1), min(end, last + 1)):
            rights = [r for r in readers if layers[r] == layer + 1]
            passing = f"{node.id} at {layer + 1}"
            on_rail = rail if layer + 1 < until else -1
            if layer == last:
                passing, rights = f"{node.id} leaves", []
                after.append(Item(passing, node.id, "leave", rail if until > last else -1))
            elif end > layer + 1:
                columns[layer + 1 - first].append(Item(passing, node.id, "pass", on_rail))
            more = (passing,) if layer == last or end > layer + 1 else ()
            strand = Strand(node.id, left, (*rights, *more))
            (enters if layer < first else leaves if layer == last else strands[layer - first]).append(strand)
            left = passing
    every = [*([before] if before else []), *columns, *([after] if after else [])]
    between = [*([enters] if before else []), *strands, *([leaves] if after else [])]
    return Sheet(tuple(map(tuple, every)), tuple(map(tuple, between)))


def _rail_until(graph: Graph, layers: Mapping[str, int], node: str) -> tuple[int, int]:
    """The highway that runs on from a node, and the layer of its next node there."""
    if node not in graph.rail:
        return -1, -1
    path = graph.highways[graph.rail[node]]
    position = path.index(node)
    return (graph.rail[node], layers[path[position + 1]]) if position + 1 < len(path) else (-1, -1)


def order_sheet(sheet: Sheet, graph: Graph, settled: Sequence[int] = ()) -> Sheet:
    """The sheet with the items of each layer from top to bottom; rails in the order of an earlier line, if given."""
    rails = sorted(sheet.rails)
    orders: Iterable[tuple[int, ...]] = permutations(rails) if len(rails) <= _MOST_RAILS else [tuple(rails)]
    if settled:
        orders = [tuple(sorted(rails, key=lambda r: settled.index(r) if r in settled else len(settled)))]
    best: tuple[float, list[list[Item]]] | None = None
    for order in orders:
        search = _Search(sheet, graph, {rail: k for k, rail in enumerate(order)})
        for backwards in (False, True):
            cost, found = search.run(backwards)
            if best is None or cost < best[0] - 1e-9:
                best = (cost, found)
    assert best is not None
    return Sheet(tuple(map(tuple, best[1])), sheet.strands)


class _Search:
    """Barycentres from both sides in turn, then exchanges of neighbours."""

    def __init__(self, sheet: Sheet, graph: Graph, rails: Mapping[int, int]) -> None:
        self.sheet = sheet
        self.graph = graph
        self.rails = rails
        self.pairs = 0
        self.neighbours: dict[str, tuple[list[str], list[str]]] = {i.id: ([], []) for la in sheet.layers for i in la}
        for strands in sheet.strands:
            for strand in strands:
                for right in strand.rights:
                    self.neighbours[right][0].append(strand.left)
                    self.neighbours[strand.left][1].append(right)

    def pin(self, item: Item) -> int:
        """-k on a rail, 0 between, 1 for inputs."""
        if item.rail >= 0:
            return self.rails[item.rail] - len(self.rails)
        node = self.graph[item.net]
        return 1 if item.kind == "node" and node.kind == "input" else 0

    def run(self, backwards: bool) -> tuple[float, list[list[Item]]]:
        layers = [sorted(reversed(la) if backwards else la, key=self.pin) for la in self.sheet.layers]
        best = (self.cost(layers), [list(la) for la in layers])
        seen: set[tuple[int, tuple[str, ...]]] = set()
        for sweep in range(_SWEEPS):
            side = sweep % 2
            state = (side, tuple(item.id for la in layers for item in la))
            if state in seen:
                break  # from here on all would come again
            seen.add(state)
            for k in range(len(layers)) if side == 0 else reversed(range(len(layers))):
                other = k - 1 if side == 0 else k + 1
                if 0 <= other < len(layers):
                    layers[k] = self.by_barycentre(layers[k], layers[other], side)
            if self.pairs < _MOST_PAIRS:
                self.exchange(layers)
            cost = self.cost(layers)
            if cost < best[0] - 1e-9:
                best = (cost, [list(la) for la in layers])
        return best

    def by_barycentre(self, layer: Sequence[Item], fixed: Sequence[Item], side: int) -> list[Item]:
        at = {item.id: k / max(1, len(fixed) - 1) for k, item in enumerate(fixed)}
        own = {item.id: k / max(1, len(layer) - 1) for k, item in enumerate(layer)}

        def centre(item: Item) -> float:
            places = [at[n] for n in self.neighbours[item.id][side] if n in at]
            return sum(places) / len(places) if places else own[item.id]

        return sorted(layer, key=lambda item: (self.pin(item), centre(item)))

    def exchange(self, layers: list[list[Item]]) -> None:
        """Exchange neighbours, and move single items, as long as that helps."""
        for _ in range(8):
            better = False
            for k, layer in enumerate(layers):
                for a in range(len(layer)):
                    better |= self.pairs < _MOST_PAIRS and self._move(layers, k, a)
            if not better:
                return

    def _move(self, layers: list[list[Item]], k: int, a: int) -> bool:
        """Take one item to the best place among those of its kind."""
        layer = layers[k]
        item = layer[a]
        rest = layer[:a] + layer[a + 1 :]
        current = self.local_cost(layers, k)
        best, place = current, a
        for at in range(len(layer)):
            trial = [*rest[:at], item, *rest[at:]]
            pins = [self.pin(i) for i in trial]
            if at == a or pins != sorted(pins):
                continue
            layers[k] = trial
            cost = self.local_cost(layers, k)
            if cost < best - 1e-9:
                best, place = cost, at
        layers[k] = [*rest[:place], item, *rest[place:]]
        return place != a

    def cost(self, layers: Sequence[Sequence[Item]]) -> float:
        return sum(self.gap_cost(layers, k) for k in range(len(layers) - 1))

    def local_cost(self, layers: Sequence[Sequence[Item]], k: int) -> float:
        return sum(self.gap_cost(layers, g) for g in (k - 1, k) if 0 <= g < len(layers) - 1)

    def gap_cost(self, layers: Sequence[Sequence[Item]], gap: int) -> float:
        """Crossings in a gap, and a little for wires that climb."""
        left = {item.id: k for k, item in enumerate(layers[gap])}
        right = {item.id: k for k, item in enumerate(layers[gap + 1])}
        edges = [(left[s.left], right[r], n) for n, s in enumerate(self.sheet.strands[gap]) for r in s.rights]
        edges.sort()
        self.pairs += len(edges) ** 2
        total = 0.0
        tall = max(len(left), len(right), 2)
        for k, (a, b, net) in enumerate(edges):
            total += 0.02 * abs(a - b) / tall
            for c, d, other in edges[k + 1 :]:
                if other != net and (a < c and b > d):
                    total += 1
        return total
