"""What a network reads: white noise, a text as one-hot characters, or a person's own numbers, cut into windows.

Every source becomes a `Series`; `Series.windows` gives arrays (time, batch, feature) whose batch rows are different
stretches of it, drawn with a seed.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import tomllib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gatedsym.errors import GatedsymError

Array = np.ndarray[Any, Any]

MAX_ALPHABET = 512
"""Most characters that get a feature of their own; the rarer ones of a larger alphabet share the last feature."""

NOISE_FEATURES = 8
"""Features of white noise where the caller names no number."""


class DataError(GatedsymError, ValueError):
    """Input data is missing, unreadable, not finite or too short."""


@dataclass(frozen=True)
class Series:
    """A source of input sequences.

    Attributes
    ----------
    name : str
        Short, for file names and legends: ``text``, ``noise``, or the stem of a file.
    description : str
        What it is, as part of a caption; no full stop at the end.
    kind : {"noise", "symbols", "numbers", "sequences"}
        White noise; symbols shown as one-hot vectors; rows of numbers; given sequences (T, B, m).
    features : int
        m.
    values : array, optional
        Symbols: (length,) integers; numbers: (length, m); sequences: (length, count, m); None for noise.
    digest : str
        SHA-256 of what was read.
    notes : tuple of str
        What was done to the data that a reader should know, one sentence each.
    """

    name: str
    description: str
    kind: Literal["noise", "symbols", "numbers", "sequences"]
    features: int
    values: Array | None = field(repr=False)
    digest: str
    notes: tuple[str, ...] = ()

    def windows(self, length: int, count: int, seed: int) -> Array:
        """Cut `count` windows of `length` steps.

        Parameters
        ----------
        length, count : int
            T and B.
        seed : int
            Of the places where windows begin (of the noise itself, for noise).

        Returns
        -------
        array of float64, (T, B, m)

        Raises
        ------
        DataError
            If the series is shorter than `length`.
        """
        generator = np.random.default_rng([seed, 0x5EED])
        if self.values is None:
            return generator.standard_normal((length, count, self.features))
        available = len(self.values)
        if available < length:
            raise DataError(
                f"{self.name} has {available} steps and windows of {length} are asked for: "
                "give longer data, or ask for a smaller lag (length)."
            )
        starts = generator.integers(0, available - length + 1, size=count)
        if self.kind == "sequences":
            chosen = generator.integers(0, self.values.shape[1], size=count)
            return np.stack([self.values[s : s + length, b] for s, b in zip(starts, chosen)], axis=1)
        cut = np.stack([self.values[s : s + length] for s in starts], axis=1)
        return np.eye(self.features)[cut] if self.kind == "symbols" else np.ascontiguousarray(cut)


def white_noise(features: int = NOISE_FEATURES) -> Series:
    """Independent N(0, 1) numbers: the input that the theory of random networks assumes."""
    digest = hashlib.sha256(f"white noise {features}".encode()).hexdigest()
    return Series("noise", f"white noise, {features} independent N(0, 1) features", "noise", features, None, digest)


def shipped_text(name: str = "alice") -> Series:
    """The public-domain text that comes with the package, as one-hot characters."""
    return text_series(*_shipped(name))


def shipped_words(name: str = "alice") -> Series:
    """The same text, as one-hot words."""
    return word_series(*_shipped(name))


def _shipped(name: str) -> tuple[str, str, str]:
    folder = files("gatedsym.flow") / "texts"
    about = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    text = (folder / f"{name}.txt").read_text("utf-8")
    return text, "text", f"{about['author']}, {about['title']} ({about['year']})"


def text_series(text: str, name: str, title: str) -> Series:
    """A text as a sequence of one-hot characters; the alphabet is the sorted set of its characters.

    Raises
    ------
    DataError
        If fewer than two different characters occur.
    """
    letters, counts = np.unique(np.array([ord(c) for c in text], dtype=np.int64), return_counts=True)
    if len(letters) < 2:
        raise DataError(f"{title} holds fewer than two different characters: give a text to read.")
    notes: tuple[str, ...] = ()
    if len(letters) > MAX_ALPHABET:
        # Stable: the commonest first, equal counts by code point.
        kept = np.sort(letters[np.argsort(-counts, kind="stable")[: MAX_ALPHABET - 1]])
        notes = (
            f"{title} has {len(letters)} different characters; the {MAX_ALPHABET - 1} commonest have a feature each, "
            "all others share one.",
        )
        letters = kept
    codes = np.array([ord(c) for c in text], dtype=np.int64)
    place = np.minimum(np.searchsorted(letters, codes), len(letters) - 1)
    values = np.where(letters[place] == codes, place, len(letters))
    features = len(letters) + bool(notes)
    description = f"one-hot characters (alphabet of {features}) of {title}"
    return Series(
        name, description, "symbols", features, values, hashlib.sha256(text.encode("utf-8")).hexdigest(), notes
    )


def word_series(text: str, name: str, title: str) -> Series:
    """A text as a sequence of one-hot words; runs of letters and digits are words, in lower case; so is any other mark.

    Raises
    ------
    DataError
        If fewer than two different words occur.
    """
    words = re.findall(r"\w+(?:['’]\w+)*|[^\w\s]", text.lower())
    counts = Counter(words)
    if len(counts) < 2:
        raise DataError(f"{title} holds fewer than two different words: give a longer text, or read it as characters.")
    kept = sorted(counts, key=lambda w: (-counts[w], w))
    notes: tuple[str, ...] = ()
    if len(kept) > MAX_ALPHABET:
        notes = (
            f"{title} has {len(kept)} different words; the {MAX_ALPHABET - 1} commonest have a feature each, "
            "all others share one.",
        )
        kept = kept[: MAX_ALPHABET - 1]
    place = {word: k for k, word in enumerate(sorted(kept))}
    features = len(kept) + bool(notes)
    values = np.array([place.get(word, len(kept)) for word in words], dtype=np.int64)
    description = f"one-hot words (vocabulary of {features}) of {title}"
    digest = hashlib.sha256(b"words\n" + text.encode("utf-8")).hexdigest()
    return Series(f"{name}-words", description, "symbols", features, values, digest, notes)


def read_input(source: str | Path) -> Series:
    """The series behind a name or a file: ``noise``, ``text``, ``words``, or a path to text (UTF-8), .csv or .npy.

    ``words:FILE`` reads a text as words. ``none`` is for cells without input: it gives white noise, which they ignore.

    Raises
    ------
    DataError
        With one sentence, if the data cannot be used.
    """
    named: dict[str, Callable[[], Series]] = {
        "noise": white_noise,
        "none": white_noise,
        "text": shipped_text,
        "words": shipped_words,
    }
    if str(source) in named:
        return named[str(source)]()
    as_words = isinstance(source, str) and source.startswith("words:")
    path = Path(str(source).removeprefix("words:") if as_words else source)
    if str(source) in ("", "words:"):
        raise DataError("no input is named: give a path, or one of noise, text, words, none.")
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise DataError(f"there is no file {path}: give a path, or one of noise, text, words, none.") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): give a file that can.") from None
    if not content.strip():
        raise DataError(f"{path} is empty: give a file with data.")
    if as_words and path.suffix.lower() in {".npy", ".csv", ".tsv"}:
        raise DataError(f"{path} holds numbers, no words: give it without words:.")
    if path.suffix.lower() == ".npy":
        return _read_npy(path, content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8, or give a .npy file."
        ) from None
    if path.suffix.lower() in {".csv", ".tsv"}:
        return _read_csv(path, text, content)
    return (word_series if as_words else text_series)(text.replace("\r\n", "\n"), path.stem, path.name)


def _standardised(values: Array) -> Array:
    """Each feature with mean 0 and variance 1 over all but the last axis; a constant feature becomes 0."""
    axes = tuple(range(values.ndim - 1))
    centred = values - values.mean(axis=axes)
    spread = centred.std(axis=axes)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0))


def _read_npy(path: Path, content: bytes) -> Series:
    try:
        values = np.load(io.BytesIO(content), allow_pickle=False)
    except (ValueError, EOFError, OSError):
        # NumPy's own words advise a reader that runs what the file says.
        raise DataError(
            f"{path} is not a NumPy array file that holds numbers alone and all of them: save floats with numpy.save."
        ) from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "biuf":
        raise DataError(f"{path} does not hold real numbers: give an array of floats, (time, feature).")
    if values.ndim not in {2, 3} or 0 in values.shape:
        raise DataError(
            f"{path} has shape {values.shape}: give (time, feature) or (time, sequence, feature), none of length 0."
        )
    return _numbers(path, values.astype(np.float64), content, "NumPy array")


def _read_csv(path: Path, text: str, content: bytes) -> Series:
    delimiter = "\t" if path.suffix.lower() == ".tsv" else _delimiter(text)
    rows = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if any(cell.strip() for cell in row)]
    if rows and not any(_is_number(cell) for cell in rows[0]):
        rows = rows[1:]  # names of columns
    if not rows:
        raise DataError(f"{path} has no row of numbers: give numeric columns, one row a time step.")
    width = len(rows[0])
    for line, row in enumerate(rows, start=1):
        if len(row) != width:
            raise DataError(f"{path}, data row {line}: {len(row)} columns where {width} are expected; mend the row.")
    numeric = [k for k in range(width) if all(_is_number(row[k]) for row in rows)]
    if not numeric:
        raise DataError(f"{path} has no column of numbers throughout: fill the gaps, or drop the rows that have them.")
    values = np.array([[float(row[k]) for k in numeric] for row in rows])
    notes: tuple[str, ...] = ()
    if len(numeric) < width:
        notes = (f"{len(numeric)} of {width} columns of {path.name} hold numbers throughout; the others are left out.",)
    return _numbers(path, values, content, "CSV", notes)


def _delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(",;\t", key=first.count)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _numbers(path: Path, values: Array, content: bytes, what: str, notes: tuple[str, ...] = ()) -> Series:
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        place = ", ".join(str(k + 1) for k in bad[0])
        raise DataError(f"{path} holds {len(bad)} values that are not finite (first at {place}): mend or drop them.")
    features = values.shape[-1]
    description = f"{what} {path.name}, {features} feature{'s' if features > 1 else ''}, standardised"
    kind: Literal["numbers", "sequences"] = "numbers" if values.ndim == 2 else "sequences"
    notes = (*notes, f"Each feature of {path.name} is shifted to mean 0 and scaled to variance 1.")
    if np.abs(values).max() > 1e150:
        raise DataError(f"{path} holds numbers too large to standardise (their squares overflow): rescale the data.")
    return Series(
        path.stem, description, kind, features, _standardised(values), hashlib.sha256(content).hexdigest(), notes
    )
