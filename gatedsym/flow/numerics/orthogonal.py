"""Many rows to orthogonal ones: by block Gram-Schmidt on the package's own products, and by Jacobi rotations.

LAPACK would do, but its threads meet those that run the seeds, and its last digits depend on their number.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from gatedsym.runtime import allocate, clear, copy, kernel, multiply_add, pack_block, packed_panels
from gatedsym.runtime.jit.compile import routine
from gatedsym.runtime.jit.processor import panels_size, taken_size
from gatedsym.runtime.memory import thread_scratch
from gatedsym.typing import Array

_PANEL = 24
"""Rows that are made orthogonal to those before them at once."""
_SWEEPS = 60
_LOWEST = -1100.0
"""A power of two that is zero in float64."""


def orthonormalise(rows: Array, tolerance: float) -> tuple[Array, Array, Array]:
    """Orthonormal rows that span, for each k, what the first k rows span.

    Parameters
    ----------
    rows : array (k, size), k <= size
    tolerance : float
        A row whose share outside the span of those before it is below this counts as lying in it. Its place is taken
        by a random direction.

    Returns
    -------
    orthonormal : array (k, size)
    lower : array (k, k)
        ``rows = lower @ orthonormal``; lower triangular, with 0 on the diagonal for rows in the span of earlier ones.
    shares : array (k,)
        The share of each row outside that span, 0 where it counts as none.
    """
    found = np.array(rows, dtype=np.float64, order="C")
    lower, shares = np.zeros((len(rows), len(rows))), np.zeros(len(rows))
    # Few rows are ever replaced, and any direction will do: it is drawn from a fixed seed.
    spare = np.random.default_rng(0x5BA8E).standard_normal(2 * rows.shape[1])
    _orthonormalise(
        found, lower, shares, spare, float(tolerance), thread_scratch(_scratch_size(*found.shape), found.dtype)
    )
    return found, lower, shares


def _scratch_size(count: int, size: int) -> int:
    """Numbers that `_orthonormalise` needs for itself."""
    packed = panels_size(size, count) + panels_size(count, max(size, count))
    return packed + 3 * taken_size(_PANEL * count) + 2 * taken_size(_PANEL**2) + taken_size(_PANEL)


def orthonormalise_ranked(rows: Array, tolerance: float) -> tuple[Array, Array, Array, Array]:
    """The same with rows in the span of earlier ones put last, so that no random direction stands before a true one.

    Returns
    -------
    order : array (k,) of int
    orthonormal, lower, shares
        ``rows[order] = lower @ orthonormal``; columns of `lower` that belong to rows in the span of others are 0.
    """
    order, rank = np.arange(len(rows)), len(rows)
    while True:
        found, lower, shares = orthonormalise(rows[order], tolerance)
        lost = shares == 0
        lost[rank:] = True  # once put last a row stays there, so that this ends
        if not lost[:rank].any():
            lower[:, rank:], shares[rank:] = 0.0, 0.0
            return order, found, lower, shares
        order, rank = np.concatenate([order[~lost], order[lost]]), int((~lost).sum())


@routine
def _dot(a: Any, b: Any) -> Any:
    """Sum of products in eight chains, which a processor can take side by side."""
    s0, s1, s2, s3, s4, s5, s6, s7 = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    whole = a.size // 8 * 8
    for j in range(0, whole, 8):
        s0 += a[j] * b[j]
        s1 += a[j + 1] * b[j + 1]
        s2 += a[j + 2] * b[j + 2]
        s3 += a[j + 3] * b[j + 3]
        s4 += a[j + 4] * b[j + 4]
        s5 += a[j + 5] * b[j + 5]
        s6 += a[j + 6] * b[j + 6]
        s7 += a[j + 7] * b[j + 7]
    rest = 0.0
    for j in range(whole, a.size):
        rest += a[j] * b[j]
    return ((s0 + s1) + (s2 + s3)) + ((s4 + s5) + (s6 + s7)) + rest


@routine
def _project(panel: Any, done: Any, along: Any, scratch: Any) -> None:
    """Take from the panel its part in the span of the finished rows; its coordinates there go to `along`."""
    (size, first), width = along.shape, panel.shape[1]
    clear(along)
    across, scratch = packed_panels(width, first, scratch)
    pack_block(across, 0, 0, done.T)
    multiply_add(along, panel, 0, size, across)
    back, scratch = packed_panels(first, width, scratch)
    pack_block(back, 0, 0, done)
    minus, scratch = allocate(scratch, (size, first))
    for i in range(size):
        for j in range(first):
            minus[i, j] = -along[i, j]
    multiply_add(panel, minus, 0, size, back)


@routine
def _orthonormalise_panel(panel: Any, first: int, inner: Any, shares: Any, spare: Any, tolerance: float) -> None:
    """Modified Gram-Schmidt, twice, within a panel; rows that vanish are replaced by spare directions."""
    clear(inner)
    for i in range(len(panel)):
        row, own = panel[i], inner[i]
        for _ in range(2):
            for j in range(i):
                c = _dot(panel[j], row)
                own[j] += c
                other = panel[j]
                for m in range(row.size):
                    row[m] -= c * other[m]
        left = np.sqrt(_dot(row, row))
        if left <= tolerance * shares[i]:
            copy(row, spare[first + i : first + i + row.size])  # a different window for each row
            left = np.sqrt(_dot(row, row))
        else:
            own[i] = left
        for m in range(row.size):
            row[m] /= left


@routine
def _multiply_into(out: Any, a: Any, b: Any, scratch: Any) -> None:
    """Add a @ b to `out`."""
    packed, scratch = packed_panels(b.shape[0], b.shape[1], scratch)
    pack_block(packed, 0, 0, b)
    multiply_add(out, a, 0, len(a), packed)


@kernel
def _orthonormalise(rows: Any, lower: Any, shares: Any, spare: Any, tolerance: float, scratch: Any) -> None:
    count = len(rows)
    for first in range(0, count, _PANEL):
        last = min(first + _PANEL, count)
        panel, done, size = rows[first:last], rows[:first], last - first
        for i in range(size):
            shares[first + i] = np.sqrt(_dot(panel[i], panel[i]))
        along, rest = allocate(scratch, (size, first))
        more, rest = allocate(rest, (size, first))
        inner, rest = allocate(rest, (size, size))
        again, rest = allocate(rest, (size, size))
        nothing, rest = allocate(rest, (size,))
        clear(nothing)
        _project(panel, done, along, rest)
        _orthonormalise_panel(panel, first, inner, shares[first:last], spare, tolerance)
        # Where little of a row was left, what rounding left of the rest weighs: all of it once more, on unit rows.
        _project(panel, done, more, rest)
        _orthonormalise_panel(panel, first, again, nothing, spare, tolerance)
        _multiply_into(along, inner, more, rest)
        for i in range(size):
            copy(lower[first + i, :first], along[i])
        _multiply_into(lower[first:last, first:last], inner, again, rest)
        for i in range(size):
            length = shares[first + i]
            shares[first + i] = lower[first + i, first + i] / length if length > 0.0 else 0.0


@kernel
def multiply_into(out: Any, a: Any, packed: Any) -> None:
    """Add a @ b to `out`, contiguous both, `packed` as `runtime.pack` makes it of b.

    The result does not depend on how many threads there are.
    """
    multiply_add(out, a, 0, len(a), packed)


def rotated_scales(rows: Array, scales: Array) -> Array:
    """Base-2 logarithms of the singular values of diag(2^scales) rows, by one-sided Jacobi rotations.

    Parameters
    ----------
    rows : array (k, size)
        Of length 1, or 0.
    scales : array (k,)
        Finite; as far apart as may be, for ratios alone are formed.

    Returns
    -------
    array (k,)
        In no particular order; `scales` unchanged for rows that are 0.
    """
    turned, found = np.array(rows, order="C"), np.array(scales)
    _rotate(turned, found, 4 * float(np.finfo(float).eps) * float(np.sqrt(len(found))))
    return found


@routine
def _rotate_pair(a: Any, b: Any, cosine: float, ratio: float) -> tuple[float, float]:
    """Make b, shorter by `ratio`, orthogonal to a; both come back with length 1, with what that multiplied them by."""
    gap = 1.0 - ratio * ratio
    # Tangent of the angle, over the ratio of the lengths: finite however far these lie apart.
    slope = 2.0 * cosine / (gap + np.sqrt(gap * gap + 4.0 * (cosine * ratio) ** 2))
    turn = 1.0 / np.sqrt(1.0 + (slope * ratio) ** 2)
    along = slope * ratio * ratio
    for m in range(a.size):
        x, y = a[m], b[m]
        a[m] = turn * (x + along * y)
        b[m] = turn * (y - slope * x)
    longer, shorter = np.sqrt(_dot(a, a)), np.sqrt(_dot(b, b))
    for m in range(a.size):
        a[m] /= longer
    if shorter > 0.0:
        for m in range(a.size):
            b[m] /= shorter
    return longer, shorter


@kernel
def _rotate(rows: Any, scales: Any, enough: float) -> None:
    count = len(rows)
    for _ in range(_SWEEPS):
        worst = 0.0
        for i in range(count):
            for j in range(i + 1, count):
                cosine = _dot(rows[i], rows[j])
                worst = max(worst, abs(cosine))
                if abs(cosine) <= enough:
                    continue
                large, small = (i, j) if scales[i] >= scales[j] else (j, i)
                ratio = 2.0 ** max(scales[small] - scales[large], _LOWEST)
                longer, shorter = _rotate_pair(rows[large], rows[small], cosine, ratio)
                scales[large] += np.log2(longer)
                scales[small] = scales[small] + np.log2(shorter) if shorter > 0.0 else -1e300
        if worst <= enough:
            break
