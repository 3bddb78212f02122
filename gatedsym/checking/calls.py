"""A function of a person and a convention → the call of it: each argument by what its name means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import product
from typing import Any

import numpy as np

from gatedsym.checking.axes import Axes
from gatedsym.checking.functions import Argument, Function
from gatedsym.checking.layouts import SHARES, Layout, Style, plain, vocabulary
from gatedsym.checking.losses import PLAIN, Coding
from gatedsym.checking.meanings import Meaning, Meanings
from gatedsym.checking.reference import Probe, Values
from gatedsym.typing import Array

READOUT = 3
"""Size of a readout that her functions want beside the cell's parameters."""


@dataclass(frozen=True)
class Convention:
    """Layout of a person's arrays.

    Attributes
    ----------
    level : str
        ``step`` or ``sequence``.
    axes : Axes
    layout : Layout
    style : Style
    torch : bool
        Arrays are tensors.
    coding : Coding
        The form of inputs that are numbers, and of a loss inside the pass.
    """

    level: str
    axes: Axes
    layout: Layout
    style: Style
    torch: bool = False
    coding: Coding = PLAIN


class UnknownArgumentError(Exception):
    """An argument whose name says nothing."""

    def __init__(self, function: str, argument: str) -> None:
        self.function, self.argument = function, argument
        super().__init__(argument)


@dataclass
class Sheet:
    """Arrays of a request, each once."""

    arrays: list[Array] = field(default_factory=list)
    _places: dict[int, int] = field(default_factory=dict)

    def put(self, array: Array) -> dict[str, Any]:
        """An argument that is an array."""
        self.arrays.append(np.ascontiguousarray(array))
        return {"array": len(self.arrays) - 1}


@dataclass(frozen=True)
class Upstream:
    """An argument that brings cotangents.

    Attributes
    ----------
    argument : str
    of : str
        Result of the step: ``h'``.
    final : bool
        True where it is that of the last state alone.
    share : float
        Of the whole: she may get what comes from the loss and what comes from later steps one by one.
    """

    argument: str
    of: str
    final: bool = False
    share: float = 1.0


@cache
def _names_of(kind: str) -> frozenset[str]:
    """Names of arrays of a kind, plain: asked for every word of her file under every convention."""
    return frozenset(map(plain, vocabulary()["matrices"][kind]))


