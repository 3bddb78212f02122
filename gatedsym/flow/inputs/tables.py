"""A person's numbers → an array: NumPy arrays and tables in text, all of what they hold or a sentence."""

from __future__ import annotations

import csv
import io
import re
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.conventions.weight_file import npy_header
from gatedsym.errors import DataError
from gatedsym.files.read import MAX_ARRAYS, printable, size_words
from gatedsym.typing import Array

_NUMBER = re.compile(r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|nan|inf|infinity)", re.IGNORECASE)
_MEANT = re.compile(
    r"[+-]?\s?[$€£¥]?\s?(?:0[xXoObB][0-9a-fA-F_]+|[0-9٠-٩０-９][0-9٠-٩０-９_.,'’\s]*(?:[eEdD][+-]?\d+)?)\s?[%‰]?"
)
"""Spellings that are meant as a number and are none here: 1_0, 1,5, 0x1F, 5 %, 1'000, 1d5."""
_PLAIN = re.compile(r"[0-9eE+\-.\s]*", re.ASCII)
_DELIMITERS = ",;\t"


def read_array(path: Path, content: bytes) -> Array:
    """The array of a .npy file as float64, whatever its bytes' order; nothing in the file is ever executed.

    Raises
    ------
    DataError
        If the file is damaged, or holds something else than real numbers, or more than are read.
    """
    shape, fortran, dtype, body = _npy_header(path, content)
    if dtype.hasobject or dtype.kind not in "biuf":
        raise DataError(f"{path} is not a NumPy array of real numbers (it holds {dtype}): save floats with numpy.save.")
    count = 1
    for length in shape:
        count *= length
    if count * dtype.itemsize != len(body):
        raise DataError(
            f"{path} is not a NumPy array file that is whole ({len(body)} bytes of numbers where its shape {shape} "
            f"needs {count * dtype.itemsize}): save it again with numpy.save."
        )
    if count * 8 > MAX_ARRAYS:
        raise DataError(
            f"{path} holds {size_words(count * 8)} as float64, and at most {size_words(MAX_ARRAYS)} are read: "
            "save the part that is to be read."
        )
    values = np.frombuffer(body, dtype).reshape(shape, order="F" if fortran else "C")
    return np.ascontiguousarray(values, np.float64)


def _npy_header(path: Path, content: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], bytes]:
    """Shape, whether columns come first, dtype, and the bytes that follow."""
    file = io.BytesIO(content)
    try:
        shape, fortran, dtype = npy_header(file)
    except ValueError:
        # NumPy's own words advise a reader that runs what the file says.
        raise DataError(
            f"{path} is not a NumPy array file that holds numbers alone and all of them: save floats with numpy.save."
        ) from None
    return shape, fortran, dtype, content[file.tell() :]


def read_table(path: Path, text: str) -> tuple[Array, tuple[str, ...]]:
    """The columns of numbers (time, feature) of a .csv or .tsv file, and what was left out, in sentences.

    A column is read if each of its cells is a number, and left out if none is: names of days, dates. A first row
    without a number names the columns.

    Raises
    ------
    DataError
        If rows differ in length, a column has both numbers and something else, or there is none of numbers.
    """
    headings, rows = _headed(path, text)
    names = [f"column {k} ({cell})" if cell else f"column {k}" for k, cell in enumerate(headings, 1)]
    columns = [_numeric(path, name, [row[k] for row in rows]) for k, name in enumerate(names)]
    numeric = [k for k, column in enumerate(columns) if column is not None]
    if not numeric:
        raise DataError(f"{path} has no column of numbers throughout: fill the gaps, or drop the rows that have them.")
    values = np.stack([column for column in columns if column is not None], axis=1)
    left = [name for k, name in enumerate(names) if k not in numeric]
    if not left:
        return values, ()
    return values, (
        f"{len(numeric)} of {len(names)} columns of {printable(path.name)} hold numbers throughout; left out: "
        f"{printable(', '.join(left))}.",
    )


