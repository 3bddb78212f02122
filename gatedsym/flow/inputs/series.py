"""Series that networks read: white noise, a text as one-hot characters, or a person's own numbers, cut into windows.

Every source becomes a `Series`; `Series.windows` gives arrays (time, batch, feature) whose batch rows are different
stretches of it, drawn with a seed.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gatedsym.errors import DataError as DataError
from gatedsym.expect import expect_choice, expect_whole
from gatedsym.files.read import MAX_ARRAYS, MAX_EQUATIONS, MAX_TABLE, MAX_TEXT, decode, printable, read_bytes
from gatedsym.flow.inputs.tables import read_array, read_table
from gatedsym.flow.inputs.words import split_words
from gatedsym.typing import Array

MAX_ALPHABET = 512
"""Most characters that get a feature of their own; the rarer ones of a larger alphabet share the last feature."""

OTHERS = "other"
"""Name of the last feature there."""

NOISE_FEATURES = 8
"""Features of white noise where the caller names no number."""


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
        Width m of a step.
    values : array, optional
        Symbols: (length,) integers; numbers: (length, m); sequences: (length, count, m); None for noise. Read-only, as
        the digest is of them.
    digest : str
        SHA-256 of what was read.
    notes : tuple of str
        What was done to the data that a reader should know, one sentence each.
    ordered : bool
        Whether the order of symbols was given.
    symbols : tuple of str
        Names of the symbols, in the order of their features; () of numbers.

    Examples
    --------
    >>> import gatedsym as gs
    >>> series = gs.flow.white_noise(3)
    >>> series.name, series.kind, series.features
    ('noise', 'noise', 3)
    >>> series.windows(10, 2, seed=0).shape
    (10, 2, 3)
    """

    name: str
    description: str
    kind: Literal["noise", "symbols", "numbers", "sequences"]
    features: int
    values: Array | None = field(repr=False)
    digest: str
    notes: tuple[str, ...] = ()
    ordered: bool = False
    symbols: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.values is not None:
            values = self.values.view()
            values.flags.writeable = False
            object.__setattr__(self, "values", values)

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
        array (T, B, m)
            float64.

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
    """Independent N(0, 1) numbers: the input that the theory of random networks assumes.

    Parameters
    ----------
    features : int
        Width m of a step.

    Returns
    -------
    Series

    Raises
    ------
    ArgumentError
        For a number of features below 1.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.flow.white_noise(3).features
    3
    """
    features = expect_whole("features", features, 1)
    digest = hashlib.sha256(f"white noise {features}".encode()).hexdigest()
    return Series("noise", f"white noise, {features} independent N(0, 1) features", "noise", features, None, digest)


def shipped_text(name: str = "alice") -> Series:
    """The public-domain text that comes with the package, as one-hot characters.

    Parameters
    ----------
    name : {"alice"}

    Returns
    -------
    Series

    Raises
    ------
    ArgumentError
        For a name of which there is no text.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.flow.shipped_text().description
    "one-hot characters (alphabet of 57) of Lewis Carroll, Alice's Adventures in Wonderland, chapter I (opening) (1865)"
    """
    return text_series(*_shipped(name))


def shipped_words(name: str = "alice") -> Series:
    """The same text, as one-hot words."""
    return word_series(*_shipped(name))


def _shipped(name: str) -> tuple[str, str, str]:
    folder = files("gatedsym.flow.inputs") / "texts"
    expect_choice("name", name, sorted(held.name[:-4] for held in folder.iterdir() if held.name.endswith(".txt")))
    about = tomllib.loads((folder / f"{name}.toml").read_text("utf-8"))
    text = (folder / f"{name}.txt").read_text("utf-8")
    return text, "text", f"{about['author']}, {about['title']} ({about['year']})"


