"""Claims about the gates of RNN, LSTM and GRU hold as stated, and wrong ones do not."""

import pytest

from gatedsym.equations import read_equations
from gatedsym.errors import EquationError, ProofError
from gatedsym.ir.program import Recurrence
from gatedsym.proofs.engine.claims import Claim, Equivalence, Identity, prove_claim, prove_identity
from gatedsym.proofs.engine.decide import NORMAL_FORM, Refutation

GRU_BLOCK = (
    "diag(1 - z) + diag((g - h)*z*(1 - z)) @ U_z + diag(z*(1 - g*g)) @ U_g @ (diag(r) + diag(h*r*(1 - r)) @ U_r)"
)
RNN_BLOCK = "diag(1 - h'*h') @ U"


def test_highway_of_the_lstm_carries_the_forget_gate(lstm: Recurrence) -> None:
    proof = prove_claim(lstm, Claim("∂c'/∂c = f", "c'", "c", "diag(f)", holding="direct"))
    assert (proof.method, proof.entries) == (NORMAL_FORM, 9)


def test_an_open_forget_gate_passes_the_gradient_unchanged(lstm: Recurrence) -> None:
    assert prove_claim(lstm, Claim("f = 1", "c'", "c", "eye(n)", holding="direct", where={"f": "1"}))


def test_a_closed_forget_gate_passes_none(lstm: Recurrence) -> None:
    assert prove_claim(lstm, Claim("f = 0", "c'", "c", "0", holding="direct", where={"f": "0"}))


def test_held_gates_cut_the_paths_through_them(lstm: Recurrence) -> None:
    held = Claim("no other path", "c'", "h", "0", holding=("i", "f", "g", "o"))
    assert prove_claim(lstm, held)
    with pytest.raises(Refutation):
        prove_claim(lstm, Claim("without the input gate", "c'", "h", "0", holding=("f", "g", "o")))


def test_a_block_by_a_computed_name_takes_it_as_a_source(lstm: Recurrence) -> None:
    assert prove_claim(lstm, Claim("∂c'/∂i = g", "c'", "i", "diag(g)"))
    with pytest.raises(Refutation, match=r"∂c'/∂i\[0,0\]"):
        prove_claim(lstm, Claim("∂c'/∂i = 0", "c'", "i", "0"))


def test_coupled_gate_is_a_substitution(lstm: Recurrence) -> None:
    coupled = Claim("coupled", "c'", "c", "diag(1 - i)", where={"f": "1 - i"})
    assert prove_claim(lstm, coupled)


def test_block_of_the_gru(gru: Recurrence) -> None:
    assert prove_claim(gru, Claim("∂h'/∂h", "h'", "h", GRU_BLOCK)).method == NORMAL_FORM


def test_block_of_the_gru_with_the_other_sign_is_refuted(gru: Recurrence) -> None:
    with pytest.raises(Refutation):
        prove_claim(gru, Claim("∂h'/∂h", "h'", "h", GRU_BLOCK.replace("(g - h)", "(h - g)")))


def test_block_of_the_rnn(rnn: Recurrence) -> None:
    assert prove_claim(rnn, Claim("∂h'/∂h", "h'", "h", RNN_BLOCK)).method == NORMAL_FORM


def test_transposed_block_of_the_rnn_is_refuted(rnn: Recurrence) -> None:
    with pytest.raises(Refutation, match=r"∂h'/∂h\[0,1\]"):
        prove_claim(rnn, Claim("∂h'/∂h", "h'", "h", RNN_BLOCK + ".T"))


def test_both_update_signs_of_the_gru_are_one_cell(gru: Recurrence, gru_text: str) -> None:
    other = gru_text.replace("(1 - z) * h + z * g", "z * h + (1 - z) * g")
    negated = {name: f"-{name}" for name in ("W_z", "U_z", "b_z")}
    assert prove_claim(gru, Equivalence("update signs", other, negated)).method == NORMAL_FORM
    with pytest.raises(Refutation):
        prove_claim(gru, Equivalence("without the bias", other, {"W_z": "-W_z", "U_z": "-U_z"}))


def test_a_state_may_correspond_to_an_expression(rnn: Recurrence) -> None:
    scaled = "x in R^m; s in R^n; W in R^(n,m); U in R^(n,n); b in R^n\ns' = 2*tanh(W @ x + U @ s / 2 + b)"
    assert prove_claim(rnn, Equivalence("a scaled state", scaled, states={"h": "s / 2"}))


