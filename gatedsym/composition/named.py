"""Words that name cells, a name, a file with equations, layers with + between → the cell."""

from __future__ import annotations

from pathlib import Path

from gatedsym.cells import Cell, cell
from gatedsym.composition.stack import stack
from gatedsym.equations.array_files import with_arrays
from gatedsym.errors import EquationError, GatedsymError
from gatedsym.files.read import MAX_EQUATIONS, decode, read_bytes
from gatedsym.library import load as library

HERE = Path()


def split_layers(text: str, folder: Path = HERE) -> list[str]:
    """The layers of a stack, ``lstm+gru``, from below; of anything else the text itself."""
    if "+" not in text or (folder / text).exists():
        return [text]
    return [layer.strip() for layer in text.split("+")]


def read_cell(text: str, folder: Path = HERE) -> Cell:
    """A cell: a name of the library, the path of a file with equations, or layers, ``lstm+gru``.

    Parameters
    ----------
    text : str
    folder : Path, optional
        From which paths go out; by default the one that a person works in.

    Raises
    ------
    GatedsymError
        If there is neither a cell nor a file of that name.
    EquationError
        If the equations are not understood.
    """
    path = folder / text
    layers = split_layers(text, folder)
    if len(layers) > 1:
        if not all(layers):
            raise GatedsymError(f"a + stands between two layers, and {text} has none on one side: write lstm+gru.")
        return stack([read_cell(layer, folder) for layer in layers])
    if text in library.names():
        return cell(text)
    if path.is_dir():
        raise GatedsymError(f"{text} is a folder; name a file with equations.")
    if not path.exists():
        if path.suffix or len(Path(text).parts) > 1:
            raise GatedsymError(f"no file {text}; name a file with equations, or one of {', '.join(library.names())}.")
        library.derivation(text)  # says what is near
    content = read_bytes(path, MAX_EQUATIONS, "a cell's equations are shorter.")
    equations = decode(text, content).replace("\r\n", "\n").replace("\r", "\n")
    try:
        return Cell(with_arrays(equations, path.parent), _identifier(path.stem))
    except EquationError as error:
        raise error.in_file(text) from None


def _identifier(stem: str) -> str:
    """A name for files and messages: the file's own, with what no identifier can hold spelled by number."""
    name = "".join(ch if ch.isascii() and ch.isalnum() else "_" if ch in "_- ." else f"u{ord(ch):x}" for ch in stem)
    return name if name.isidentifier() else f"cell_{name}"


__all__ = ["read_cell", "split_layers"]
