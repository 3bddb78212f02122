"""Names that a person's functions speak of → arrangements of a cell's parameters in arrays of hers, to be tried."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from itertools import permutations, product
from typing import Any

import numpy as np

from gatedsym.checking.roles import Part
from gatedsym.typing import Array

SHARES = (0.3, 0.7)
"""Parts of a bias that she has twice."""
READOUTS = {"readout": "readout", "readout-bias": "readout_bias"}
"""Kinds of a readout's parameters, and where their names stand in the vocabulary."""


@cache
def vocabulary() -> dict[str, Any]:
    """The words of homework."""
    return tomllib.loads((resources.files("gatedsym.checking") / "vocabulary.toml").read_text("utf-8"))


def plain(name: str) -> str:
    """A name without case and underscores."""
    return name.casefold().replace("_", "")


@dataclass(frozen=True)
class Block:
    """A parameter of ours in an array of hers.

    Attributes
    ----------
    name : str
        Of the parameter; "" for zeros.
    dims : tuple of str
    share : float
        How much of the parameter stands here.
    """

    name: str
    dims: tuple[str, ...]
    share: float = 1.0


@dataclass(frozen=True)
class Arrangement:
    """An array of hers, by the blocks that it is made of.

    Attributes
    ----------
    grid : tuple of tuple of Block
        A row for each line (outputs), in it a column for each thing that the matrix acts on.
    apart : bool
        Lines stand along an axis of their own, the first: ``W[k]`` is the matrix of a line.
    """

    grid: tuple[tuple[Block, ...], ...]
    apart: bool = False

    @property
    def rank(self) -> int:
        """Axes of the array."""
        return max(len(b.dims) for row in self.grid for b in row)

    def pack(self, params: Mapping[str, Array], style: Style, shares: bool = True) -> Array:
        """The array, from parameters of ours (or from their adjoints, which are not shared)."""
        rank = self.rank
        rows = [
            np.concatenate([_wide(params[b.name] * (b.share if shares else 1.0), rank) for b in row], axis=-1)
            if rank == 2
            else params[row[0].name] * (row[0].share if shares else 1.0)
            for row in self.grid
        ]
        if self.apart:
            return np.stack([style.given(row, rank) for row in rows])
        return style.given(np.concatenate(rows) if rank else rows[0], rank)

    def unpack(self, array: Array, sizes: Mapping[str, int], style: Style) -> list[tuple[str, Array]] | None:
        """Blocks of an array of hers, in our axes; None if its shape is another."""
        rank = self.rank
        if self.apart:
            return self._unpack_apart(array, sizes, style)
        heights = [_length(row[0].dims[0], sizes) if rank else 1 for row in self.grid]
        widths = [1 if len(b.dims) < 2 else _length(b.dims[1], sizes) for b in self.grid[0]]
        shape: tuple[int, ...] = (sum(heights), sum(widths)) if rank == 2 else (sum(heights),) if rank == 1 else ()
        if rank > 2:
            shape = tuple(_length(d, sizes) for d in self.grid[0][0].dims)
            return [(self.grid[0][0].name, array)] if array.shape == shape else None
        ours = style.taken(array, shape)
        if ours is None:
            return None
        found = []
        for row, top in zip(self.grid, np.cumsum([0, *heights]), strict=False):
            for b, left in zip(row, np.cumsum([0, *widths]), strict=False):
                height = _length(b.dims[0], sizes) if rank else 1
                piece = ours[top : top + height] if rank else ours
                if rank == 2:
                    wide = 1 if len(b.dims) < 2 else _length(b.dims[1], sizes)
                    piece = piece[:, left : left + wide]
                    piece = piece[:, 0] if len(b.dims) < 2 else piece
                found.append((b.name, piece))
        return found

    def _unpack_apart(self, array: Array, sizes: Mapping[str, int], style: Style) -> list[tuple[str, Array]] | None:
        """Blocks of an array with an axis of lines in front."""
        if array.ndim < 2 or len(array) != len(self.grid):
            return None
        found: list[tuple[str, Array]] = []
        for row, own in zip(self.grid, array, strict=True):
            blocks = Arrangement((row,)).unpack(own, sizes, style)
            if blocks is None:
                return None
            found += blocks
        return found


def _wide(array: Array, rank: int) -> Array:
    return array[:, None] if array.ndim < rank else array


def _length(dim: str, sizes: Mapping[str, int]) -> int:
    return int(dim) if dim.isdigit() else sizes[dim]