class Caller:
    """Calls of a person's functions.

    Parameters
    ----------
    meanings : Meanings
    words : iterable of str
        Names that occur in her functions: keys under which she may look parameters up.
    keys : set of str, optional
        Those of them that may be keys of parameters.
    plain_lists : bool
        Arrays are handed in as lists of numbers.
    """

    def __init__(
        self, meanings: Meanings, words: Sequence[str], plain_lists: bool = False, keys: set[str] | None = None
    ) -> None:
        self.meanings, self.words, self.plain_lists = meanings, tuple(words), plain_lists
        self.keys = self.words if keys is None else tuple(sorted(keys))

    # Arguments.

    def forward(self, function: Function, convention: Convention, probe: Probe, sheet: Sheet) -> dict[str, Any]:
        """The call of a forward pass.

        Raises
        ------
        UnknownArgumentError
        """
        return self._job(function, convention, probe, sheet, None, [])

    def starting(self, function: Function, probe: Probe) -> Probe:
        """The probe with zeros for the states that a function does not take."""
        meanings = [self.meanings.of_argument(a.name) for a in function.arguments]
        taken = {m.of for m in meanings if m is not None and m.kind == "state"}
        return replace(probe, initial={k: v if k in taken else np.zeros_like(v) for k, v in probe.initial.items()})

    def backward(
        self, function: Function, convention: Convention, probe: Probe, sheet: Sheet, *,
        forward: Function | None, kept: str, upstream: Sequence[Upstream], whole: bool, values: Sequence[Values],
    ) -> dict[str, Any]:  # fmt: skip
        """The call of a backward pass; `whole` hands the whole result of the forward pass on as the cache."""
        self._values = values
        return self._job(function, convention, probe, sheet, (forward, kept, whole), upstream)

    def upstreams(self, function: Function, level: str) -> Iterator[tuple[Upstream, ...]]:
        """The ways in which a function's arguments may bring cotangents."""
        found = [
            (a.name, m)
            for a in function.arguments
            if (m := self.meanings.of_argument(a.name)) and m.kind == "cotangent"
        ]
        if level == "step":
            yield tuple(
                Upstream(name, m.of, share=_share([x for x, y in found if y.of == m.of], name)) for name, m in found
            )
            return
        options = [_placings(name, m, [y for _, y in found if y.of == m.of]) for name, m in found]
        yield from product(*options)

    def _job(
        self, function: Function, convention: Convention, probe: Probe, sheet: Sheet,
        after: tuple[Function | None, str, bool] | None, upstream: Sequence[Upstream],
    ) -> dict[str, Any]:  # fmt: skip
        args: list[dict[str, Any]] = []
        filled = []
        for argument in function.arguments:
            spec = self._argument(argument, function, convention, probe, sheet, after, upstream)
            if spec is None:
                if argument.optional:
                    break
                raise UnknownArgumentError(function.name, argument.name)
            if "dict" in spec and (m := self.meanings.of_argument(argument.name)) and m.kind == "gradients":
                filled.append(len(args))
            args.append(spec)
        job: dict[str, Any] = {"function": function.name, "args": args, "torch": convention.torch}
        job |= {"plain": True} if self.plain_lists else {}
        job |= {"context": after is None} if function.context else {}
        if filled:
            job["after"] = filled
        variables = {n: self._variable(n, convention, probe, sheet) for n in sorted(function.free)}
        job["globals"] = {n: spec for n, spec in variables.items() if spec is not None}
        if function.maker is not None and (after is None or after[0] is None):
            job["object"] = self._object(function, function.maker, convention, probe, sheet)
            job["globals"] |= job["object"].pop("globals")
        if function.maker is not None and after is not None:
            job["object_after"] = True
        return job

    def _object(
        self, function: Function, maker: Function, convention: Convention, probe: Probe, sheet: Sheet
    ) -> dict[str, Any]:
        """The object whose methods are called: its constructor takes the parameters, or it makes some and gets ours."""
        job = self._job(maker, convention, probe, sheet, None, [])
        taken = any(plain(a.name) in convention.layout.arrays for a in maker.arguments)
        given = taken or any("dict" in spec or "tuple" in spec for spec in job["args"])
        keys = () if given else self._keys(convention)
        own = {w: self._array(plain(w), convention, probe, sheet) for w in keys}
        needs = set() if given else convention.layout.arrays.keys() - {plain(n) for n in function.free | maker.free}
        return {
            "class": maker.name, "args": job["args"], "globals": job["globals"], "set": own, "needs": sorted(needs),
            "tables": vocabulary()["words"]["parameters"], "listed": list(maker.returns),
        }  # fmt: skip

    def _variable(self, name: str, convention: Convention, probe: Probe, sheet: Sheet) -> dict[str, Any] | None:
        """A variable of her file that a function reads: a parameter, a readout or a size."""
        if plain(name) in convention.layout.arrays:
            return self._array(plain(name), convention, probe, sheet)
        meaning = self.meanings.of_argument(name)
        if meaning is not None and meaning.kind == "size":
            sizes = {**probe.sizes, "steps": probe.steps, "batch": probe.batch}
            return {"number": int(sizes[meaning.of])}
        return self._readout(name, convention, probe, sheet) if len(name) > 1 else None

    def _argument(
        self, argument: Argument, function: Function, convention: Convention, probe: Probe, sheet: Sheet,
        after: tuple[Function | None, str, bool] | None, upstream: Sequence[Upstream],
    ) -> dict[str, Any] | None:  # fmt: skip
        name = argument.name
        if after is not None and (path := self._from_forward(name, after)) is not None:
            return {"result": [after[1], *path]}
        for u in upstream:
            if u.argument == name:
                return self._cotangent(u, convention, probe, sheet)
        if plain(name) in convention.layout.arrays and name not in self.meanings.told:
            return self._array(plain(name), convention, probe, sheet)
        meaning = self.meanings.of_constructor(name) if function.constructs else self.meanings.of_argument(name)
        if meaning is None:
            return self._readout(name, convention, probe, sheet)
        return self._by_meaning(meaning, argument, convention, probe, sheet)

    def _by_meaning(
        self, meaning: Meaning, argument: Argument, convention: Convention, probe: Probe, sheet: Sheet
    ) -> dict[str, Any] | None:
        axes, timed = convention.axes, convention.level == "sequence"
        match meaning.kind:
            case "input" if meaning.of in probe.codes:
                return self._numbers(probe.codes[meaning.of], convention, sheet)
            case "target":
                return self._target(convention, probe, sheet)
            case "input":
                array = probe.inputs[meaning.of]
                return self._timed(array, array.ndim - 2, convention, sheet)
            case "state":
                array = probe.initial[meaning.of]
                return sheet.put(axes.step.arrange(array, array.ndim - 1))
            case "parameters":
                return self._parameters(argument, convention, probe, sheet)
            case "gradients":
                return self._zeros(convention, probe, sheet)
            case "line":
                found = np.stack([v[meaning.of] for v in getattr(self, "_values", ())] or [np.zeros(0)])
                if not found.size:
                    return None
                return self._timed(found, found.ndim - 2, convention, sheet)
            case "size":
                sizes = {**probe.sizes, "steps": probe.steps, "batch": probe.batch}
                return {"number": int(sizes[meaning.of])}
            case "number":
                return {"number": int(meaning.of) if meaning.of.lstrip("-").isdecimal() else float(meaning.of)}
            case "time":
                return {"number": probe.steps - 1 if not timed else 0}
            case _:
                return None

    def _numbers(self, codes: Array, convention: Convention, sheet: Sheet) -> dict[str, Any]:
        """Numbers of entries, (T, B), in place of one-hot vectors: (T,) of one sequence alone."""
        axes = convention.axes
        single = axes.alone or "B" not in axes.letters
        if convention.level == "step":
            return {"number": int(codes[0, 0])} if single else sheet.put(codes[0])
        if single:
            return sheet.put(codes[:, 0])
        return sheet.put(codes.T if axes.letters.find("B") < axes.letters.find("T") else codes)

    def _target(self, convention: Convention, probe: Probe, sheet: Sheet) -> dict[str, Any] | None:
        """Targets of a loss: numbers of classes, or vectors; of the last step alone where that counts."""
        coding, last = convention.coding, slice(-1, None)
        if probe.target is None:
            return None
        end = replace(convention, level="step", axes=convention.axes.step) if coding.last else convention
        if coding.target == "index":
            return self._numbers(probe.codes["target"][last] if coding.last else probe.codes["target"], end, sheet)
        return self._timed(probe.target[last] if coding.last else probe.target, 1, end, sheet)

    def _timed(self, array: Array, rank: int, convention: Convention, sheet: Sheet) -> dict[str, Any]:
        """An array with a row for each step: of one step its only row."""
        axes = convention.axes
        if convention.level == "step":
            return sheet.put(axes.step.arrange(array[0], rank))
        arranged = axes.arrange(array, rank)
        if not axes.listed:
            return sheet.put(arranged)
        return {"list": [sheet.put(row) for row in arranged]}

    def _cotangent(self, u: Upstream, convention: Convention, probe: Probe, sheet: Sheet) -> dict[str, Any]:
        if u.final:
            array = probe.final[u.of.rstrip("'")]
            return sheet.put(convention.axes.step.arrange(array, array.ndim - 1))
        array = probe.cotangents[u.of] * u.share
        return self._timed(array, array.ndim - 2, convention, sheet)

    def _from_forward(self, name: str, after: tuple[Function | None, str, bool]) -> list[int] | None:
        """The place of an argument in what the forward pass returned; the whole is an empty path."""
        forward, _, whole = after
        if forward is None:
            return None
        cached = self.meanings.of_argument(name)
        is_cache = cached is not None and cached.kind == "cache"
        if forward.single:
            return [] if is_cache or name in forward.returns else None
        if whole and is_cache:
            return []
        if name in forward.returns:
            return [forward.returns.index(name)]
        if not is_cache:
            return None
        words = vocabulary()["words"]["cache"]
        named = [n for n, r in enumerate(forward.returns) if plain(r) in words]
        return [named[-1] if named else len(forward.returns) - 1]

    # Parameters.

    def _array(self, key: str, convention: Convention, probe: Probe, sheet: Sheet) -> dict[str, Any]:
        return sheet.put(convention.layout.arrays[key].pack(probe.params, convention.style))

    def _keys(self, convention: Convention) -> list[str]:
        """Her spellings of the arrays of a layout."""
        return [w for w in self.keys if plain(w) in convention.layout.arrays]

    def _parameters(
        self, argument: Argument, convention: Convention, probe: Probe, sheet: Sheet
    ) -> dict[str, Any] | None:
        made: dict[str, dict[str, Any]] = {}
        for key in convention.layout.arrays:
            made[key] = self._array(key, convention, probe, sheet)
        if argument.unpacked:
            specs = [made.get(plain(n)) or self._readout(n, convention, probe, sheet) for n in argument.unpacked]
            return None if None in specs else {"tuple": specs}
        named = {w: made[plain(w)] for w in self._keys(convention)}
        for word in self.words:
            if (
                word not in named
                and len(word) > 1
                and (extra := self._readout(word, convention, probe, sheet)) is not None
            ):
                named[word] = extra
        return {"dict": named}

    def _readout(self, name: str, convention: Convention, probe: Probe, sheet: Sheet) -> dict[str, Any] | None:
        """A readout that her step has beside the cell."""
        key, n = plain(name), probe.sizes.get("n", 1)
        if key in _names_of("readout"):
            return sheet.put(convention.style.given(np.full((READOUT, n), 0.1), 2))
        if key in _names_of("readout_bias"):
            return sheet.put(convention.style.given(np.full(READOUT, 0.1), 1))
        return None

    def _zeros(self, convention: Convention, probe: Probe, sheet: Sheet) -> dict[str, Any]:
        """A dict of zeros under her names of gradients, ``dW``; under those of parameters where she has no others."""
        found: dict[bool, dict[str, Any]] = {True: {}, False: {}}
        for word in self.words:
            for key in self.meanings.stripped(word):
                if key in convention.layout.arrays:
                    array = convention.layout.arrays[key].pack(probe.params, convention.style)
                    found[key != plain(word)][word] = sheet.put(np.zeros_like(array))
                    break
        return {"dict": found[True] or found[False]}


