"""Shapes that transposed letters decide: rows, outer products, what stands beside them."""

from __future__ import annotations

import pytest

from gatedsym.equations import declare

DECIDED = {
    r"S_t = S_{t-1} \operatorname{Diag}(\alpha_t) + v_t k_t^\top": {
        "input alpha in R^m",
        "input v in R^n",
        "input k in R^m",
        "S in R^(n,m)",
    },
    r"h_t = \begin{cases} a_t & a_t > 0 \\ 0 & \text{otherwise} \end{cases} \\ a_t = W h_{t-1} + U x_t": {
        "x in R^m",
        "h in R^n",
        "W in R^(n,n)",
        "U in R^(n,m)",
    },
    "U_t = tanh(W @ I_t + V @ U_{t-1})": {"input I in R^m", "U in R^n", "W in R^(n,m)", "V in R^(n,n)"},
}


@pytest.mark.parametrize("text", DECIDED)
def test_what_transposes_choices_and_times_decide_is_declared(text):
    proposal = declare(text)
    assert not proposal.open
    assert {entry.strip() for line in proposal.declarations for entry in line.split(";")} == DECIDED[text]


MATRICES = [
    r"S_t = S_{t-1} (I - \beta_t k_t k_t^\top) + \beta_t v_t k_t^\top",
    r"S_t = \alpha_t (S_{t-1} (I - \beta_t k_t k_t^\top)) + \beta_t v_t k_t^\top",
    r"S_t = S_{t-1} (\alpha_t (I - \beta_t k_t k_t^\top)) + \beta_t v_t k_t^\top",
    r"M_t = M_{t-1} + S_t \\ S_t = \eta_t S_{t-1} - \theta_t (M_{t-1} k_t - v_t) k_t^\top",
]


@pytest.mark.parametrize("text", MATRICES)
def test_a_memory_of_outer_products_is_a_matrix_and_its_factors_stay_open(text):
    proposal = declare(text)
    said = "\n".join(proposal.declarations)
    assert "S in R^(n,m)" in said
    assert "k in R^m" in said
    assert proposal.open
    assert all(("R", "a number") in entry.choices for entry in proposal.open)