def text_series(text: str, name: str, title: str, alphabet: str | Sequence[str] | None = None) -> Series:
    """A text as a sequence of one-hot characters.

    Parameters
    ----------
    text : str
    name : str
        Short, for file names and legends.
    title : str
        What it is, for captions.
    alphabet : str or sequence of str, optional
        The characters in the order of their features, which a network trained elsewhere shares or does not; by default
        the sorted set of the text's characters.

    Returns
    -------
    Series

    Raises
    ------
    DataError
        If fewer than two different characters occur, or one that the alphabet lacks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.flow.text_series("a rose is a rose", "rose", "a line").symbols
    (' ', 'a', 'e', 'i', 'o', 'r', 's')
    """
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    counts = np.bincount(codes, minlength=1)
    letters = np.flatnonzero(counts)
    if len(letters) < 2:
        raise DataError(f"{title} holds fewer than two different characters: give a text to read.")
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass"))
    notes: tuple[str, ...] = ()
    if alphabet is not None:
        order = check_alphabet(alphabet, single=True)
        values = _in_order([chr(c) for c in letters], order, title, "character", counts[letters])[
            np.searchsorted(letters, codes)
        ]
        return _symbols(text, name, title, "characters", values, order, digest.copy())
    if len(letters) > MAX_ALPHABET:
        # Stable: the commonest first, equal counts by code point.
        kept = np.sort(letters[np.argsort(-counts[letters], kind="stable")[: MAX_ALPHABET - 1]])
        notes = (_capped(title, len(letters), "characters"),)
        letters = kept
    place = np.minimum(np.searchsorted(letters, codes), len(letters) - 1)
    values = np.where(letters[place] == codes, place, len(letters))
    features = len(letters) + bool(notes)
    description = f"one-hot characters (alphabet of {features}) of {title}"
    symbols = (*map(chr, letters.tolist()), *(OTHERS,) * bool(notes))
    return Series(name, description, "symbols", features, values, digest.hexdigest(), notes, symbols=symbols)


def word_series(text: str, name: str, title: str, alphabet: str | Sequence[str] | None = None) -> Series:
    """A text as a sequence of one-hot words, told apart as `gatedsym.flow.inputs.words` says.

    Parameters
    ----------
    text, name, title : str
    alphabet : sequence of str, optional
        The words in the order of their features; by default the sorted set of the text's words.

    Raises
    ------
    DataError
        If fewer than two different words occur, or one that the alphabet lacks.
    """
    words, notes = split_words(text)
    counts = Counter(words)
    if len(counts) < 2:
        raise DataError(f"{title} holds fewer than two different words: give a longer text, or read it as characters.")
    digest = hashlib.sha256(b"words\n" + text.encode("utf-8", "surrogatepass"))
    if alphabet is not None:
        order = check_alphabet(alphabet, single=False)
        found = list(counts)
        place = dict(zip(found, _in_order(found, order, title, "word", np.array([counts[w] for w in found])).tolist()))
        values = np.array([place[w] for w in words], dtype=np.int64)
        return replace(_symbols(text, f"{name}-words", title, "words", values, order, digest), notes=notes)
    kept = sorted(counts, key=lambda w: (-counts[w], w))
    full = len(kept) > MAX_ALPHABET
    if full:
        notes = (*notes, _capped(title, len(kept), "words"))
        kept = kept[: MAX_ALPHABET - 1]
    place = {word: k for k, word in enumerate(sorted(kept))}
    symbols = (*place, *(OTHERS,) * full)
    features = len(kept) + full
    values = np.array([place.get(word, len(kept)) for word in words], dtype=np.int64)
    description = f"one-hot words (vocabulary of {features}) of {title}"
    return Series(f"{name}-words", description, "symbols", features, values, digest.hexdigest(), notes, symbols=symbols)


def _capped(title: str, count: int, what: str) -> str:
    return (
        f"{title} has {count} different {what}; the {MAX_ALPHABET - 1} commonest have a feature each, all others share "
        "one."
    )


