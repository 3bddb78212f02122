"""A file that a person names, and what of it is the target → sequences of inputs with targets, or a sentence."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from gatedsym.errors import DataError
from gatedsym.expect import expect_path, is_whole, shown
from gatedsym.files.read import MAX_ARRAYS, MAX_TABLE, decode, printable, read_bytes
from gatedsym.typing import Array

MOST_CLASSES = 1024


@dataclass(frozen=True, eq=False)
class Labelled:
    """Sequences one behind another, with targets.

    Attributes
    ----------
    name, description : str
        Of the file.
    inputs : array of float64 (rows, m)
    targets : array
        (rows,) int64 classes, or (rows, k) float64 numbers.
    target_names : tuple of str
    classes : tuple of str
        Their names; () of numbers.
    spans : array of int64 (sequences, 2)
        First row of each sequence and the row behind its last.
    one_each : bool
        Whether there is one target for a sequence, not one for a step.
    digest : str
        SHA-256 of what was read.
    """

    name: str
    description: str
    inputs: Array
    targets: Array
    target_names: tuple[str, ...]
    classes: tuple[str, ...]
    spans: Array
    one_each: bool
    digest: str


def read_labelled(path: object, targets: Any, kind: str | None, sequence: Any) -> Labelled:
    """Read a table or an array and tell its targets from its inputs.

    Raises
    ------
    DataError
        With one sentence, if it cannot be used so.
    """
    place = expect_path("path", path)
    suffix = place.suffix.lower()
    if suffix in {".csv", ".tsv"}:
        return _from_table(place, targets, kind, sequence)
    if suffix == ".npy":
        if sequence is not None:
            raise DataError(
                f"sequence={shown(sequence)} names a column, and {place} is an array: leave it out; the second axis of "
                "three counts the sequences."
            )
        return _from_array(place, targets, kind)
    raise DataError(f"{place} is neither a table (.csv, .tsv) nor an array (.npy): give one of these.")


def _content(path: Path) -> bytes:
    limit = MAX_ARRAYS if path.suffix.lower() == ".npy" else MAX_TABLE
    content = read_bytes(path, limit, "give the part that is to be learnt.")
    if not content.strip():
        raise DataError(f"{path} is empty: give a file with data.")
    return content


def _from_table(path: Path, targets: Any, kind: str | None, sequence: Any) -> Labelled:
    from gatedsym.flow.inputs.tables import read_columns  # loads all of flow

    content = _content(path)
    columns = read_columns(path, decode(path, content))
    asked = [_column(path, columns, given, "targets") for given in _several(targets)]
    named = None if sequence is None else _column(path, columns, sequence, "sequence")
    inputs = {name: v for name, v in columns.items() if name not in asked and name != named and _numbers(v)}
    if not inputs:
        raise DataError(f"{path} has no column of numbers beside its targets: give inputs, a row a step.")
    values = np.stack([np.asarray(v) for v in inputs.values()], axis=1)
    found, classes = _targets(path, [columns[name] for name in asked], asked, kind)
    return Labelled(
        printable(path.name),
        f"{printable(path.name)}, {len(values)} rows, inputs {printable(', '.join(inputs))}",
        _finite(path, values),
        found,
        tuple(map(printable, asked)),
        classes,
        _spans(path, columns[named] if named is not None else None, len(values)),
        False,
        hashlib.sha256(content).hexdigest(),
    )


def _several(given: Any) -> Sequence[Any]:
    if isinstance(given, str | int):
        return [given]
    if not isinstance(given, Sequence) or not given:
        raise DataError(f"targets={shown(given)} must be a column, or several: give names, or numbers from 1.")
    return given


def _column(path: Path, columns: Mapping[str, Any], given: Any, what: str) -> str:
    names = list(columns)
    if is_whole(given) and 1 <= given <= len(names):
        return names[int(given) - 1]
    if isinstance(given, str) and given in columns:
        return given
    raise DataError(f"{path} has no column {shown(given)} ({what}): take one of {printable(', '.join(names))}.")


def _numbers(column: Array | tuple[str, ...]) -> bool:
    return isinstance(column, np.ndarray)


def _finite(path: Path, values: Array) -> Array:
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        raise DataError(
            f"{path} holds {len(bad)} values that are not finite (first in row {bad[0][0] + 1}): mend or drop them."
        )
    if np.abs(values).max(initial=0) > 1e150:
        raise DataError(f"{path} holds numbers too large to standardise (their squares overflow): rescale the data.")
    return values


def _targets(
    path: Path, columns: Sequence[Array | tuple[str, ...]], names: Sequence[str], kind: str | None
) -> tuple[Array, tuple[str, ...]]:
    """Targets and names of classes, from the columns of a table."""
    words = [name for name, column in zip(names, columns) if not _numbers(column)]
    if kind is None and not words:
        values = np.stack([np.asarray(c) for c in columns], axis=1)
        if np.array_equal(_finite(path, values), np.round(values)):
            raise DataError(
                f"the targets of {path} are whole numbers, which can be classes or numbers: say kind='classes' or "
                "kind='numbers'."
            )
    if kind == "numbers" or (kind is None and not words):
        if words:
            raise DataError(
                f"column {words[0]} of {path} holds words: say kind='classes', or give a column of numbers."
            )
        return _finite(path, np.stack([np.asarray(c) for c in columns], axis=1)), ()
    if len(columns) > 1:
        raise DataError(f"{len(columns)} columns of {path} are targets, and classes are one: give one column.")
    column = columns[0]
    labels = _whole(path, np.asarray(column)).tolist() if isinstance(column, np.ndarray) else list(column)
    return _numbered(path, labels)


def _whole(path: Path, values: Array) -> Array:
    if not np.array_equal(_finite(path, values.astype(np.float64)), np.round(values)):
        raise DataError(f"the targets of {path} are to be classes, and have fractions: give whole numbers or words.")
    return values.astype(np.int64)


def _numbered(path: Path, labels: Sequence[Any]) -> tuple[Array, tuple[str, ...]]:
    """Classes by the order of their names."""
    kinds = sorted(set(labels))
    if not 2 <= len(kinds) <= MOST_CLASSES:
        raise DataError(f"{path} has {len(kinds)} classes: give targets of 2 … {MOST_CLASSES}, or kind='numbers'.")
    place = {name: k for k, name in enumerate(kinds)}
    return np.array([place[label] for label in labels]), tuple(printable(str(name)) for name in kinds)


def _spans(path: Path, names: Array | tuple[str, ...] | None, rows: int) -> Array:
    """Rows of each sequence, whose name stands in every one of them."""
    if names is None:
        return np.array([[0, rows]])
    runs = [(name, len(list(group))) for name, group in groupby(list(names))]
    known = [name for name, _ in runs]
    if len(set(known)) < len(known):
        twice = next(name for name in known if known.count(name) > 1)
        raise DataError(f"rows of sequence {twice} of {path} stand apart: sort the rows by their sequence.")
    ends = np.cumsum([length for _, length in runs])
    return np.stack([ends - [length for _, length in runs], ends], axis=1)


def _from_array(path: Path, targets: Any, kind: str | None) -> Labelled:
    from gatedsym.flow.inputs.tables import read_array  # loads all of flow

    content = _content(path)
    values = read_array(path, content)
    if values.ndim not in {2, 3} or 0 in values.shape:
        raise DataError(
            f"{path} has shape {values.shape}: give (time, feature) or (time, sequence, feature), none of length 0."
        )
    digest = hashlib.sha256(content)
    one_each = False
    if isinstance(targets, str | Path):
        other = Path(targets)
        added = _content(other)
        digest.update(added)
        found = read_array(other, added)
        one_each, rows = _beside(path, other, values, found)
        integers = _is_whole_type(added)
        kind = kind or ("classes" if integers else None)
        inputs, names = values, [printable(other.name)]
    else:
        asked = _features(path, targets, values.shape[-1])
        rest = [k for k in range(values.shape[-1]) if k not in asked]
        if not rest:
            raise DataError(f"all {values.shape[-1]} features of {path} are targets: leave some as inputs.")
        inputs, rows, names = values[..., rest], values[..., asked], [f"feature {k + 1}" for k in asked]
    steps = len(values)
    flat, classes = _targets(path, list(_by_sequence(rows).T), names, kind)
    count = 1 if values.ndim == 2 else values.shape[1]
    spans = np.stack([np.arange(count) * steps, (np.arange(count) + 1) * steps], axis=1)
    return Labelled(
        name=printable(path.name),
        description=f"{printable(path.name)}, shape {values.shape}",
        inputs=_finite(path, _by_sequence(inputs)),
        targets=flat,
        target_names=tuple(names),
        classes=classes,
        spans=spans,
        one_each=one_each,
        digest=digest.hexdigest(),
    )


def _by_sequence(values: Array) -> Array:
    """Sequences one behind another, (rows, feature)."""
    return values if values.ndim == 2 else np.ascontiguousarray(values.swapaxes(0, 1)).reshape(-1, values.shape[-1])


def _features(path: Path, targets: Any, count: int) -> list[int]:
    found = _several(targets)
    if not all(is_whole(k) and 1 <= k <= count for k in found):
        raise DataError(
            f"targets={shown(targets)} must be features of {path}, by number from 1 to {count}, or the path of an "
            "array."
        )
    return [int(k) - 1 for k in found]


def _beside(path: Path, other: Path, values: Array, found: Array) -> tuple[bool, Array]:
    """Whether there is one target for each sequence, and the targets for every row, (time[, sequence], k)."""
    if values.ndim == 3 and found.shape == (values.shape[1],):
        return True, np.broadcast_to(found[None, :, None], (*values.shape[:2], 1))
    if found.shape == values.shape[:-1]:
        return False, found[..., None]
    if found.ndim == values.ndim and found.shape[:-1] == values.shape[:-1] and found.shape[-1]:
        return False, found
    raise DataError(
        f"{other} has shape {found.shape}, which does not fit {path} of shape {values.shape}: give a target for each "
        "step, or one for each sequence."
    )


def _is_whole_type(content: bytes) -> bool:
    """Whether an array file that was read holds integers or truth values."""
    from gatedsym.conventions.weight_file import npy_header

    return npy_header(io.BytesIO(content))[2].kind in "biu"
