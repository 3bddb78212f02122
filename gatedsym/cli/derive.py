"""``gatedsym derive``: a cell → its derivation as text, LaTeX, Markdown or HTML, or its drawing."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.arguments import OneCell, read_cell
from gatedsym.cli.messages import Messages, Quiet, Verbose


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
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Derive a cell's gradient, step by step, each line with its reason; or draw the cell."""
    from gatedsym.errors import GatedsymError
    from gatedsym.files.write import write_atomically
    from gatedsym.library.load import heading
    from gatedsym.typesetting.pages.derivation import derivation, render

    messages = Messages(verbose, quiet)
    if steps and not diagram:
        raise GatedsymError("--steps belongs to --diagram: write gatedsym derive CELL --diagram --steps.")
    if diagram and format is not Page.text:
        raise GatedsymError("--format is for the derivation; a diagram's format is the suffix of --out: svg, pdf, png.")
    found = read_cell(cell)
    if diagram:
        from gatedsym.diagrams import Diagram

        messages.name_files(Diagram(found.recurrence).save(out, steps=steps))
        return
    title, reference = heading(found.record)
    text = render(derivation(found.recurrence, title=title, reference=reference), format.value)
    if out is None:
        print(text, end="" if text.endswith("\n") else "\n")
        return
    write_atomically(out, text)
    messages.name_files([out])
