"""Arrays that a backward pass returned → adjoints of inputs, states and parameters in our axes, each under a label."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gatedsym.checking.axes import restorations
from gatedsym.checking.calls import Convention
from gatedsym.checking.conventions import leaf_name
from gatedsym.checking.deviation import deviation
from gatedsym.checking.functions import Function
from gatedsym.checking.layouts import plain, vocabulary
from gatedsym.checking.meanings import Meanings
from gatedsym.checking.process import Returned
from gatedsym.checking.reference import Gradient, Probe, Values
from gatedsym.typing import Array

Label = tuple[str, str, str]
"""Kind (``param``, ``input``, ``state``, ``line``), our name, her name."""


@dataclass(frozen=True)
class Misfit:
    """An array whose shape is not that of what it is named after.

    Attributes
    ----------
    name, of : str
    found, expected : tuple of int
    """

    name: str
    of: str
    found: tuple[int, ...]
    expected: tuple[int, ...]


@dataclass(frozen=True)
class Reading:
    """
    Attributes
    ----------
    found : dict of Label to array
    misfits : list of Misfit
    unknown : list of str
        Names of arrays that stand for nothing that is known.
    nameless : tuple of array
        Those that have no name, and so were compared with nothing.
    single : bool
    """

    found: Mapping[Label, Array]
    misfits: Sequence[Misfit]
    unknown: Sequence[str]
    nameless: tuple[Array, ...] = ()
    single: bool = False


def read_gradients(
    returned: Returned, function: Function, convention: Convention, probe: Probe, meanings: Meanings,
    names: Sequence[str] = (),
) -> Reading:  # fmt: skip
    """Adjoints in what a backward pass returned; `names` are told names of its values in order."""
    reader = _Reader(convention, probe, meanings)
    unnamed: list[tuple[str, Array]] = []
    keys: list[tuple[str, Array]] = []
    single = False
    for path, array in [leaf for leaf in returned.leaves if leaf[0][:1] != ("object",)]:
        place = int(path[0]) if path and path[0].isdigit() else None
        name = (
            names[place] if place is not None and place < len(names) and len(path) == 1 else leaf_name(path, function)
        )
        single = single or array.dtype == np.float32
        if not np.issubdtype(array.dtype, np.floating):
            continue
        keyed = (place is not None and place < len(names)) or any(not part.isdigit() for part in path)
        if not reader.take(name, array.astype(np.float64), keyed) and array.size > 1:
            unnamed.append((name, array.astype(np.float64)))
            reader.unknown.append(name)
            if keyed and name == path[-1]:
                keys.append((name, array))
    reader.take_beside(keys)
    for path, array in [leaf for leaf in returned.leaves if leaf[0][:1] == ("object",)]:
        if np.issubdtype(array.dtype, np.floating):
            reader.take_attribute(path[1:], array.astype(np.float64), function)
    if not reader.found and not reader.misfits:
        unnamed = [(name, array) for name, array in unnamed if not reader.take_by_shape(array)]
    nameless = tuple(array for name, array in unnamed if not name)
    return Reading(reader.found, reader.misfits, [n for n in reader.unknown if n], nameless, single)


class _Reader:
    def __init__(self, convention: Convention, probe: Probe, meanings: Meanings) -> None:
        self.convention, self.probe, self.meanings = convention, probe, meanings
        self.found: dict[Label, Array] = {}
        self.misfits: list[Misfit] = []
        self.unknown: list[str] = []

    def take(self, name: str, array: Array, keyed: bool) -> bool:
        """Enter an array under what its name means; False if it means nothing.

        A name without the mark of a gradient counts as a key of a dict alone: ``return grads, hs`` hands states on.
        """
        marked = self.meanings.stripped(name)[:-1]
        if not name or not (keyed or marked or name in self.meanings.told):
            return False
        layout = self.convention.layout
        misfit: Misfit | None = None
        for key in self.meanings.stripped(name) if keyed else marked:
            if key in layout.arrays:
                if self._parameter(name, key, array):
                    return True
                misfit = misfit or self._misfit(name, key, array)
        for meaning in self.meanings.of_result(name):
            if self._vector(meaning.kind, meaning.of, name, array):
                return True
        if misfit is not None:
            self.misfits.append(misfit)
        return misfit is not None

    def take_beside(self, keys: Sequence[tuple[str, Array]]) -> None:
        """Enter what stands in a dict beside parameters without a mark: ``grads["x"]``, ``grads["h0"]``."""
        arrays = self.convention.layout.arrays
        if not any(kind == "param" and plain(name) in arrays for kind, _, name in self.found):
            return
        for name, array in keys:
            for meaning in self.meanings.of_key(name):
                if self._vector(meaning.kind, meaning.of, name, array.astype(np.float64)):
                    self.unknown.remove(name)
                    break

    def take_attribute(self, path: Sequence[str], array: Array, function: Function) -> None:
        """Enter what an object holds after its method, if its name or that of its table says that it is a gradient.

        Parameters alone, and those alone that were not returned: an object holds much else.
        """
        table, name = path[0], path[-1]
        listed = function.maker.returns if function.maker is not None else ()
        keyed = len(path) == 2 and plain(table) in vocabulary()["words"]["gradients"]
        if keyed and name.isdigit():
            name = listed[int(name)] if int(name) < len(listed) else ""
        if not keyed and len(path) > 1:
            return
        names = self.meanings.stripped(name)
        key = next((k for k in (names if keyed else names[:-1]) if k in self.convention.layout.arrays), None)
        if key is None:
            return
        blocks = self._blocks(key, array)
        known = {label[1] for label in self.found if label[0] == "param"}
        if blocks is None:
            self.unknown.append(name)
        elif known.isdisjoint(of for of, _ in blocks):
            self._parameter(name if not keyed or name in names[:-1] else f"d{name}", key, array)

    def take_by_shape(self, array: Array) -> bool:
        """Enter an array under the one thing that has its shape; False if nothing has."""
        fits = [key for key in self.convention.layout.arrays if self._blocks(key, array) is not None]
        fits = [k for k in fits if not any(label[2] == f"d{k}" for label in self.found)]
        if fits:
            return self._parameter(f"d{fits[0]}", fits[0], array)
        for kind, several in (("input", self.probe.inputs), ("state", self.probe.initial)):
            for of in several:
                if all(label[:2] != (kind, of) for label in self.found) and self._vector(kind, of, f"d{of}", array):
                    return True
        return False

    def _blocks(self, key: str, array: Array) -> list[tuple[str, Array]] | None:
        return self.convention.layout.arrays[key].unpack(array, self.probe.sizes, self.convention.style)

    def _parameter(self, name: str, key: str, array: Array) -> bool:
        blocks = self._blocks(key, array)
        for of, block in blocks or ():
            self.found[("param", of, name)] = block
        return blocks is not None

    def _misfit(self, name: str, key: str, array: Array) -> Misfit:
        arrangement = self.convention.layout.arrays[key]
        expected = arrangement.pack(self.probe.params, self.convention.style).shape
        return Misfit(name, key, array.shape, expected)

    def _vector(self, kind: str, of: str, name: str, array: Array) -> bool:
        timed = self.convention.level == "sequence"
        source = self.probe.inputs[of][0] if kind == "input" else self.probe.initial.get(of)
        if source is None:
            return False
        shapes = [source.shape]
        if timed and kind == "input":
            shapes = [(self.probe.steps, *source.shape)]
        for shape in shapes:
            for ours in restorations(array, shape, source.ndim - 1, self.convention.axes):
                self.found[(kind, of, name)] = ours
                return True
        return False


def expected(labels: Sequence[Label], gradient: Gradient, level: str) -> dict[Label, Array]:
    """Ours for each label."""
    found = {}
    for label in labels:
        kind, of, _ = label
        if kind == "param":
            found[label] = gradient.params[of]
        elif kind == "input":
            found[label] = gradient.inputs[of] if level == "sequence" else gradient.inputs[of][0]
        else:
            found[label] = gradient.initial[of]
    return found


def deviations(hers: Mapping[Label, Array], gradient: Gradient, level: str) -> dict[Label, float]:
    """Deviation of each of her arrays from ours."""
    ours = expected(list(hers), gradient, level)
    return {label: deviation(ours[label], array) for label, array in hers.items()}


def line_values(steps: Sequence[Values], name: str) -> Iterator[Array]:
    """Values of a tensor at each step."""
    for values in steps:
        if name in values:
            yield values[name]
