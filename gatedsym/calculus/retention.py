"""Find, from the equations alone, which gates hold a cell's state, and which parameters bias them.

The highway of a state is the direct path ∂s'/∂s: all that contractions and activations give held constant. Where it is
one gate, σ(a) with a bias b in a, that gate retains the state, and b (with its sign) says for how long: with every
other input at zero the state keeps the share σ(b) in each step. Gates that stand beside it in s' write.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sympy as sp

from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.names import identity_name, jacobian_name
from gatedsym.functions import FUNCTIONS, sigmoid
from gatedsym.program import Contraction, Pointwise, Program, Ref


@dataclass(frozen=True)
class Gate:
    """
    Attributes
    ----------
    state : str
    gate : str
        The value that lets through: ``f``, or ``one_minus_z``.
    bias : str
        The parameter that shifts the gate's pre-activation; "" if there is none.
    sign : int
        +1 if a larger bias opens the gate, -1 if it closes it.
    role : {"retain", "write"}
    """

    state: str
    gate: str
    bias: str
    sign: int
    role: Literal["retain", "write"]


def find_gates(program: Program) -> tuple[Gate, ...]:
    """The gates that retain and write each state, in the order of the states."""
    gates: list[Gate] = []
    for name in program.results:
        if program[name].role == "next" and program[name].dims:
            gates += _gates_of_state(program, name)
    return tuple(gates)


def direct_path(program: Program, result: str, state: str) -> sp.Expr | None:
    """∂result/∂state with contractions and activations held, per unit; None if it is not diagonal or zero."""
    held = [
        s.target.name
        for s in program.statements
        if program[s.target.name].role == "local" and (isinstance(s, Contraction) or _is_activation(s))
    ]
    block = derive_jacobian(program, wrt=[state], of=[result], holding=held)
    statement = block.definitions[jacobian_name(result, state)]
    if not isinstance(statement, Pointwise):
        return None
    expression = _inlined(statement, block)
    dims = program[state].dims
    deltas = [r.symbol for r in _all_refs(block) if r.name in {identity_name(d) for d in dims}]
    for delta in deltas:
        expression = expression.subs(delta, 1)
    return None if expression == 0 else expression


def _all_refs(program: Program) -> list[Ref]:
    return sorted({r for s in program.statements for r in s.operands})


def _inlined(statement: Pointwise, program: Program) -> sp.Expr:
    """The expression with Jacobian blocks of locals written out (they carry the same indices)."""
    expression = statement.expression
    for ref in statement.operands:
        inner = program.definitions.get(ref.name)
        if isinstance(inner, Pointwise):
            renaming = dict(zip(inner.target.indices, ref.indices, strict=True))
            value = _inlined(inner, program).xreplace({r.symbol: r.rename(renaming).symbol for r in _all_refs(program)})
            expression = expression.xreplace({ref.symbol: value})
    return expression


def _is_activation(statement: Pointwise) -> bool:
    return bool(statement.expression.is_Function) and type(statement.expression).__name__ in FUNCTIONS


def _gates_of_state(program: Program, result: str) -> list[Gate]:
    state = program[result].of
    path = direct_path(program, result, state) if state in program else None
    if path is None or not path.is_Symbol:
        return []
    keeper = str(path).split("[")[0]
    known = _as_gate(program, keeper)
    if known is None:
        return []
    gates = [Gate(state, keeper, *known, "retain")]
    definition = program.definitions[result]
    for ref in definition.operands:
        other = _as_gate(program, ref.name)
        if other is not None and ref.name != keeper and other[0] != known[0]:
            gates.append(Gate(state, ref.name, *other, "write"))
    return gates


def _as_gate(program: Program, name: str) -> tuple[str, int] | None:
    """(bias, sign) of a logistic gate; None if the name is no such gate."""
    statement = program.definitions.get(name)
    if not isinstance(statement, Pointwise):
        return None
    expression = statement.expression
    if expression.is_Symbol and statement.operands:
        return _as_gate(program, statement.operands[0].name)
    if expression.func is not sigmoid:
        return None
    coefficient, argument = expression.args[0].as_coeff_Mul()
    if not argument.is_Symbol or coefficient not in (1, -1):
        return None
    ref = statement.operands[0]
    return _bias_of(program, ref.name), int(coefficient)


def _bias_of(program: Program, name: str) -> str:
    statement = program.definitions.get(name)
    if not isinstance(statement, Pointwise):
        return ""
    for ref in statement.operands:
        plain = program[ref.name].role == "parameter" and ref.indices == statement.target.indices
        if plain and ref.symbol not in (statement.expression - ref.symbol).free_symbols:
            return ref.name
    return ""


def find_biases(program: Program) -> tuple[str, ...]:
    """Parameters that only ever stand as a summand, bare or under a gate: they shift, and weigh nothing."""
    found = []
    for tensor in program.tensors:
        if tensor.role != "parameter" or tensor.name in program.definitions:
            continue
        uses = [s for s in program.statements if any(r.name == tensor.name for r in s.operands)]
        if uses and all(_only_adds(s, tensor.name, program) for s in uses):
            found.append(tensor.name)
    return tuple(found)


def _only_adds(statement: object, name: str, program: Program) -> bool:
    """Whether every use is as a summand beside something computed, as v in ``r * (U @ h + v)``."""
    if not isinstance(statement, Pointwise):
        return False
    symbols = {r.symbol for r in statement.operands if r.name == name}
    computed = {r.symbol for r in statement.operands if r.name in program.batched}
    rest = statement.expression.replace(
        lambda e: e.is_Add and bool(e.free_symbols & computed),
        lambda e: sp.Add(*(term for term in e.args if term.as_coeff_Mul()[1] not in symbols)),
    )
    return not rest.free_symbols & symbols
