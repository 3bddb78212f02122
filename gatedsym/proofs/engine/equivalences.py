"""Two cells are one where their parameters and states correspond: every result, entry by entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gatedsym.errors import ProofError
from gatedsym.ir.program import NUMBERS, Program, Recurrence, next_name
from gatedsym.library.claims import Equivalence
from gatedsym.proofs.engine.algebra import Algebra, entries_of
from gatedsym.proofs.engine.brute_force import carry_out, off_kinks
from gatedsym.proofs.engine.budgets import Allowance
from gatedsym.proofs.engine.decide import Entry, Proof, array_entries, decide
from gatedsym.proofs.engine.expressions import declared, edited, expression_part, extended, identified
from gatedsym.proofs.engine.scalarise import shape_of, sizes_of
from gatedsym.typing import Array


def prove_equivalence(cell: Recurrence, claim: Equivalence, other: Recurrence, budget: int | Allowance) -> Proof:
    """Prove that a cell is another under a correspondence.

    Raises
    ------
    Refutation, Undecided, EquationError
    ProofError
        If the claim does not say what a name of the cell is in the other one, or leaves a result of either out.
    """
    mine = identified(edited(cell, claim.where, claim.declarations), claim.dimensions)
    theirs = identified(edited(other, claim.other_where, claim.declarations), claim.dimensions)
    pair = _Pair(claim, mine, theirs)
    pair.check()
    kinks = off_kinks(mine.program) or off_kinks(theirs.program)
    return decide(claim.statement, pair.sides, off_kinks=kinks, budget=budget)


@dataclass(frozen=True)
class _Pair:
    """A claim, and both cells as edited."""

    claim: Equivalence
    mine: Recurrence
    theirs: Recurrence

    @cached_property
    def sizes(self) -> dict[str, int]:
        """All different, also between the cells."""
        further = (self.symbols,) if self.symbols is not None else ()
        return sizes_of(*(r.program for r in (self.mine, self.theirs, *further)))

    @cached_property
    def symbols(self) -> Recurrence | None:
        symbols = declared(self.claim.declarations)
        return None if symbols is None else identified(symbols, self.claim.dimensions)

    @cached_property
    def scope(self) -> Recurrence:
        """The other's names, those declared, and the states that this cell has alone."""
        alone = tuple(s.name for s in self.mine.states if self._ignores(s.name))
        with_symbols = extended(self.theirs, self.symbols)
        return extended(with_symbols, self.mine, alone) if alone else with_symbols

    @cached_property
    def given(self) -> dict[str, tuple[Program, str]]:
        """For each name of this cell of which the claim speaks the expression that it is."""
        return {
            name: expression_part(self.scope, text)
            for name, text in {**self.claim.parameters, **self.claim.states}.items()
        }

    @cached_property
    def imposed(self) -> dict[str, tuple[Program, str]]:
        """For each parameter of the other of which the claim speaks the expression that it is."""
        return {name: expression_part(self.scope, text) for name, text in self.claim.other_parameters.items()}

    @cached_property
    def live(self) -> Program:
        """This cell without what does not reach its results: an edit may leave a gate that nothing reads."""
        return self.mine.program.with_results(self.mine.program.results)

    @cached_property
    def sources(self) -> tuple[str, ...]:
        return tuple(n for n in self.live.sources if self.live[n].role not in NUMBERS)

    def _ignores(self, name: str) -> bool:
        """Whether the claim leaves a tensor of this cell out, before or after the step.

        A name that is left out but has a correspondence is the other's.
        """
        base = self.mine.program[name].of or name if name in self.mine.program else name
        return base in self.claim.ignoring and base not in self.claim.states

    def _is_past(self, name: str) -> bool:
        """Whether a source is a row of the past that the other cell does not read: any value will do then."""
        tensor = self.mine.program[name]
        ordinary = {"input": 0, "state": 1}.get(tensor.role, tensor.lag)
        return tensor.lag != ordinary and name not in self.theirs.program

    def check(self) -> None:
        """Every name that the claim speaks of exists, and it speaks of every name that needs a word."""
        for name in sorted(self.given):
            if name not in self.mine.program:
                raise self._fault(f"speaks of {name}, which the cell does not have: correct the name")
        for name in sorted(self.imposed):
            if name not in self.theirs.program:
                raise self._fault(f"speaks of {name}, which the other cell does not have: correct the name")
            # An expression of what is replaced itself would be a circle, or say something else than it seems.
            used = sorted(set(self.imposed[name][0].sources) & self.imposed.keys())
            if used:
                raise self._fault(f"gives {name} by {used[0]}, which it gives as well: use declared names")
        if all(self._ignores(name) for name in self.mine.program.results):
            raise self._fault("compares nothing: leave fewer names out")
        self._check_mine()
        self._check_theirs()

    def _check_mine(self) -> None:
        program, scope = self.mine.program, self.scope.program
        for name in (*self.sources, *program.results):
            base = program[name].of or name
            if self._ignores(name):
                continue
            if base in self.claim.states:
                if program[name].role == "state" and name != base:
                    raise self._fault(f"maps {base}, of which the cell reads {name}: delays have no correspondence")
                continue
            if name in self.given or self._is_past(name):
                continue
            if name not in scope:
                raise self._fault(f"does not say what {name} is in the other cell: add it to the claim")
            if scope[name].dims != program[name].dims:
                raise self._fault(f"compares {name} of different shapes: say in the claim what it is")

    def _check_theirs(self) -> None:
        """A result of the other is compared, or named by a state's expression, or left out in so many words."""
        states = {state.name for state in self.mine.states}
        named = {
            next_name(source) if name in states else source
            for name in self.claim.states
            for source in self.given[name][0].sources
        }
        mine = set(self.mine.program.results)
        for name in self.theirs.program.results:
            base = self.theirs.program[name].of or name
            compared = name in mine and base not in self.claim.states
            if not (compared or name in named or base in self.claim.ignoring):
                raise self._fault(f"leaves out {name}, which the other cell has: add it to the claim, or to ignoring")

    def _fault(self, what: str) -> ProofError:
        return ProofError(f"'{self.claim.text}' {what}")

    def sides(self, algebra: Algebra) -> Iterator[Entry]:
        """Every result of this cell, and what it should be."""
        names, program = self._other_values(algebra), self.mine.program
        given = {}
        for name in self.sources:
            if name in self.given:
                given[name] = self._value(*self.given[name], names, shape_of(program, name, self.sizes), algebra)
            else:
                given[name] = names[self._own(name) if self._is_free(name) else name]
        computed = carry_out(self.live, given, self.sizes, algebra)
        later = self._later(names, computed)
        for name in program.results:
            base = program[name].of or name
            if self._ignores(name):
                continue
            if base in self.given:
                values = later if program[name].role == "next" else names
                expected = self._value(*self.given[base], values, shape_of(program, name, self.sizes), algebra)
            else:
                expected = names[name]
            yield from array_entries(name, computed[name], expected)

    def _is_free(self, name: str) -> bool:
        """Whether a source of this cell may have any value, whatever the other's are."""
        return self._ignores(name) or self._is_past(name)

    def _own(self, name: str) -> str:
        """Name of a free source of this cell among the names of expressions."""
        return name if name not in self.theirs.program else f"{name} of the cell"

    def _other_values(self, algebra: Algebra) -> dict[str, Array]:
        """Every name of the other cell, those declared, and free sources of this one."""
        free: dict[str, Array] = {}
        programs = [self.theirs.program, *([self.symbols.program] if self.symbols else [])]
        for program in programs:
            for name in program.sources:
                if program[name].role not in NUMBERS:
                    free[name] = entries_of(algebra.symbol, name, shape_of(program, name, self.sizes))
        for name in self.sources:
            if self._is_free(name):
                label = self._own(name)
                free[label] = entries_of(algebra.symbol, label, shape_of(self.mine.program, name, self.sizes))
        imposed = {
            name: self._value(*part, free, shape_of(self.theirs.program, name, self.sizes), algebra)
            for name, part in self.imposed.items()
        }
        return free | carry_out(self.theirs.program, free | imposed, self.sizes, algebra)

    def _later(self, names: Mapping[str, Array], computed: Mapping[str, Array]) -> dict[str, Array]:
        """The names of expressions after the step."""
        later = dict(names)
        for state in self.theirs.states:
            later |= {part: names[next_name(part)] for part in state.parts if next_name(part) in names}
        for state in self.mine.states:
            if self._ignores(state.name):
                later |= {self._own(part): computed[next_name(part)] for part in state.parts}
        return later

    def _value(
        self, part: Program, result: str, names: Mapping[str, Array], shape: tuple[int, ...], algebra: Algebra
    ) -> Array:
        """An expression's value, a scalar spread over the shape."""
        value = carry_out(part, names, self.sizes, algebra)[result]
        if value.shape not in ((), shape):
            raise self._fault(f"gives an expression of shape {value.shape} where {shape} is needed: mend it")
        return np.broadcast_to(value, shape)
