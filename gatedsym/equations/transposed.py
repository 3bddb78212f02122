"""Products with transposed letters → what readers make of them: ``k^T`` a row, ``v k^T`` a matrix, ``w^T x`` a sum."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gatedsym.equations.constraints import Constraint, Contraction, Transposition
from gatedsym.equations.unify import unify, vector


def rows_are_vectors(constraints: Iterable[Constraint]) -> bool:
    """A small letter that is transposed is a vector; returns whether there was one of unknown shape."""
    found = False
    for constraint in constraints:
        if not isinstance(constraint, Transposition) or constraint.operand.shape.known is not None:
            continue
        if constraint.operand.name[:1].islower():
            found = unify(constraint.operand.shape, vector()) or found
    return found


def columns_stand_before_rows(beside_rows: Iterable[Contraction]) -> bool:
    """Make columns of vectors that stand before the row of a vector, ``v k^T``."""
    found = False
    for product in beside_rows:
        if product.right.shape.rank == 1 and product.left.shape.known is None:
            found = unify(product.left.shape, vector()) or found
    return found


def factors_keep_matrices(products: Iterable[Contraction], beside_rows: Sequence[Contraction]) -> bool:
    """A factor of a matrix that a text with such products computes, ``beta v k^T``, leaves a matrix of its size."""
    if not any(c.left.shape.rank == c.right.shape.rank == 1 for c in beside_rows):
        return False
    found = False
    for product in products:
        left, right = product.left, product.right
        small = left.name[:1].islower() and not left.flipped and left.shape.known is None
        if small and right.shape.rank == 2 and not right.name and not right.flipped:
            found = unify(product.result, right.shape) or found
    return found


def terms_keep_states(terms: Iterable[Contraction]) -> bool:
    """``eta S_{t-1}`` as a term of S_t has the shape of S, be eta a number or a matrix."""
    found = False
    for product in terms:
        if product.right.shape.rank == 2 and product.left.shape.known is None:
            found = unify(product.result, product.right.shape) or found
    return found
