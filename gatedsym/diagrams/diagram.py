"""A cell's diagram from its equations: the whole of it, or step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from numbers import Real
from pathlib import Path

from matplotlib.figure import Figure

from gatedsym.cells import Cell
from gatedsym.diagrams.backward import BackwardDiagram
from gatedsym.diagrams.draw import draw_diagram, drawing_html, render, save_drawing
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.layout import PAGE, Layout, lay_out
from gatedsym.diagrams.letters import Labels
from gatedsym.diagrams.read import read_graph
from gatedsym.diagrams.shapes import Size, node_size, port_rows
from gatedsym.diagrams.steps import draw_steps
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_flag, expect_path, shown
from gatedsym.ir.program import Recurrence
from gatedsym.messages import room
from gatedsym.offers import offer

say = room("diagrams")


@dataclass(frozen=True)
class Diagram:
    """A drawing of a cell.

    Attributes
    ----------
    recurrence : Recurrence
    width : float
        Inches that it may be wide; longer cells are broken into lines.
    in_steps : bool
        Whether it is shown with one panel for each equation, and so rendered and saved where nothing else is asked for.

    Examples
    --------
    >>> import gatedsym as gs
    >>> diagram = gs.cell("gru").diagram()
    >>> diagram.render("svg")[:5], diagram.save("gru.svg")[0].name
    (b'<?xml', 'gru.svg')
    """

    recurrence: Recurrence
    width: float = PAGE
    in_steps: bool = False

    @cached_property
    def graph(self) -> Graph:
        return read_graph(self.recurrence)

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """For each node with a name its label."""
        names = Labels(self.recurrence.program, self.recurrence.rows)
        return {n.id: names.name(n.name) for n in self.graph.nodes if n.name}

    @cached_property
    def sizes(self) -> Mapping[str, Size]:
        return {n.id: node_size(n, self.labels.get(n.id, ""), (), port_rows(self.graph, n)) for n in self.graph.nodes}

    @cached_property
    def layout(self) -> Layout:
        return lay_out(self.graph, self.sizes, self.width)

    def draw(self) -> Figure:
        """The drawing, to be rendered under `diagram_style`."""
        return draw_diagram(self.graph, self.layout, self.labels)

    def draw_steps(self) -> Figure:
        """One panel for each equation, with the numbers of a small example; to be rendered under `diagram_style`."""
        return draw_steps(self.recurrence, self.graph, self.labels, self.width)

    def render(self, kind: str, *, steps: bool | None = None) -> bytes:
        """The drawing as bytes; the same for the same equations.

        Parameters
        ----------
        kind : {"svg", "pdf", "png"}
        steps : bool, optional
            One panel for each equation; as it is shown by default.

        Returns
        -------
        bytes
        """
        steps = self.in_steps if steps is None else steps
        return render(self.draw_steps if steps else self.draw, kind, say("title", cell=self.recurrence.name))

    def _repr_html_(self) -> str:
        """The drawing inline, no wider than the page."""
        return drawing_html(self.render("svg"), say("title", cell=self.recurrence.name))

    def __repr__(self) -> str:
        return f"<diagram of {self.recurrence.name}{', equation by equation' if self.in_steps else ''}>"

    def save(self, path: str | Path | None = None, *, steps: bool | None = None) -> list[Path]:
        """Write the drawing.

        Parameters
        ----------
        path : path, optional
            With the suffix .svg, .pdf or .png: that file. Without one of these: SVG and PDF under this name. By default
            NAME-diagram, or NAME-steps, in the current folder.
        steps : bool, optional
            One panel for each equation; as it is shown by default.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        ArgumentError
            For a suffix that asks for another format.
        """
        steps = self.in_steps if steps is None else steps
        if path is None:
            path = Path(f"{self.recurrence.name}-{'steps' if steps else 'diagram'}")
        return save_drawing(expect_path("path", path), lambda kind: self.render(kind, steps=steps))


@offer("Cell.diagram")
def diagram_of(
    cell: Cell, *, steps: bool = False, backward: bool = False, width: float | None = None
) -> Diagram | BackwardDiagram:
    """The drawing that `Cell.diagram` hands out."""
    if expect_flag("steps", steps) and expect_flag("backward", backward):
        raise ArgumentError("a diagram has one panel for each equation, or is of the backward pass: leave one out.")
    if width is not None and not (isinstance(width, Real) and 0 < width < float("inf")):
        raise ArgumentError(
            f"width is {shown(width)}: give the inches that the drawing may be wide, {PAGE} by default."
        )
    inches = PAGE if width is None else float(width)
    return BackwardDiagram(cell, width=inches) if backward else Diagram(cell.recurrence, inches, steps)
