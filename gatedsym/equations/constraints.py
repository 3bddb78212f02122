"""Constraints that operations put on shapes: what each says of its result and operands as soon as enough is known."""

from __future__ import annotations

from dataclasses import dataclass

from gatedsym.equations.source import Span
from gatedsym.equations.unify import Axis, MisfitError, Shape, scalar, unify, unify_axes, unify_spread


@dataclass(frozen=True)
class Term:
    """The shape of an expression.

    Attributes
    ----------
    shape : Shape
    flipped : bool
        Transposed, if it is a vector.
    name : str
        Of the symbol that the expression is, if it is one alone.
    """

    shape: Shape
    flipped: bool = False
    name: str = ""


@dataclass
class Elementwise:
    """Operands of one shape, numbers among them, and their result."""

    result: Shape
    operands: tuple[Term, ...]
    span: Span

    def advance(self) -> bool:
        shapes = [term.shape for term in self.operands]
        arrays = [shape for shape in shapes if shape.rank]
        for array in arrays:
            if self.result.known is None and not _has_unit_axis(array):
                unify(self.result, array)
            elif self.result.known is not None:
                unify_spread(array, self.result)
        unknown = [shape for shape in shapes if shape.known is None]
        if not unknown and not arrays:
            unify(self.result, scalar())
        elif not unknown and self.result.known is None:
            unify(self.result, Shape(_spread_axes(arrays)))
        if self.result.rank == 0:
            for shape in unknown:
                unify(shape, scalar())
            return True
        if self.result.rank and not arrays and len({id(shape.root) for shape in unknown}) == 1:
            unify(unknown[0], self.result)
        return all(shape.known is not None for shape in shapes) and self.result.known is not None


def _has_unit_axis(shape: Shape) -> bool:
    return any(axis.size == "1" for axis in shape.known or ())


def _spread_axes(arrays: list[Shape]) -> tuple[Axis, ...]:
    """Axes of the result of arrays of which some have axes of length 1."""
    columns = list(zip(*(array.known or () for array in arrays), strict=True))
    return tuple(next((axis for axis in column if axis.size != "1"), column[0]) for column in columns)


@dataclass
class Contraction:
    """A product that contracts, or multiplies where one factor is a number; '·' also of the entries of two vectors."""

    left: Term
    right: Term
    result: Shape
    sign: str
    span: Span

    def advance(self) -> bool:
        left, right = self.left.shape, self.right.shape
        if left.known is None or right.known is None:
            return False
        a, b = left.known, right.known
        same_side = self.left.flipped == self.right.flipped
        match len(a), len(b):
            case (0, _) | (_, 0):
                unify(self.result, right if not a else left)
            case 1, 1 if same_side:
                unify(left, right)
                unify(self.result, left)
            case 1, 1 if self.left.flipped:
                unify_axes(a[0], b[0])
                unify(self.result, scalar())
            case 1, 1:
                unify(self.result, Shape((a[0], b[0])))
            case ((1 | 2), (1 | 2)):
                unify_axes(a[-1], b[0])
                unify(self.result, Shape((*a[:-1], *b[1:])))
            case _:
                raise MisfitError(f"{len(a)} axes and {len(b)}")
        return True


@dataclass
class Transposition:
    """A matrix and its transpose; a vector keeps its shape."""

    operand: Term
    result: Shape
    span: Span

    def advance(self) -> bool:
        for known, other in ((self.operand.shape, self.result), (self.result, self.operand.shape)):
            axes = known.known
            if axes is not None:
                unify(other, Shape(tuple(reversed(axes))) if len(axes) == 2 else known)
                return True
        return False


@dataclass
class Outer:
    """Two vectors and the matrix of their products."""

    left: Term
    right: Term
    result: Shape
    span: Span

    def advance(self) -> bool:
        rows, columns = Axis(), Axis()
        unify(self.left.shape, Shape((rows,)))
        unify(self.right.shape, Shape((columns,)))
        unify(self.result, Shape((rows, columns)))
        return True


@dataclass
class Assignment:
    """A right side and the name that it defines; a number fills an array of declared shape."""

    target: Shape
    right: Term
    declared: bool
    span: Span

    def advance(self) -> bool:
        if self.declared and self.right.shape.rank == 0:
            return True
        if self.declared and self.right.shape.known is None and self.target.rank:
            return False
        unify(self.target, self.right.shape)
        return True


Constraint = Elementwise | Contraction | Transposition | Outer | Assignment
"""A relation between shapes that an operation demands; `advance` says what follows so far, and whether that is all."""
