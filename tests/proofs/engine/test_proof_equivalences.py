"""Two cells are one where their parameters and states correspond, and not where a correspondence is wrong."""

import pytest

from gatedsym.equations import read_equations
from gatedsym.errors import EquationError, ProofError
from gatedsym.ir.program import Recurrence
from gatedsym.proofs.engine.claims import Equivalence, prove_claim
from gatedsym.proofs.engine.decide import NORMAL_FORM, Refutation

RESET_AFTER = """
x in R^m;  h in R^n
W_{z,r,g} in R^(n,m);  U_{z,r,g} in R^(n,n);  b_{z,r,g}, v_g in R^n
z  = sigmoid(W_z @ x + U_z @ h + b_z)
r  = sigmoid(W_r @ x + U_r @ h + b_r)
g  = tanh(W_g @ x + b_g + r * (U_g @ h + v_g))
h' = (1 - z) * h + z * g
"""

PLAIN = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = tanh(W @ x + U @ h + b)"

LEAKY = """
x in R^m;  h in R^n
W in R^(n,m);  U in R^(n,n);  b in R^n
alpha = 0.5
h' = alpha * tanh(W @ x + U @ h + b) + (1 - alpha) * h
"""

WITHOUT_STABILISER = """
x in R^m;  h, c, q in R^n
W_{i,f,g,o} in R^(n,m);  U_{i,f,g,o} in R^(n,n)
i  = exp(W_i @ x + U_i @ h)
f  = sigmoid(W_f @ x + U_f @ h)
g  = tanh(W_g @ x + U_g @ h)
o  = sigmoid(W_o @ x + U_o @ h)
c' = f * c + i * g
q' = f * q + i
h' = o * c' / q'
"""

CANDIDATE = {"W_g": "W", "U_g": "U", "b_g": "b"}


@pytest.fixture(scope="module")
def plain() -> Recurrence:
    return read_equations(PLAIN, name="plain")


def test_edits_of_this_cell_come_first_and_what_they_leave_unused_needs_no_word(gru: Recurrence) -> None:
    forced = Equivalence("z = r = 1", PLAIN, CANDIDATE, where={"z": "1", "r": "1"})
    assert prove_claim(gru, forced).method == NORMAL_FORM
    with pytest.raises(Refutation):
        prove_claim(gru, Equivalence("z = 1, r = 0", PLAIN, CANDIDATE, where={"z": "1", "r": "0"}))


def test_edits_of_the_other_cell_may_change_its_constants(plain: Recurrence) -> None:
    assert prove_claim(plain, Equivalence("not leaky", LEAKY, other_where={"alpha": "1"}))
    with pytest.raises(Refutation):
        prove_claim(plain, Equivalence("leaky", LEAKY, other_where={"alpha": "2"}))


def test_a_constant_with_a_greek_name_may_be_edited(plain: Recurrence) -> None:
    leaky = LEAKY.replace("alpha", "λ")
    assert "λ" in leaky
    assert prove_claim(plain, Equivalence("not leaky", leaky, other_where={"λ": "1"}))
    assert prove_claim(plain, Equivalence("as ever", leaky, declarations="u in R", other_where={"λ": "1 + u - u"}))


def test_edits_may_use_declared_symbols(gru: Recurrence) -> None:
    leaky = (
        "x in R^m; h, u in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nh' = (1 - u) * h + u * tanh(W @ x + U @ h + b)"
    )
    cell = leaky.replace("h, u in R^n", "h in R^n; u in R^n")
    claim = Equivalence("fixed z", cell, CANDIDATE, where={"z": "u", "r": "1"}, declarations="u in R^n")
    assert prove_claim(gru, claim)


def test_both_resets_of_the_gru_are_one_where_the_recurrent_product_is_diagonal(gru: Recurrence) -> None:
    diagonal = {"U_g": "diag(u)"}
    same = Equivalence(
        "diagonal", RESET_AFTER, diagonal, declarations="u in R^n", other_parameters={**diagonal, "v_g": "0"}
    )
    assert prove_claim(gru, same).entries == 3
    with pytest.raises(Refutation):
        prove_claim(gru, Equivalence("full", RESET_AFTER, other_parameters={"v_g": "0"}))


def test_a_stabiliser_changes_nothing_that_can_be_seen(stabilised: Recurrence) -> None:
    scaled = {"c": "c * exp(-s)", "q": "q * exp(-s)"}
    proof = prove_claim(stabilised, Equivalence("gauge", WITHOUT_STABILISER, states=scaled, ignoring=("s",)))
    assert (proof.method, proof.entries, proof.off_kinks) == (NORMAL_FORM, 9, True)
    assert proof.statement == "gauge (not compared: s)"
    for wrong in ({"c": "c * exp(-s)"}, {"c": "c * exp(s)", "q": "q * exp(s)"}):
        with pytest.raises(Refutation):
            prove_claim(stabilised, Equivalence("wrong", WITHOUT_STABILISER, states=wrong, ignoring=("s",)))


def test_the_stabiliser_may_be_the_others(stabilised: Recurrence) -> None:
    cell = read_equations(WITHOUT_STABILISER, name="plain")
    claim = Equivalence("gauge", stabilised.source, states={"c": "c * exp(s)", "q": "q * exp(s)"})
    assert prove_claim(cell, claim)


