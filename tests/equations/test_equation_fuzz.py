"""Whatever is typed, nothing but an EquationError comes out."""

from __future__ import annotations

import contextlib
import random
import warnings

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_published_cells import LSTM, PRINTED_LSTM, RHN

from gatedsym.equations import edit_equations, read_equations, read_expression, template
from gatedsym.errors import EquationError
from gatedsym.ir.program import Recurrence

LN = """h in R^(p,d); x in R^d; U in R^(p,d,d)
F(v) = v - mean(v)
h'[p,j] = sum[q] U[p,j,q]*h[p,q]
output y = F(x) + x[-1]
"""
SEEDS = (LSTM, PRINTED_LSTM, RHN, LN, template("fuzz"))
PIECES = [
    "h", "x", "c'", "W_f", "U", "n", "m", "t", "1", "0.5", "1e9", "+", "-", "*", "@", "·", "/", "**", "^", "(",
    ")", "[", "]", "{", "}", "'", ",", ";", "\n", "\n    ", "=", " in ", "R^n", "R^(n,m)", "sum[q] ", "max",
    "for l in 1..3:", "..", "output ", "input ", "dim ", "_t", "_{t-1}", "_{i,f}", "_*", ".T", "σ", "tanh", "⊙",
    "ℝ", "∈", "[-1]", "[j]", "[l-1]", "#", "sqrt", "outer", "dot", "mean", "LN(v) = ", "eps", ":", " ", "∘",
    "λ", "c̃", "²", "ₜ₋₁", "\x00", "\u2028", "é", "𝐖", "𝑥", "💥", "_", "__", "where(",
    " > ", "<=", " with derivative ", "stop(", "declared(", "straight_through(", "softmax(", "norm(", "clip(", "log(",
]  # fmt: skip
CALM = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


def is_read_or_refused(text: str) -> bool:
    """Whether reading a text gives a Recurrence or an EquationError that can be shown."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return isinstance(read_equations(text), Recurrence)
        except EquationError as error:
            return bool(error.message and error.mend) and error.message in str(error)


@CALM
@given(st.text(max_size=300))
def test_any_text(text):
    assert is_read_or_refused(text)


@CALM
@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_pieces_of_the_language_in_any_order(text):
    assert is_read_or_refused("h, c in R^n; x in R^m; W_* in R^(n,m); U in R^(n,n)\nh' = " + text)
    assert is_read_or_refused(text)


@CALM
@given(st.sampled_from(SEEDS), st.data())
def test_a_cell_with_pieces_cut_out_and_put_in(seed, data):
    text = seed
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.integers(0, 12)))
        text = text[:start] + data.draw(st.sampled_from(["", *PIECES])) + text[end:]
    assert is_read_or_refused(text)


@CALM
@given(st.lists(st.sampled_from([*PIECES, "f", "diag(", "eye(n)", "c'"]), max_size=20).map("".join))
@pytest.mark.long
def test_any_claim_and_any_edit(text):
    cell = read_equations(LSTM)
    with contextlib.suppress(EquationError):
        assert read_expression(text, cell).results == ("claim",)
    with contextlib.suppress(EquationError):
        assert "f  = " in edit_equations(LSTM, {"f": text})


@pytest.mark.parametrize("seed", range(5))
def test_20_kilobytes_of_random_bytes(seed):
    data = random.Random(seed).randbytes(20_000)
    for encoding in ("latin-1", "utf-8"):
        assert is_read_or_refused(data.decode(encoding, errors="replace"))


@pytest.mark.parametrize(
    "text",
    [
        "h in R^n\nh' = " + "-" * 20_000 + "h",
        "h in R^n\nh' = h" + " + h" * 20_000,
        "h in R^n\nh' = h" + " * h" * 20_000,
        "h in R^n; U in R^(n,n)\nh' = " + "U " * 5_000 + "h",
        "h in R^n; U in R^(n,n)\nh' = " + "U @ " * 5_000 + "h",
        "h in R^n\nh' = h" + ".T" * 10_000,
        "h in R^n\nh' = h" + "'" * 10_000,
        "h in R^n\nh' = h" + "[0]" * 10_000,
        "h in R^n\nh' = " + "sum[q] " * 5_000 + "h[q]",
        "h in R^n\nh' = " + "tanh " * 5_000 + "h",
        "h in R^n\nh' = " + "tanh(" * 49 + "h" + ")" * 49,
        "h in R^n\nh' = " + "1 + 2 * tanh(" * 49 + "h" + ")" * 49,
        "h in R^n\nh' = " + "(1 + 2 h / (" * 24 + "h" + "))" * 24,
        "for l in 1..2: " * 3_000 + "h = 1",
        "x in R^m;" * 10_000,
        "h in R^n\n" + "\n".join(f"a{k} = tanh(a{k - 1})" for k in range(1, 1500)) + "\na0 = h\nh' = a1499",
        "{" * 40 + "}" * 40,
        "\n" * 50_000 + "h in R^n",
        "h in R^n\nh' = h" + " \n" * 45_000,
        "h in R^n\nh' = h" + " " * 90_000 + "(2)",
        "h in R^n\nh' = h" + " " * 90_000 + "+ h",
        "h in R^n\nh' = h" + " (2)" * 20_000,
        "h in R^n\nh' = h" + " (2a)" * 18_000,
        "h in R^n\nh' = h" + " ." * 45_000,
        "h in R^n\n" + "h = h (2a)\n" * 8_000,
        "h in R^n\nh' = " + "h" * 90_000 + " (2)",
        "h in R^n\nh' = h" + "|" * 20_000,
        "h in R^n\nh' = h" + "\\left" * 15_000,
    ],
    ids=lambda text: text[:40],
)
@pytest.mark.sampled
def test_monstrous_texts(text):
    assert is_read_or_refused(text)
