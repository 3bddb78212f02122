"""``gatedsym generate``: derivations → the modules in generated/, or what drifted from them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatedsym.cli.arguments import WholeLibrary, read_cell
from gatedsym.cli.messages import Messages, Quiet, Verbose, complain
from gatedsym.messages import room

if TYPE_CHECKING:
    from gatedsym.cells import Cell

say = room("cli")


def generate(
    cells: WholeLibrary = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; say what drifted, exit status 1.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Folder; else the library's for its cells, ./generated/ for a file's.")
    ] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Regenerate the kernels from the derivations, or say what drifted."""
    from gatedsym.codegen.regenerate import find_drift, generate
    from gatedsym.composition.named import split_layers
    from gatedsym.library import load as library

    messages = Messages(verbose, quiet)
    typed = cells or library.names()
    found = [read_cell(c) for c in typed]
    commands = {
        cell.name: f"gatedsym generate {shlex.quote('+'.join(Path(layer).name for layer in split_layers(text)))}"
        for cell, text in zip(found, typed, strict=True)
        if cell.record is None
    }
    folders = _by_folder(found, out)
    if not check:
        for folder, own in folders.items():
            messages.name_files(generate(own, folder, prune=not cells and out is None, commands=commands))
            messages.say(_are_alike(own, folder))
        return
    drift = [d for folder, own in folders.items() for d in find_drift(own, folder, whole=not cells, commands=commands)]
    for item in drift:
        print(f"{item.kind}: {item.path}")
        print(item.diff)
    serious = [d for d in drift if d.kind != "versions"]
    if serious:
        places = reduce(
            lambda first, last: say("modules-folders", first=first, last=last),
            sorted({str(d.path.parent) for d in serious}),
        )
        complain(say("modules-drifted", count=len(serious), folders=places))
        raise typer.Exit(1)
    for folder, own in folders.items():
        print(_are_alike(own, folder))


def _are_alike(cells: Sequence[Cell], folder: Path) -> str:
    return say("modules-alike", count=len(cells), folder=str(folder))


def _by_folder(cells: Sequence[Cell], out: Path | None) -> Mapping[Path, list[Cell]]:
    """The cells by the folder of their modules: the library's stand in the library's, a person's own beside her.

    Raises
    ------
    ArgumentError
        Where the folder beside her is the library's.
    """
    from gatedsym.errors import ArgumentError
    from gatedsym.library import load as library

    folders: dict[Path, list[Cell]] = {}
    for cell in cells:
        folder = out or (library.generated_folder() if cell.record is not None else Path("generated"))
        if cell.record is None and folder.resolve() == library.generated_folder().resolve():
            raise ArgumentError(
                f"{folder} holds the modules of the library, {cell.name} is a cell of a file: name a folder with --out."
            )
        folders.setdefault(folder, []).append(cell)
    return folders
