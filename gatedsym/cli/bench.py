"""``gatedsym bench``: sizes and peers → a table of times, and a figure."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.messages import Messages, Quiet, Verbose
from gatedsym.progress import show_progress


def bench(
    quick: Annotated[bool, typer.Option("--quick", help="Four points, under a minute.")] = False,
    grid: Annotated[str, typer.Option(help="default: 24 points; full: all 216 sizes.")] = "default",
    against: Annotated[
        str | None,
        typer.Option(
            help="Peers: torch, jax, onnxruntime; torch-eager, torch-compiled (any cell in torch operations).",
            show_default="torch,jax,onnxruntime; none with --cells",
        ),
    ] = None,
    cells: Annotated[str, typer.Option(help="Cells of the library, to time beside the LSTM: gru,slstm.")] = "",
    threads: Annotated[int | None, typer.Option(help="For every library.", show_default="all usable cores")] = None,
    scaling: Annotated[bool, typer.Option("--scaling", help="Instead: time against length and batch.")] = False,
    first_use: Annotated[bool, typer.Option("--first-use", help="Instead: what a first call costs.")] = False,
    tangents: Annotated[bool, typer.Option("--tangents", help="Instead: n tangents at once, and jax's.")] = False,
    second: Annotated[bool, typer.Option("--second", help="Instead: Hessian products, and of --cells.")] = False,
    structure: Annotated[bool, typer.Option("--structure", help="Instead: what operations and bytes allow.")] = False,
    ragged: Annotated[bool, typer.Option("--ragged", help="Instead: unlike lengths, and all steps.")] = False,
    learning: Annotated[bool, typer.Option("--learning", help="Instead: updates of training, and torch's.")] = False,
    watching: Annotated[bool, typer.Option("--watching", help="Instead: what gt.watch adds to an update.")] = False,
    layers: Annotated[bool, typer.Option("--layers", help="Instead: gt.Layer, torch's layers and loops.")] = False,
    out: Annotated[Path, typer.Option(help="Folder for the tables and the figure.")] = Path("bench"),
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Time cells against other libraries, each in a process of its own, interleaved."""
    from gatedsym.bench.outcome import choose_grid, measure_grid, measure_table
    from gatedsym.errors import ArgumentError
    from gatedsym.files.write import write_atomically

    messages = Messages(verbose, quiet)
    further = {"scaling": scaling, "first-use": first_use, "tangents": tangents, "second": second}
    training = {"learning": learning, "watching": watching, "layers": layers}
    kinds = [
        kind for kind, wanted in {**further, "structure": structure, "ragged": ragged, **training}.items() if wanted
    ]
    if len(kinds) + (quick and grid != "default") > 1:
        raise ArgumentError("--quick and --grid, and each further table, are measurements of their own: ask for one.")
    named = [c.strip() for c in cells.split(",") if c.strip()]
    if kinds:
        with show_progress(1.0, kinds[0], quiet) as tell:
            outcome = measure_table(kinds[0], out, cells=named, threads=threads, progress=tell)
    else:
        chosen = choose_grid("quick" if quick else grid, named, against)
        print(chosen.announcement(), file=sys.stderr)
        with show_progress(1.0, "timing", quiet) as tell:
            outcome = measure_grid(chosen, out, threads=threads, progress=tell)
    print(outcome.text)
    for path, content in outcome.files.items():
        write_atomically(path, content)
    messages.name_files(list(outcome.files))