@dataclass(frozen=True)
class Style:
    """Axes of her parameters.

    Attributes
    ----------
    transposed : bool
        True where a matrix is (inputs, outputs), as in ``x @ W``.
    vector : str
        A bias is ``n``, a column ``n1`` or a row ``1n``.
    """

    transposed: bool
    vector: str

    def given(self, array: Array, rank: int) -> Array:
        """An array of ours as she has it."""
        if rank == 2:
            return array.T if self.transposed else array
        if rank == 1:
            return {"n": array, "n1": array[:, None], "1n": array[None]}[self.vector]
        return array

    def taken(self, array: Array, shape: tuple[int, ...]) -> Array | None:
        """An array of hers as we have it, or None where it is not of that shape."""
        if len(shape) == 2:
            array = array.T if self.transposed else array
            return array if array.shape == shape else None
        if len(shape) == 1:
            return (
                array.reshape(shape)
                if tuple(s for s in array.shape if s != 1) in (shape, ()) and array.size == shape[0]
                else None
            )
        return array.reshape(shape) if array.size == 1 else None


STYLES = tuple(Style(transposed, vector) for transposed in (False, True) for vector in ("n", "n1", "1n"))


@dataclass(frozen=True)
class Layout:
    """Arrangement of all parameters.

    Attributes
    ----------
    arrays : dict of str to Arrangement
        By the plain names of her arrays.
    order : str
        Lines in the order in which they are stacked; "" where each has arrays of its own.
    missing : tuple of str
        Parameters of ours that she has no array for.
    joint : str
        ``hx`` or ``xh`` for matrices that act on both side by side.
    """

    arrays: Mapping[str, Arrangement]
    order: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    joint: str = ""

    @property
    def apart(self) -> bool:
        """Whether lines stand along an axis of their own."""
        return any(a.apart for a in self.arrays.values())

    @property
    def shapes(self) -> frozenset[tuple[str, bool, tuple[tuple[str, ...], ...]]]:
        """Her arrays with the dimensions of what stands in them: the same in every order of the gates."""
        return frozenset((k, a.apart, tuple(b.dims for row in a.grid for b in row)) for k, a in self.arrays.items())


def layouts(parts: Sequence[Part], words: Iterable[str], told: Mapping[str, str] | None = None) -> list[Layout]:
    """Layouts that the words of her functions allow, those that leave nothing out first.

    Parameters
    ----------
    parts : sequence of Part
    words : iterable of str
    told : mapping of str to str, optional
        Names of hers with our parameter or line that each stands for.
    """
    known = {plain(word) for word in words}
    search = _Search(parts, known, {plain(name): what for name, what in (told or {}).items()})
    found: dict[Any, Layout] = {}
    for layout in search.candidates():
        key = (frozenset(layout.arrays.items()),)
        found.setdefault(key, layout)
    # A cell without biases is one with zeros for them; but where her code has a name for a bias, there is one.
    whole = [set(layout.arrays.items()) for layout in found.values()]
    return sorted(
        (x for x in found.values() if not x.missing or not any(set(x.arrays.items()) < w for w in whole)),
        key=lambda layout: (len(layout.missing), layout.apart, -len(layout.arrays), layout.order != search.lines),
    )


