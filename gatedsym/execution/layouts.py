"""Arrays as a person sees them, and the parts of them that kernels take: a sum of dimensions is several parts."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from gatedsym.ir.interface import Dims, Layout
from gatedsym.typing import Array


def axes_shape(axes: Iterable[Dims], sizes: Mapping[str, int]) -> tuple[int, ...]:
    """The shape of an array whose axes are sums of dimensions."""
    return tuple(sum(sizes[d] if d in sizes else int(d) for d in axis) for axis in axes)


def block_places(layout: Layout, sizes: Mapping[str, int]) -> list[tuple[str, tuple[slice, ...]]]:
    """The parts of a layout with where each stands in the whole."""
    if not layout.is_divided:
        return [(layout.parts[0], tuple(slice(0, length) for length in axes_shape(layout.axes, sizes)))]
    edges = []
    for axis in layout.axes:
        lengths = [sizes[d] if d in sizes else int(d) for d in axis]
        starts = [sum(lengths[:n]) for n in range(len(lengths))]
        edges.append([slice(s, s + length) for s, length in zip(starts, lengths, strict=True)])
    return list(zip(layout.parts, itertools.product(*edges), strict=True))


def part_place(layout: Layout, where: tuple[slice, ...]) -> tuple[Any, ...] | None:
    """The index of a part in an array whose last axes are those of a layout; None if it is the only part."""
    return None if not layout.is_divided else (..., *where)


def split_parts(layout: Layout, whole: Array, sizes: Mapping[str, int], lead: int) -> list[tuple[str, Array]]:
    """The parts of an array whose feature axes follow `lead` others."""
    if not layout.is_divided:
        return [(layout.parts[0], whole)]
    return [(part, whole[(slice(None),) * lead + where]) for part, where in block_places(layout, sizes)]


def join_parts(layout: Layout, parts: list[Array], sizes: Mapping[str, int]) -> Array:
    """The array that parts make; their leading axes are the same."""
    if len(parts) == 1:
        return parts[0]
    lead = parts[0].ndim - len(layout.axes)
    whole = np.empty((*parts[0].shape[:lead], *axes_shape(layout.axes, sizes)), parts[0].dtype)
    for (_, where), part in zip(block_places(layout, sizes), parts, strict=True):
        whole[(slice(None),) * lead + where] = part
    return whole
