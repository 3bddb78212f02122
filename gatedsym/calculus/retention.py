"""Find, from the equations alone, which gates hold a cell's state, and which parameters bias them.

The highway of a state is the direct path ∂s'/∂s: all that contractions and activations give held constant. A gate σ(a)
with which the size of the highway always grows, or always falls, retains the state, and the bias b in a says for how
long: where the highway is that gate, and every other input is zero, the state keeps the share σ(b) in each step; where
it is a product of several, the product of their shares. Gates that stand beside them in s' write.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy as sp

from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.names import identity_name, jacobian_name
from gatedsym.ir.functions import FUNCTIONS, sigmoid
from gatedsym.ir.interface import Gate as Gate
from gatedsym.ir.interface import Role
from gatedsym.ir.program import Pointwise, Program, Ref
from gatedsym.ir.ranges import Range, one_gate_for_each_argument, range_of, written_out


def find_gates(program: Program) -> tuple[Gate, ...]:
    """The gates that retain and write each state, in the order of the states."""
    gates: list[Gate] = []
    for name in program.results:
        if program[name].role == "next" and program[name].dims:
            gates += _gates_of_state(program, name)
    return tuple(gates)


def direct_path(program: Program, result: str, state: str) -> tuple[sp.Expr | None, Program]:
    """∂result/∂state with contractions and activations held, per unit, and the Program in which its names are defined.

    The path is None if it is not diagonal or is zero.
    """
    held = [
        s.target.name
        for s in program.statements
        if program[s.target.name].role == "local" and (not isinstance(s, Pointwise) or _is_activation(s))
    ]
    block = derive_jacobian(program, wrt=[state], of=[result], holding=held)
    statement = block.definitions[jacobian_name(result, state)]
    if not isinstance(statement, Pointwise):
        return None, block
    expression = _inlined(statement, block)
    dims = program[state].dims
    deltas = [r.symbol for r in _all_refs(block) if r.name in {identity_name(d) for d in dims}]
    for delta in deltas:
        expression = expression.subs(delta, 1)
    return (None if expression == 0 else expression), block


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
    highway, block = direct_path(program, result, state) if state in program else (None, program)
    if highway is None:
        return []
    gates = [Gate(state, name, bias, sign, Role.RETAIN) for name, bias, sign in _keepers(program, block, highway)]
    if not gates:
        return []
    kept = {g.gate for g in gates}, {g.bias for g in gates}
    for ref in program.definitions[result].operands:
        other = _as_gate(program, ref.name)
        if other is not None and ref.name not in kept[0] and other[0] not in kept[1]:
            gates.append(Gate(state, ref.name, *other, Role.WRITE))
    return gates


def _keepers(program: Program, block: Program, highway: sp.Expr) -> Iterator[tuple[str, str, int]]:
    """(gate, bias, sign) of each logistic gate with which the size of the highway always grows, or always falls.

    Whatever form the highway has (one gate, a product of gates, a mixture of two, an Euler step): what counts is the
    sign of its derivative by the gate, for all values that its other parts can have.
    """
    everything = sorted({*_all_refs(block), *_all_refs(program)})
    activations = [s.target.name for s in program.statements if isinstance(s, Pointwise) and _is_activation(s)]
    gates = [s.target.name for s in program.statements if _as_gate(program, s.target.name) is not None]
    letters: dict[sp.Expr, sp.Dummy] = {}
    names: dict[sp.Expr, dict[int, str]] = {}
    values: dict[sp.Expr, sp.Expr] = {}
    slopes = {e: sp.Dummy() for e in highway.atoms(sp.Function) if not isinstance(e, sigmoid)}
    known: dict[sp.Expr, Range] = {letter: range_of(e) for e, letter in slopes.items()}
    path = written_out(highway.xreplace(slopes), everything, (program,), keep=[*activations, *gates])
    for ref in everything:
        if ref.symbol not in path.free_symbols:
            continue
        gate = _logistic(program, ref)
        if gate is None:
            known[ref.symbol] = range_of(written_out(ref.symbol, [ref], (program,)))
            continue
        argument, coefficient = gate[0].symbol, gate[1]
        letter = letters.setdefault(argument, sp.Dummy())
        names.setdefault(argument, {}).setdefault(coefficient, ref.name)
        values[ref.symbol] = letter if coefficient > 0 else 1 - letter
    path = one_gate_for_each_argument(path).xreplace(values)
    path = path.xreplace({sigmoid(argument): letter for argument, letter in letters.items()})
    known |= dict.fromkeys(letters.values(), (sp.S.Zero, sp.S.One))
    for argument, letter in letters.items():
        sign = _sign_of_growth(path, letter, known)
        if sign:
            name = names[argument].get(sign) or next(iter(names[argument].values()))
            known_as = _as_gate(program, name)
            if known_as is not None:
                yield name, known_as[0], sign


def _sign_of_growth(path: sp.Expr, letter: sp.Dummy, known: Mapping[sp.Expr, Range]) -> int:
    """1 if the size of an expression never falls as a part of it grows, -1 if it never grows, 0 if neither is known."""
    slope = sp.diff(path, letter)
    if slope == 0:
        return 0
    above, below = sp.fraction(sp.cancel(slope / path))  # of the logarithm: factors of unknown sign cancel
    return _sign(slope, known) * _sign(path, known) or _sign(above, known) * _sign(below, known)


def _sign(expression: sp.Expr, known: Mapping[sp.Expr, Range]) -> int:
    """Of an expression in its factors; 0 if it has none for all values."""
    sign = 1
    for factor in sp.Mul.make_args(sp.factor(expression)):
        low, high = range_of(factor, known)
        sign *= 1 if low >= 0 else -1 if high <= 0 else 0
    return sign


def _logistic(program: Program, ref: Ref) -> tuple[Ref, int] | None:
    """(a, 1) of a gate σ(a), (a, -1) of σ(-a), under the gate's indices; None if the name is no such gate."""
    statement = program.definitions.get(ref.name)
    if not isinstance(statement, Pointwise) or len(statement.operands) != 1:
        return None
    renaming = dict(zip(statement.target.indices, ref.indices, strict=True))
    operand = statement.operands[0].rename(renaming)
    if statement.expression.is_Symbol:
        return _logistic(program, operand)
    if statement.expression.func is not sigmoid:
        return None
    coefficient, argument = statement.expression.args[0].as_coeff_Mul()
    return (operand, int(coefficient)) if argument.is_Symbol and coefficient in (1, -1) else None


def _as_gate(program: Program, name: str) -> tuple[str, int] | None:
    """(bias, sign) of a logistic gate; None if the name is no such gate."""
    statement = program.definitions.get(name)
    found = None if statement is None else _logistic(program, statement.target)
    return None if found is None else (_bias_of(program, found[0].name), found[1])


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
    found, users = [], program.users()
    for tensor in program.tensors:
        if tensor.role != "parameter" or tensor.name in program.definitions:
            continue
        uses = users[tensor.name]
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
