"""Cell → slides: the forward and the backward step, one equation a page, with its parameters and where it acts."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from gatedsym.course.slide import Slide, Symbol, draw_slide
from gatedsym.diagrams.diagram import Diagram
from gatedsym.diagrams.draw import Lit, render
from gatedsym.diagrams.graph import Graph
from gatedsym.diagrams.steps import lit_in
from gatedsym.diagrams.style import diagram_style
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_path
from gatedsym.files.write import write_atomically
from gatedsym.ir.program import NUMBERS, Recurrence, Statement
from gatedsym.messages import room
from gatedsym.typesetting.pages.adjoint import gradient_lines, recursion_lines
from gatedsym.typesetting.pages.derivation import read_by_loss
from gatedsym.typesetting.pages.equations import meaning, shape_box, typeset_lines
from gatedsym.typesetting.pages.step import Step

say = room("course")

FORMATS = ("pdf", "svg")


@dataclass(frozen=True)
class Slides:
    """The slides of a cell.

    Attributes
    ----------
    recurrence : Recurrence
    title, reference : str
        Of the first page; a cell of a person's own has its name and no reference.
    """

    recurrence: Recurrence
    title: str = ""
    reference: str = ""

    @cached_property
    def step(self) -> Step:
        return Step(self.recurrence, read_by_loss(self.recurrence))

    @cached_property
    def diagram(self) -> Diagram:
        """The drawing that stands below the equations."""
        return Diagram(self.recurrence)

    @cached_property
    def pages(self) -> tuple[Slide, ...]:
        """The title, the step forward, the step backward, the gradients of parameters and inputs."""
        return (self._first(), *self._forward(), *self._backward(), *self._gradients())

    def _first(self) -> Slide:
        title = self.title or say("slides-title", cell=self.recurrence.name)
        return Slide(say("slides-overview"), title=title, note=self.reference, lit=_all(self.diagram.graph))

    def _forward(self) -> Iterator[Slide]:
        """Each typed line, and what of the drawing it is."""
        lines = typeset_lines(self.recurrence)
        count = len(self.recurrence.equations)
        for k, equation in enumerate(self.recurrence.equations):
            statements = [
                self.step.program.definitions[n] for n in equation.computes if n in self.step.program.definitions
            ]
            yield Slide(
                say("slides-forward", number=k + 1, count=count),
                lines[equation.text],
                symbols=tuple(self._symbols(statements)),
                lit=lit_in(self.diagram.graph, k, {}),
            )

    def _backward(self) -> Iterator[Slide]:
        lines = recursion_lines(self.step)
        for k, (name, line) in enumerate(lines.items()):
            definition = self.step.adjoint.definitions.get(name)
            yield Slide(
                say("slides-backward", number=k + 1, count=len(lines)),
                (line,),
                reason=line.reason,
                symbols=tuple(self._symbols([] if definition is None else [definition])),
                lit=self._around(self.step.adjoint[name].of),
            )

    def _gradients(self) -> Iterator[Slide]:
        lines = gradient_lines(self.step)
        for k, (of, line) in enumerate(lines.items()):
            yield Slide(
                say("slides-gradient", number=k + 1, count=len(lines)),
                (line,),
                reason=line.reason,
                symbols=((self.step.letter(of), shape_box(self.step, of), meaning(self.step, of)),),
            )

    def _symbols(self, statements: Sequence[Statement]) -> Iterator[Symbol]:
        """Letter, shape and meaning of what statements read and the cell is given: parameters first."""
        symbols, program = self.step.backward.symbols, self.step.program
        made = {s.target.name for s in statements}
        read = [leaf for s in statements for r in s.operands if r.name not in made for leaf in symbols.leaves(r.name)]
        given = [
            n for n in dict.fromkeys(read) if n in program.sources and program[n].role not in NUMBERS - {"constant"}
        ]
        for name in sorted(given, key=lambda n: (program[n].role != "parameter", program.sources.index(n))):
            before = program[name].role == "state" and program[name].lag == 1
            words = say.spans("slides-state") if before else meaning(self.step, name)
            yield self.step.letter(name), shape_box(self.step, name), words

    def _around(self, value: str) -> Lit | None:
        """A value of the drawing, and all that reads it: from these its adjoint comes."""
        graph = self.diagram.graph
        nodes = [n.id for n in graph.nodes if n.value == value]
        if not nodes:
            return None
        readers = {r for n in nodes for r in graph.readers[n]}
        readers |= {r for j in readers if graph[j].kind == "join" for r in graph.readers[j]}
        return Lit(
            frozenset({*nodes, *readers}), frozenset({*nodes, *(r for r in readers if graph[r].kind == "join")}), {}
        )

    def draw(self, page: int) -> Figure:
        """One page, counted from 1, to be rendered under `diagram_style`."""
        return draw_slide(self.pages[page - 1], self.diagram, page, len(self.pages))

    def render(self, page: int) -> bytes:
        """One page, counted from 1, as SVG."""
        return render(lambda: self.draw(page), "svg", self._file_title())

    def render_pdf(self) -> bytes:
        """All pages as one PDF; no date stands in it."""
        buffer = io.BytesIO()
        about = {"Title": self._file_title(), "CreationDate": None, "ModDate": None}
        with diagram_style(), PdfPages(buffer, metadata=about) as pdf:
            for page in range(1, len(self.pages) + 1):
                pdf.savefig(self.draw(page))
        return buffer.getvalue()

    def _file_title(self) -> str:
        return say("slides-title", cell=self.recurrence.name)

    def save(self, path: str | Path | None = None) -> list[Path]:
        """Write the slides.

        Parameters
        ----------
        path : path, optional
            With the suffix .pdf: one file. With .svg: a file a page, NAME-01.svg, NAME-02.svg … Without one of these:
            both. By default CELL-slides in the current folder.

        Returns
        -------
        list of Path
            What was written.

        Raises
        ------
        ArgumentError
            For a suffix that asks for another format.
        """
        where = Path(f"{self.recurrence.name}-slides") if path is None else expect_path("path", path)
        suffix = where.suffix.lower().lstrip(".")
        if suffix not in FORMATS and suffix.isalpha() and len(suffix) > 1:
            raise ArgumentError(f"{where}: slides are written as {' or '.join(FORMATS)}; choose one of these suffixes.")
        whole = where if suffix not in FORMATS else where.with_suffix("")
        files: dict[Path, bytes] = {}
        if suffix != "svg":
            files[whole.with_name(f"{whole.name}.pdf")] = self.render_pdf()
        if suffix != "pdf":
            digits = max(2, len(str(len(self.pages))))
            for page in range(1, len(self.pages) + 1):
                files[whole.with_name(f"{whole.name}-{page:0{digits}}.svg")] = self.render(page)
        for file, content in files.items():
            write_atomically(file, content)
        return list(files)


def _all(graph: Graph) -> Lit:
    ids = frozenset(n.id for n in graph.nodes)
    return Lit(ids, ids, {})
