"""What a derived Program must hold comes from the cell: what it lost, has twice or under another name is refuted."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import sympy as sp

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.equations import read_equations
from gatedsym.errors import ProofError
from gatedsym.ir.program import Pointwise, Program, pointwise
from gatedsym.proofs.engine.brute_force import prove_adjoint, prove_jacobian, prove_tangent
from gatedsym.proofs.engine.decide import Proof

DELAYED = """
x in R^m;  h in R^n
W in R^(n,m);  V in R^(n,m);  U in R^(n,n);  b in R^n;  alpha = 0.5
output y
h' = tanh(W @ x + V @ x[-1] + U @ h[-2] + b) + alpha * h
y  = h' * h
"""

PROOFS: dict[str, tuple[Callable[[Program], Program], Callable[[Program, Program], Proof]]] = {
    "adjoint": (derive_adjoint, prove_adjoint),
    "tangent": (derive_tangent, prove_tangent),
    "jacobian": (derive_jacobian, prove_jacobian),
}


def without_result(derived: Program, name: str) -> Program:
    return replace(derived, results=tuple(r for r in derived.results if r != name))


def with_result_twice(derived: Program, name: str) -> Program:
    return replace(derived, results=(*derived.results, name))


def with_result_of_another(derived: Program, name: str) -> Program:
    """The same numbers under the name of the next result; a Jacobian's blocks change names as well."""
    results = list(derived.results)
    other = results[(results.index(name) + 1) % len(results)]
    swap = {name: other, other: name}
    if derived[name].role == "jacobian":
        return renamed(derived, swap)
    of = {name: derived[other].of, other: derived[name].of}
    return replace(derived, tensors=tuple(replace(t, of=of.get(t.name, t.of)) for t in derived.tensors))


def renamed(derived: Program, swap: dict[str, str]) -> Program:
    statements = [
        replace(s, target=replace(s.target, name=swap.get(s.target.name, s.target.name))) for s in derived.statements
    ]
    return replace(derived, statements=tuple(statements))


def without_source(derived: Program, name: str) -> Program:
    """What reads a cotangent or a direction reads zero."""
    statements = []
    for s in derived.statements:
        if name not in {r.name for r in s.operands}:
            statements.append(s)
            continue
        zeros = {r.symbol: 0 for r in s.operands if r.name == name}
        left = sp.sympify(s.expression.xreplace(zeros) if isinstance(s, Pointwise) else 0)
        statements.append(pointwise(s.target, left, s.operands))
    tensors = tuple(t for t in derived.tensors if t.name != name)
    return replace(derived, tensors=tensors, statements=tuple(statements))


def losses(program: Program, derived: Program) -> Iterator[tuple[str, Program]]:
    for name in derived.results:
        yield f"without {name}", without_result(derived, name)
        yield f"{name} twice", with_result_twice(derived, name)
        yield f"{name} for another", with_result_of_another(derived, name)
    for name in derived.sources:
        if derived[name].role in ("cotangent", "tangent") and name not in program:
            yield f"without {name}", without_source(derived, name)


@pytest.mark.parametrize("kind", PROOFS)
@pytest.mark.parametrize("cell", ["lstm", "delayed"])
@pytest.mark.sampled
def test_nothing_can_be_lost_from_a_derived_program(cell: str, kind: str, request: pytest.FixtureRequest) -> None:
    recurrence = read_equations(DELAYED, name="delayed") if cell == "delayed" else request.getfixturevalue(cell)
    derive, prove = PROOFS[kind]
    program = recurrence.program
    derived = derive(program)
    assert prove(program, derived)
    found = {what: refuted(prove, program, lossy) for what, lossy in losses(program, derived)}
    assert len(found) >= 3
    assert all(found.values()), found


def refuted(prove: Callable[[Program, Program], Proof], program: Program, derived: Program) -> bool:
    try:
        prove(program, derived)
    except ProofError:
        return True
    return False


def test_a_tangent_without_a_state_and_a_jacobian_without_its_blocks_are_refuted(lstm) -> None:
    program = lstm.program
    with pytest.raises(ProofError):
        prove_tangent(program, derive_tangent(program, [s for s in program.sources if s != "c"]))
    with pytest.raises(ProofError, match="lacks what belongs to"):
        prove_jacobian(program, derive_jacobian(program, wrt=["h"]))
    with pytest.raises(ProofError, match="lacks what belongs to b_f"):
        prove_adjoint(program, derive_adjoint(program, [s for s in program.sources if s != "b_f"]))