def test_an_ignored_state_that_matters_is_found(plain: Recurrence) -> None:
    other = PLAIN.replace("h in R^n;", "h, e in R^n;").replace("+ b)", "+ b) + 0.001 * e\ne' = 0.5 * e")
    with pytest.raises(Refutation):
        prove_claim(plain, Equivalence("e leaks", other, ignoring=("e",)))


def test_an_ignored_state_is_no_symbol_of_the_other_cell() -> None:
    cell = read_equations("x in R^n; h, e in R^n\nh' = x + h\ne' = h", name="cell")
    other = "x in R^n; h, e in R^n\nh' = x + h + e\ne' = x"
    with pytest.raises(Refutation):
        prove_claim(cell, Equivalence("e is not e", other, states={"h": "h - e"}, ignoring=("e",)))


def test_a_name_left_out_that_has_a_correspondence_is_the_others(plain: Recurrence) -> None:
    other = "x in R^m; h, c in R^n; W in R^(n,m); U in R^(n,n); b in R^n\nc' = tanh(W @ x + U @ c + b)\nh' = 2 * c'"
    assert prove_claim(plain, Equivalence("c of the other", other, states={"h": "c"}, ignoring=("h",))).entries == 3
    with pytest.raises(Refutation):
        prove_claim(plain, Equivalence("not h", other, states={"h": "h"}, ignoring=("c",)))


def test_an_output_may_be_the_others_state(plain: Recurrence) -> None:
    layer = read_equations("x in R^m; W in R^(n,m); b in R^n\noutput y\ny = tanh(W @ x + b)", name="layer")
    claim = Equivalence("a layer", PLAIN, states={"y": "h'"}, other_parameters={"U": "0"})
    assert prove_claim(layer, claim)
    with pytest.raises(Refutation, match=r"The equation is: y = tanh\(W @ x \+ b\)"):
        prove_claim(layer, Equivalence("a layer", PLAIN, states={"y": "h'"}))


def test_a_refutation_shows_the_equation_as_edited_and_the_residual(gru: Recurrence) -> None:
    with pytest.raises(Refutation) as caught:
        prove_claim(gru, Equivalence("z = r = 0", PLAIN, CANDIDATE, where={"h'": "g", "r": "0"}))
    assert caught.value.equation == "h' = g"
    assert float(caught.value.residual) == pytest.approx(float(caught.value.left) - float(caught.value.right), rel=1e-3)
    assert f"the residual {caught.value.residual}" in str(caught.value)


@pytest.mark.parametrize(
    ("claim", "complaint"),
    [
        (Equivalence("leaves out", PLAIN + "\noutput y\ny = h'"), "leaves out y, which the other cell has"),
        (Equivalence("no name", PLAIN, other_parameters={"V": "0"}), "speaks of V, which the other cell"),
        (Equivalence("vacuous", PLAIN, ignoring=("h",)), "compares nothing"),
        (Equivalence("a circle", PLAIN, other_parameters={"U": "2 * U"}), "use declared names"),
        (
            Equivalence("a shape", "x, b in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ (x + b) + U @ h)"),
            "compares b of different shapes",
        ),
        (Equivalence("a shape", PLAIN, {"b": "x"}), "gives an expression of shape"),
        (Equivalence("a name twice", PLAIN, ignoring=("y",), declarations="y in R^k", parameters={"b": "y"}), "shape"),
    ],
)
def test_a_claim_that_says_too_little_is_refused(claim: Equivalence, complaint: str, plain: Recurrence) -> None:
    with pytest.raises(ProofError, match=complaint):
        prove_claim(plain, claim)


def test_an_edit_of_what_no_equation_defines_is_refused(gru: Recurrence) -> None:
    with pytest.raises(EquationError, match="no equation defines 'q'"):
        prove_claim(gru, Equivalence("no such gate", PLAIN, where={"q": "1"}))


def test_dimensions_may_be_taken_to_be_equal(plain: Recurrence) -> None:
    text = "x in R^m; y in R^q; W in R^(n,m); U in R^(n,q); P in R^(q,n); b in R^n\ny' = P @ tanh(W @ x + U @ y + b)"
    projected = read_equations(text, name="projected")
    equal = {"q": "n"}
    assert prove_claim(projected, Equivalence("1", PLAIN, {"P": "eye(n)"}, states={"y": "h"}, dimensions=equal))
    with pytest.raises(Refutation):
        prove_claim(projected, Equivalence("2", PLAIN, {"P": "2 * eye(n)"}, states={"y": "h"}, dimensions=equal))
    with pytest.raises(ProofError, match="shape"):
        prove_claim(projected, Equivalence("q is not n", PLAIN, {"P": "eye(n)"}, states={"y": "h"}))


def test_a_row_of_the_past_that_only_this_cell_reads_must_not_matter(plain: Recurrence) -> None:
    text = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\ne = h[-3]\nh' = tanh(W @ x + U @ h + b) + 0 * e"
    assert prove_claim(read_equations(text.replace("0 * e", "e - e"), name="delayed"), Equivalence("gone", PLAIN))
    with pytest.raises(Refutation):
        prove_claim(read_equations(text.replace("0 * e", "0.001 * e"), name="delayed"), Equivalence("stays", PLAIN))
