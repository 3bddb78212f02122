"""``gatedsym trainability``: cells, or a grid → which networks learn, and what of it could be known before."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.arguments import CELL_HELP, complete_cell, read_cell
from gatedsym.cli.messages import Messages, Quiet, Verbose
from gatedsym.progress import show_progress


def trainability(
    cells: Annotated[
        list[str] | None,
        typer.Argument(help=CELL_HELP, autocompletion=complete_cell, show_default="rnn lstm gru"),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the page, its figures and the runs.")] = Path("trainability"),
    grid: Annotated[
        Path | None, typer.Option(help="A file that says which networks are trained how, in place of cells.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="Short lags, two rates, two seeds: for a look.")] = False,
    hidden: Annotated[int, typer.Option(help="Hidden size n.")] = 32,
    seeds: Annotated[
        int | None, typer.Option(help="Independent networks of each kind.", show_default="5, quick 2")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="Folder that keeps the runs.", show_default="store in the folder")
    ] = None,
    as_is: Annotated[bool, typer.Option("--as-is", help="Make no runs: write what those that are there say.")] = False,
    any_code: Annotated[
        bool, typer.Option("--any-code", help="Take runs that other versions of the code have made.")
    ] = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Train networks, and say when their untrained gradient tells what they will learn."""
    from gatedsym.errors import ArgumentError
    from gatedsym.trainability.estimate import estimate_words
    from gatedsym.trainability.write import DEFAULT_CELLS, plan_study, write_study

    if grid is not None and (cells or quick or seeds is not None):
        raise ArgumentError("a grid says which cells are trained how: leave cells, --quick and --seeds out.")
    messages = Messages(verbose, quiet)
    found = [read_cell(c) for c in cells or DEFAULT_CELLS]
    kept = out / "store" if store is None else store
    study, tables = plan_study(found, grid=grid, quick=quick, n=hidden, seeds=seeds, any_code=any_code, store=kept)
    if as_is:
        study.look()
    else:
        messages.say(estimate_words(study))
        with show_progress(1.0, "training", quiet) as tell:
            study.make(tell)
    written = write_study(study, tables, out, " ".join(["gatedsym", *sys.argv[1:]]))
    messages.name_files(written)
    messages.name_page(written[0])
