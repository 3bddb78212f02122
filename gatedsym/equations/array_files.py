"""``file("reservoir.npy")`` in a text → the numbers of that file in its place, so that the text is whole without it.

From then on the numbers are what the cell is: they stand in its text, so in every key of a cache, in the generated
module and in what is pickled. A name is a path in the folder of the text, or below it.
"""

from __future__ import annotations

import io
import math
import re
from pathlib import Path

import numpy as np

from gatedsym.equations.fixed_arrays import MAX_VALUES
from gatedsym.errors import DataError, EquationError
from gatedsym.files.read import MIB, decode, read_bytes
from gatedsym.files.write import text_hash
from gatedsym.typing import Array

_CALL = re.compile(r"(?<![\w.])file\( *(?:\"(?P<double>[^\"\n]*)\"|'(?P<single>[^'\n]*)'|“(?P<curly>[^”\n]*)”) *\)")
_UNQUOTED = re.compile(r"(?<![\w.])file\( *[\w./-]+\.(?:npy|csv|txt|npz|mat|pt) *\)")
_KINDS = "fiub"


def may_read_files(text: str) -> bool:
    """Whether a text names a file."""
    return "file(" in text and bool(_CALL.search(text) or _UNQUOTED.search(text))


def with_arrays(text: str, folder: str | Path = ".") -> str:
    """The text with the numbers of the files that it names.

    Parameters
    ----------
    text : str
    folder : path
        Of the text: what relative names begin at. Nothing outside of it is read.

    Raises
    ------
    EquationError
        With line and caret: for a file that is missing, lies elsewhere, is too long, or holds anything but an array
        of finite numbers, and for a name without quotes.
    """
    if not may_read_files(text):
        return text
    lines = []
    for number, line in enumerate(text.split("\n"), 1):
        code = line.split("#", 1)[0]
        unquoted = _UNQUOTED.search(code)
        if unquoted is not None:
            name = unquoted[0][5:-1].strip()
            raise _error("a file's name stands in quotes.", text, number, unquoted, f'Write file("{name}").')
        lines.append(_with_numbers(line, code, text, number, Path(folder)))
    return "\n".join(lines)


def _with_numbers(line: str, code: str, text: str, number: int, folder: Path) -> str:
    """A line with the numbers of its files; a comment says where they came from."""
    told: list[str] = []

    def listed(match: re.Match[str]) -> str:
        name = match["double"] or match["single"] or match["curly"] or ""
        try:
            numbers = _text_of(_read(_inside(name, folder), name))
        except DataError as error:
            raise _error(str(error), text, number, match) from None
        told.append(f"{name}, sha256 {text_hash(numbers)}")
        return numbers

    found = _CALL.sub(listed, code)
    if not told:
        return line
    comment = line[len(code) :] or ("" if "\\" in code or "$" in code else f"  # {'; '.join(told)}")
    return f"{found.rstrip() if comment.startswith('  #') else found}{comment}"


def _error(message: str, text: str, line: int, match: re.Match[str], mend: str = "") -> EquationError:
    return EquationError(message, text, line, match.start() + 1, match.end() - match.start(), mend)


def _inside(name: str, folder: Path) -> Path:
    """The path of a file in a folder, links followed."""
    path = folder / name
    if not name or Path(name).is_absolute() or not path.resolve().is_relative_to(folder.resolve()):
        raise DataError(f"{name or 'the name'} lies outside of the folder of the text: put the file beside the text.")
    return path


def _read(path: Path, name: str) -> Array:
    """The array in a file: of two axes, or a vector."""
    if path.suffix not in (".npy", ".csv"):
        raise DataError(f"{name} ends neither in .npy nor in .csv: save the array with numpy.save, or as a table.")
    content = read_bytes(path, MIB, "save fewer numbers.", missing="name one in the folder of the text.")
    array = _of_npy(content, name) if path.suffix == ".npy" else _of_csv(decode(name, content), name)
    if array.ndim not in (1, 2) or array.size == 0 or array.shape[0] == 1:
        raise DataError(f"{name} has the shape {array.shape}: save a vector of two or more numbers, or rows of them.")
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise DataError(f"{name} has {array[place]} at {list(place)}: save finite numbers.")
    return array


def _require_few(name: str, shape: tuple[int, ...]) -> None:
    if math.prod(shape) > MAX_VALUES:
        raise DataError(
            f"{name} has {math.prod(shape):,} numbers, and a text lists at most {MAX_VALUES:,}: declare the array a "
            "parameter or an input, and pass it."
        )


def _of_npy(content: bytes, name: str) -> Array:
    """The array of a file that numpy.save wrote; nothing in it is ever unpickled."""
    file = io.BytesIO(content)
    try:
        version = np.lib.format.read_magic(file)
        read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read(file)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{name} is no array that numpy.save wrote ({error}): save it again.") from None
    if dtype.kind == "c":
        raise DataError(f"{name} holds complex numbers: save real and imaginary parts in two files.")
    if dtype.kind not in _KINDS:
        raise DataError(f"{name} holds {dtype}, no numbers: save an array of floats.")
    _require_few(name, shape)
    file.seek(0)
    try:
        return np.asarray(np.load(file, allow_pickle=False), dtype=float)
    except (ValueError, EOFError, OSError) as error:
        raise DataError(f"{name} is damaged ({error}): save it again.") from None


def _of_csv(text: str, name: str) -> Array:
    """The table of a file with commas; one line of it, or one column, is a vector."""
    rows: list[list[float]] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        row = []
        for cell in line.split(","):
            try:
                row.append(float(cell))
            except ValueError:
                raise DataError(f"line {number} of {name} has '{cell.strip()}', no number: leave it out.") from None
        if rows and len(row) != len(rows[0]):
            raise DataError(f"line {number} of {name} has {len(row)} numbers, those above {len(rows[0])}: fill it up.")
        rows.append(row)
    _require_few(name, (len(rows), len(rows[0]) if rows else 0))
    array = np.array(rows, dtype=float)
    return array.reshape(-1) if 1 in array.shape else array


def _text_of(array: Array) -> str:
    """``[[0.5, 1], [-1, 0]]``: the shortest decimal that is each number."""
    if array.ndim == 1:
        return f"[{', '.join(_told(value) for value in array)}]"
    return f"[{', '.join(_text_of(row) for row in array)}]"


def _told(value: float) -> str:
    number = float(value)
    return str(int(number)) if number.is_integer() and abs(number) < 2**53 else repr(number)
