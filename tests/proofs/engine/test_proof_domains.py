"""What a statement divides by, or takes logarithms and roots of, is named in its verdict, everywhere it is printed."""

import re

import pytest

from gatedsym.equations import read_equations
from gatedsym.ir.program import Solve
from gatedsym.proofs.engine.claims import Claim, Equivalence, Identity, prove_claim, prove_identity
from gatedsym.proofs.engine.domains import conditions

NAMED = [
    ("p*q/q", "p", ("q ≠ 0",)),
    ("p/p", "1", ("p ≠ 0",)),
    ("p * p^-1", "1", ("p ≠ 0",)),
    ("exp(log(p))", "p", ("p > 0",)),
    ("sqrt(p) * sqrt(p)", "p", ("p ≥ 0",)),
    ("p^0.5 * p^0.5", "p", ("p ≥ 0",)),
    ("p * q / (p * q)", "1", ("p * q ≠ 0",)),
    ("(p - q) / (p - q)", "1", ("p - q ≠ 0",)),
    ("log(p) - log(p)", "0 * p", ("p > 0",)),
    ("p / tanh(q) * tanh(q)", "p", ("tanh(q) ≠ 0",)),
]
EVERYWHERE = [
    ("p / (1 + exp(-q))", "p * sigmoid(q)"),
    ("p / (1 + q^2)", "p / (1 + q*q)"),
    ("exp(p) / exp(p)", "1"),
    ("p / max(abs(q), 1)", "p / max(1, abs(q))"),
    ("log(exp(p))", "p"),
    ("sqrt(p*p)", "abs(p)"),
    ("exp(p) / sum(exp(p))", "1 / (sum(exp(p)) * exp(-p))"),
    ("p / 3", "p * 1/3"),
]


def declared(*texts: str) -> str:
    used = [name for name in "pq" if any(re.search(rf"\b{name}\b", text) for text in texts)]
    return f"{', '.join(used)} in R^n"


@pytest.mark.parametrize(("left", "right", "domain"), NAMED)
def test_a_cancellation_names_where_it_holds(left: str, right: str, domain: tuple[str, ...]) -> None:
    proof = prove_identity(Identity("cancelled", left, right, declared(left, right)))
    assert proof.domain == domain
    assert f"where {domain[0]}" in str(proof)
    assert f"where {domain[0]}" in ", ".join(proof.notes)


@pytest.mark.parametrize(("left", "right"), EVERYWHERE)
def test_what_holds_everywhere_names_no_domain(left: str, right: str) -> None:
    assert prove_identity(Identity("everywhere", left, right, declared(left, right))).domain == ()


def test_a_condition_follows_definitions() -> None:
    text = "x in R^n; h in R^n\na = sigmoid(x)\nd = 1 + a\nh' = h / d + x / a + log(h)"
    assert conditions([text]) == ("h > 0",)


def test_equivalences_and_claims_name_the_domain_of_their_cells() -> None:
    cell = read_equations("x in R^n; h in R^n\nh' = x * h / h", name="quotient")
    same = Equivalence("the quotient is its numerator", other="x in R^n; h in R^n\nh' = x + 0 * h")
    assert prove_claim(cell, same).domain == ("h ≠ 0",)
    assert prove_claim(cell, Claim("no slope", "h'", "h", "0")).domain == ("h ≠ 0",)


def test_a_state_with_the_letter_of_a_dimension_is_no_size() -> None:
    assert conditions(["x in R^n; h, n in R^n\nn' = n + x\nh' = h / n'"]) == ("n' ≠ 0",)
    assert conditions(["x in R^n; h in R^n\nh' = h / sqrt(n) + x"]) == ()


@pytest.mark.parametrize("family", ["A_{f,i}", "A_*"])
def test_each_matrix_of_a_family_that_is_inverted_has_an_inverse(family: str) -> None:
    text = f"h, x in R^n; {family} in R^(n,n)\nf = tanh(x)\ni = sin(x)\nh' = A_f^-1 (f * h) + inv(A_i) (i * x)"
    assert read_equations(text, name="family").program["A_i"].dims == ("n", "n")
    assert conditions([text]) == ("A_f has an inverse", "A_i has an inverse")


def test_a_vector_that_is_called_like_a_family_of_matrices_is_no_matrix() -> None:
    text = "h, x, A_b in R^n; A_* in R^(n,n)\nf = tanh(x)\nh' = A_f^-1 (f * h) + x * A_b^-1"
    assert read_equations(text, name="family").program["A_b"].dims == ("n",)
    assert conditions([text]) == ("A_f has an inverse", "A_b ≠ 0")


@pytest.mark.parametrize(
    "matrix", ["A/s", "A * s", "-A/2", "tanh(A)", "W @ W.T", "W W^T", "A h h^T", "outer(h, h)", "A I", "I + A/s", "B"]
)
def test_a_power_that_is_an_inverse_is_told_as_one(matrix: str) -> None:
    kinds = {"A": "A in R^(n,n)", "W": "W in R^(n,m)", "s": "s in R"}
    line = "B = s * A\n" if matrix == "B" else ""
    used = [kind for name, kind in kinds.items() if re.search(rf"\b{name}\b", line + matrix)]
    text = "; ".join(["h in R^n", *used]) + f"\n{line}h' = ({matrix})^-1 h"
    assert any(isinstance(s, Solve) for s in read_equations(text, name="inverse").program.statements)
    assert f"{matrix} has an inverse" in conditions([text])
    assert f"{matrix} ≠ 0" not in conditions([text])


@pytest.mark.parametrize("entries", ["A h", "h^T A h", "W W^T h", "h + h * h"])
def test_a_power_of_each_entry_is_told_as_one(entries: str) -> None:
    kinds = {"A": "A in R^(n,n)", "W": "W in R^(n,m)"}
    used = [kind for name, kind in kinds.items() if name in entries]
    text = "; ".join(["h in R^n", *used]) + f"\nh' = ({entries})^-1 * h"
    assert not any(isinstance(s, Solve) for s in read_equations(text, name="entries").program.statements)
    assert conditions([text]) == (f"{entries} ≠ 0",)
