"""``gatedsym derive``: a cell → its derivation in any of the formats, its numbers by hand, or its drawing."""

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


def derive(
    cell: OneCell,
    format: Annotated[Page, typer.Option(help="How to write it.")] = Page.text,
    out: Annotated[Path | None, typer.Option(help="File to write; else the terminal.")] = None,
    diagram: Annotated[bool, typer.Option("--diagram", help="Draw the cell: CELL-diagram.svg and .pdf.")] = False,
    steps: Annotated[bool, typer.Option("--steps", help="With --diagram: a panel for each equation.")] = False,
    backward: Annotated[bool, typer.Option("--backward", help="With --diagram: the backward pass.")] = False,
    retention: Annotated[float | None, typer.Option(help="With --backward: bias of gates that retain.")] = None,
    numbers: Annotated[bool, typer.Option("--numbers", help="Two steps in numbers, to compare by hand.")] = False,
    seed: Annotated[int | None, typer.Option(help="With --numbers: of the numbers.", min=0)] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Derive a cell's gradient, step by step, each line with its reason; or draw the cell."""
    from gatedsym.errors import GatedsymError
    from gatedsym.files.write import write_atomically
    from gatedsym.typesetting.pages.derivation import render

    messages = Messages(verbose, quiet)
    if (steps or backward) and not diagram:
        option = "--steps" if steps else "--backward"
        raise GatedsymError(f"{option} belongs to --diagram: write gatedsym derive CELL --diagram {option}.")
    if diagram and (format is not Page.text or numbers):
        what = "--numbers is a page of its own" if numbers else "--format is for the derivation"
        raise GatedsymError(f"{what}; a diagram's format is the suffix of --out: svg, pdf, png.")
    if seed is not None and not (numbers or backward):
        raise GatedsymError(
            "--seed belongs to --numbers and --backward: write gatedsym derive CELL --numbers --seed 1."
        )
    if retention is not None and not backward:
        raise GatedsymError("--retention belongs to --backward: write gatedsym derive CELL --diagram --backward.")
    found = read_cell(cell)
    if diagram:
        messages.name_files(_draw(found, out, steps, BackwardRun(retention, seed or 0) if backward else None))
        return
    text = render(_document(found, numbers, seed or 0), format.value)
    if out is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    write_atomically(out, text)
    messages.name_files([out])


@dataclass(frozen=True)
class BackwardRun:
    """The run by which the drawing of a backward pass is measured."""

    retention: float | None
    seed: int


def _draw(cell: Cell, out: Path | None, steps: bool, run: BackwardRun | None) -> list[Path]:
    """Write the drawing that is asked for; the files."""
    from gatedsym.diagrams import BackwardDiagram, Diagram
    from gatedsym.errors import GatedsymError

    if run is None:
        return Diagram(cell.recurrence).save(out, steps=steps)
    if steps:
        raise GatedsymError("--steps and --backward are two drawings: write one of them.")
    return BackwardDiagram(cell, run.retention, run.seed).save(out)


def _document(cell: Cell, numbers: bool, seed: int) -> Document:
    """The page that is asked for."""
    from gatedsym.typesetting.pages.derivation import derivation, heading

    title, reference = heading(cell.record)
    if numbers:
        from gatedsym.course.numbers import number_page

        return number_page(cell.recurrence, reference=reference, seed=seed)
    return derivation(cell.recurrence, title=title, reference=reference)
