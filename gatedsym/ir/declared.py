"""Program → which of its values have a declared derivative, and the lines and remarks that say so wherever it is shown.

A declared derivative (a surrogate, a straight-through or a stopped value) is *not* the derivative of the value. All
that is derived from such a cell follows it: adjoint, tangent, Jacobian, gradients.
"""

from __future__ import annotations

import sympy as sp

from gatedsym.ir.functions import declared, pivot, stop
from gatedsym.ir.program import Pointwise, Program, Recurrence


def declared_in(program: Program) -> tuple[str, ...]:
    """The names of a Program's values that have a declared derivative, or are stopped by declaration."""
    return _with(program, declared, stop)


def shifted_in(program: Program) -> tuple[str, ...]:
    """The names of values from which a softmax has subtracted its largest entry."""
    return _with(program, pivot)


def _with(program: Program, *functions: type[sp.Function]) -> tuple[str, ...]:
    return tuple(s.target.name for s in program.statements if isinstance(s, Pointwise) and s.expression.has(*functions))


def declared_lines(recurrence: Recurrence) -> tuple[str, ...]:
    """The equations in which a derivative is declared, as text."""
    program = recurrence.program
    names = set(declared_in(program))
    unnamed = {name for name in names if not program[name].named}  # made for one line, and read by others as well

    def declares(computed: str) -> bool:
        statement = program.definitions.get(computed)
        return computed in names or (statement is not None and any(r.name in unnamed for r in statement.operands))

    return tuple(e.text for e in recurrence.equations if any(map(declares, e.computes)))


def declared_targets(recurrence: Recurrence) -> tuple[str, ...]:
    """Names that these equations define: ``z'``, ``c``."""
    return tuple(line.partition(" = ")[0] for line in declared_lines(recurrence))


def remarks_on(program: Program) -> tuple[str, ...]:
    """Manner of a proof about derivatives of a Program, where it is not the usual one."""
    remarks = []
    if names := declared_in(program):
        remarks.append(f"taking as declared, not as derived, what {', '.join(names)} pass on")
    if shifted_in(program):
        remarks.append("differentiating through what a softmax subtracts, which drops out")
    return tuple(remarks)
