"""A cell → the drawing of its backward pass: adjoints on the wires, each as thick as its share of the gradient."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Polygon

from gatedsym.cells import Cell
from gatedsym.diagrams.draw import LEAST_WIDTH, PAD, Lit, Picture, drawing_html, new_canvas, render, save_drawing
from gatedsym.diagrams.graph import Graph, Port
from gatedsym.diagrams.layout import PAGE, Spot, Wire, lay_out
from gatedsym.diagrams.legend import Entry, draw_legend, legend_entries, legend_height
from gatedsym.diagrams.letters import Labels
from gatedsym.diagrams.read import read_graph
from gatedsym.diagrams.shapes import TERMINALS, node_size, port_rows, text_size
from gatedsym.diagrams.shares import Shares, measure_shares
from gatedsym.diagrams.style import FAINT, INK, LIT, Inks
from gatedsym.diagrams.symbols import draw_weight, put_text
from gatedsym.expect import expect_path
from gatedsym.messages import room

say = room("diagrams")

WHOLE = 7.0
"""Points of a wire that the whole gradient passes."""

HAIR = 0.4
LEAST = 0.005
"""Shares below it are drawn as a hair."""

_DASHES: Any = (0, (1.6, 0.9))
_TITLE, _ABOUT, _NOTE = 8.5, 6.5, 0.34
_SAMPLES = (50, 10)


@dataclass(frozen=True)
class BackwardDiagram:
    """The backward pass of a cell as a drawing.

    Attributes
    ----------
    cell : Cell
    retention : float, optional
        Bias of the gates that retain the state, of the run by which shares are measured.
    seed : int
    width : float
        Inches that it may be wide; longer cells are broken into lines.

    Examples
    --------
    >>> import gatedsym as gs
    >>> diagram = gs.cell("gru").diagram(backward=True)
    >>> diagram.render("svg")[:5], diagram.save("gru-backward.svg")[0].name
    (b'<?xml', 'gru-backward.svg')
    >>> 0 < diagram.highways["h"] < 1
    True
    """

    cell: Cell
    retention: float | None = None
    seed: int = 0
    width: float = PAGE

    @cached_property
    def graph(self) -> Graph:
        return read_graph(self.cell.recurrence)

    @cached_property
    def shares(self) -> Shares:
        """The share of the gradient on each wire; see `measure_shares`."""
        return measure_shares(self.cell, self.graph, retention=self.retention, seed=self.seed)

    @property
    def highways(self) -> dict[str, float]:
        """For each state with a highway the share of the gradient that goes along all of it at most.

        It is the least share of a wire on the way from the next value of the state to its last one.
        """
        found = {}
        for way in self.graph.highways:
            ports = [(b, k) for a, b in pairwise(way) for k, p in enumerate(self.graph[b].ports) if p.source == a]
            state = self.graph.program[self.graph[way[0]].value].of
            found[state] = min(self.shares.wires[port] for port in ports)
        return found

    def draw(self) -> Figure:
        """The drawing, to be rendered under `diagram_style`."""
        return _draw(self.cell, self.graph, self.shares, self._about(), self.width)

    def _about(self) -> str:
        """A sentence on the run by which shares were measured."""
        plain = self.retention is None
        how = say("backward-run-plain") if plain else say("backward-run-retention", bias=f"{self.retention:g}")
        shown = ", ".join(f"{d} = {size}" for d, size in self.shares.sizes.items())
        return say("backward-run", sizes=shown, steps=self.shares.steps, seed=self.seed, initialisation=how)

    def render(self, kind: str) -> bytes:
        """The drawing as bytes; the same for the same cell and seed.

        Parameters
        ----------
        kind : {"svg", "pdf", "png"}

        Returns
        -------
        bytes
        """
        return render(self.draw, kind, say("backward-file-title", cell=self.cell.name))

    def _repr_html_(self) -> str:
        """The drawing inline, no wider than the page."""
        return drawing_html(self.render("svg"), say("backward-file-title", cell=self.cell.name))

    def save(self, path: str | Path | None = None) -> list[Path]:
        """Write the drawing.

        Parameters
        ----------
        path : path, optional
            With the suffix .svg, .pdf or .png: that file; without one of these: SVG and PDF. NAME-backward by default.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        ArgumentError
            For another suffix, and as `measure_shares`.
        """
        where = Path(f"{self.cell.name}-backward") if path is None else expect_path("path", path)
        return save_drawing(where, self.render)


def _draw(cell: Cell, graph: Graph, shares: Shares, about: str, width: float) -> Figure:
    names = Labels(cell.recurrence.program, cell.recurrence.rows)
    labels = {n.id: names.adjoint(n.name) for n in graph.nodes if n.name and n.kind != "constant"}
    labels |= {n.id: names.name(n.name) for n in graph.nodes if n.name and n.kind == "constant"}
    numbers = {n.id: _numbers(shares.leaving(graph, n.id)) for n in graph.nodes if n.kind not in ("join", "constant")}
    sizes = {n.id: node_size(n, labels.get(n.id, ""), numbers.get(n.id, ()), port_rows(graph, n)) for n in graph.nodes}
    layout = lay_out(graph, sizes, width)
    entries = [*_entries(), *legend_entries(graph, say("backward-transposed"))]
    title = say("backward-title", cell=cell.name)
    texts = (text_size(title, _TITLE)[0], text_size(about, _ABOUT)[0])
    wide = max(layout.width, LEAST_WIDTH, *(e.whole for e in entries), *texts) + 2 * PAD
    low = legend_height(entries, wide - 2 * PAD)
    figure, axes = new_canvas(wide, _NOTE - layout.bottom + low + 3 * PAD)
    shift = (wide - layout.width) / 2
    axes.set_xlim(-shift, wide - shift)
    axes.set_ylim(layout.bottom - low - 2 * PAD, PAD + _NOTE)
    put_text(axes, -shift + PAD, _NOTE - 0.07, title, _TITLE, INK, "left", gid="title")
    put_text(axes, -shift + PAD, _NOTE - 0.24, about, _ABOUT, INK, "left", gid="about")
    ids = frozenset(n.id for n in graph.nodes)
    _Backward(axes, graph, layout, labels, Lit(ids, ids, numbers), None, shares.wires).draw()
    draw_legend(axes, entries, -shift + PAD, layout.bottom - PAD, wide - 2 * PAD)
    return figure


def _numbers(share: float) -> tuple[str, ...]:
    """A share in percent; nothing where there is hardly any."""
    return (f"{100 * share:.0f} %".replace("-", "−"),) if abs(share) >= LEAST else ()


@dataclass(frozen=True)
class _Backward(Picture):
    """A layout with wires as thick as their shares, and arrows that point backwards."""

    shares: Mapping[tuple[str, int], float] = field(default_factory=dict)

    def draw(self) -> None:
        for net in dict.fromkeys(w.net for w in self._here(self.layout.wires)):
            wires = [w for w in self._here(self.layout.wires) if w.net == net]
            for piece in _pieces([(w, self._share(w)) for w in wires]):
                self._piece(net, piece)
            if abs(total := sum(self._share(w) for w in wires)) >= LEAST:
                self._arrow(max(wires, key=lambda w: w.highway), total)
        super().draw()

    def _share(self, wire: Wire) -> float:
        """The share on a wire; on one that goes on in the next line that of all its later ends."""
        if wire.reader:
            return self.shares.get((wire.reader, wire.port), 0.0)
        later = [w for w in self.layout.wires if w.net == wire.net and w.reader and w.line > wire.line]
        return sum(self._share(w) for w in later)

    def _piece(self, net: str, piece: _Piece) -> None:
        slight = abs(piece.share) < LEAST
        self.axes.plot(
            *zip(piece.start, piece.end, strict=True),
            color=FAINT if slight else self._colour(net, piece.highway),
            lw=HAIR if slight else max(HAIR, WHOLE * abs(piece.share)),
            ls=_DASHES if piece.share <= -LEAST else "solid",
            solid_capstyle="projecting",
            zorder=2 if slight else 3,
        )

    def _colour(self, net: str, highway: bool) -> str:
        return LIT.highway if highway else LIT.gate_wire if self.graph[net].gate else INK

    def _arrow(self, wire: Wire, share: float) -> None:
        """The head of an arrow where a value's adjoint arrives: at the node that the value comes from."""
        spot = self.layout.spots[wire.net]
        if spot.line != wire.line:
            return
        (x, y), (x1, y1) = wire.points[:2]
        x = max(x, spot.x + spot.size.half) if abs(y - y1) < 1e-6 and x1 > x else x
        half = max(0.035, 0.75 * WHOLE * abs(share) / 72)
        long = min(1.6 * half, 0.11)
        dx, dy = (1.0, 0.0) if abs(y - y1) < 1e-6 else (0.0, 1.0 if y1 > y else -1.0)
        tail = (x + dx * long, y + dy * long)
        points = [(x, y), (tail[0] - dy * half, tail[1] + dx * half), (tail[0] + dy * half, tail[1] - dx * half)]
        colour = self._colour(wire.net, wire.highway)
        self.axes.add_patch(Polygon(points, closed=True, fc=colour, ec="white", lw=0.4, zorder=5))

    def _numbers(self, spot: Spot) -> None:
        """Percents below a wire, clear of its width."""
        wires = [w for w in self._here(self.layout.wires) if w.net == spot.node.id and w.points[0][1] == w.points[1][1]]
        wide = max((WHOLE * abs(self._share(w)) for w in wires), default=0.0)
        clear = 0.0 if spot.node.kind in TERMINALS else max(0.0, wide / 144 - 0.02)
        super()._numbers(replace(spot, y=spot.y - clear))

    def _wire(self, wire: Wire) -> None:
        """Marks at the end of a wire; its stretches are drawn by then."""
        port = self.graph[wire.reader].ports[wire.port] if wire.reader else None
        if port is not None and self.graph[wire.reader].kind not in ("join", "copy"):
            self._entry(wire, port, LIT, INK)

    def _entry(self, wire: Wire, port: Port, inks: Inks, colour: str) -> None:
        x, y = wire.points[-1]
        if port.weight in ("matrix", "elementwise"):
            draw_weight(self.axes, x, y, port.weight, inks)
        if port.negative:
            put_text(self.axes, x - 0.07, y + 0.08, "−", 7, inks.ink)