def _in_order(found: Sequence[str], order: Sequence[str], title: str, what: str, counts: Array) -> Array:
    """For each symbol that occurs, its place in the alphabet."""
    place = {symbol: k for k, symbol in enumerate(order)}
    if strange := [(s, int(n)) for s, n in zip(found, counts) if s not in place]:
        symbol, count = max(strange, key=lambda pair: pair[1])
        raise DataError(
            f"{title} holds {len(strange)} {what}{'s' if len(strange) > 1 else ''} that the alphabet lacks, the "
            f"commonest {symbol!r} ({count} times): add what the network knows, or take the rest out of the text."
        )
    return np.array([place[s] for s in found], dtype=np.int64)


def _symbols(text: str, name: str, title: str, what: str, values: Array, order: Sequence[str], digest: Any) -> Series:
    """A series of symbols in a given order; the order is part of what was read."""
    digest.update(b"\nalphabet\n" + json.dumps(list(order)).encode())
    description = f"one-hot {what} (alphabet of {len(order)}, in the order given) of {title}"
    return Series(name, description, "symbols", len(order), values, digest.hexdigest(), (), True, tuple(order))


def read_alphabet(given: str | Path | Sequence[str]) -> Sequence[str]:
    """An alphabet from what a person names: a file, or the symbols themselves.

    A file is a list in JSON, a mapping in JSON from symbols to places (0, 1, …), or text: its characters in order, but
    for one line break at its end.

    Raises
    ------
    DataError
        If the file cannot be read, or holds something else.
    """
    if not isinstance(given, str | Path):
        return given
    name = Path(given)
    try:
        is_file = name.is_file()
    except (OSError, ValueError):  # too long a name, or one with NUL
        is_file = False
    if not is_file:
        if isinstance(given, Path) or name.suffix.lower() in {".txt", ".json"}:
            raise DataError(f"there is no file {given}: give a file with the alphabet, or its characters.")
        return given
    content = read_bytes(name, MAX_EQUATIONS, "an alphabet is shorter.")
    text = decode(name, content)
    if name.suffix.lower() != ".json":
        return text[:-1] if text.endswith("\n") else text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise DataError(f"{name} is not JSON: give a list of symbols, or a mapping from symbols to places.") from None
    if isinstance(found, dict) and sorted(map(repr, found.values())) == sorted(map(repr, range(len(found)))):
        found = sorted(found, key=found.__getitem__)
    if not isinstance(found, list) or not all(isinstance(s, str) for s in found):
        raise DataError(f"{name}: give a list of symbols, or a mapping from symbols to the places 0, 1, ….")
    return found


def check_alphabet(alphabet: str | Sequence[str], single: bool) -> list[str]:
    """The symbols of an alphabet, each once; single characters where characters are read.

    Raises
    ------
    DataError
        If one stands there twice, is longer than a character, or there are fewer than two.
    """
    order = list(alphabet)
    if twice := [s for s, count in Counter(order).items() if count > 1]:
        raise DataError(f"the alphabet has {twice[0]!r} twice: give every symbol once, in the order of its features.")
    if single and (long := [s for s in order if len(s) != 1]):
        raise DataError(f"the alphabet has {long[0]!r}, and characters are read: give single ones, or read words:FILE.")
    if len(order) < 2:
        raise DataError("the alphabet has fewer than two symbols: give all that the network knows.")
    return order


