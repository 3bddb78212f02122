"""``gatedsym derive``: a cell → its derivation in any of the formats, slides, numbers, exercises, or its drawing."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatedsym.cli.arguments import OneCell, read_cell
from gatedsym.cli.messages import Messages, Quiet, Verbose

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.typesetting.document import Document


class Page(StrEnum):
    """Formats of a derivation."""

    text = "text"
    latex = "latex"
    markdown = "markdown"
    html = "html"
    slides = "slides"


class Solutions(StrEnum):
    """Places of solutions to exercises."""

    fold = "fold"
    end = "end"
    none = "none"
    only = "only"


def derive(
    cell: OneCell,
    format: Annotated[Page, typer.Option(help="How to write it; slides: PDF and SVG.")] = Page.text,
    out: Annotated[Path | None, typer.Option(help="File to write; else the terminal.")] = None,
    diagram: Annotated[bool, typer.Option("--diagram", help="Draw the cell: CELL-diagram.svg and .pdf.")] = False,
    steps: Annotated[bool, typer.Option("--steps", help="With --diagram: a panel for each equation.")] = False,
    backward: Annotated[bool, typer.Option("--backward", help="With --diagram: the backward pass.")] = False,
    retention: Annotated[float | None, typer.Option(help="With --backward: bias of gates that retain.")] = None,
    numbers: Annotated[bool, typer.Option("--numbers", help="Two steps in numbers, to compare by hand.")] = False,
    exercises: Annotated[
        bool, typer.Option("--exercises", help="Exercises with solutions, made from the cell.")
    ] = False,
    solutions: Annotated[
        Solutions | None, typer.Option(help="Of exercises: below each, at the end, none, alone.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Of numbers, exercises and the run of --backward.", min=0)] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Derive a cell's gradient, step by step, each line with its reason; or draw the cell."""
    from gatedsym.files.write import write_atomically
    from gatedsym.typesetting.pages.derivation import render

    messages = Messages(verbose, quiet)
    asked = Asked(format, diagram, steps, backward, retention, numbers, exercises, solutions, seed)
    asked.check()
    found = read_cell(cell)
    if diagram:
        messages.name_files(_draw(found, out, asked))
        return
    if format is Page.slides:
        messages.name_files(_slides(found, out))
        return
    text = render(_document(found, asked), format.value)
    if out is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    write_atomically(out, text)
    messages.name_files([out])


@dataclass(frozen=True)
class Asked:
    """The options of ``gatedsym derive``."""

    format: Page
    diagram: bool
    steps: bool
    backward: bool
    retention: float | None
    numbers: bool
    exercises: bool
    solutions: Solutions | None
    seed: int | None

    def check(self) -> None:
        """Refuse options that do not go together."""
        for wrong, sentence in self._refusals():
            if wrong:
                from gatedsym.errors import GatedsymError

                raise GatedsymError(sentence)

    def _refusals(self) -> list[tuple[bool, str]]:
        of_drawings = "--steps" if self.steps else "--backward"
        page = "--numbers" if self.numbers else "--exercises"
        pages = self.numbers or self.exercises
        return [
            ((self.steps or self.backward) and not self.diagram,
             f"{of_drawings} belongs to --diagram: write gatedsym derive CELL --diagram {of_drawings}."),
            (self.diagram and pages,
             f"{page} is a page of its own; a diagram's format is the suffix of --out: svg, pdf, png."),
            (self.diagram and self.format is not Page.text,
             "--format is for the derivation; a diagram's format is the suffix of --out: svg, pdf, png."),
            (self.steps and self.backward, "--steps and --backward are two drawings: write one of them."),
            (self.numbers and self.exercises, "--numbers and --exercises are two pages: write one of them."),
            (pages and self.format is Page.slides, f"{page} is no slide: choose --format html, latex or markdown."),
            (self.solutions is not None and not self.exercises,
             "--solutions belongs to --exercises: write gatedsym derive CELL --exercises --solutions end."),
            (self.seed is not None and not (pages or self.backward),
             "--seed belongs to --numbers, --exercises and --backward: write gatedsym derive CELL --numbers --seed 1."),
            (self.retention is not None and not self.backward,
             "--retention belongs to --backward: write gatedsym derive CELL --diagram --backward --retention 1."),
        ]  # fmt: skip


def _draw(cell: Cell, out: Path | None, asked: Asked) -> list[Path]:
    """Write the drawing that is asked for; the files."""
    from gatedsym.diagrams import BackwardDiagram, Diagram

    if asked.backward:
        return BackwardDiagram(cell, asked.retention, asked.seed or 0).save(out)
    return Diagram(cell.recurrence).save(out, steps=asked.steps)


def _slides(cell: Cell, out: Path | None) -> list[Path]:
    """Write the slides; the files."""
    from gatedsym.course.slides import Slides
    from gatedsym.typesetting.pages.derivation import heading

    return Slides(cell.recurrence, *heading(cell.record)).save(out)


def _document(cell: Cell, asked: Asked) -> Document:
    """The page that is asked for."""
    from gatedsym.typesetting.pages.derivation import derivation, heading

    title, reference = heading(cell.record)
    if asked.numbers:
        from gatedsym.course.numbers import number_page

        return number_page(cell.recurrence, reference=reference, seed=asked.seed or 0)
    if asked.exercises:
        from gatedsym.course.exercise_page import exercise_page

        # A page that cannot fold has all solutions at its end.
        default = Solutions.fold if asked.format in (Page.html, Page.markdown) else Solutions.end
        where = asked.solutions or default
        return exercise_page(cell.recurrence, reference=reference, seed=asked.seed or 0, solutions=where.value)
    return derivation(cell.recurrence, title=title, reference=reference)
