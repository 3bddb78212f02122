"""Derived Programs equal brute-force differentiation, and planted faults are refuted."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import sympy as sp

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.jacobian import derive_jacobian
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.equations import read_equations
from gatedsym.errors import ProofError
from gatedsym.ir import functions
from gatedsym.ir.program import Contraction, Pointwise, Program, Recurrence, Ref, Statement
from gatedsym.proofs.engine import brute_force, decide
from gatedsym.proofs.engine.brute_force import prove_adjoint, prove_jacobian, prove_tangent
from gatedsym.proofs.engine.decide import IDENTITY_TEST, NORMAL_FORM, Proof, Refutation

CELLS = ("rnn", "lstm", "gru", "stabilised")


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.sampled
def test_adjoint_is_proven_by_normal_form_against_brute_force(cell: str, request: pytest.FixtureRequest) -> None:
    program = request.getfixturevalue(cell).program
    proof = prove_adjoint(program, derive_adjoint(program))
    assert (proof.method, proof.differentiation) == (NORMAL_FORM, "brute force")


def test_adjoint_of_the_lstm_has_an_entry_for_every_source_entry(lstm: Recurrence) -> None:
    proof = prove_adjoint(lstm.program, derive_adjoint(lstm.program))
    assert proof.entries == 4 * (3 * 2 + 3 * 3 + 3) + 2 + 3 + 3


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.sampled
def test_tangent_is_proven_by_normal_form(cell: str, request: pytest.FixtureRequest) -> None:
    program = request.getfixturevalue(cell).program
    assert prove_tangent(program, derive_tangent(program)).method == NORMAL_FORM


@pytest.mark.parametrize("cell", CELLS)
def test_jacobian_is_proven_by_normal_form(cell: str, request: pytest.FixtureRequest) -> None:
    program = request.getfixturevalue(cell).program
    assert prove_jacobian(program, derive_jacobian(program)).method == NORMAL_FORM


def test_adjoint_of_the_adjoint_is_proven(rnn: Recurrence) -> None:
    adjoint = derive_adjoint(rnn.program)
    assert prove_adjoint(adjoint, derive_adjoint(adjoint)).entries > 23
    assert prove_tangent(adjoint, derive_tangent(adjoint)).entries == 23


def test_tangent_of_the_tangent_is_proven(rnn: Recurrence) -> None:
    tangent = derive_tangent(rnn.program)
    assert prove_tangent(tangent, derive_tangent(tangent)).entries == 3


@pytest.mark.parametrize("cell", CELLS)
def test_identity_test_takes_over_when_the_budget_is_spent(cell: str, request: pytest.FixtureRequest) -> None:
    program = request.getfixturevalue(cell).program
    proof = prove_adjoint(program, derive_adjoint(program), budget=10)
    assert proof.method == IDENTITY_TEST
    assert proof.error_bound is not None
    assert proof.error_bound < 1e-100


@pytest.mark.parametrize("cell", CELLS)
def test_scalar_chain_rule_agrees_where_the_step_is_too_large(
    cell: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brute_force, "TREE_LIMIT", 0)
    program = request.getfixturevalue(cell).program
    proof = prove_adjoint(program, derive_adjoint(program))
    assert (proof.method, proof.differentiation) == (NORMAL_FORM, "scalar chain rule")


def test_cells_with_branches_are_proven_off_the_kinks(stabilised: Recurrence, lstm: Recurrence) -> None:
    assert prove_tangent(stabilised.program, derive_tangent(stabilised.program)).off_kinks
    assert not prove_tangent(lstm.program, derive_tangent(lstm.program)).off_kinks


def test_cells_with_many_branches_are_proven_with_free_variables_for_sums(
    lstm: Recurrence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decide, "POINT_BUDGET", 1_000)  # too little for an identity test
    proof = _proof_of_many_branches(lstm)
    assert (proof.method, proof.differentiation, proof.off_kinks) == (NORMAL_FORM, "scalar chain rule", True)


def test_cells_with_many_branches_are_proven_at_one_point_where_steps_may_be_any_functions(lstm: Recurrence) -> None:
    proof = _proof_of_many_branches(lstm)
    assert (proof.method, proof.differentiation, proof.off_kinks) == (IDENTITY_TEST, "brute force", True)


def _proof_of_many_branches(lstm: Recurrence) -> Proof:
    """The proof of an adjoint with four hard gates, after the same adjoint with a wrong sign is refuted."""
    program = read_equations(lstm.source.replace("sigmoid", "hard_sigmoid")).program
    adjoint = derive_adjoint(program)
    with pytest.raises(Refutation):
        prove_adjoint(program, _altered(adjoint, _flip_the_sign), budget=100_000)
    return prove_adjoint(program, adjoint, budget=100_000)


REDUCTIONS = {
    "softmax-like": "x in R^m; h in R^n; W in R^(n,m)\na = W @ x + h\ne = exp(a - max(a))\nh' = e / sum(e)",
    "normalised": "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\neps = 1e-5\nv = W @ x + U @ h\n"
    "h' = tanh((v - mean(v)) / sqrt(mean((v - mean(v))**2) + eps))",
    "gelu": "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = gelu(W @ x + U @ h)",
    "gelu_tanh": "x in R^m; h in R^n; W in R^(n,m)\nh' = gelu_tanh(W @ x + h)",
    "rotation": "x in R^m; h in R^n; W in R^(n,m)\na = W @ x\nh' = h * cos(a) + sin(a)",
    "matrix state": "x in R^m; C in R^(n,n); W_{q,k} in R^(n,m)\nq = W_q @ x\nk = W_k @ x\n"
    "C' = C + outer(q, k)\noutput y\ny = C' @ q / max(abs(dot(q, k)), 1)",
    "delay": "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x[-1] + U @ h[-2] + h)",
}


@pytest.mark.parametrize("name", sorted(REDUCTIONS))
@pytest.mark.sampled
def test_reductions_roots_and_further_functions_are_proven(name: str) -> None:
    program = read_equations(REDUCTIONS[name], name="cell").program
    for proof in (
        prove_adjoint(program, derive_adjoint(program)),
        prove_tangent(program, derive_tangent(program)),
        prove_jacobian(program, derive_jacobian(program)),
    ):
        assert proof.entries > 0
        assert proof.error_bound is None or proof.error_bound < 1e-100


# Planted faults.


def _altered(program: Program, change: Callable[[Statement], Statement | None]) -> Program:
    """The Program with the first statement changed for which `change` gives something else."""
    statements = list(program.statements)
    for place, statement in enumerate(statements):
        new = change(statement)
        if new is not None:
            statements[place] = new
            return replace(program, statements=tuple(statements))
    raise AssertionError("nothing to alter: the fault was not planted")


def _drop_a_term(statement: Statement) -> Statement | None:
    if not isinstance(statement, Pointwise) or not statement.expression.is_Add:
        return None
    rest = sp.Add(*sorted(statement.expression.args, key=str)[1:])
    kept = tuple(r for r in statement.operands if r.symbol in rest.free_symbols)
    return replace(statement, expression=rest, operands=kept)


def _flip_the_sign(statement: Statement) -> Statement | None:
    if not isinstance(statement, Pointwise) or not statement.expression.is_Mul:
        return None
    return replace(statement, expression=-statement.expression)


def _transpose(name: str) -> Callable[[Statement], Statement | None]:
    def change(statement: Statement) -> Statement | None:
        if not isinstance(statement, Contraction) or name not in {f.name for f in statement.factors}:
            return None
        factors = tuple(Ref(f.name, f.indices[::-1]) if f.name == name else f for f in statement.factors)
        return replace(statement, factors=factors)

    return change


@pytest.mark.parametrize("cell", ["lstm", "gru"])
@pytest.mark.parametrize("fault", [_drop_a_term, _flip_the_sign, _transpose("U_g")])
def test_a_wrong_adjoint_is_refuted(
    cell: str, fault: Callable[[Statement], Statement | None], request: pytest.FixtureRequest
) -> None:
    program = request.getfixturevalue(cell).program
    wrong = _altered(derive_adjoint(program), fault)
    with pytest.raises(Refutation, match=r"At d_.* the left side is .*, the right side "):
        prove_adjoint(program, wrong)


@pytest.mark.parametrize("fault", [_flip_the_sign, _transpose("U_g")])
def test_a_wrong_tangent_is_refuted(fault: Callable[[Statement], Statement | None], lstm: Recurrence) -> None:
    with pytest.raises(Refutation, match="At dot_"):
        prove_tangent(lstm.program, _altered(derive_tangent(lstm.program), fault))


def test_a_wrong_jacobian_is_refuted(gru: Recurrence) -> None:
    with pytest.raises(Refutation, match="At J"):
        prove_jacobian(gru.program, _altered(derive_jacobian(gru.program), _drop_a_term))


def test_swapped_dimensions_of_a_factor_are_refused(lstm: Recurrence) -> None:
    wrong = _altered(derive_adjoint(lstm.program), _transpose("W_f"))
    with pytest.raises(ProofError, match="runs over"):
        prove_adjoint(lstm.program, wrong)


def test_swapped_dimensions_of_a_result_are_refused(lstm: Recurrence) -> None:
    adjoint = derive_adjoint(lstm.program)
    definition = adjoint.definitions["d_W_f"]
    turned = replace(definition, target=Ref("d_W_f", definition.target.indices[::-1]))
    tensors = tuple(replace(t, dims=t.dims[::-1]) if t.name == "d_W_f" else t for t in adjoint.tensors)
    statements = tuple(turned if s is definition else s for s in adjoint.statements)
    with pytest.raises(ProofError, match="d_W_f has the dimensions"):
        prove_adjoint(lstm.program, replace(adjoint, tensors=tensors, statements=statements))


def test_wrong_derivative_of_tanh_is_refuted(lstm: Recurrence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions.tanh, "fdiff", lambda self, argindex=1: (1 - functions.tanh(self.args[0])) ** 2)
    sp.core.cache.clear_cache()
    wrong = derive_adjoint(lstm.program)
    sp.core.cache.clear_cache()
    with pytest.raises(Refutation):
        prove_adjoint(lstm.program, wrong)
