"""The two sides of a statement → how many operations it takes to compute them once, before any is computed.

An algebra whose elements are all one: it follows the same texts as the others, costs nearly nothing, and counts. What a
proof may spend is stated in operations, so that it ends at the same place on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from gatedsym.proofs.engine.algebra import BudgetExceeded


class Counted:
    """An element: whatever is done to it, it stays itself and is counted."""

    __slots__ = ("algebra",)

    def __init__(self, algebra: Counting) -> None:
        self.algebra = algebra

    def _operation(self, other: Any) -> Any:
        if not isinstance(other, (Counted, int, Fraction)):
            return NotImplemented  # an array decides itself
        return self.algebra.count()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _operation

    def __neg__(self) -> Counted:
        return self.algebra.count()

    def __pow__(self, exponent: int) -> Counted:
        return self.algebra.count(2 * abs(exponent).bit_length())


class Counting:
    """The algebra; it stops at a limit.

    Attributes
    ----------
    operations : int
        Counted so far.
    """

    def __init__(self, limit: int) -> None:
        self.limit, self.operations = limit, 0
        self._one = Counted(self)

    def count(self, operations: int = 1) -> Counted:
        """Count; raise BudgetExceeded past the limit."""
        self.operations += operations
        if self.operations > self.limit:
            raise BudgetExceeded(f"Computing both sides once takes more than {self.limit} operations")
        return self._one

    def rational(self, number: Fraction) -> Counted:
        return self._one

    def pi(self) -> Counted:
        return self._one

    def symbol(self, name: str) -> Counted:
        return self.count()

    def exp(self, u: Counted, plain: bool = False) -> Counted:
        return self.count(_FUNCTION)

    def root(self, u: Counted, degree: int) -> Counted:
        return self.count(_FUNCTION)

    def equal(self, a: Counted, b: Counted) -> Counted:
        return self.count()

    def is_zero(self, u: Counted) -> bool:
        return False

    def sign(self, u: Counted) -> int:
        return 0

    def _function(self, u: Counted) -> Counted:
        return self.count(_FUNCTION)

    log = sin = cos = atan = erf = step = floor = _function


_FUNCTION = 8
"""Operations that a function counts for: powers of many digits."""


def count_operations(sides: Callable[[Any], Iterable[Any]], limit: int) -> int:
    """Operations that all entries of both sides take, computed once.

    Raises
    ------
    BudgetExceeded
        If they are more than `limit`.
    """
    algebra = Counting(limit)
    for _ in sides(algebra):
        pass
    return algebra.operations
