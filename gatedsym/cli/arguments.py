"""Words of a command line → what several commands take: cells, names with commas between them, widths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gatedsym.cells import Cell

CELL_HELP = "A cell of the library, or a file with equations; a + stands between the layers of a stack, lstm+gru."
ALPHABET_HELP = "For a text: its symbols in the order of their features, or a file with them (text, JSON)."
INPUT_HELP = "text or words (the text that ships), noise, none, a text, CSV or NPY file, or words:FILE."


def complete_cell(incomplete: str) -> list[str]:
    """Names of the library that begin so; where there is none, a shell completes names of files."""
    from gatedsym.library import load as library

    return [name for name in library.names() if name.startswith(incomplete)]


OneCell = Annotated[str, typer.Argument(help=CELL_HELP, autocompletion=complete_cell)]
SomeCells = Annotated[list[str], typer.Argument(help=CELL_HELP, autocompletion=complete_cell)]
WholeLibrary = Annotated[
    list[str] | None,
    typer.Argument(help=CELL_HELP, autocompletion=complete_cell, show_default="all of the library"),
]
Alphabet = Annotated[str | None, typer.Option(help=ALPHABET_HELP)]
Input = Annotated[str, typer.Option(help=INPUT_HELP)]
Match = Annotated[
    str | None,
    typer.Option(help="parameters or operations: each further cell gets the n at which it has as many as the first."),
]
Width = Annotated[str, typer.Option(help="neurips, icml, ieee-column, …, or inches.")]


def read_cell(text: str) -> Cell:
    """A cell from a command's argument: a library name, the path of a file with equations, or layers, lstm+gru."""
    from gatedsym.composition.named import read_cell as read

    return read(text)


def split_names(text: str, what: str) -> tuple[str, ...]:
    """Names from a text with commas; one that names nothing is refused."""
    from gatedsym.errors import ArgumentError

    found = tuple(name.strip() for name in text.split(",") if name.strip())
    if text and not found:
        raise ArgumentError(f"no {what} is named in {text!r}: give names with commas between them.")
    return found


def read_width(text: str) -> str | float:
    """A figure's width: inches where the text is a number, else a venue's name."""
    try:
        return float(text)
    except ValueError:
        return text