def read_input(
    source: str | Path, alphabet: str | Path | Sequence[str] | None = None, called: str | Path | None = None
) -> Series:
    """The series behind a name or a file: ``noise``, ``text``, ``words``, or a path to text (UTF-8), .csv or .npy.

    ``words:FILE`` reads a text as words. ``none`` is for cells without input: it gives white noise, which they ignore.

    Parameters
    ----------
    source : str or path
        A name, or a file of at least as many steps as an analysis reads.
    alphabet : str, path or sequence of str, optional
        For a text: its symbols in the order of their features, or a file that holds them (see `read_alphabet`). The
        order is a convention that a network trained elsewhere shares or does not.
    called : str or path, optional
        What a file was called before it was moved: its series keeps that name.

    Returns
    -------
    Series

    Raises
    ------
    DataError
        With one sentence, if the data cannot be used.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.flow.read_input("text").symbols[-3:]
    ('x', 'y', 'z')
    """
    order = None if alphabet is None else read_alphabet(alphabet)
    if isinstance(source, str) and source in ("noise", "none"):
        _require_text(source, order)
        return white_noise()
    if isinstance(source, str) and source in ("text", "words"):
        return (text_series if source == "text" else word_series)(*_shipped("alice"), order)
    if str(source) in ("", "words:"):
        raise DataError("no input is named: give a path, or one of noise, text, words, none.")
    as_words = isinstance(source, str) and source.startswith("words:")
    path = Path(str(source).removeprefix("words:") if as_words else source)
    kind = path.suffix.lower()
    if as_words and kind in {".npy", ".csv", ".tsv"}:
        raise DataError(f"{path} holds numbers, no words: give it without words:.")
    content = _content(path, kind)
    path = path if called is None else Path(str(called).removeprefix("words:"))
    if kind == ".npy":
        _require_text(path, order)
        return _array_series(path, content)
    text = decode(path, content, "save it as UTF-8, or give a .npy file.")
    if kind in {".csv", ".tsv"}:
        _require_text(path, order)
        values, notes = read_table(path, text)
        return _numbers(path, values, content, "CSV", notes)
    return (word_series if as_words else text_series)(
        text.replace("\r\n", "\n"), printable(path.stem), printable(path.name), order
    )


def _require_text(source: str | Path, order: Sequence[str] | None) -> None:
    if order is not None:
        raise DataError(f"an alphabet is given, and {source} is no text: leave one of them out.")


def _content(path: Path, kind: str) -> bytes:
    """The bytes of a file, as many as its kind may have."""
    limits = {".npy": (MAX_ARRAYS, "save the part that is to be read."), ".csv": (MAX_TABLE, "save it as .npy."),
              ".tsv": (MAX_TABLE, "save it as .npy.")}  # fmt: skip
    limit, mend = limits.get(kind, (MAX_TEXT, "give the part that is to be read."))
    content = read_bytes(path, limit, mend, "give a path, or one of noise, text, words, none.")
    if not content.strip():
        raise DataError(f"{path} is empty: give a file with data.")
    return content


def _standardised(values: Array) -> Array:
    """Each feature with mean 0 and variance 1 over all but the last axis; a constant feature becomes 0."""
    axes = tuple(range(values.ndim - 1))
    centred = values - values.mean(axis=axes)
    spread = centred.std(axis=axes)
    return np.asarray(centred / np.where(spread > 0, spread, 1.0))


def _array_series(path: Path, content: bytes) -> Series:
    values = read_array(path, content)
    if values.ndim not in {2, 3} or 0 in values.shape:
        raise DataError(
            f"{path} has shape {values.shape}: give (time, feature) or (time, sequence, feature), none of length 0."
        )
    return _numbers(path, values, content, "NumPy array")


def _numbers(path: Path, values: Array, content: bytes, what: str, notes: tuple[str, ...] = ()) -> Series:
    bad = np.argwhere(~np.isfinite(values))
    if len(bad):
        place = ", ".join(str(k + 1) for k in bad[0])
        raise DataError(f"{path} holds {len(bad)} values that are not finite (first at {place}): mend or drop them.")
    features, name = values.shape[-1], printable(path.name)
    description = f"{what} {name}, {features} feature{'s' if features > 1 else ''}, standardised"
    kind: Literal["numbers", "sequences"] = "numbers" if values.ndim == 2 else "sequences"
    notes = (*notes, f"Each feature of {name} is shifted to mean 0 and scaled to variance 1.")
    if np.abs(values).max() > 1e150:
        raise DataError(f"{path} holds numbers too large to standardise (their squares overflow): rescale the data.")
    return Series(
        printable(path.stem),
        description,
        kind,
        features,
        _standardised(values),
        hashlib.sha256(content).hexdigest(),
        notes,
    )
