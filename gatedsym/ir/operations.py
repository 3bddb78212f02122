"""Statements of a Program → operations on arrays: what can be found out once, so that to carry them out is arithmetic.

A population or a pass back over a run carries out one Program thousands of times on small arrays; to walk through its
expressions each time would take several times as long as the numbers do.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import sympy as sp

from gatedsym.ir.linear_algebra import solve_exactly, solve_floats
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Solve, Statement
from gatedsym.typing import Array


@dataclass(frozen=True)
class Arithmetic:
    """Operations that `evaluate` needs of a kind of number.

    Attributes
    ----------
    number : callable
        A SymPy number (Rational, pi) to a value.
    functions : mapping of str to callable
        For each name in `functions.FUNCTIONS` a function from arrays to an array, elementwise.
    maximum : callable
        (array, axes) to the array reduced by max over the axes.
    dtype : numpy dtype
        ``object`` for anything that is no float.
    """

    number: Callable[[sp.Expr], Any]
    functions: Mapping[str, Callable[..., Any]]
    maximum: Callable[[Array, tuple[int, ...]], Array]
    dtype: Any = object


Known: TypeAlias = Mapping[str, Array]
Lengths: TypeAlias = Mapping[str, int]
Operation: TypeAlias = Callable[[Sequence[Any], Arithmetic], Any]
"""From the values so far to the next one."""


class Formula:
    """A pointwise expression as operations, in an order in which they can be done; what occurs twice is done once.

    Parameters
    ----------
    expression : sympy.Expr
    given : sequence of sympy.Expr
        What values are given for: symbols, or whole sub-expressions.
    """

    def __init__(self, expression: sp.Expr, given: Sequence[sp.Expr]) -> None:
        self._places = {e: place for place, e in enumerate(given)}
        self._given = len(given)
        self._operations: list[Operation] = []
        self._result = self._place(expression)

    def value(self, given: Sequence[Any], arithmetic: Arithmetic) -> Any:
        """The value of the expression, from those of what is given, in the same order."""
        values = list(given)
        for operation in self._operations:
            values.append(operation(values, arithmetic))
        return values[self._result]

    def _place(self, e: sp.Expr) -> int:
        """Place of a sub-expression's value among all values."""
        if e not in self._places:
            operation = self._operation(e)  # which may put others before it
            self._places[e] = self._given + len(self._operations)
            self._operations.append(operation)
        return self._places[e]

    def _operation(self, e: sp.Expr) -> Operation:
        if e.is_Add or e.is_Mul:
            return _joined([self._place(a) for a in e.args], bool(e.is_Add))
        if e.is_Pow and e.exp.is_Integer:
            base, exponent = self._place(e.base), int(e.exp)
            return lambda values, arithmetic: _power(values[base], exponent, arithmetic)
        if e.is_Function:
            return self._applied(e)
        return _number(e)

    def _applied(self, e: sp.Expr) -> Operation:
        """A function of the arithmetic; what it lacks may still be a number to it."""
        name, arguments, number = type(e).__name__, [self._place(a) for a in e.args], _number(e)

        def apply(values: Sequence[Any], arithmetic: Arithmetic) -> Any:
            if name in arithmetic.functions:
                return arithmetic.functions[name](*[values[place] for place in arguments])
            return number(values, arithmetic)

        return apply


def _joined(places: Sequence[int], add: bool) -> Operation:
    """Sum or product, from left to right."""
    first, *rest = places

    def join(values: Sequence[Any], arithmetic: Arithmetic) -> Any:
        whole = values[first]
        for place in rest:
            whole = whole + values[place] if add else whole * values[place]
        return whole

    return join


def _number(e: sp.Expr) -> Operation:
    def number(values: Sequence[Any], arithmetic: Arithmetic) -> Any:
        if not e.is_number:
            raise ValueError(f"cannot evaluate {e} ({type(e).__name__}).")
        return arithmetic.number(e)

    return number


def _power(value: Any, exponent: int, arithmetic: Arithmetic) -> Any:
    if exponent < 0:
        return arithmetic.number(sp.S.One) / _power(value, -exponent, arithmetic)
    result: Any = None
    while exponent:
        if exponent & 1:
            result = value if result is None else result * value
        exponent >>= 1
        value = value * value if exponent else value
    return arithmetic.number(sp.S.One) if result is None else result


class Alignment:
    """An operand under the indices of a result: its axes in their order, one of length 1 for each that it lacks.

    Parameters
    ----------
    ref : Ref
        Whose indices are among those of the result.
    indices : tuple of str
        Of the result.
    """

    def __init__(self, ref: Ref, indices: tuple[str, ...]) -> None:
        self.name = ref.name
        self._same = ref.indices == indices
        self._rank = len(ref.indices)
        self._order = sorted(range(self._rank), key=lambda axis: indices.index(ref.indices[axis]))
        self._moved = self._order != list(range(self._rank))
        self._present = [i in ref.indices for i in indices]

    def of(self, known: Known) -> Array:
        """The operand so aligned; axes that come first, of times and sequences, stay first."""
        value = np.asarray(known[self.name])
        if self._same:
            return value
        lead = value.ndim - self._rank
        if self._moved:
            value = value.transpose(*range(lead), *(lead + axis for axis in self._order))
        lengths = iter(value.shape[lead:])
        return value.reshape(value.shape[:lead] + tuple(next(lengths) if there else 1 for there in self._present))


