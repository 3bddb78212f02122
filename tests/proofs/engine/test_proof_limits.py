"""A gate that is always open is a limit of gates, proven without ever putting infinity into an equation."""

import pytest

from gatedsym.equations import read_equations
from gatedsym.errors import ProofError
from gatedsym.ir.program import Recurrence
from gatedsym.proofs.engine.claims import Limit, prove_claim
from gatedsym.proofs.engine.decide import NORMAL_FORM, Refutation, Undecided


@pytest.fixture(scope="module")
def glu() -> Recurrence:
    text = "x in R^m; W, V in R^(n,m); b, c in R^n\noutput y\ny = (W @ x + b) * sigmoid(V @ x + c)"
    return read_equations(text, name="glu")


def test_no_gate_is_a_gate_that_is_always_open(glu: Recurrence) -> None:
    proof = prove_claim(glu, Limit("open", "y", "c", "oo", "W @ x + b"))
    assert (proof.method, proof.entries) == (NORMAL_FORM, 3)


def test_a_closed_gate_passes_nothing(glu: Recurrence) -> None:
    assert prove_claim(glu, Limit("closed", "y", "c", "-oo", "0"))


@pytest.mark.parametrize(
    ("of", "parameter", "to", "equals"),
    [
        ("c'", "b_f", "oo", "c + i * g"),
        ("c'", "b_f", "-oo", "i * g"),
        ("f", "b_f", "oo", "1"),
        ("h'", "b_f", "oo", "o * tanh(c + i * g)"),
        ("h'", "b_g", "-oo", "o * tanh(f * c - i)"),
    ],
)
def test_limits_of_the_lstm(of: str, parameter: str, to: str, equals: str, lstm: Recurrence) -> None:
    assert prove_claim(lstm, Limit("limit", of, parameter, to, equals))  # type: ignore[arg-type]


@pytest.mark.parametrize(("to", "equals"), [("-oo", "c + i * g"), ("oo", "i * g"), ("oo", "c + i * g + 0.000001")])
def test_a_wrong_limit_is_refuted(to: str, equals: str, lstm: Recurrence) -> None:
    with pytest.raises(Refutation, match=r"At c'\[0\].*The equation is: c' = f \* c \+ i \* g"):
        prove_claim(lstm, Limit("wrong", "c'", "b_f", to, equals))  # type: ignore[arg-type]


def test_a_value_without_bound_has_no_limit(glu: Recurrence) -> None:
    with pytest.raises(Refutation, match="left side is oo"):
        prove_claim(glu, Limit("no bound", "y", "b", "oo", "W @ x"))


def test_a_branch_that_is_left_for_good_gives_exactly_zero(rnn: Recurrence) -> None:
    claim = Limit("dead unit", "h'", "b", "-oo", "0", where={"h'": "relu(W @ x + U @ h + b)"})
    assert prove_claim(rnn, claim).off_kinks


@pytest.mark.parametrize(
    "right", ["exp(b) - exp(2 * b)", "exp(b) * exp(-b) * h", "sin(b)", "1 / exp(-b)", "log(exp(-b))", "relu(exp(-b))"]
)
def test_what_the_theorems_on_limits_leave_open_is_not_decided(right: str, rnn: Recurrence) -> None:
    with pytest.raises(Undecided):
        prove_claim(rnn, Limit("open", "h'", "b", "oo", "h", where={"h'": right}))


@pytest.mark.parametrize(
    ("claim", "complaint"),
    [
        (Limit("name", "y", "d", "oo", "0"), "speaks of d"),
        (Limit("end", "y", "c", "inf", "0"), "write oo or -oo"),  # type: ignore[arg-type]
        (Limit("computed", "y", "y", "oo", "0"), "name a parameter"),
        (Limit("shape", "y", "c", "oo", "x"), "mend it"),
        (Limit("infinite", "y", "c", "oo", "c"), "state a finite limit"),
    ],
)
def test_a_limit_that_makes_no_sense_is_refused(claim: Limit, complaint: str, glu: Recurrence) -> None:
    with pytest.raises(ProofError, match=complaint):
        prove_claim(glu, claim)


def test_a_root_is_continuous_at_zero(rnn: Recurrence) -> None:
    where = {"h'": "exp(-sigmoid(b)) * h + sqrt(1 - exp(-2 * sigmoid(b))) * tanh(W @ x + U @ h)"}
    assert prove_claim(rnn, Limit("kept", "h'", "b", "-oo", "h", where=where))
