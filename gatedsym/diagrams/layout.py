"""Graph → Layout: where every node, wire and name stands, in inches, in as many lines as the page's width asks for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gatedsym.diagrams.graph import Graph, Node
from gatedsym.diagrams.layers import assign_layers
from gatedsym.diagrams.order import Item, Sheet, Strand, make_sheet, order_sheet
from gatedsym.diagrams.place import Entry, find_heights, item_extent, port_entries, settle_entries
from gatedsym.diagrams.routes import TRACK, Crossing, assign_tracks
from gatedsym.diagrams.shapes import Size

PAGE = 6.75
"""Inches of a page's text that a diagram may be wide."""

TIGHT = 1.18
"""A line that is longer by this factor at most is not broken: on the page it is a little smaller."""

_MARGIN = 0.09
_BETWEEN_LINES = 0.22

Point = tuple[float, float]


@dataclass(frozen=True)
class Spot:
    """A node in its place: its own point, and the room it takes (left, bottom, right, top)."""

    node: Node
    x: float
    y: float
    size: Size
    room: tuple[float, float, float, float]
    line: int


@dataclass(frozen=True)
class Wire:
    """The way of a value to one port, or to the end of its line.

    Attributes
    ----------
    net : str
        Whose value it is.
    reader, port : str, int
        Where it ends; "" and -1 at the end of a line.
    points : tuple of (x, y)
    highway : bool
    """

    net: str
    reader: str
    port: int
    points: tuple[Point, ...]
    highway: bool
    line: int


@dataclass(frozen=True)
class Mark:
    """End of a wire that leaves for the next line, or comes from the last."""

    net: str
    x: float
    y: float
    line: int


@dataclass(frozen=True)
class Dot:
    """Point in which a wire branches."""

    net: str
    x: float
    y: float
    line: int


@dataclass(frozen=True)
class Band:
    """One line: its height on the page, and the cell's own area in it (left, bottom, right, top)."""

    low: float
    high: float
    body: tuple[float, float, float, float]


@dataclass
class Layout:
    """A diagram's geometry; y grows upwards, the lines' bottoms are at negative heights."""

    spots: dict[str, Spot] = field(default_factory=dict)
    wires: list[Wire] = field(default_factory=list)
    dots: list[Dot] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    bands: list[Band] = field(default_factory=list)
    width: float = 0.0
    bottom: float = 0.0

    @property
    def continued(self) -> list[str]:
        """Values that go on in another line, in the order of their marks."""
        return list(dict.fromkeys(mark.net for mark in self.marks))


def lay_out(graph: Graph, sizes: Mapping[str, Size], width: float = PAGE) -> Layout:
    """Place a cell's graph.

    Parameters
    ----------
    graph : Graph
    sizes : mapping of str to Size
        Of every node.
    width : float
        Inches; a cell that is longer is broken into lines.
    """
    layers = assign_layers(graph)
    last = max(layers.values())
    for lines in range(1, last + 1):
        layout = Layout()
        rails: tuple[int, ...] = ()
        for first, end in _breaks(graph, layers, sizes, lines):
            sheet = order_sheet(make_sheet(graph, layers, first, end), graph, rails)
            rails = rails or sheet.rails
            _Line(graph, sizes, sheet, layout).draw()
        if layout.width <= TIGHT * width or lines == last:
            return layout
    return layout


def _breaks(graph: Graph, layers: Mapping[str, int], sizes: Mapping[str, Size], lines: int) -> list[tuple[int, int]]:
    """First and last layer of each line, lines being about as long as each other."""
    last = max(layers.values())
    wide = [0.0] * (last + 1)
    for name, layer in layers.items():
        wide[layer] = max(wide[layer], sizes[name].left + sizes[name].right)
    at, reached = 0.0, []
    for w in wide:
        at += w + 0.3
        reached.append(at)
    found: list[tuple[int, int]] = []
    first = 0
    for k in range(1, lines):
        aim, slack = at * k / lines, 0.25 * at / lines
        near = [la for la in range(first, last - (lines - 1 - k)) if abs(reached[la] - aim) <= slack]
        near = near or [min(max(first, k - 1), last - 1)]
        cut = min(near, key=lambda la: (_running(graph, layers, la), abs(reached[la] - aim)))
        found.append((first, cut))
        first = cut + 1
    return [*found, (first, last)]


