"""``gatedsym cells``: the library as lists, as one cell in full, and as the family tree."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.arguments import complete_cell
from gatedsym.cli.messages import Messages, Quiet, Verbose


def cells(
    cell: Annotated[
        str | None, typer.Argument(help="A cell of the library, to print in full.", autocompletion=complete_cell)
    ] = None,
    tree: Annotated[bool, typer.Option("--tree", help="Which cell is an edit of which.")] = False,
    contradictions: Annotated[
        bool, typer.Option("--contradictions", help="Where others' words, code and papers part.")
    ] = False,
    errata: Annotated[
        bool, typer.Option("--errata", help="Errors that texts repeat, each shown by proof or numbers.")
    ] = False,
    out: Annotated[Path | None, typer.Option(help="With --tree: a figure instead, FILE.svg, .pdf or .png.")] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """List the cells of the library, or print one in full."""
    from gatedsym.errors import GatedsymError
    from gatedsym.library import listing

    messages = Messages(verbose, quiet)
    if out is not None and not tree:
        raise GatedsymError("--out is for the family tree: write --tree --out FILE.svg.")
    if sum((cell is not None, tree, contradictions, errata)) > 1:
        raise GatedsymError("a cell, --tree, --contradictions and --errata are lists apart: ask for one of them.")
    if tree:
        _show_tree(out, messages)
        return
    if errata:
        _show_errata()
        return
    for line in listing.contradictions() if contradictions else listing.page(cell) if cell else listing.listing():
        print(line)


def _show_errata() -> None:
    """Every erratum with what is shown of it, computed now."""
    from gatedsym.errata import ERRATA, show
    from gatedsym.errata.text import count_line, printed
    from gatedsym.trainability.claims_text import printed_claims

    start = time.perf_counter()
    for number, erratum in enumerate(ERRATA, 1):
        for line in printed(number, show(erratum)):
            print(line)
        print(flush=True)
    print(count_line(len(ERRATA), time.perf_counter() - start))
    for line in printed_claims(len(ERRATA) + 1):
        print(line)


def _show_tree(out: Path | None, messages: Messages) -> None:
    """The family tree on the terminal, or as a figure."""
    from gatedsym.library.family_tree import family_tree, printed_tree

    if out is not None:
        from gatedsym.figures.family_tree import draw_family_tree

        messages.name_files(draw_family_tree(family_tree(), out))
        return
    from rich.console import Console

    console = Console() if sys.stdout.isatty() else Console(width=160, no_color=True)
    console.print(printed_tree(), soft_wrap=True)
