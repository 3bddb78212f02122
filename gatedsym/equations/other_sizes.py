"""Shapes and domains by the sizes of one text → by those of a text around it, where a size may be a sum of several."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gatedsym.equations.declarations import Axes
from gatedsym.ir.domain import Bound, Domain

Sizes = Mapping[str, tuple[str, ...]]
"""For each size that is another one in the text around, the sizes that it is the sum of."""


def axis_in(axis: tuple[str, ...], sizes: Sizes) -> tuple[str, ...]:
    """An axis by other sizes; those that are not told stay."""
    return tuple(d for dim in axis for d in sizes.get(dim, (dim,)))


def axes_in(axes: Axes, sizes: Sizes) -> Axes:
    """Axes by other sizes; those that are not told stay."""
    return tuple(axis_in(axis, sizes) for axis in axes)


def domain_in(domain: Domain, sizes: Sizes) -> Domain | None:
    """A domain by other sizes; None where an end would be a sum of sizes, which no domain has."""
    if any(len(axis_in((dimension,), sizes)) > 1 for dimension in domain.dimensions):
        return None

    def told(bound: Bound) -> Bound:
        return replace(bound, dimension=axis_in((bound.dimension,), sizes)[0])

    return replace(domain, low=told(domain.low), high=told(domain.high))
