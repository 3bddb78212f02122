"""Inverses and powers of matrices → products and linear systems: ``inv(A)``, ``A^{-1} b``, ``solve(A, b)``, ``A^3``.

A power waits for what it is multiplied with. The inverse of a matrix that no step changes is computed once, and is a
matrix like any other; where the matrix or all beside it changes, each step solves a system. ``A^{-1}`` that meets
nothing in a product of matrices may be of entries: that is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

import sympy as sp

from gatedsym.equations import doubts, exact, identity, syntax
from gatedsym.equations.builder import Builder, label
from gatedsym.equations.notation import Source, Span
from gatedsym.equations.value import MatrixPower, Value, is_square, letters_of
from gatedsym.ir.program import Ref

MOST = 64
"""The largest power; what has more factors is a limit, and no step of a cell."""

_CONTRACTING = ("@", "·")


class Contracting(Protocol):
    """The part of a lowering that products with powers need."""

    builder: Builder
    source: Source
    rows: bool

    def contract(self, left: Value, right: Value, span: Span, target: str) -> Value:
        """The product of two arrays."""
        ...

    def operand(self, expression: sp.Expr, letters: tuple[str, ...], dims: Mapping[str, str], target: str) -> Ref:
        """A plain reference to what an expression gives, under some letters."""
        ...


def raised(
    value: Value, exponent: int, span: Span, lowering: Contracting, target: str, typed: syntax.Power | None = None
) -> Value:
    """The power of a matrix, which waits for what it is multiplied with.

    Parameters
    ----------
    value : Value
    exponent : int
        Not zero.
    span : Span
    lowering : Contracting
    target : str
        The name that the equation defines.
    typed : syntax.Power, optional
        A power that may be meant for each entry, unless it meets a matrix or a vector in a product.

    Raises
    ------
    EquationError
        For what has no such power here.
    """
    source = lowering.source
    if not is_square(value) or len(value.axes[0]) != 1:
        raise source.error(
            f"inverses and powers are of square matrices in one piece, found shape {value.shape}.",
            span,
            "Declare a matrix of two equal dimensions, such as A in R^(n,n).",
        )
    if value.is_complex:
        raise source.error(
            "inverses and powers are of real matrices.",
            span,
            "Write the real and the imaginary part of the system as one real system of twice the size.",
        )
    if abs(exponent) > MOST:
        raise source.error(
            f"a power of a matrix above {MOST}.",
            span,
            f"Write products of smaller powers, such as A^{MOST} @ A^{MOST}.",
        )
    (part,) = value.parts
    if part.is_Symbol and lowering.builder.tensors[lowering.builder.ref(part).name].role == "identity":
        return value
    return Value(value.axes, (), power=MatrixPower(value, exponent, target, typed))


def settled(value: Value, lowering: Contracting) -> Value:
    """The value as entries.

    Raises
    ------
    EquationError
        For ``A^{-1}`` that stands where it may be meant for each entry.
    """
    power = value.power
    if power is None:
        return value
    if power.typed is not None:
        raise doubts.power_of_a_matrix(lowering.source, power.typed, sp.Integer(power.exponent))
    return _carried_out(power, lowering)


def call(
    node: syntax.Call, values: list[Value], exponent: sp.Rational | None, lowering: Contracting, target: str
) -> Value:
    """``inv(A)``, ``solve(A, b)``, ``matrix_power(A, k)``.

    Raises
    ------
    EquationError
        For other arguments than these.
    """
    source, name = lowering.source, node.function
    if len(values) != {"inv": 1, "solve": 2, "matrix_power": 1}[name]:
        shown = {"inv": "inv(A)", "solve": "solve(A, b)", "matrix_power": "matrix_power(A, 3)"}[name]
        raise source.error(f"'{name}' takes other arguments than these.", node.span, f"Write {shown}.")
    if name == "matrix_power":
        if exponent is None or not exponent.is_Integer or exponent == 0:
            raise source.error(
                "a power of a matrix is a whole number other than 0.", node.span, "Write matrix_power(A, 3)."
            )
        return raised(values[0], int(exponent), node.span, lowering, target)
    if values[0].unit:
        inverted = replace(values[0], parts=(exact.raise_to(values[0].parts[0], -1),))
        if name == "inv":
            return inverted
        return identity.multiply_unit(inverted, values[1], "@", node.span, lowering.builder, source)
    inverse = raised(values[0], -1, node.span, lowering, target)
    if name == "inv":
        return inverse
    right = values[1]
    if lowering.rows and right.rank == 1:
        matrix, vector = (source.excerpt(argument.span) for argument in node.arguments)
        raise source.error("vectors are rows in this text.", node.span, f"Write {vector} @ inv({matrix}).")
    if right.rank not in (1, 2) or right.row or right.letters or right.axes[0] != values[0].axes[0]:
        raise source.error(
            f"'solve' takes a matrix and a right side of as many rows, found {values[0].shape} and {right.shape}.",
            node.span,
            "Make the shapes fit: solve(A, b) with A in R^(n,n) and b in R^n.",
        )
    return lowering.contract(inverse, right, node.span, target)


def multiply(left: Value, right: Value, span: Span, lowering: Contracting, target: str) -> tuple[sp.Expr, ...] | None:
    """The blocks of a product with a power; None where both have become plain arrays: see `plain`."""
    power = left.power or right.power
    assert power is not None
    other, on_the_left = (right, True) if left.power is not None else (left, False)
    builder = lowering.builder
    moving = builder.moves(power.matrix.parts)
    if other.power is not None or other.is_complex:
        return None
    if power.exponent > 0:
        return _one_by_one(power, other, on_the_left, span, lowering) if moving and other.rank == 1 else None
    if not moving and (builder.moves(other.parts) or power.exponent < -1):
        return None
    parts = other.parts
    blocks = other.blocks()
    for _ in range(-power.exponent):
        parts = tuple(
            _solution(power, other, part, block, on_the_left, lowering)
            for part, block in zip(parts, blocks, strict=True)
        )
    return parts


def _one_by_one(
    power: MatrixPower, vector: Value, on_the_left: bool, span: Span, lowering: Contracting
) -> tuple[sp.Expr, ...]:
    """``A (A v)``: cheaper than the power, where that would be made anew in each step."""
    for _ in range(power.exponent):
        pair = (power.matrix, vector) if on_the_left else (vector, power.matrix)
        vector = lowering.contract(*pair, span, power.target)
    return vector.parts


def plain(value: Value, lowering: Contracting) -> Value:
    """A factor of a product as entries: beside a matrix or a vector no power is of entries."""
    return value if value.power is None else _carried_out(value.power, lowering)


def _solution(
    power: MatrixPower, other: Value, part: sp.Expr, block: tuple[str, ...], on_the_left: bool, lowering: Contracting
) -> sp.Expr:
    """The solution of ``A X = B``, or of ``X A = B``, under the indices of B."""
    builder, letters = lowering.builder, letters_of(other.rank)
    if part == 0:
        return part
    unknown = letters[0] if on_the_left else letters[-1]
    row = letters_of(other.rank + 1)[-1]
    columns = tuple(i for i in letters if i != unknown)
    dims = dict(zip(letters, block, strict=True))
    dims[row] = dims[unknown]
    matrix = _matrix(power, (row, unknown) if on_the_left else (unknown, row), lowering)
    turned = builder.rename_indices(part, {unknown: row})
    right = _right_side(turned, (row, *columns), dims, power.target, lowering)
    wanted = (
        f"{label(matrix.name)}_inverse_{label(right.name)}"
        if _is_typed(matrix, builder)
        else f"solution_{power.target}"
    )
    return builder.symbol(builder.solve(wanted, matrix, right, (unknown, *columns), dims))


def _right_side(
    expression: sp.Expr, indices: tuple[str, ...], dims: Mapping[str, str], target: str, lowering: Contracting
) -> Ref:
    """A right side as a plain reference, the index of the equations first."""
    found = lowering.operand(expression, indices, dims, target)
    if found.indices == indices:
        return found
    wanted = f"{label(found.name)}_turned"
    stored = letters_of(len(indices))
    copied = lowering.builder.rename_indices(lowering.builder.symbol(found), dict(zip(indices, stored, strict=True)))
    stored_dims = dict(zip(stored, (dims[i] for i in indices), strict=True))
    made = lowering.builder.compute(wanted, copied, stored, stored_dims)
    return made.rename(dict(zip(stored, indices, strict=True)))


def _matrix(power: MatrixPower, indices: tuple[str, str], lowering: Contracting) -> Ref:
    """The matrix as a plain reference, under (row, column)."""
    builder, (part,), stored = lowering.builder, power.matrix.parts, letters_of(2)
    dims = dict(zip(stored, power.matrix.blocks()[0], strict=True))
    renaming = dict(zip(stored, indices, strict=True))
    if part.is_Symbol and set(builder.ref(part).indices) == set(stored):
        return builder.ref(part).rename(renaming)
    return builder.compute(f"system_{power.target}", part, stored, dims).rename(renaming)


def _is_typed(matrix: Ref, builder: Builder) -> bool:
    """Whether an array has a name that a reader knows: it is not one that the equation at hand makes on its way."""
    return builder.tensors[matrix.name].named or matrix.name not in builder.made


def _carried_out(power: MatrixPower, lowering: Contracting) -> Value:
    """The power as a matrix: squares of squares, of the inverse where the exponent is negative."""
    base = _inverse(power, lowering) if power.exponent < 0 else power.matrix
    result: Value | None = None
    exponent, span = abs(power.exponent), Span(0, 0)
    while exponent:
        if exponent & 1:
            result = base if result is None else lowering.contract(result, base, span, power.target)
        exponent >>= 1
        base = lowering.contract(base, base, span, power.target) if exponent else base
    assert result is not None
    return result


def _inverse(power: MatrixPower, lowering: Contracting) -> Value:
    """The inverse, as the solution for the identity."""
    builder, (dim,) = lowering.builder, power.matrix.axes[0]
    k, c = letters_of(2)
    row = letters_of(3)[-1]
    matrix = _matrix(power, (row, k), lowering)
    dims = dict.fromkeys((row, k, c), dim)
    wanted = f"{label(matrix.name)}_inverse" if _is_typed(matrix, builder) else f"inverse_{power.target}"
    found = builder.solve(wanted, matrix, Ref(builder.identity(dim), (row, c)), (k, c), dims)
    return Value(power.matrix.axes, (builder.symbol(found),))


def group_fixed(values: list[tuple[Value, Span]], operators: list[str], lowering: Contracting, target: str) -> None:
    """In a chain with a power, multiply what no step changes first: ``(I + A)^{-1} (I - A) h`` is one product a step.

    Parameters
    ----------
    values : list of (Value, Span)
        Changed in place.
    operators : list of str
        Between them, changed in place.
    target : str
        The name that the equation defines.
    """
    if all(value.power is None for value, _ in values):
        return
    if not any(lowering.builder.moves(value.parts) for value, _ in values):
        return
    fixed = [_is_fixed_matrix(value, lowering.builder) for value, _ in values]
    at = len(operators) - 1
    while at >= 0:
        (left, start), (right, end) = values[at], values[at + 1]
        alone = len(values) == 2  # nothing follows: the product is the whole
        if operators[at] in _CONTRACTING and fixed[at] and fixed[at + 1] and not alone:
            scalar = not (left.rank and right.rank)
            span = start.to(end)
            if scalar and (left.power is not None or right.power is not None):
                at -= 1
                continue
            made = _scaled(left, right) if scalar else lowering.contract(left, right, span, target)
            values[at : at + 2] = [(made, span)]
            fixed[at : at + 2] = [True]
            del operators[at]
        at -= 1


def _scaled(left: Value, right: Value) -> Value:
    number, array = (left, right) if not left.rank else (right, left)
    return Value(array.axes, tuple(number.parts[0] * part for part in array.parts))


def _is_fixed_matrix(value: Value, builder: Builder) -> bool:
    """Whether a value is a matrix or a number that no step changes."""
    if value.rank not in (0, 2) or value.letters or value.unit or value.is_complex:
        return False
    parts = value.parts if value.power is None else value.power.matrix.parts
    return not builder.moves(parts)
