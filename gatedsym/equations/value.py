"""The value of an expression: its blocks as SymPy expressions, under a shape."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import sympy as sp

from gatedsym.equations import complex_numbers, syntax
from gatedsym.equations.declarations import Axes
from gatedsym.equations.scope import shape_text
from gatedsym.ir.program import fresh_indices


def letters_of(rank: int) -> tuple[str, ...]:
    """The indices of an array of this rank, the same in every expression."""
    return fresh_indices(rank)


@dataclass(frozen=True)
class MatrixPower:
    """A power of a matrix that waits for what it is multiplied with.

    Attributes
    ----------
    matrix : Value
    exponent : int
        Not zero.
    target : str
        The name that the equation defines.
    typed : syntax.Power, optional
        What was typed, where it may be meant for each entry.
    """

    matrix: Value
    exponent: int
    target: str
    typed: syntax.Power | None = None


@dataclass(frozen=True)
class Value:
    """The value of an expression, block by block.

    Attributes
    ----------
    axes : tuple of tuple of str
        The shape: for each axis the dimensions whose sizes add up to its length.
    parts : tuple of sympy.Expr
        The blocks in row-major order, under the indices `letters_of(rank)`; with SymPy's imaginary unit where they are
        complex.
    letters : tuple of str
        Indices of the index form that the (then single, scalar) block carries.
    row : bool
        True of a transposed vector.
    gated : bool
        True of what a state or a function value is part of, entry by entry: of gates and what they act on.
    unit : bool
        True of a multiple of ``I`` whose size is not known yet; the part is the factor.
    power : MatrixPower, optional
        What this is, where it is not carried out yet; there are no parts then.
    """

    axes: Axes
    parts: tuple[sp.Expr, ...]
    letters: frozenset[str] = frozenset()
    row: bool = False
    gated: bool = False
    unit: bool = False
    power: MatrixPower | None = None

    @property
    def is_complex(self) -> bool:
        """Whether an entry may have an imaginary part."""
        return any(map(complex_numbers.is_complex, self.parts))

    @property
    def rank(self) -> int:
        return len(self.axes)

    @property
    def shape(self) -> str:
        """The shape in words."""
        return shape_text(self.axes) + (" transposed" if self.row else " (a scalar)" if not self.axes else "")

    def blocks(self) -> list[tuple[str, ...]]:
        """The dimensions of each block, in the order of `parts`."""
        return list(product(*self.axes))


def kind_of(value: Value) -> str:
    """Kind of a value in a matrix product."""
    if value.letters:
        return "indexed"
    return {0: "scalar", 1: "row" if value.row else "column", 2: "matrix"}.get(value.rank, "array")


def is_square(value: Value) -> bool:
    """Whether a value is a matrix that has powers, and functions of its own."""
    return value.rank == 2 and value.axes[0] == value.axes[1]
