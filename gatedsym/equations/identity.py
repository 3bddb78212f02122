"""Identity matrices in expressions: ``I`` takes its size from what it meets, a diagonal matrix scales what it meets.

``I - A`` is an identity of A's size. In a product a diagonal is no matrix: ``diag(v) @ h`` is ``v * h``.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import sympy as sp

from gatedsym.equations import exact
from gatedsym.equations.builder import Builder
from gatedsym.equations.declarations import Axes
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.value import Value, is_square, kind_of, letters_of
from gatedsym.ir.program import Ref

UNIT = Value((), (sp.S.One,), unit=True)
"""``I``, before its size is known."""


def identity_matrix(dim: str, builder: Builder) -> Value:
    """``eye(n)``."""
    j, k = letters_of(2)
    return Value(((dim,), (dim,)), (builder.symbol(Ref(builder.identity(dim), (j, k))),))


def diagonal_matrix(value: Value, span: Span, builder: Builder, source: Source) -> Value:
    """``diag(v)``: the matrix with v along its diagonal.

    Raises
    ------
    EquationError
        For anything but a vector in one block.
    """
    if kind_of(value) not in ("row", "column") or len(value.axes[0]) != 1:
        raise source.error(f"'diag' takes a vector, found shape {value.shape}.", span, "Pass a vector.")
    identity = identity_matrix(value.axes[0][0], builder)
    return replace(identity, parts=(exact.multiply(value.parts[0], identity.parts[0]),))


def sized(value: Value, axes: Axes, builder: Builder) -> Value:
    """A multiple of ``I`` as a matrix with two equal axes."""
    parts = []
    for row, column in product(*axes):
        delta = builder.symbol(Ref(builder.identity(row), letters_of(2))) if row == column else sp.S.Zero
        parts.append(exact.multiply(value.parts[0], delta))
    # Blocks of one size on both sides are told apart by their places, not by their dimensions.
    width = len(axes[1])
    blocks = tuple(p if n // width == n % width else sp.S.Zero for n, p in enumerate(parts))
    return Value(axes, blocks)


def size_terms(values: list[Value], span: Span, builder: Builder, source: Source) -> list[Value]:
    """The terms of a sum, each ``I`` as large as the square matrix beside it; alone they stay what they are.

    Raises
    ------
    EquationError
        Where ``I`` is added to something else than a square matrix.
    """
    if not any(value.unit for value in values) or all(value.unit for value in values):
        return values
    square = next((value for value in values if is_square(value)), None)
    if square is None:
        other = next(value for value in values if not value.unit)
        raise unknown_size(source, span, f"'I' is added to shape {other.shape}")
    return [sized(value, square.axes, builder) if value.unit else value for value in values]


def fit(value: Value, axes: Axes | None, span: Span, builder: Builder, source: Source) -> Value:
    """A multiple of ``I`` that is a whole right side, under the shape that is declared for the left one.

    Raises
    ------
    EquationError
        Where no square matrix is declared.
    """
    if axes is None or len(axes) != 2 or axes[0] != axes[1]:
        raise unknown_size(source, span, "the right side is an 'I' whose size nothing tells")
    return sized(value, axes, builder)


def unknown_size(source: Source, span: Span, what: str) -> Exception:
    """The refusal of an ``I`` whose size nothing tells, or that was meant for another name."""
    return source.error(
        f"{what}; here 'I' is the identity matrix, since nothing declares or defines it.",
        span,
        "Write eye(n) for an identity matrix of known size, or declare I if it is a name of your own.",
    )


def multiply_unit(left: Value, right: Value, operator: str, span: Span, builder: Builder, source: Source) -> Value:
    """A product with ``I``: with a scalar a multiple of I, with a matrix or a vector what stands beside it.

    Raises
    ------
    EquationError
        For quotients by I, and products of entries with anything but a square matrix.
    """
    unit, other = (left, right) if left.unit else (right, left)
    if operator in ("/", "./"):
        if right.unit or right.rank:
            raise unknown_size(source, span, "this divides by a matrix or a vector")
        return replace(left, parts=(exact.divide(left.parts[0], right.parts[0]),))
    if other.letters or other.rank > 2:
        raise unknown_size(source, span, f"'I' stands beside shape {other.shape}")
    entries = operator in ("*", "×") and other.rank
    if entries and not is_square(other):
        raise unknown_size(source, span, f"'I' is multiplied with the entries of shape {other.shape}")
    if entries:
        unit = sized(unit, other.axes, builder)
        return Value(other.axes, tuple(exact.multiply(a, b) for a, b in zip(unit.parts, other.parts, strict=True)))
    parts = tuple(exact.multiply(unit.parts[0], part) for part in other.parts)
    return replace(other, parts=parts, unit=other.unit or not other.rank)


def sum_diagonals(
    factors: list[sp.Expr], letters: tuple[tuple[str, ...], tuple[str, ...]], builder: Builder
) -> tuple[sp.Expr, list[sp.Expr]]:
    """Take the diagonals out of a contraction of two factors over their common index.

    Parameters
    ----------
    factors : list of sympy.Expr
        The left one under `letters[0]`, whose last index is summed; the right one under `letters[1]`, whose first is.
    letters : tuple of tuple of str

    Returns
    -------
    sympy.Expr
        What the diagonals give, without a sum.
    list of sympy.Expr
        What is left of the factors to contract.
    """
    total: sp.Expr = sp.S.Zero
    (left, right), summed = factors, letters[0][-1]
    for here, other in ((0, letters[0][:-1]), (1, letters[1][1:])):
        if len(other) != 1:
            continue
        mine, beside = (left, right) if here == 0 else (right, left)
        diagonal, rest = split_diagonal(mine, other[0], summed, builder)
        if diagonal == 0:
            continue
        total += exact.multiply(diagonal, builder.rename_indices(beside, {summed: other[0]}))
        left, right = (rest, right) if here == 0 else (left, rest)
    return total, [left, right]


def split_diagonal(expression: sp.Expr, other: str, summed: str, builder: Builder) -> tuple[sp.Expr, sp.Expr]:
    """Divide a factor of a contraction into its diagonal and the rest.

    Parameters
    ----------
    expression : sympy.Expr
        Under the indices `other` and `summed`.

    Returns
    -------
    tuple of sympy.Expr
        d and r with expression = d * delta[other, summed] + r; d is under `other` alone.
    """
    diagonal, rest = [], []
    for term in sp.Add.make_args(expression):
        factors = sp.Mul.make_args(term)
        deltas = [f for f in factors if f.is_Symbol and _is_delta(builder.ref(f), other, summed, builder)]
        remaining = sp.Mul(*(f for f in factors if f not in deltas))
        meets = [ref for ref in builder.refs(remaining) if {other, summed} <= set(ref.indices)]
        if len(deltas) == 1 and not meets:
            diagonal.append(builder.rename_indices(remaining, {summed: other}))
        else:
            rest.append(term)
    return sp.Add(*diagonal), sp.Add(*rest)


def _is_delta(ref: Ref, other: str, summed: str, builder: Builder) -> bool:
    return set(ref.indices) == {other, summed} and builder.tensors[ref.name].role == "identity"