def _running(graph: Graph, layers: Mapping[str, int], layer: int) -> int:
    """Number of values that run on from a layer to later ones."""
    return sum(
        layers[name] <= layer and any(layers[r] > layer for r in readers) for name, readers in graph.readers.items()
    )


class _Line:
    """One line of a diagram on its way into the layout."""

    def __init__(self, graph: Graph, sizes: Mapping[str, Size], sheet: Sheet, layout: Layout) -> None:
        self.graph = graph
        self.sizes = sizes
        self.sheet = sheet
        self.layout = layout
        self.entries = port_entries(graph, sheet)
        self.items = {item.id: item for layer in sheet.layers for item in layer}
        heights = find_heights(graph, sheet, sizes, self.entries)
        self.entries = settle_entries(self.entries, heights)
        top = max(heights[i.id] + item_extent(i, sizes, self.entries)[0] for i in self.items.values())
        shift = layout.bottom - top - (_BETWEEN_LINES if layout.bands else 0.0)
        self.line = len(layout.bands)
        self.high = top + shift
        self.y = {name: round(height + shift, 4) for name, height in heights.items()}
        self.centre: list[float] = []
        self.edges: list[tuple[float, float]] = []
        self.turns: list[dict[str, float]] = []

    def draw(self) -> None:
        self._columns()
        for k, layer in enumerate(self.sheet.layers):
            for item in layer:
                if item.kind == "node":
                    self._spot(item.id, self.centre[k])
                elif item.kind != "pass":
                    self.layout.marks.append(Mark(item.net, self.centre[k], self.y[item.id], self.line))
        for gap, strands in enumerate(self.sheet.strands):
            self._dots(gap, strands)
        self._wires()
        low = min(self.y[i.id] - item_extent(i, self.sizes, self.entries)[1] for i in self.items.values())
        self.layout.bands.append(Band(low, self.high, self._body()))
        self.layout.width = max(self.layout.width, self.edges[-1][1])
        self.layout.bottom = low

    def _body(self) -> tuple[float, float, float, float]:
        """The cell's own area: all but the terminals."""
        outer = [all(self._outside(i) for i in layer) for layer in self.sheet.layers]
        left = self.edges[0][1] if outer[0] else 0.0
        right = self.edges[-1][0] if outer[-1] else self.edges[-1][1]
        low, high = [], []
        for item in self.items.values():
            above, below = item_extent(item, self.sizes, self.entries)
            given = item.kind == "node" and self.graph[item.id].kind == "input"
            low.append(self.y[item.id] - (0.06 if given else below))
            high.append(self.y[item.id] + above)
        return left + 0.04, min(low) - 0.03, right - 0.04, max(high) + 0.03

    def _outside(self, item: Item) -> bool:
        if item.kind == "node":
            return self.graph[item.id].kind in ("state", "input", "next", "output")
        return item.kind != "pass"

    def _columns(self) -> None:
        """The x of every layer, and of every wire that turns between two."""
        x = 0.0
        for k, layer in enumerate(self.sheet.layers):
            nodes = [self.sizes[i.id] for i in layer if i.kind == "node"]
            left = max([0.05, *(s.left for s in nodes)])
            right = max([0.05, *(s.right for s in nodes)])
            self.edges.append((x, x + left + right))
            self.centre.append(x + left)
            x += left + right
            if k < len(self.sheet.strands):
                tracks = assign_tracks([self._crossing(s) for s in self.sheet.strands[k]])
                count = max(tracks.values(), default=-1) + 1
                self.turns.append({net: x + _MARGIN + track * TRACK for net, track in tracks.items()})
                x += 2 * _MARGIN + max(0, count - 1) * TRACK + (0.04 if count else 0.0)

    def _ends(self, strand: Strand) -> list[tuple[str, int, float]]:
        """Ends of a strand: item, port, height."""
        found = []
        for right in strand.rights:
            if self.items[right].kind != "node":
                found.append((right, -1, self.y[right]))
                continue
            for entry in self.entries[right]:
                if self.graph[right].ports[entry.port].source == strand.net:
                    found.append((right, entry.port, round(self.y[right] + entry.offset, 4)))
        return found

    def _crossing(self, strand: Strand) -> Crossing:
        return Crossing(strand.net, self.y[strand.left], tuple(y for _, _, y in self._ends(strand)))

    def _spot(self, name: str, x: float) -> None:
        size, y = self.sizes[name], self.y[name]
        above, below = item_extent(self.items[name], self.sizes, self.entries)
        room = (x - size.left, y - below, x + size.right, y + above)
        self.layout.spots[name] = Spot(self.graph[name], x, y, size, room, self.line)

    def _dots(self, gap: int, strands: tuple[Strand, ...]) -> None:
        """Point in which a wire branches."""
        for strand in strands:
            ends = [y for _, _, y in self._ends(strand)]
            x = self.turns[gap].get(strand.net)
            if x is None:
                continue
            start = self.y[strand.left]
            low, high = min(start, *ends), max(start, *ends)
            for y in sorted({start, *ends}):
                ways = (y > low) + (y < high) + (y == start) + (y in ends)
                if ways > 2:
                    self.layout.dots.append(Dot(strand.net, x, y, self.line))

    def _wires(self) -> None:
        """Follow every wire from where it starts in this line to each of its ends."""
        starts: dict[str, tuple[int, Strand]] = {s.left: (g, s) for g, ss in enumerate(self.sheet.strands) for s in ss}
        for gap, strands in enumerate(self.sheet.strands):
            for strand in strands:
                if self.items[strand.left].kind != "pass":
                    half = self.sizes[strand.left].half if self.items[strand.left].kind == "node" else 0.0
                    first = (self.centre[gap] + half, self.y[strand.left])
                    if self.items[strand.left].kind == "node" and self.graph[strand.net].kind == "input":
                        first = (self.centre[gap], self.y[strand.left])
                    self._follow(gap, strand, (first,), starts)

    def _follow(
        self, gap: int, strand: Strand, points: tuple[Point, ...], starts: Mapping[str, tuple[int, Strand]]
    ) -> None:
        for name, port, y in self._ends(strand):
            way = list(points)
            x = self.turns[gap].get(strand.net)
            if x is not None and y != way[-1][1]:
                way += [(x, way[-1][1]), (x, y)]
            item = self.items[name]
            if item.kind == "pass":
                self._follow(*starts[name], tuple(way), starts)
            elif item.kind == "leave":
                end = (*way, (self.centre[gap + 1], y))
                self.layout.wires.append(Wire(strand.net, "", -1, end, item.rail >= 0, self.line))
            else:
                entry = next(e for e in self.entries[name] if e.port == port)
                self.layout.wires.append(self._last(strand.net, name, entry, way, self.centre[gap + 1]))

    def _last(self, net: str, reader: str, entry: Entry, way: list[Point], x: float) -> Wire:
        """The wire with its last stretch, into the node."""
        size, y = self.sizes[reader], self.y[reader]
        if entry.turns:
            side = 1 if entry.offset > 0 else -1
            way += [(x, way[-1][1]), (x, y + side * size.high * (0.0 if self.graph[reader].kind == "valve" else 1.0))]
        else:
            way.append((x - size.half, way[-1][1]))
        rail = self.graph.rail.get(reader, -1)
        port = self.graph[reader].ports[entry.port]
        highway = rail >= 0 and self.graph.rail.get(net) == rail and port.role == "flow" and not entry.offset
        return Wire(net, reader, entry.port, tuple(way), highway, self.line)
