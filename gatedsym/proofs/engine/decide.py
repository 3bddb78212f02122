"""Decide whether two sides are equal in every entry, by normal form or identity test; or where they differ."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from gatedsym.errors import ProofError
from gatedsym.proofs.engine.algebra import Algebra, CannotDecide, Value
from gatedsym.proofs.engine.budgets import DEFAULT_BUDGET, POINT_BUDGET, Allowance, allowance_of
from gatedsym.proofs.engine.counting import count_operations
from gatedsym.proofs.engine.field import check_identity
from gatedsym.proofs.engine.normal_form import Tower, in_tower
from gatedsym.proofs.engine.polynomial import Budget
from gatedsym.proofs.engine.reals import OutsideDomain, Reals

Entry = tuple[str, Value, Value]
"""A label, the left and the right side."""

Sides = Callable[[Any], Iterable[Entry]]
"""Given an algebra, all entries of the two sides in it."""

NORMAL_FORM = "normal form"
IDENTITY_TEST = "identity test"
BOTH = f"{NORMAL_FORM} + {IDENTITY_TEST}"
BRUTE_FORCE = "brute force"
CHAIN_RULE = "scalar chain rule"


@dataclass(frozen=True)
class Proof:
    """A statement that holds.

    Attributes
    ----------
    statement : str
    method : str
        ``normal form`` (exact), ``identity test`` (but for `error_bound`), or both, joined by `` + ``.
    entries : int
        How many scalar equations were decided.
    operations : int
        Term operations spent on normal forms.
    error_bound : float, optional
        Of the identity test.
    off_kinks : bool
        True if functions with branches occur: the statement holds where no argument is at a kink.
    seconds : float
    differentiation : str
        How the trusted side was differentiated: ``brute force``, or ``scalar chain rule`` where the step is too large
        for that; empty where nothing was.
    domain : tuple of str
        What must be so for both sides to be numbers, ``b ≠ 0``: the statement holds there.
    remarks : tuple of str
        What else is to be known of the manner of the proof: derivatives that were taken as declared.
    """

    statement: str
    method: str
    entries: int
    operations: int
    error_bound: float | None
    off_kinks: bool
    seconds: float
    differentiation: str = ""
    domain: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """Manner of the proof, in words."""
        notes = [f"where {' and '.join(self.domain)}"] if self.domain else []
        notes.append(self.method)
        if self.error_bound is not None:
            notes.append(f"error below {self.error_bound:.1e}")
        notes.append(f"{self.entries} {'entry' if self.entries == 1 else 'entries'}")
        if self.differentiation == CHAIN_RULE:
            notes.append("against the scalar chain rule")
        if self.off_kinks:
            notes.append("off the kinks")
        return (*notes, *self.remarks)

    def __str__(self) -> str:
        return f"{self.statement}: {', '.join(self.notes)}"


class Refutation(ProofError):  # noqa: N818 (a refutation is a result)
    """A statement is wrong.

    Attributes
    ----------
    statement, entry : str
    left, right : str
        Both sides of the entry at a point, to 15 digits.
    residual : str
        Their difference there; empty where a side is no number.
    equation : str
        The equation of the cell that the entry comes from, if that is known.
    finding : str
        What was found, without the statement.
    """

    def __init__(
        self,
        statement: str,
        entry: str,
        left: str,
        right: str,
        count: int = 1,
        total: int = 1,
        *,
        residual: str = "",
        equation: str = "",
    ) -> None:
        self.statement, self.entry, self.left, self.right = statement, entry, left, right
        self.residual, self.equation = residual, equation
        self._count = (count, total)
        many = f" ({count} of {total} entries differ)" if total > 1 else ""
        remainder = f", the residual {residual}" if residual else ""
        source = f" The equation is: {equation}." if equation else ""
        self.finding = (
            f"at {entry} the left side is {left}, the right side {right}{remainder}, at a random point{many}.{source} "
            "Correct the rule or the claim that says so."
        )
        super().__init__(f"not so: {statement}. A{self.finding[1:]}")

    def about(self, equation: str) -> Refutation:
        """The same, with the equation that the entry comes from."""
        return Refutation(
            self.statement,
            self.entry,
            self.left,
            self.right,
            *self._count,
            residual=self.residual,
            equation=equation,
        )


class Undecided(ProofError):  # noqa: N818
    """A statement was neither proven nor refuted."""


def decide(
    statement: str,
    sides: Sides,
    *,
    off_kinks: bool = False,
    differentiation: str = "",
    generalised: Sides | None = None,
    budget: int | Allowance = DEFAULT_BUDGET,
) -> Proof:
    """Prove that two sides are equal in every entry.

    Parameters
    ----------
    statement : str
        What is proven, in words.
    sides : callable
        From an algebra to the entries; called once or more for each algebra that is tried.
    off_kinks : bool
    differentiation : str
    generalised : callable, optional
        Sides whose equality implies that of `sides`: their normal forms are tried first where `sides` rest on the
        scalar chain rule as well, otherwise where nothing else decides.
    budget : int or Allowance
        Term operations that normal forms may take; or what all statements about a cell may take together.

    Raises
    ------
    Refutation
        With an entry at which the sides differ.
    Undecided
        If no method comes to a decision.
    """
    start = time.perf_counter()
    allowance = allowance_of(budget)
    first = generalised if generalised is not None and differentiation == CHAIN_RULE else sides
    labels, unequal, spent = _by_normal_form(first, allowance.first_normal_forms)
    method, bound = NORMAL_FORM, None
    if labels is None or unequal:
        try:
            _refute(statement, sides, unequal, enough=1)
            labels, bound = _by_identity_test(statement, sides, unequal, allowance)
            method = IDENTITY_TEST if unequal is None or len(unequal) == len(labels) else BOTH
        except CannotDecide as reason:
            labels, unequal = None, None
            if generalised is not None:
                labels, unequal, spent = _by_normal_form(generalised, allowance.last_normal_forms)
            if labels is None or unequal:
                _refute_or_not(statement, sides)
                raise Undecided(f"neither proven nor refuted: {statement}. {reason}") from reason
            differentiation = CHAIN_RULE
    seconds = time.perf_counter() - start
    return Proof(statement, method, len(labels), spent, bound, off_kinks, seconds, differentiation)


def _by_normal_form(
    sides: Sides, budgeted: Callable[[], AbstractContextManager[Budget]]
) -> tuple[list[str] | None, set[str] | None, int]:
    """All labels, those whose difference has another normal form than 0, and operations; no labels if they run out."""

    def body(tower: Tower) -> tuple[list[str], set[str]]:
        labels, unequal = [], set()
        for label, left, right in sides(tower):
            labels.append(label)
            if not (tower.form(left) - tower.form(right)).is_zero:
                unequal.add(label)
        return labels, unequal

    with budgeted() as budget:
        try:
            return *in_tower(body, budget), budget.spent
        except CannotDecide:
            return None, None, budget.spent


REAL_BUDGET = 200_000
"""Operations at real points that look for a difference where nothing else decides."""

_POINTS = 64  # a wrong branch shows only at points that lie on it, and some points lie outside of the domain

_POINTS_OF_BRANCHES = 16  # of real points at which sides with square roots of the field must agree


def _refute_or_not(statement: str, sides: Sides) -> None:
    """Raise Refutation if the sides differ at some real point; what cannot be evaluated refutes nothing."""
    with contextlib.suppress(CannotDecide):
        operations = count_operations(sides, REAL_BUDGET)
        _refute(statement, sides, None, enough=min(_POINTS, max(REAL_BUDGET // max(operations, 1), 1)))


def _refute(statement: str, sides: Sides, among: set[str] | None, enough: int) -> None:
    """Raise Refutation if the sides differ at one of `enough` points with real coordinates inside of their domain.

    Raises
    ------
    CannotDecide
        If there is no such point, or a side has a function that real numbers do not have here.
    """
    compared, outside = 0, None
    for number in range(_POINTS):
        reals = Reals(number)
        different: list[Entry] = []
        total = 0
        try:
            for label, left, right in sides(reals):
                total += 1
                if (among is None or label in among) and reals.differ(_real(reals, left), _real(reals, right)):
                    different.append((label, left, right))
        except (OutsideDomain, ZeroDivisionError) as error:
            outside = error
            continue
        compared += 1
        if different:
            label, left, right = different[0]
            a, b = _real(reals, left), _real(reals, right)
            shown = [reals.context.nstr(v, 15) for v in (a, b)]
            residual = reals.context.nstr(a - b, 5)
            raise Refutation(statement, label, shown[0], shown[1], len(different), total, residual=residual)
        if compared == enough:
            return
    if not compared:
        raise CannotDecide(f"No real point among {_POINTS} lies in the domain of both sides ({outside})")


def _real(reals: Reals, value: Any) -> Any:
    return reals.rational(Fraction(value)) if isinstance(value, (int, Fraction)) else value


def _by_identity_test(
    statement: str, sides: Sides, among: set[str] | None, allowance: Allowance
) -> tuple[list[str], float]:
    """All labels and the error bound; where signs of roots were met, real points of every sign agree as well."""
    labels: list[str] = []
    operations = count_operations(sides, POINT_BUDGET)

    def residuals(algebra: Any) -> dict[str, Any]:
        allowance.take_point(operations)
        found = {}
        labels.clear()
        for label, left, right in sides(algebra):
            labels.append(label)
            if among is None or label in among:
                found[label] = algebra.rational(Fraction(0)) + left - right
        return found

    outcome = check_identity(residuals, allowance.most_points(operations, POINT_BUDGET))
    if outcome.on_reals and not outcome.failed:
        _refute(statement, sides, among, enough=_POINTS_OF_BRANCHES)
    if outcome.failed:
        raise CannotDecide(
            f"The sides of {outcome.failed[0]} agree to 30 digits at a real point but have no common normal form: "
            "prove the identity between functions that they rest on first"
        )
    return list(labels), outcome.error_bound


def array_entries(label: str, left: Any, right: Any) -> Iterator[Entry]:
    """The entries of two object arrays of one shape."""
    import numpy as np

    from gatedsym.proofs.engine.algebra import entry_name

    for position in np.ndindex(*np.shape(left)):
        yield entry_name(label, position), np.asarray(left)[position], np.asarray(right)[position]


__all__ = ["Algebra", "Entry", "Proof", "Refutation", "Sides", "Undecided", "array_entries", "decide"]