Point = tuple[float, float]


@dataclass(frozen=True)
class _Piece:
    """A stretch of a net with the shares of all wires that run through it."""

    start: Point
    end: Point
    share: float
    highway: bool


def _pieces(wires: list[tuple[Wire, float]]) -> Iterator[_Piece]:
    """The stretches of a net between its turns and branches."""
    lines: dict[tuple[bool, float], list[tuple[float, float, float, bool]]] = {}
    for wire, share in wires:
        for (x0, y0), (x1, y1) in pairwise(wire.points):
            level = abs(y0 - y1) < 1e-6
            low, high = sorted((x0, x1) if level else (y0, y1))
            lines.setdefault((level, round(y0 if level else x0, 6)), []).append((low, high, share, wire.highway))
    for (level, at), stretches in lines.items():
        ends = sorted({round(e, 6) for low, high, *_ in stretches for e in (low, high)})
        for low, high in pairwise(ends):
            over = [(share, highway) for a, b, share, highway in stretches if a < (low + high) / 2 < b]
            if over:
                start, end = ((low, at), (high, at)) if level else ((at, low), (at, high))
                yield _Piece(start, end, sum(share for share, _ in over), any(highway for _, highway in over))


def _entries() -> list[Entry]:
    """Entries of the legend for the widths of wires."""
    found = [Entry(say("backward-share", percent=p), _sample(p / 100)) for p in _SAMPLES]
    return [*found, Entry(say("backward-against"), _sample(-0.25)), Entry(say("backward-none"), _sample(0.0))]


def _sample(share: float) -> Any:
    def draw(axes: Axes, x: float, y: float) -> None:
        width, colour = (HAIR, FAINT) if abs(share) < LEAST else (WHOLE * abs(share), INK)
        axes.plot([x - 0.18, x + 0.18], [y, y], color=colour, lw=width, ls=_DASHES if share < 0 else "solid",
                  solid_capstyle="butt", zorder=3)  # fmt: skip

    return draw
