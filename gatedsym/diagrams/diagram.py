"""A cell's diagram from its equations: the whole of it, or step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from matplotlib.figure import Figure

from gatedsym.diagrams.draw import FORMATS, draw_diagram, render
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.layout import PAGE, Layout, lay_out
from gatedsym.diagrams.letters import Labels
from gatedsym.diagrams.read import read_graph
from gatedsym.diagrams.shapes import Size, node_size, port_rows
from gatedsym.diagrams.steps import draw_steps
from gatedsym.errors import ArgumentError
from gatedsym.files.write import write_atomically
from gatedsym.ir.program import Recurrence


@dataclass(frozen=True)
class Diagram:
    """A drawing of a cell.

    Attributes
    ----------
    recurrence : Recurrence
    width : float
        Inches that it may be wide; longer cells are broken into lines.
    """

    recurrence: Recurrence
    width: float = PAGE

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

    def render(self, kind: str, *, steps: bool = False) -> bytes:
        """The drawing as "svg", "pdf" or "png"; the same bytes for the same equations."""
        return render(self.draw_steps if steps else self.draw, kind, f"The cell {self.recurrence.name}")

    def save(self, path: Path | None = None, *, steps: bool = False) -> list[Path]:
        """Write the drawing.

        Parameters
        ----------
        path : path, optional
            With the suffix .svg, .pdf or .png: that file. Without one of these: SVG and PDF under this name. By default
            NAME-diagram, or NAME-steps, in the current folder.
        steps : bool
            One panel for each equation.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        ArgumentError
            For a suffix that asks for another format.
        """
        if path is None:
            path = Path(f"{self.recurrence.name}-{'steps' if steps else 'diagram'}")
        suffix = path.suffix.lower().lstrip(".")
        # A word behind a dot asks for a format; in NAME.v2 and NAME.b the dot belongs to the name.
        if suffix not in FORMATS and suffix.isalpha() and len(suffix) > 1:
            raise ArgumentError(f"{path}: a diagram is written as {', '.join(FORMATS)}; choose one of these suffixes.")
        paths = {path: suffix} if suffix in FORMATS else {path.with_name(f"{path.name}.{f}"): f for f in ("svg", "pdf")}
        content = {file: self.render(kind, steps=steps) for file, kind in paths.items()}
        for file, whole in content.items():
            write_atomically(file, whole)
        return list(content)
