"""``gatedsym flow``: cells and an input → the headline figure, its data and the rates."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.arguments import Alphabet, Input, Match, SomeCells, Width, read_cell, read_width, split_names
from gatedsym.cli.messages import Messages, Quiet, Verbose, complain
from gatedsym.progress import show_progress


def flow(
    cells: SomeCells,
    input: Input = "text",
    alphabet: Alphabet = None,
    length: Annotated[int, typer.Option(help="The longest lag, in steps.")] = 200,
    hidden: Annotated[int, typer.Option(help="Hidden size n.")] = 64,
    init: Annotated[str, typer.Option(help="Initialisations, comma-separated.")] = "uniform,xavier",
    match: Match = None,
    seeds: Annotated[int, typer.Option(help="Independent networks.")] = 20,
    width: Width = "neurips",
    out: Annotated[Path, typer.Option(help="Folder for the figure and its data.")] = Path("flow"),
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Measure the norm of the gradient against the lag; write the figure and its data, print the rates."""
    from gatedsym.figures import gradient_norm
    from gatedsym.figures.style import width_of
    from gatedsym.flow import gradient_flow, read_input
    from gatedsym.flow.matching import size_lines
    from gatedsym.flow.numerics.rates import rate_lines
    from gatedsym.report.write import require_writable

    messages = Messages(verbose, quiet)
    width_of(read_width(width))
    require_writable(out)
    found, series = [read_cell(c) for c in cells], read_input(input, alphabet)
    schemes = split_names(init, "initialisation")
    with show_progress(1.0, "measuring", quiet) as tell:
        data = gradient_flow(
            found,
            series,
            n=hidden,
            match=match,
            seeds=seeds,
            lags=length,
            init=schemes,
            progress=lambda f: tell(f, "gradient norm"),
        )
    for line in (*size_lines(data), *rate_lines(data)):
        print(line)
    if data.attrs["input_warning"]:
        complain(f"warning: {data.attrs['input_warning']}")
    if data.attrs.get("declared_derivatives"):
        complain(f"note: {data.attrs['declared_derivatives']}")
    messages.name_files(gradient_norm(data, width=read_width(width)).save(out / "gradient-norm"))
