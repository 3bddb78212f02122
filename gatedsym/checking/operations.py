"""Programs that differ in a few statements → their values: what is the same is found out once, and computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from gatedsym.ir.evaluate import NUMPY, given_array
from gatedsym.ir.operations import ProgramOperation, operation_of
from gatedsym.ir.program import Program, Statement
from gatedsym.typing import Array

Values = Mapping[str, Array]


class Operations:
    """A Program as operations on arrays.

    Parameters
    ----------
    program : Program
    sizes : mapping of str to int
        Of every dimension that has a name.
    """

    def __init__(self, program: Program, sizes: Mapping[str, int]) -> None:
        self.program, self.sizes = program, sizes
        self._order = {s.target.name: n for n, s in enumerate(program.statements)}
        self._steps = [self._step(s) for s in program.statements]
        self._fixed = {
            n: self._number(n) for n in program.sources if program[n].role in ("constant", "identity", "fixed")
        }
        self._readers: dict[str, list[int]] = {}
        for n, s in enumerate(program.statements):
            for ref in s.operands:
                self._readers.setdefault(ref.name, []).append(n)
        self._changed: dict[int, tuple[Statement, ProgramOperation]] = {}

    def _step(self, s: Statement) -> tuple[str, tuple[str, ...], ProgramOperation]:
        return s.target.name, self.program[s.target.name].dims, operation_of(s, self.program)

    def _number(self, name: str) -> Array:
        tensor = self.program[name]
        if tensor.role == "constant":
            return np.asarray(NUMPY.number(tensor.value), dtype=NUMPY.dtype)
        return given_array(tensor, self.sizes, NUMPY)

    def values(self, given: Values, changes: Sequence[Statement] = ()) -> dict[str, Array]:
        """All values, with some statements in place of others."""
        steps = self._with(changes)
        known = {**self._fixed, **given}
        for name, dims, operation in steps:
            known[name] = self._carried_out(dims, operation, known)
        return known

    def again(self, known: Values, changes: Sequence[Statement]) -> dict[str, Array]:
        """All values with some statements changed, from those without."""
        steps = self._with(changes)
        found = dict(known)
        dirty = sorted({self._order[s.target.name] for s in changes})
        due = set(dirty)
        at = dirty[0] if dirty else len(steps)
        for n in range(at, len(steps)):
            if n in due:
                name, dims, operation = steps[n]
                found[name] = self._carried_out(dims, operation, found)
                due.update(self._readers.get(name, ()))
        return found

    def _with(self, changes: Sequence[Statement]) -> list[tuple[str, tuple[str, ...], ProgramOperation]]:
        if not changes:
            return self._steps
        steps = list(self._steps)
        for s in changes:
            key = id(s)
            if key not in self._changed:
                self._changed[key] = (s, operation_of(s, self.program))
            name = s.target.name
            steps[self._order[name]] = (name, self.program[name].dims, self._changed[key][1])
        return steps

    def _carried_out(self, dims: tuple[str, ...], operation: ProgramOperation, known: Values) -> Array:
        value = operation.value(known, self.sizes, NUMPY)
        lead = value.shape[: value.ndim - len(dims)]
        shape = lead + tuple(int(d) if d.isdigit() else self.sizes[d] for d in dims)
        return value if value.shape == shape else np.broadcast_to(value, shape)