def test_other_cell_may_be_named(gru: Recurrence, gru_text: str) -> None:
    claim = Equivalence("itself", "gru")
    assert prove_claim(gru, claim, resolve=lambda name: read_equations(gru_text, name=name))


def test_sigmoid_in_terms_of_tanh() -> None:
    lemma = Identity("lemma", "sigmoid(a)", "(1 + tanh(a/2)) / 2", "a in R^n")
    assert prove_identity(lemma).method == NORMAL_FORM
    with pytest.raises(Refutation):
        prove_identity(Identity("no lemma", "sigmoid(a)", "(1 + tanh(a)) / 2", "a in R^n"))


def test_a_claim_of_the_wrong_shape_is_refused(rnn: Recurrence) -> None:
    with pytest.raises(ProofError, match="write diag"):
        prove_claim(rnn, Claim("no matrix", "h'", "h", "1 - h'*h'"))


@pytest.mark.parametrize(
    "claim",
    [
        Claim("unknown", "c'", "h", "0"),
        Claim("unknown", "h'", "h", "0", holding=("z",)),
        Equivalence("unknown", "x in R^m; h in R^n; W in R^(n,m)\nh' = tanh(W @ x + h)", {"V": "W"}),
        Equivalence("nothing said of U", "x in R^m; h in R^n; W in R^(n,m)\nh' = tanh(W @ x + h)"),
    ],
)
def test_a_claim_about_names_that_are_not_there_is_refused(claim: Claim | Equivalence, rnn: Recurrence) -> None:
    with pytest.raises(ProofError, match=r"(correct the name|add it to the claim)"):
        prove_claim(rnn, claim)


def test_a_claim_that_cannot_be_read_is_refused(rnn: Recurrence) -> None:
    with pytest.raises(EquationError):
        prove_claim(rnn, Claim("nonsense", "h'", "h", "diag(1 - "))


READS_TWICE = """
x in R^m;  h in R^n
W in R^(n,m);  U, V in R^(n,n)
z  = sigmoid(V @ h)
h' = z * tanh(W @ x + U @ h)
"""


def test_a_parameter_is_replaced_in_the_cell_and_in_the_expression() -> None:
    cell = read_equations(READS_TWICE, name="reads_twice")
    alone = Claim("the gate is a constant", "h'", "h", "diag(1 - tanh(W @ x + U @ h)**2) @ U / 2", where={"V": "0"})
    assert prove_claim(cell, alone).method == NORMAL_FORM
    assert prove_claim(cell, Claim("no path", "h'", "h", "0 * U", where={"U": "0", "V": "0"}))
    with pytest.raises(Refutation):
        prove_claim(cell, Claim("the gate still moves", "h'", "h", "diag(z) @ U", where={"V": "0"}))


def test_a_replaced_parameter_may_not_name_what_is_computed_after_it() -> None:
    cell = read_equations(READS_TWICE, name="reads_twice")
    with pytest.raises(ProofError, match="V cannot be"):
        prove_claim(cell, Claim("V from z", "h'", "h", "0", where={"V": "outer(z, z)"}))


def test_a_constant_is_replaced_too() -> None:
    cell = read_equations("x in R^m; h in R^n; W in R^(n,m)\nalpha = 0.9\nh' = alpha * h + W @ x", name="leaky")
    assert prove_claim(cell, Claim("without the leak", "h'", "h", "eye(n)", where={"alpha": "1"}))


TIME_GATE = """
x in R^m;  input time in R;  h in R^n
W in R^(n,m);  s, tau, r in R^n
mod(v, w) = v - w * floor(v / w)

phi = mod(time - s, tau) / tau
on  = step(r - phi)
k   = on * min(2 * phi / r, 2 - 2 * phi / r) + (1 - on) * phi / 1000
h'  = k * tanh(W @ x) + (1 - k) * h
"""


def test_a_time_gate_with_a_phase_is_differentiated_off_its_jumps() -> None:
    cell = read_equations(TIME_GATE, name="time_gate")
    assert prove_claim(cell, Claim("a closed gate keeps the state", "h'", "h", "eye(n)", where={"k": "0"})).off_kinks
    assert prove_claim(cell, Claim("the phase runs at 1/tau", "phi", "time", "1 / tau"))
    slope = "diag((s - time) / tau**2)"
    assert prove_claim(cell, Claim("and slows with tau", "phi", "tau", slope))
    with pytest.raises(Refutation):
        prove_claim(cell, Claim("as if it grew with the remainder", "phi", "tau", "diag(-phi / tau)"))
