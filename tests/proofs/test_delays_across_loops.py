"""The proof of emitted kernels sees what passes from one loop over time to another, however many steps late."""

from __future__ import annotations

import pytest

from gatedsym.codegen import kernels
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.errors import ProofError
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.proofs.engine.decide import Refutation
from gatedsym.runtime.jit.compile import load_module

pytestmark = pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")

HEAD = "x in R^m;  h, p, k in R^n;  W in R^(n,m);  U, V, A, B, D in R^(n,n)\noutput y\n"
LATE = HEAD + (
    "h' = tanh(W @ x + U @ h[-2])\n"  # a loop
    "p' = A @ h[-3]\n"  # what it left some steps ago
    "k' = tanh(V @ p[-2] + B @ k)\n"  # another loop
    "y = D @ k[-2]"
)


def written(text, name="late"):
    recurrence = read_equations(text, name=name)
    return recurrence, write_module(recurrence)


def proven(recurrence, text):
    return prove_emitted(recurrence, load_module(text, recurrence.name))


def test_delays_across_loops_are_proven_and_told():
    recurrence, text = written(LATE)
    assert proven(recurrence, text)
    assert [line.strip() for line in text.splitlines() if "# step by step" in line] == [
        "# step by step, with h' of the step before",
        "# step by step, with k' of the step before",
        "# step by step, with d_k of the step after",
        "# step by step, with d_h of the step after",
    ]


@pytest.mark.parametrize("late", ["h[-3]", "p[-2]", "k[-2]"])
def test_a_loop_that_comes_too_early_is_refuted(monkeypatch, late):
    """A schedule that forgets what a delayed value waits for reads it before it is there."""
    carried = kernels.carried_forward
    monkeypatch.setattr(kernels, "carried_forward", lambda p: {n: w for n, w in carried(p).items() if n != late})
    with pytest.raises((Refutation, ProofError)):
        proven(*written(LATE))


def test_an_adjoint_that_is_read_before_later_steps_have_sent_theirs_is_refuted(monkeypatch):
    carried = kernels.carried_backward
    monkeypatch.setattr(kernels, "carried_backward", lambda *p: dict.fromkeys(carried(*p), ()))
    with pytest.raises((Refutation, ProofError)):
        proven(*written(LATE))
