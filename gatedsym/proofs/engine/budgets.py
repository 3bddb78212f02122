"""Statements about one cell → the operations that each may take: a proof ends at the same place on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gatedsym.proofs.engine.algebra import BudgetExceeded
from gatedsym.proofs.engine.polynomial import Budget

DEFAULT_BUDGET = 2_000_000
"""Term operations that the normal forms of one statement may take: about two seconds."""

CELL_TERMS = 4_000_000
"""Term operations of all statements about a cell; after them each has `LEAST_TERMS`, and identity tests decide."""

LEAST_TERMS = 250_000
"""Term operations that each statement may take, whatever those before it have taken: most need fewer."""

CELL_LAST_TERMS = 4_000_000
"""Term operations, beside these, for what neither normal forms nor identity tests have decided."""

POINT_BUDGET = 1_000_000
"""Operations that the identity test of one statement may take at all of its points: ten seconds at most."""

CELL_POINTS = 1_000_000
"""Operations at the points of all statements about a cell."""


class Allowance:
    """Operations that the statements about one cell may take together.

    Parameters
    ----------
    terms, last_terms : int
        Term operations of normal forms: of those that are tried first, and of those that are tried where nothing else
        has decided.
    points : int
        Operations at the points of identity tests.
    statement : int
        Term operations of one statement's normal forms.
    """

    def __init__(
        self,
        terms: int = CELL_TERMS,
        last_terms: int = CELL_LAST_TERMS,
        points: int = CELL_POINTS,
        statement: int = DEFAULT_BUDGET,
    ) -> None:
        self.terms, self.last_terms, self.points = terms, last_terms, points
        self._statement, self._cell = statement, points

    @contextmanager
    def first_normal_forms(self) -> Iterator[Budget]:
        """The budget of one statement's normal forms, tried before all else."""
        budget = Budget(min(self._statement, max(self.terms, LEAST_TERMS)))
        try:
            yield budget
        finally:
            self.terms = max(self.terms - budget.spent, 0)

    @contextmanager
    def last_normal_forms(self) -> Iterator[Budget]:
        """The budget of one statement's normal forms where nothing else has decided."""
        budget = Budget(min(self._statement, self.last_terms))
        try:
            yield budget
        finally:
            self.last_terms -= budget.spent

    def most_points(self, operations: int, most: int) -> int:
        """At how many points, 1 at least, a statement that takes so many operations at each may be tested.

        Raises
        ------
        BudgetExceeded
            If the statements before it leave too little for one.
        """
        if operations <= self.points:
            return max(min(most, self.points) // max(operations, 1), 1)
        raise BudgetExceeded(
            f"Computing both sides once takes {operations} operations, and of the cell's {self._cell} the statements "
            f"before leave {self.points}"
        )

    def take_point(self, operations: int) -> None:
        """Count one point of an identity test."""
        self.points -= operations


def allowance_of(budget: int | Allowance) -> Allowance:
    """The budget of a cell, or of a statement that stands alone, of so many term operations."""
    return budget if isinstance(budget, Allowance) else Allowance(budget, budget, CELL_POINTS, budget)
