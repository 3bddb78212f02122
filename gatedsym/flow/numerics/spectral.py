"""Largest singular values, and products of matrices, on the core that asks for them.

A threaded BLAS under several threads of one's own waits more than it works, and may round differently from run to run;
what stands here does neither.
"""

from __future__ import annotations

import numpy as np

from gatedsym.typing import Array

SMALL = 24
"""Matrices with no more rows or columns than this go to LAPACK, which does not share them out."""

_TOLERANCE = 1e-13


def spectral_norm(matrices: Array) -> Array:
    """The largest singular value of each matrix (…, rows, columns), to about twelve digits.

    Large matrices by Lanczos's method with full orthogonalisation (Golub and Van Loan, Matrix Computations, section
    10.1), which is done when its residual is.
    """
    if 1 in matrices.shape[-2:]:
        return np.asarray(np.sqrt((matrices**2).sum(axis=(-2, -1))))
    if min(matrices.shape[-2:]) <= SMALL:
        return np.asarray(np.linalg.norm(matrices, 2, axis=(-2, -1)))
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    return np.array([_lanczos(m) for m in flat]).reshape(matrices.shape[:-2])


def multiply(a: Array, b: Array) -> Array:
    """The product of matrices (…, rows, columns)."""
    return np.asarray(np.einsum("...ij,...jk->...ik", a, b))


def _lanczos(matrix: Array) -> float:
    """The largest singular value of one matrix, by the Lanczos vectors of the smaller of A Aᵀ and Aᵀ A."""
    matrix = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    scale = float(np.max(np.abs(matrix)))
    if not 0 < scale < np.inf:
        return scale
    a = np.ascontiguousarray(matrix / scale)
    size = len(a)
    # A start that no structure of a matrix is orthogonal to.
    vector = np.random.default_rng(size).standard_normal(size)
    basis = np.empty((size, size))
    diagonal, beside = np.zeros(size), np.zeros(size)
    for k in range(size):
        basis[k] = vector / np.sqrt(np.einsum("i,i->", vector, vector))
        vector = np.einsum("ij,j->i", a, np.einsum("ij,i->j", a, basis[k]))
        diagonal[k] = np.einsum("i,i->", vector, basis[k])
        for _ in range(2):
            vector = vector - np.einsum("kj,k->j", basis[: k + 1], np.einsum("kj,j->k", basis[: k + 1], vector))
        beside[k] = np.sqrt(np.einsum("i,i->", vector, vector))
        # Nothing but rounding is left: the vectors so far span a space that the matrix maps into itself.
        ended = k == size - 1 or beside[k] <= 1e-14 * np.max(diagonal[: k + 1])
        if ended or k % 8 == 7:
            largest, residual = _ritz(diagonal[: k + 1], beside[: k + 1])
            # The error of an eigenvalue is about the square of its vector's residual.
            if ended or residual**2 <= _TOLERANCE * largest**2:
                break
    return scale * float(np.sqrt(largest))


def _ritz(diagonal: Array, beside: Array) -> tuple[float, float]:
    """The largest eigenvalue of the tridiagonal matrix, and the residual of its vector."""
    from scipy.linalg import eigh_tridiagonal

    last = len(diagonal) - 1
    values, vectors = eigh_tridiagonal(diagonal, beside[:-1], select="i", select_range=(last, last))
    return max(float(values[0]), 0.0), float(beside[-1] * abs(vectors[-1, 0]))