def read_columns(path: Path, text: str) -> dict[str, Array | tuple[str, ...]]:
    """Every column of a .csv or .tsv file by its name (``column 1``, … where it has none): numbers, or words.

    Raises
    ------
    DataError
        If rows differ in length, a column has both numbers and something else, or two have one name.
    """
    headings, rows = _headed(path, text)
    names = [cell or f"column {k}" for k, cell in enumerate(headings, 1)]
    if twice := [name for k, name in enumerate(names) if name in names[:k]]:
        raise DataError(f"{path} has two columns named {printable(twice[0])}: give each a name of its own.")
    cells = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    numbers = {name: _numeric(path, f"column {printable(name)}", column) for name, column in cells.items()}
    return {
        name: tuple(cell.strip() for cell in cells[name]) if column is None else column
        for name, column in numbers.items()
    }


def _headed(path: Path, text: str) -> tuple[list[str], list[list[str]]]:
    """The names of the columns, "" where there is none, and the rows below them, all of one length."""
    rows = _rows(path, text)
    headings = [""] * (len(rows[0]) if rows else 0)
    if rows and not any(map(_is_number, rows[0])):
        headings = [cell.strip() for cell in rows[0]]
        rows = rows[1:]
    if not rows:
        raise DataError(f"{path} has no row of numbers: give numeric columns, one row a time step.")
    for line, row in enumerate(rows, start=1):
        if len(row) != len(headings):
            raise DataError(
                f"{path}, data row {line}: {len(row)} columns where {len(headings)} are expected; mend the row."
            )
    return headings, rows


def _rows(path: Path, text: str) -> list[list[str]]:
    """The rows that are not blank, cells as they are written."""
    if path.suffix.lower() == ".tsv":
        return _parsed(path, text, "\t")
    first = next((line for line in text.splitlines() if line.strip()), "")
    found = {}
    for delimiter in (d for d in _DELIMITERS if d in first):
        rows = _parsed(path, text, delimiter)
        if len({len(row) for row in rows}) == 1:
            found[delimiter] = rows
    if len(found) > 1:  # 1,5;2,5 and 1;2,3;4 look alike: what leaves a number in every cell is what was meant
        whole = {d: rows for d, rows in found.items() if all(map(_is_number, rows[-1]))}
        found = whole if len(whole) == 1 else {}
        if not found:
            raise DataError(
                f"{path}: columns could be separated by any of {' '.join(d for d in _DELIMITERS if d in first)}: save "
                "it with tabs as .tsv, and numbers with a point."
            )
    return next(iter(found.values())) if found else _parsed(path, text, max(_DELIMITERS, key=first.count))


def _parsed(path: Path, text: str, delimiter: str) -> list[list[str]]:
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"{path} is no table ({error}): save it as comma-separated values.") from None
    return [row for row in rows if any(cell.strip() for cell in row)]


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip()) is not None


def _numeric(path: Path, name: str, column: list[str]) -> Array | None:
    """A column of numbers, or None; one that holds them in part, or written as no number is, is refused."""
    if _PLAIN.fullmatch("\n".join(column)):  # with these letters alone Python reads what we read
        with suppress(ValueError):
            return np.array([float(cell) for cell in column])
    cells = [cell.strip() for cell in column]
    others = [k for k, cell in enumerate(cells) if not _is_number(cell)]
    meant = [k for k in others if _MEANT.fullmatch(cells[k])]
    if meant or 0 < len(others) < len(cells):
        at = (meant or others)[0]
        what = f"{cells[at]!r}, which is no number" if cells[at] else "empty"
        raise DataError(
            f"{path}, {name}, data row {at + 1} is {what}: write numbers like -1.5e3, fill gaps, or drop the column."
        )
    return None if others else np.array([float(cell) for cell in cells])


__all__ = ["read_array", "read_columns", "read_table"]
