"""``gatedsym generate``: derivations → the modules in generated/, or what drifted from them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.arguments import WholeLibrary, read_cell
from gatedsym.cli.messages import Messages, Quiet, Verbose, complain


def generate(
    cells: WholeLibrary = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what drifted, exit status 1.")] = False,
    out: Annotated[Path | None, typer.Option(help="Folder; else generated/.")] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Regenerate the kernels from the derivations, or say what drifted."""
    from gatedsym.codegen.regenerate import find_drift, generate
    from gatedsym.library import load as library

    messages = Messages(verbose, quiet)
    found = [read_cell(c) for c in (cells or library.names())]
    folder = out or library.generated_folder()
    whole = not cells
    if not check:
        messages.name_files(generate(found, folder, prune=whole and out is None))
        messages.say(f"{len(found)} modules in {folder} are as their derivations say")
        return
    drift = find_drift(found, folder, whole=whole)
    for item in drift:
        print(f"{item.kind}: {item.path}")
        print(item.diff)
    serious = [d for d in drift if d.kind != "versions"]
    if serious:
        complain(f"{len(serious)} of the modules in {folder} drifted: run gatedsym generate, or undo the edit.")
        raise typer.Exit(1)
    print(f"{len(found)} modules in {folder} are as their derivations say")