class _Search:
    def __init__(self, parts: Sequence[Part], known: set[str], told: Mapping[str, str]) -> None:
        self.parts, self.known, self.told = parts, known, told
        self.inputs = {p.line: p for p in parts if p.kind == "input"}
        self.recurrent = {p.line: p for p in parts if p.kind == "recurrent"}
        self.biases: dict[str, list[Part]] = {}
        for p in parts:
            if p.kind == "bias":
                self.biases.setdefault(p.line, []).append(p)
        self.lines = tuple(dict.fromkeys(p.line for p in parts if p.kind in ("input", "recurrent", "bias")))
        grouped = {p.name for group in (self.inputs, self.recurrent) for p in group.values()}
        grouped |= {p.name for group in self.biases.values() for p in group[:2]}
        self.rest = [p for p in parts if p.name not in grouped and p.kind not in READOUTS]
        self.readouts = [p for p in parts if p.kind in READOUTS]

    def candidates(self) -> Iterator[Layout]:
        named = {what: name for name, what in self.told.items()}
        own = {named.get(p.name, plain(p.name)): Arrangement(((Block(p.name, p.dims),),)) for p in self.parts}
        if own.keys() <= self.known:
            yield Layout(own)
        rest = {plain(p.name): Arrangement(((Block(p.name, p.dims),),)) for p in self.rest}
        matrices = [*self._by_line(), *self._stacked()]
        readouts = list(self._readout())
        for (arrays, order, joint), bias in product(matrices, [True, False]):
            for more, out in product(self._bias(order) if bias else [{}], readouts):
                if len({*arrays, *more, *rest, *out}) < len(arrays) + len(more) + len(rest) + len(out):
                    continue
                whole = {**arrays, **more, **rest, **out}
                layout = Layout(whole, order, self._missing(whole), joint)
                yield layout
                if (apart := self._apart(layout)) is not None:
                    yield apart

    def _readout(self) -> Iterator[dict[str, Arrangement]]:
        """Her arrays of a readout, with its bias and without."""
        words = vocabulary()["matrices"]
        options = []
        for p in self.readouts:
            names = [k for n in (p.name, *words[READOUTS[p.kind]]) if (k := plain(n)) in self.known - set(self.lines)]
            found: list[dict[str, Arrangement]] = [{name: _alone(p)} for name in dict.fromkeys(names)]
            options.append(found if p.kind == "readout" else [*found, {}])
        for some in product(*options):
            yield {name: array for one in some for name, array in one.items()}

    def _missing(self, arrays: Mapping[str, Arrangement]) -> tuple[str, ...]:
        there = {b.name for a in arrays.values() for row in a.grid for b in row}
        return tuple(p.name for p in self.parts if p.name not in there)

    def _apart(self, layout: Layout) -> Layout | None:
        """The layout with lines along an axis of their own; None where they are not stacked."""
        stacked = {k: replace(a, apart=len(a.grid) > 1) for k, a in layout.arrays.items()}
        return replace(layout, arrays=stacked) if layout.order and "b" not in layout.joint else None

    # Matrices.

    def _name(self, template: str, line: str) -> str:
        """Her name for a line's array: the first alias by which her code speaks of it; "" where none is."""
        told = [name for name, what in self.told.items() if what == line]
        for alias in (*told, line, *vocabulary()["lines"].get(line, ())):
            name = plain(template.format(alias))
            if name in self.known:
                return name
        return ""

    def _names(self, template: str, lines: Iterable[str]) -> dict[str, str] | None:
        found = {line: self._name(template, line) for line in lines}
        names = [n for n in found.values() if n]
        return found if found and len(names) == len(found) == len(set(names)) else None

    def _by_line(self) -> Iterator[tuple[dict[str, Arrangement], tuple[str, ...], str]]:
        words = vocabulary()["matrices"]
        lines_in, lines_rec = tuple(self.inputs), tuple(self.recurrent)
        inputs = [names for t in words["input"] if (names := self._names(t, lines_in))]
        recurrent = [names for t in words["recurrent"] if (names := self._names(t, lines_rec))]
        for a, b in product(inputs or [{}], recurrent or [{}]):
            if (a or not lines_in) and (b or not lines_rec) and not set(a.values()) & set(b.values()):
                arrays = {name: _alone(self.inputs[line]) for line, name in a.items()}
                yield arrays | {name: _alone(self.recurrent[line]) for line, name in b.items()}, (), ""
        both = [line for line in self.lines if line in self.inputs and line in self.recurrent]
        if len(both) == len(lines_in) == len(lines_rec):
            for template in words["joint"]:
                names = self._names(template, both)
                for joint in ("hx", "xh") if names else ():
                    assert names is not None
                    yield {name: Arrangement((self._pair(line, joint),)) for line, name in names.items()}, (), joint
                    if all(self.biases.get(line) for line in both):
                        for place, with_bias in (("b" + joint, self._bias_first), (joint + "b", self._bias_last)):
                            arrays = {n: Arrangement((with_bias(x, joint),)) for x, n in names.items()}
                            yield arrays, (), place

    def _bias_first(self, line: str, joint: str) -> tuple[Block, ...]:
        return (_block(self.biases[line][0]), *self._pair(line, joint))

    def _bias_last(self, line: str, joint: str) -> tuple[Block, ...]:
        return (*self._pair(line, joint), _block(self.biases[line][0]))

    def _pair(self, line: str, joint: str) -> tuple[Block, ...]:
        blocks = (_block(self.recurrent[line]), _block(self.inputs[line]))
        return blocks if joint == "hx" else blocks[::-1]

    def _stacked(self) -> Iterator[tuple[dict[str, Arrangement], tuple[str, ...], str]]:
        words = vocabulary()["matrices"]
        inputs = [plain(n) for n in words["all_input"] if plain(n) in self.known]
        recurrent = [plain(n) for n in words["all_recurrent"] if plain(n) in self.known]
        lines = [line for line in self.lines if line in self.inputs or line in self.recurrent]
        orders = list(self._orders(lines))
        for a, b in product(inputs, recurrent):
            if a != b and self.inputs and self.recurrent:
                for order in orders:
                    rows = [_block(self.inputs[x]) for x in order if x in self.inputs]
                    more = [_block(self.recurrent[x]) for x in order if x in self.recurrent]
                    yield {a: _column(rows), b: _column(more)}, order if len(order) > 1 else (), ""
        if set(self.inputs) == set(self.recurrent) and lines:
            for name in dict.fromkeys(plain(n) for n in words["all_joint"] if plain(n) in self.known):
                for joint, order in product(("hx", "xh"), orders):
                    grid = tuple(self._pair(line, joint) for line in order)
                    stacked = order if len(order) > 1 else ()
                    yield {name: Arrangement(grid)}, stacked, joint
                    if all(self.biases.get(line) for line in order):
                        first = tuple(self._bias_first(x, joint) for x in order)
                        last = tuple(self._bias_last(x, joint) for x in order)
                        yield {name: Arrangement(first)}, stacked, f"b{joint}"
                        yield {name: Arrangement(last)}, stacked, f"{joint}b"

    def _orders(self, lines: Sequence[str]) -> Iterator[tuple[str, ...]]:
        """Orders of lines, those that are in use first."""
        known = [tuple(lines)] + [tuple(o) for o in vocabulary()["orders"]["gates"] if sorted(o) == sorted(lines)]
        every = permutations(lines) if len(lines) <= 4 else ()
        yield from dict.fromkeys([*known, *every])

    # Biases.

    def _bias(self, order: tuple[str, ...]) -> Iterator[dict[str, Arrangement]]:
        words = vocabulary()["matrices"]
        if not self.biases:
            return
        lines = [line for line in (order or self.lines) if line in self.biases]
        firsts = {line: self.biases[line][0] for line in lines}
        seconds = {line: self.biases[line][1] for line in lines if len(self.biases[line]) > 1}
        for template in words["bias"]:
            names = self._names(template, lines)
            if names:
                own = {plain(p.name): _alone(p) for p in seconds.values() if plain(p.name) in self.known}
                yield {**{name: _alone(firsts[line]) for line, name in names.items()}, **own}
        for first, second in words["bias_pair"]:
            yield from self._bias_pair(first, second, lines, firsts, seconds)
        for name in words["all_bias"]:
            if plain(name) in self.known:
                own = {plain(p.name): _alone(p) for p in seconds.values() if plain(p.name) in self.known}
                yield {plain(name): _column([_block(firsts[x]) for x in lines]), **own}
        for first, second in words["all_bias_pair"]:
            if {plain(first), plain(second)} <= self.known:
                a = [Block(firsts[x].name, firsts[x].dims, 1.0 if x in seconds else SHARES[0]) for x in lines]
                b = [
                    _block(seconds[x]) if x in seconds else Block(firsts[x].name, firsts[x].dims, SHARES[1])
                    for x in lines
                ]
                yield {plain(first): _column(a), plain(second): _column(b)}

    def _bias_pair(
        self, first: str, second: str, lines: Sequence[str], firsts: Mapping[str, Part], seconds: Mapping[str, Part]
    ) -> Iterator[dict[str, Arrangement]]:
        a = self._names(first, lines)
        b = self._names(second, lines) or (self._names(second, seconds) if seconds else None)
        if not a or not b or set(a.values()) & set(b.values()):
            return
        arrays = {}
        for line in lines:
            own = line in seconds or line not in b
            arrays[a[line]] = Arrangement(((Block(firsts[line].name, firsts[line].dims, 1.0 if own else SHARES[0]),),))
            if line in b:
                block = (
                    _block(seconds[line]) if line in seconds else Block(firsts[line].name, firsts[line].dims, SHARES[1])
                )
                arrays[b[line]] = Arrangement(((block,),))
        yield arrays


def _block(part: Part) -> Block:
    return Block(part.name, part.dims)


def _alone(part: Part) -> Arrangement:
    return Arrangement(((_block(part),),))


def _column(blocks: Sequence[Block]) -> Arrangement:
    return Arrangement(tuple((b,) for b in blocks))
