"""Products of many matrices in rows that have each an exponent of their own, and the singular values of such a product.

A product P is kept as P = B diag(2^s) M with B orthonormal (the caller's) and rows of M of length 1. The scales s may
lie thousands apart: no number of M depends on them, so the small singular values keep their digits (as in one-sided
Jacobi methods: Demmel and Veselić 1992, Drmač and Veselić 2008).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gatedsym.flow.numerics.orthogonal import multiply_into, orthonormalise_ranked, rotated_scales
from gatedsym.flow.numerics.tangents import ZERO
from gatedsym.runtime import pack
from gatedsym.typing import Array

_QR_STEPS = 4


@dataclass(frozen=True)
class Graded:
    """The matrix diag(2^scales) rows.

    Attributes
    ----------
    rows : array (k, k)
        Each of length 1, or 0 where its scale stands for a factor of zero.
    scales : array (k,)
        Base-2 logarithms; `ZERO` for zero.
    """

    rows: Array
    scales: Array

    @classmethod
    def identity(cls, size: int) -> Graded:
        """The identity."""
        return cls(np.eye(size), np.zeros(size))

    def carried(self, pushed: Array, exponents: Array, tolerance: float) -> tuple[Array, Graded]:
        """Multiply from the left by a matrix A, given as what it makes of the orthonormal basis.

        Parameters
        ----------
        pushed : array (k, size)
            Row i times 2^exponents[i] is A times the i-th basis vector.
        exponents : array (k,)
        tolerance : float
            Share of a vector below which what is left of it counts as zero.

        Returns
        -------
        basis : array (k, size)
            The new orthonormal basis.
        product : Graded
        """
        lengths = np.sqrt(np.sum(pushed**2, axis=1))
        present = lengths > 0
        unit = pushed / np.where(present, lengths, 1.0)[:, None]
        weights = np.where(
            present & (self.scales > ZERO), self.scales + exponents + np.log2(np.where(present, lengths, 1.0)), ZERO
        )
        by_weight = np.argsort(-weights, kind="stable")
        order, basis, lower, _ = orthonormalise_ranked(unit[by_weight], tolerance)
        order = by_weight[order]
        # A basis diag(2^scales) = new basis (upper diag(2^weights)); entries that are rounding alone go.
        upper = np.where(np.abs(lower) > tolerance, lower, 0.0).T
        return basis, _scaled(upper, weights[order], self.rows[order])

    def log2_singular_values(self, tolerance: float) -> Array:
        """Base-2 logarithms of the singular values, descending; -inf for those that are zero within `tolerance`.

        That is where a row, in order of scale, has a smaller share than this outside the span of those before it.
        """
        rows, scales = self.rows, self.scales
        for _ in range(_QR_STEPS):
            by_scale = np.argsort(-scales, kind="stable")
            # diag(2^s) M = diag(2^s) L Q has the singular values of (diag(2^s) L)^T = L^T diag(2^s).
            order, _, lower, _ = orthonormalise_ranked(rows[by_scale], tolerance)
            turned = _scaled(lower.T, scales[by_scale[order]], np.eye(len(scales)))
            rows, scales = turned.rows, turned.scales
        scales = -np.sort(-rotated_scales(rows, scales))
        return np.where(scales > ZERO / 2, scales, -np.inf)


def _scaled(left: Array, weights: Array, right: Array) -> Graded:
    """left diag(2^weights) right as a Graded."""
    with np.errstate(divide="ignore"):
        logs = np.log2(np.abs(left)) + weights
    logs = np.where((left == 0) | (weights <= ZERO), ZERO, logs)
    largest = logs.max(axis=1)
    # What underflows here is too small beside the largest term of its row to change a digit.
    factors = np.ascontiguousarray(np.sign(left) * np.exp2(np.maximum(logs - largest[:, None], -1100.0)))
    factors[logs <= ZERO] = 0.0
    rows = np.zeros((len(left), right.shape[1]))
    multiply_into(rows, factors, pack(right))
    return _normalised(rows, largest)


def _normalised(rows: Array, scales: Array) -> Graded:
    lengths = np.sqrt(np.sum(rows**2, axis=1))
    alive = (lengths > 0) & (scales > ZERO)
    safe = np.where(alive, lengths, 1.0)
    return Graded(np.where(alive[:, None], rows / safe[:, None], 0.0), np.where(alive, scales + np.log2(safe), ZERO))