class PointwiseOperation:
    """A pointwise statement as one operation."""

    def __init__(self, statement: Pointwise) -> None:
        self._rank = len(statement.target.indices)
        self._operands = [Alignment(ref, statement.target.indices) for ref in statement.operands]
        self._formula = Formula(statement.expression, [ref.symbol for ref in statement.operands])

    def value(self, known: Known, lengths: Lengths, arithmetic: Arithmetic) -> Array:
        """The result; it may lack axes of its operands' length 1, or have leading ones."""
        found = self._formula.value([operand.of(known) for operand in self._operands], arithmetic)
        value = np.asarray(found, dtype=arithmetic.dtype)
        return value if value.ndim >= self._rank else value.reshape((1,) * (self._rank - value.ndim) + value.shape)


class SumOperation:
    """A contraction that adds up, as one operation."""

    def __init__(self, statement: Contraction, program: Program) -> None:
        letters: dict[str, str] = {}
        for ref in (statement.target, *statement.factors):
            for index in ref.indices:
                letters.setdefault(index, chr(ord("a") + len(letters)))
        covered = {i for ref in statement.factors for i in ref.indices}
        free = tuple(i for i in statement.target.indices if i in covered)
        spelled = ["..." + "".join(letters[i] for i in ref.indices) for ref in statement.factors]
        self._spelled = ",".join(spelled) + "->..." + "".join(letters[i] for i in free)
        self._factors = [ref.name for ref in statement.factors]
        self._free, self._whole = len(free), free == statement.target.indices
        self._present = [i in covered for i in statement.target.indices]
        dims = program.index_dims(statement)
        self._repeated = [dims[index] for index in statement.summed if index not in covered]

    def value(self, known: Known, lengths: Lengths, arithmetic: Arithmetic) -> Array:
        """The result; an axis that no factor has is of length 1."""
        value = np.einsum(self._spelled, *[np.asarray(known[name]) for name in self._factors])
        # A summed index that no factor carries multiplies by its length; one of the target's broadcasts.
        for dim in self._repeated:
            value = value * arithmetic.number(sp.Integer(lengths[dim]))
        value = np.asarray(value)  # a full sum of objects is a bare object
        if self._whole:
            return value
        lead = value.ndim - self._free
        own = iter(value.shape[lead:])
        return value.reshape(value.shape[:lead] + tuple(next(own) if there else 1 for there in self._present))


class MaximumOperation:
    """A contraction that takes the largest, as one operation."""

    def __init__(self, statement: Contraction) -> None:
        indices = statement.target.indices + statement.summed
        self._factors = [Alignment(ref, indices) for ref in statement.factors]
        self._axes = tuple(range(-len(statement.summed), 0))

    def value(self, known: Known, lengths: Lengths, arithmetic: Arithmetic) -> Array:
        """The result; an axis that no factor has is of length 1."""
        product: Any = None
        for factor in self._factors:
            value = factor.of(known)
            product = value if product is None else product * value
        return arithmetic.maximum(product, self._axes)


class SolveOperation:
    """A linear system as one operation."""

    def __init__(self, statement: Solve) -> None:
        self._matrix, self._right = statement.matrix.name, statement.right.name
        self._transposed = statement.transposed
        self._columns = len(statement.right.indices) - 1

    def value(self, known: Known, lengths: Lengths, arithmetic: Arithmetic) -> Array:
        """The solution; it has the leading axes of matrix and right side."""
        matrix, right = np.asarray(known[self._matrix]), np.asarray(known[self._right])
        if self._transposed:
            matrix = np.swapaxes(matrix, -1, -2)
        lead = right.ndim - self._columns - 1
        columns = right.reshape((*right.shape[: lead + 1], math.prod(right.shape[lead + 1 :])))
        if arithmetic.dtype is object:
            found = solve_exactly(matrix, columns, arithmetic.number(sp.S.One))
        else:
            found = solve_floats(matrix, columns)
        return found.reshape((*found.shape[:-1], *right.shape[lead + 1 :]))


ProgramOperation: TypeAlias = PointwiseOperation | SumOperation | MaximumOperation | SolveOperation


def operation_of(statement: Statement, program: Program) -> ProgramOperation:
    """The operation that a statement of a Program is."""
    if isinstance(statement, Pointwise):
        return PointwiseOperation(statement)
    if isinstance(statement, Solve):
        return SolveOperation(statement)
    return MaximumOperation(statement) if statement.reduction == "max" else SumOperation(statement, program)
