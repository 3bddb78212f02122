"""Words of a command line → what several commands take: cells, names with commas between them, widths."""

from __future__ import annotations

from pathlib import Path
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


def split_layers(text: str) -> list[str]:
    """The layers of a stack, ``lstm+gru``, from below; of anything else the text itself."""
    if "+" not in text or Path(text).exists():
        return [text]
    return [layer.strip() for layer in text.split("+")]


def read_cell(text: str) -> Cell:
    """A cell from a command's argument: a library name, the path of a file with equations, or layers, lstm+gru."""
    from gatedsym.cells import Cell, cell
    from gatedsym.equations.array_files import with_arrays
    from gatedsym.errors import EquationError, GatedsymError
    from gatedsym.files.read import MAX_EQUATIONS, decode, read_bytes
    from gatedsym.library import load as library

    path = Path(text)
    layers = split_layers(text)
    if len(layers) > 1:
        from gatedsym.composition import stack

        if not all(layers):
            raise GatedsymError(f"a + stands between two layers, and {text} has none on one side: write lstm+gru.")
        return stack([read_cell(layer) for layer in layers])
    if text in library.names():
        return cell(text)
    if path.is_dir():
        raise GatedsymError(f"{text} is a folder; name a file with equations.")
    if not path.exists():
        if path.suffix or len(path.parts) > 1:
            raise GatedsymError(f"no file {text}; name a file with equations, or one of {', '.join(library.names())}.")
        library.derivation(text)  # says what is near
    content = read_bytes(text, MAX_EQUATIONS, "a cell's equations are shorter.")
    equations = decode(text, content).replace("\r\n", "\n").replace("\r", "\n")
    try:
        return Cell(with_arrays(equations, path.parent), _identifier(path.stem))
    except EquationError as error:
        raise error.in_file(text) from None


def _identifier(stem: str) -> str:
    """A name for files and messages: the file's own, with what no identifier can hold spelled by number."""
    name = "".join(ch if ch.isascii() and ch.isalnum() else "_" if ch in "_- ." else f"u{ord(ch):x}" for ch in stem)
    return name if name.isidentifier() else f"cell_{name}"


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