def _share(names: Sequence[str], name: str) -> float:
    return 1.0 if len(names) == 1 else SHARES[names.index(name)] if len(names) == 2 else 1.0 / len(names)


def _placings(name: str, meaning: Meaning, same: Sequence[Meaning]) -> list[Upstream]:
    """Meanings that an argument of a whole pass may have: cotangents of all steps, or of the last state."""
    last = meaning.mark in vocabulary()["marks"]["last"]
    state = meaning.of.endswith("'")
    steps, final = Upstream(name, meaning.of), Upstream(name, meaning.of, True)
    if not state:
        return [steps]
    if len(same) > 1:
        return [final] if last else [steps]
    return [final, steps] if last else [steps, final]


def for_upstream(probe: Probe, upstream: Sequence[Upstream], seed: int) -> Probe:
    """The probe with cotangents for what a function takes, and zeros for the rest."""
    random = np.random.default_rng([seed, 7])
    taken = {u.of for u in upstream if not u.final}
    final = {u.of.rstrip("'") for u in upstream if u.final}
    return replace(
        probe,
        cotangents={k: v if k in taken else np.zeros_like(v) for k, v in probe.cotangents.items()},
        final={k: np.asarray(random.standard_normal(v.shape)) if k in final else v for k, v in probe.final.items()},
    )


def packed_values(layout: Layout, style: Style, values: Mapping[str, Array]) -> dict[str, Array]:
    """Arrays of hers, from adjoints of ours."""
    return {key: a.pack(values, style, shares=False) for key, a in layout.arrays.items()}
