"""Cell → the gates on the highways of its states, and what becomes of the step when one is fully open or closed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import sympy as sp

from gatedsym.ir.functions import sigmoid
from gatedsym.ir.program import Pointwise, Ref, Statement, pointwise
from gatedsym.typesetting.document import Formula
from gatedsym.typesetting.notation import Box, Number
from gatedsym.typesetting.pages.highway import highway_expression, self_highways, single_gate
from gatedsym.typesetting.pages.step import Step, formula


@dataclass(frozen=True)
class GateOnHighway:
    """A gate that multiplies what goes along the highway of a state.

    Attributes
    ----------
    name : str
        The gate, as the Program calls it.
    source, result : str
        The state before the step and its next value.
    factor : sympy.Expr
        Of the highway.
    operands : tuple of Ref
        The factor's.
    single : bool, optional
        Whether the factor is 1 minus the gate, where it is the gate or 1 minus it; None where it is more.
    """

    name: str
    source: str
    result: str
    factor: sp.Expr
    operands: tuple[Ref, ...]
    single: bool | None

    def factor_at(self, step: Step, value: int) -> Box:
        """The factor of the highway where every entry of the gate is 1 or 0."""
        if self.single is not None:
            return Number(str(1 - value if self.single else value))
        numbers = {r.symbol: sp.Integer(value) for r in self.operands if r.name == self.name}
        for ref in self.operands:  # 1 - f and 1 - f² have names of their own
            complement = step.primal.complement(ref.name) if ref.name != self.name else None
            if complement is not None and complement[1] == self.name:
                numbers[ref.symbol] = sp.Integer(1 - value ** complement[0])
        changed = self.factor.xreplace(numbers)
        piece = step.primal.elementwise(changed, [r for r in self.operands if r.symbol in changed.free_symbols])
        return Number("?") if piece is None else piece.whole()

    def update_at(self, step: Step, value: int) -> Formula | None:
        """The line of the state where every entry of the gate is 1 or 0; None where it does not read the gate."""
        statement = step.program.definitions[self.result]
        if not isinstance(statement, Pointwise):
            return None
        gates = {r.symbol: sp.Integer(value) for r in statement.operands if r.name == self.name}
        if not gates:
            return None
        changed: Statement = pointwise(statement.target, statement.expression.xreplace(gates), statement.operands)
        line = formula(step.primal, changed, with_entries=False)
        return Formula(line.left, line.right)

    def half_after(self, steps: int) -> tuple[float, float]:
        """The factor that leaves one half after so many steps, and the bias of the gate that gives it alone."""
        keep = 0.5 ** (1 / steps)
        bias = math.log(keep / (1 - keep))
        return keep, -bias if self.single else bias


def gates_on_highways(step: Step) -> Iterator[GateOnHighway]:
    """The sigmoid gates on the highways of a cell; each gate once for each state."""
    if not step.states:
        return
    for source, paths in self_highways(step).items():
        result = f"{step.program[source].of}'"
        factor, operands = highway_expression(paths)
        alone = single_gate(step, paths)
        if alone is not None:
            yield GateOnHighway(alone[0], source, result, factor, operands, alone[1])
            continue
        for name in dict.fromkeys(r.name for r in operands):
            definition = step.program.definitions.get(name)
            if isinstance(definition, Pointwise) and definition.expression.func is sigmoid and step.program[name].named:
                yield GateOnHighway(name, source, result, factor, operands, None)
