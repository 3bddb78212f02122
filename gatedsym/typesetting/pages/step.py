"""A recurrence with everything that its page is made from: adjoint, paths, letters, numbered formulas."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.one_hot import find_one_hots
from gatedsym.ir.program import Equation, Pointwise, Program, Recurrence, Statement
from gatedsym.typesetting.document import Formula, Spans
from gatedsym.typesetting.formulas import Formulas, Order
from gatedsym.typesetting.notation import Box, Name, Piece, entry
from gatedsym.typesetting.pages.paths import Graph
from gatedsym.typesetting.symbols import Letters, Symbols

UNTYPED = 1e6
"""The place of a name that the typed line does not show."""


@dataclass
class Numbering:
    """Hands out the numbers of formulas and remembers whose line each was."""

    used: int = 0
    lines: dict[str, int] = field(default_factory=dict)

    def next(self, key: str = "") -> int:
        self.used += 1
        if key:
            self.lines[key] = self.used
        return self.used


@dataclass(frozen=True)
class Step:
    """One step of a cell, ready to be written about.

    Attributes
    ----------
    recurrence : Recurrence
    reads : tuple of str
        Results that the loss reads directly.
    """

    recurrence: Recurrence
    reads: tuple[str, ...]

    @property
    def program(self) -> Program:
        return self.recurrence.program

    @cached_property
    def adjoint(self) -> Program:
        return derive_adjoint(self.program)

    @cached_property
    def graph(self) -> Graph:
        return Graph(self.program)

    @cached_property
    def letters(self) -> Letters:
        return Letters(self.program, self.recurrence.rows)

    @cached_property
    def primal(self) -> Formulas:
        """Formulas of the step, of its local derivatives and its Jacobian."""
        return Formulas(Symbols(self.program, [self.graph.derived], letters=self.letters), self.typed)

    @cached_property
    def backward(self) -> Formulas:
        """Formulas of the adjoint."""
        return Formulas(Symbols(self.program, [self.adjoint], letters=self.letters), self.typed)

    @cached_property
    def one_hots(self) -> dict[str, str]:
        """One-hot vectors of the step, each with its token."""
        return find_one_hots(self.program)

    @cached_property
    def states(self) -> tuple[str, ...]:
        """Previous values that the step reads, all delays."""
        return tuple(n for n in self.program.sources if self.program[n].role == "state")

    @cached_property
    def nexts(self) -> tuple[str, ...]:
        """Next values of states, in the order in which the step computes them."""
        order = [s.target.name for s in self.program.statements]
        found = [n for n in self.program.results if self.program[n].role == "next"]
        return tuple(sorted(found, key=order.index))

    @cached_property
    def outputs(self) -> tuple[str, ...]:
        return tuple(n for n in self.program.results if self.program[n].role == "output")

    @cached_property
    def users(self) -> dict[str, list[Statement]]:
        """Readers of each tensor on the way to a result."""
        alive = set(self.program.results)
        for s in reversed(self.program.statements):
            if s.target.name in alive:
                alive.update(r.name for r in s.operands)
        return {n: [s for s in u if s.target.name in alive] for n, u in self.program.users().items()}

    def shown_users(self, name: str) -> list[str]:
        """Lettered tensors whose formula shows `name`."""
        found: list[str] = []
        for s in self.users[name]:
            target = s.target.name
            found += self.shown_users(target) if self.primal.symbols.inlined(target) else [target]
        return list(dict.fromkeys(found))

    def letter(self, name: str) -> Box:
        """The letter of a tensor of the step, or its formula where it has none."""
        if self.primal.symbols.inlined(name):
            piece = self.primal.array(name)
            return self.primal.symbols.box(name) if piece is None else piece.whole()
        return self.primal.letter(name)

    def at(self, name: str, indices: tuple[str, ...]) -> Box:
        return entry(self.letter(name), self.indices(indices))

    def indices(self, indices: Sequence[str]) -> list[Box]:
        """Boxes of indices, in letters that the cell does not use."""
        return [self.primal.symbols.index(i) for i in indices]

    def equation_of(self, name: str) -> Equation | None:
        """The typed line that a tensor belongs to."""
        for equation in self.recurrence.equations:
            if name in equation.computes or name == equation.target:
                return equation
        return None

    @property
    def loss(self) -> Name:
        return self.primal.symbols.free("L", "E", "J")

    @property
    def horizon(self) -> Name:
        """The letter for the number of steps of a sequence."""
        return self.primal.symbols.free("T", "N", "Z")

    @property
    def lag(self) -> Name:
        """The letter for a number of steps."""
        return self.primal.symbols.free("k", "s", "K")

    def typed(self, target: str) -> Order | None:
        """The order in which the line of a tensor was typed; None for what nobody typed."""
        if target not in self.program.definitions:
            return None
        equation = self.equation_of(target)
        return None if equation is None else self.typed_order(equation)

    def typed_order(self, equation: Equation) -> Order:
        """Position in a typed line at which each name stands first."""

        @cache
        def place(name: str) -> float:
            tensor = self.program[name]
            base = re.escape(tensor.of if tensor.role in ("next", "state", "input") and tensor.of else name)
            text = equation.text.partition("=")[2] or equation.text
            found = re.search(rf"(?<![A-Za-z0-9_]){base}(?=$|[^A-Za-z0-9_]|_\W*t)", text)
            if found is None and not tensor.named and name in self.program.definitions:
                return min((place(r.name) for r in self.program.definitions[name].operands), default=UNTYPED)
            return float(found.start()) if found else UNTYPED

        return place


def formula(
    formulas: Formulas,
    statement: Statement,
    *,
    wrap: Callable[[Piece], Piece] | None = None,
    left: Box | None = None,
    reason: Spans = (),
    number: int = 0,
    with_entries: bool = True,
) -> Formula:
    """A statement as a displayed line: in matrix notation with the entries behind it, or in entries alone.

    Parameters
    ----------
    wrap : callable, optional
        What to make of the right side, such as its sum over time.
    left : Box, optional
        The left side without indices; by default the target's letter.
    """
    wrapped = wrap or (lambda piece: piece)
    target = statement.target
    left = formulas.letter(target.name) if left is None else left
    indices = [formulas.symbols.index(i) for i in target.indices]
    arrays = formulas.arrays_of(statement)
    right = wrapped(formulas.entries_of(statement)).whole()
    if arrays is None:
        return Formula(entry(left, indices), (right,), None, reason, number)
    entries = None
    if with_entries and target.indices and mixes(formulas, statement):
        entries = (entry(left, indices), right)
    return Formula(left, (wrapped(arrays).whole(),), entries, reason, number)


def mixes(formulas: Formulas, statement: Statement) -> bool:
    """True if matrices hide something: a sum over an index, or an operand that lacks one."""
    if not isinstance(statement, Pointwise):
        return True
    for ref in statement.operands:
        if ref.indices and ref.indices != statement.target.indices:
            return True
        if formulas.symbols.inlined(ref.name) and mixes(formulas, formulas.symbols.definitions[ref.name]):
            return True
    return False
