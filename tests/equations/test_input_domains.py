"""Domains of inputs in a text: read as they are printed, or refused with both readings."""

from __future__ import annotations

import pytest

from gatedsym.equations import read_equations
from gatedsym.errors import EquationError

STEP = "h in R^n; W in R^(n,m)\nh' = tanh(h) * dt + W @ (mask * x)\n"


def domains(declarations: str) -> dict[str, str]:
    found = read_equations(f"{declarations}\n{STEP}")
    assert {layout.name for layout in found.inputs} == {"x", "mask", "dt"}
    return {name: str(domain) for name, domain in found.domains.items()}


@pytest.mark.parametrize(
    ("declarations", "expected"),
    [
        ("x in R^m; mask in {0,1}^m; dt in [0, inf)", {"mask": "{0, 1}", "dt": "[0, inf)"}),
        ("x_t ∈ [−1,1]^m; mask_t ∈ {0, 1}^m; dt in R, dt ≥ 0", {"x": "[-1, 1]", "mask": "{0, 1}", "dt": "[0, inf)"}),
        ("x, mask in (0,1)^m\ndt in R\ndt > 0", {"x": "(0, 1)", "mask": "(0, 1)", "dt": "(0, inf)"}),
        ("x in R^m; mask in {0..m-1}^m; dt in R; 0 < dt <= 1.5", {"mask": "{0..m-1}", "dt": "(0, 3/2]"}),
        ("x in R^m; mask in {0,…,L}^m; L = 3; dt in R_{≥0}", {"mask": "{0..3}", "dt": "[0, inf)"}),
        ("x in R^m; input mask in {0,1}^m; dt in [0, inf); dt <= 2", {"mask": "{0, 1}", "dt": "[0, 2]"}),
    ],
)
def test_domains_are_read_and_what_has_one_is_an_input(declarations, expected):
    assert domains(declarations) == expected


@pytest.mark.parametrize(
    ("declarations", "message", "mend"),
    [
        ("x, mask in R^m; dt in R_+", "does 0 belong", "Write [0, inf) if it does, (0, inf) if it does not."),
        ("x in R^m; mask in (1,0)^m; dt in R", "is empty", "{0..m-1}"),
        ("x in R^m; mask in {a,b}^m; dt in R", "no domain", "{0..m-1}"),
        ("x in R^m; mask in {0..k}^m; dt in R", "'k' is the size of nothing", "W in R^(n, k)"),
        ("x, mask in R^m; dt in R; q >= 0", "'q' has a domain and is not declared", "q in R"),
        ("x, mask in R^m; dt in R; h >= 0", "'h' has a domain, which inputs have", "follows from its equation"),
        ("x, mask in R^m; dt in [0, 1]; dt > 1", "empty", "Say one of them"),
        ("x, mask in R^m; dt in {0,1}; dt > 0", "is said to be in", "Say one of them"),
    ],
)
def test_what_is_no_domain_of_an_input_is_refused(declarations, message, mend):
    with pytest.raises(EquationError) as refusal:
        read_equations(f"{declarations}\n{STEP}")
    assert message in str(refusal.value)
    assert mend in str(refusal.value)


def test_families_are_parameters_and_have_no_domain():
    with pytest.raises(EquationError, match="a family is one of parameters"):
        read_equations("h in R^n; b_{f,g} in (0,1)^n\nh' = b_f * h + b_g")


def test_the_caret_stands_under_the_domain_as_typed():
    with pytest.raises(EquationError) as refusal:
        read_equations("h in R^n\nx ∈ [3, 1]^n\nh' = h + x")
    assert "line 2" in str(refusal.value)
    assert "    x ∈ [3, 1]^n\n        ^^^^^^\n" in str(refusal.value)


@pytest.mark.parametrize(
    "line",
    [
        "keep in {0,1}^n with mean 0.7",
        "input keep in {0, 1}^n  with mean 7/10",
        "keep in {0,1}^(n) with mean 0.7; a in R",
    ],
)
def test_a_mask_has_a_mean(line):
    text = f"x, h in R^n; {line}\nh' = keep * x - h" + (" + a" if "; a" in line else "")
    assert str(read_equations(text).domains["keep"]) == "{0, 1} with mean 7/10"


def test_a_mean_outside_of_the_set_is_refused_where_it_stands():
    with pytest.raises(EquationError, match=r"the mean 1.5 does not lie between 0 and 1"):
        read_equations("x, h in R^n; keep in {0,1}^n with mean 1.5\nh' = keep * x - h")
