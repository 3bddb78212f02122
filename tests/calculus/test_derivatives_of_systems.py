"""Adjoint, tangent and Jacobian of linear systems, against brute-force differentiation of Cramer's rule."""

from __future__ import annotations

import warnings
from dataclasses import replace

import pytest

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.costs import count_costs
from gatedsym.calculus.gradients import plan_gradients
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.equations import read_equations
from gatedsym.errors import EquationWarning, ProofError
from gatedsym.ir.program import Program, Solve
from gatedsym.proofs.engine.brute_force import prove_adjoint, prove_jacobian, prove_tangent

CELLS = {
    "cayley": "h in R^n; A in R^(n,n)\nh' = tanh((I + A)^{-1} (I - A) h)",
    "state": "h, b in R^n; A in R^(n,n)\nh' = tanh((A + outer(h, h))^{-1} b)",
    "both": "x, h in R^n; A in R^(n,n)\nh' = solve(I - dot(x, x) * A, h + x)",
    "transposed": "h, b in R^n; A in R^(n,n)\nh' = h.T (A + outer(b, h))^{-1}",
    "columns": "x in R^n; M in R^(n,m); A in R^(n,n)\nM' = solve(A + outer(x, x), M)",
    "constant": "h, b in R^n; A in R^(n,n)\nh' = tanh(A^{-1} b * h)",
}


def program(name: str) -> Program:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(CELLS[name]).program


def given(step: Program) -> list[str]:
    return [n for n in step.sources if step[n].role in ("input", "state", "parameter")]


@pytest.mark.parametrize("name", CELLS)
def test_derivatives_of_a_system_are_proven(name):
    step = program(name)
    proofs = [
        prove_adjoint(step, derive_adjoint(step, given(step)), wrt=given(step)),
        prove_tangent(step, derive_tangent(step)),
        prove_jacobian(step, derive_jacobian(step)),
    ]
    for proof in proofs:
        assert proof.error_bound is None or proof.error_bound < 1e-9
        assert "where no matrix of a linear system is singular" in str(proof)


def test_the_adjoint_of_a_system_is_one_with_the_transposed_matrix():
    step = program("both")
    (system,) = (s for s in step.statements if isinstance(s, Solve))
    (back,) = (s for s in derive_adjoint(step).statements if isinstance(s, Solve))
    assert back.matrix.name == system.matrix.name
    assert back.transposed != system.transposed


@pytest.mark.parametrize("name", ["both", "cayley"])
def test_a_system_that_is_not_transposed_on_the_way_back_is_refuted(name):
    step = program(name)
    adjoint = derive_adjoint(step, given(step))
    wrong = tuple(
        replace(s, matrix=replace(s.matrix, indices=s.matrix.indices[::-1])) if isinstance(s, Solve) else s
        for s in adjoint.statements
    )
    with pytest.raises(ProofError, match="not so"):
        prove_adjoint(step, replace(adjoint, statements=wrong), wrt=given(step))


def test_the_gradient_of_a_cayley_matrix_is_solved_for_once_at_the_end():
    step = program("cayley")
    plan = plan_gradients(derive_adjoint(step, given(step)), step)
    assert not any(isinstance(s, Solve) for s in (*plan.step, *plan.sums))
    assert sum(isinstance(s, Solve) for s in plan.finish) == 1


def test_the_chain_rule_of_a_large_step_knows_systems():
    step = program("both")
    proof = prove_tangent(step, derive_tangent(step), sizes={"n": 4})
    assert "chain rule" in str(proof)


def test_a_system_costs_a_third_of_a_cube():
    costs = count_costs(program("both"))
    assert str(costs.multiply_adds) == "n**3/3 + n**2 + n"
    assert costs.sequential == 1
