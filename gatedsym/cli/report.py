"""``gatedsym report``: cells, an input and sizes → figures, data and a page to read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatedsym.cli.arguments import (
    CELL_HELP,
    Alphabet,
    Input,
    Match,
    Width,
    complete_cell,
    read_cell,
    read_width,
    split_names,
)
from gatedsym.cli.messages import Messages, Quiet, Verbose
from gatedsym.progress import show_progress

if TYPE_CHECKING:
    from gatedsym.cells import Cell


def report(
    cells: Annotated[
        list[str] | None,
        typer.Argument(help=CELL_HELP, autocompletion=complete_cell, show_default="rnn lstm gru"),
    ] = None,
    input: Input = "text",
    out: Annotated[Path, typer.Option(help="Folder for the report.")] = Path("report"),
    quick: Annotated[bool, typer.Option("--quick", help="Small networks, few seeds: for a look.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Every figure of the atlas.")] = False,
    only: Annotated[
        str | None, typer.Option(help="Figures by name, or by their number in the atlas: paths,truncation or 2,6.")
    ] = None,
    width: Width = "neurips",
    format: Annotated[str, typer.Option(help="Of the figures: pdf, svg, png, and pgf where TeX is installed.")] = "",
    weights: Annotated[
        Path | None, typer.Option(help="A network trained elsewhere: .npz, .safetensors, .pt, .onnx, .keras or .h5.")
    ] = None,
    layout: Annotated[
        str | None, typer.Option(help="Whose weights: pytorch, keras, …, if their names do not say.")
    ] = None,
    layer: Annotated[
        str | None, typer.Option(help="Which layer of the file of weights, where several fit: encoder.rnn:0.")
    ] = None,
    alphabet: Alphabet = None,
    lags: Annotated[
        int | None, typer.Option("--length", "--lags", help="The longest lag, in steps.", show_default="200, quick 100")
    ] = None,
    hidden: Annotated[
        int | None, typer.Option(help="Hidden size n, of every analysis.", show_default="its own: mostly 64")
    ] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Independent networks, of every analysis.", show_default="its own: 2 to 20")
    ] = None,
    init: Annotated[str, typer.Option(help="Initialisations, comma-separated: xavier,orthogonal.")] = "",
    match: Match = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Measure where the gradient goes; write figures, data and a page to read."""
    from gatedsym.errors import ArgumentError
    from gatedsym.figures.figure import FORMATS
    from gatedsym.report.proven import require_proven
    from gatedsym.report.write import write_report

    if everything and only is not None:
        raise ArgumentError("--all and --only contradict each other: give one of them.")

    messages = Messages(verbose, quiet)
    formats = tuple(f.strip() for f in format.split(",") if f.strip()) or FORMATS
    with show_progress(1.0, "measuring", quiet) as tell:
        written = write_report(
            choose_cells(cells, input), out, input=input, quick=quick, only=only, everything=everything, lags=lags,
            n=hidden, seeds=seeds, init=split_names(init, "initialisation"), match=match, weights=weights,
            layout=layout, layer=layer, alphabet=alphabet, width=read_width(width), formats=formats,
            command=" ".join(["gatedsym", *sys.argv[1:]]), progress=tell,
            check=lambda found: require_proven(found, lambda name: tell(0.0, f"proving {name}")),
        )  # fmt: skip
    messages.name_files(written)
    messages.name_page(written[0])


def choose_cells(names: Sequence[str] | None, input: str = "text") -> list[Cell]:
    """The cells of a report; a person's own stand beside the three that everybody knows, if these have an input."""
    from gatedsym.library import load as library
    from gatedsym.report.write import DEFAULT_CELLS

    found = [read_cell(c) for c in (names or DEFAULT_CELLS)]
    if input != "none" and not any(c in library.names() for c in names or DEFAULT_CELLS):
        own = {c.name for c in found}
        found = [*(read_cell(c) for c in DEFAULT_CELLS if c not in own), *found]
    return found
