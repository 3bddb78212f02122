"""Local arrays of her functions → which adjoints of a cell's lines they are: by their numbers, and by their names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from gatedsym.checking.axes import restorations
from gatedsym.checking.deviation import SINGLE, deviation
from gatedsym.checking.meanings import Meanings
from gatedsym.checking.reference import Values
from gatedsym.checking.session import BackwardFound, Evidence
from gatedsym.ir.program import Pointwise, Program
from gatedsym.typing import Array


@dataclass(frozen=True)
class Inner:
    """An array inside her functions, in our axes.

    Attributes
    ----------
    name : str
    values : list of array
        Readings of it, (B, …), its blocks among them where it is stacked.
    """

    name: str
    values: Sequence[Array]

    def equals(self, ours: Array) -> bool:
        """Whether one of the readings is an array of ours."""
        return any(v.shape == ours.shape and deviation(ours, v) <= SINGLE for v in self.values)


def inner_values(evidence: Evidence, way: BackwardFound) -> list[Inner]:
    """Arrays that her functions held when they returned; what has no shape of a line is left out."""
    probe = evidence.probe
    sizes = sorted({v.shape[1:] for v in probe.initial.values() if v.ndim == 2})
    found: dict[str, Inner] = {}
    for _, local in evidence.returned.frames:
        for path, array in local:
            name = next((p for p in reversed(path) if not p.isdigit()), "")
            if array.dtype.kind != "f" or array.size < 2:
                continue
            readings = [r for (n,) in sizes for r in _readings(array.astype(np.float64), probe.batch, n, way)]
            if readings and name:
                found.setdefault(name, Inner(name, readings))
    return list(found.values())


def _readings(array: Array, batch: int, n: int, way: BackwardFound) -> Iterator[Array]:
    for blocks in range(1, 7):
        for ours in restorations(array, (batch, blocks * n), 1, way.convention.axes.step):
            for k in range(blocks):
                yield ours[:, k * n : (k + 1) * n]


def count_explained(inner: Sequence[Inner], values: Values) -> int:
    """Number of her arrays that are among some values."""
    several = [v for v in values.values() if v.ndim == 2]
    return sum(any(one.equals(v) for v in several) for one in inner)


def first_wrong(
    inner: Sequence[Inner], printed: Program, right: Values, meanings: Meanings, witnessed: Mapping[str, bool]
) -> tuple[str, str]:
    """The first adjoint, going backward, that none of her arrays is, though what goes into it is there; and her name.

    What is made of an adjoint that is known to be right says that it is right, under whatever name. Both are "" where
    nothing can be told.
    """
    arguments = {value: argument for _, argument, value in edges_of(printed)}
    known = {t.name for t in printed.tensors if t.role == "cotangent"}
    for s in printed.statements:
        tensor = printed[s.target.name]
        if tensor.role != "adjoint" or tensor.name not in right or right[tensor.name].ndim != 2:
            continue
        behind = arguments.get(tensor.name, tensor.name)
        if any(one.equals(right[tensor.name]) for one in inner) or (
            witnessed.get(behind) or witnessed.get(tensor.name)
        ):
            known.add(tensor.name)
            continue
        if behind in right and any(one.equals(right[behind]) for one in inner):  # she holds σ′ in it
            known.add(tensor.name)
            continue
        name = _named_so(inner, tensor.of, meanings)
        incoming = [r.name for r in s.operands if printed[r.name].role in ("adjoint", "cotangent")]
        if name and all(i in known or "_through_" in i for i in incoming):
            return tensor.name, name
        known.add(tensor.name)  # she does not hold it by itself
    return "", ""


def edges_of(printed: Program) -> Iterator[tuple[str, str, str]]:
    """Adjoints of functions' arguments that are made from the adjoint of the value alone: ("", argument's, value's)."""
    for s in printed.statements:
        adjoints = [r.name for r in s.operands if printed[r.name].role == "adjoint"]
        if printed[s.target.name].role == "adjoint" and len(adjoints) == 1 and isinstance(s, Pointwise):
            yield "", s.target.name, adjoints[0]


def _named_so(inner: Sequence[Inner], of: str, meanings: Meanings) -> str:
    """Her array that is called like the adjoint of a line."""
    for one in inner:
        for rest in meanings.stripped(one.name)[:-1]:
            if any(rest in (spelling, f"{spelling}t") for spelling in meanings.lines.get(of, ())):
                return one.name
    return ""


def agreeing(inner: Sequence[Inner], printed: Program, right: Values) -> Mapping[str, str]:
    """Her names of arrays that are adjoints of lines, with which."""
    found = {}
    for one in inner:
        for s in printed.statements:
            name = s.target.name
            if printed[name].role == "adjoint" and name in right and right[name].ndim == 2 and one.equals(right[name]):
                found[one.name] = name
                break
    return found
