"""Every derivative of the table of functions is proven; a wrong one is refuted."""

import pytest

from gatedsym.ir import functions
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.proofs.engine.activations import prove_function, prove_functions, prove_logistic_lemma
from gatedsym.proofs.engine.decide import NORMAL_FORM, Refutation


def test_every_derivative_of_the_table_is_that_of_its_definition() -> None:
    proofs = prove_functions()
    assert len(proofs) == len(FUNCTIONS) - 1  # `pivot` is proven where it stands
    assert {proof.method for proof in proofs} == {NORMAL_FORM}


def test_functions_with_branches_are_proven_off_the_kinks() -> None:
    assert prove_function(FUNCTIONS["relu"]).off_kinks
    assert not prove_function(FUNCTIONS["tanh"]).off_kinks


def test_sigmoid_is_a_hyperbolic_tangent() -> None:
    assert prove_logistic_lemma().method == NORMAL_FORM


def test_squared_difference_is_not_the_derivative_of_tanh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions.tanh, "fdiff", lambda self, argindex=1: (1 - functions.tanh(self.args[0])) ** 2)
    with pytest.raises(Refutation, match="derivative of tanh"):
        prove_function(FUNCTIONS["tanh"])
