"""Whatever LaTeX is typed, nothing but a Recurrence or an EquationError comes out, and soon."""

from __future__ import annotations

import random
import time

import pytest
from test_equation_fuzz import is_read_or_refused
from test_printed_equations import PRINTED

SEEDS = tuple(f"{entry.get('declarations', '')}\n{entry['text']}" for entry in PRINTED.values())
HEAD = "h, c in R^n; x in R^m; W in R^(n,m)\nh_t = "
PIECES = [
    r"\sigma", r"\odot", r"\left(", r"\right)", r"\frac{", "}", "{", r"\tilde{", r"\mathbf{h}", "_t", "_{t-1}",
    "^{(t)}", "^{(l)}", r"\begin{cases}", r"\end{cases}", r"\begin{aligned}", r"\end{aligned}", r"\\", "&", "$", "$$",
    r"\[", r"\]", r"\text{where }", r"\sum_j", r"\sum_{k=1}^n", r"\lVert", r"\|", "|", r"\top", r"^\top", "^T", "^2",
    "^{-1}", r"\mathbb{R}^{n\times m}", r"\in", "=", ",", ";", "\n", " ", "h", "x", "W", "U", "f", "1", "0.5", "(",
    ")", "[", "]", "'", r"\quad", r"\tag{1}", r"\label{", r"\mathrm{", r"\operatorname{relu}", r"\max(0,", r"\cdot",
    r"\phi", r"\tanh", "%", "#", "_", "^", "<t>", r"\langle", r"\rangle", "^{<t>}", "h(t-1)", "h[n]",
    r"\begin{bmatrix}", r"\end{bmatrix}", r"\begin{array}{ll}", r"\end{array}", r"\otimes", r"\foo", "\\", r"\left",
    r"\right.", r"\,", "e^{", "sum[j]", "σ", "ₜ", "⊙", "h_t", "c'", "output ", "for l in 1..2: ", "+", "-", "*", "@",
    "/", ".T", r"\prime", r"\sqrt[3]{", r"\underbrace{", r"\stackrel{", r"\boldsymbol", r"\mathbf{1}^\top", "\u2061",
    "⟨t⟩", "≜", r"\input{", r"\def\x{",
]  # fmt: skip
LONGEST = 10.0
"""Seconds of work that no text takes: more is a hang."""


def one_text(rng: random.Random) -> str:
    """Pieces in any order, or a printed cell with some of it replaced."""
    if rng.random() < 0.35:
        return HEAD + "".join(rng.choice(PIECES) for _ in range(rng.randint(1, 40)))
    text = rng.choice(SEEDS)
    for _ in range(rng.randint(1, 3)):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.randint(0, 8))
        text = text[:start] + rng.choice(["", *PIECES]) + text[end:]
    return text


@pytest.mark.parametrize("block", range(5))
def test_pieces_of_latex_and_printed_cells_with_slips(block, request):
    rng = random.Random(block)
    for _ in range(request.config.getoption("--latex-texts") // 5):
        text = one_text(rng)
        start = time.process_time()
        assert is_read_or_refused(text), text
        assert time.process_time() - start < LONGEST, text


@pytest.mark.parametrize(
    "text",
    [
        "{" * 30_000,
        "{" * 30_000 + "}" * 30_000,
        "\\frac{" * 15_000,
        "\\tilde" * 15_000 + " h",
        "\\text{" * 15_000,
        "\\left(" * 15_000,
        "\\left(" * 40 + "h" + "\\right)" * 40,
        "$" * 90_000,
        "$h_t = x_t$ " * 8_000,
        "\\begin{array}{l}" * 5_000,
        "\\begin{cases}" * 5_000,
        "h_t = " + "\\begin{cases} 1 & x > 0 \\\\ " * 3_000,
        "h_{" * 20_000,
        "h" + "_t" * 40_000,
        "h" + "^t" * 40_000,
        "h" + "\\prime" * 10_000,
        "\\sum_j " * 12_000 + "h_j",
        "\\tanh " * 12_000 + "h",
        HEAD + "\\sigma" + "hx" * 40_000,
        HEAD + "\\sigma(x) " + "h_t x_t " * 10_000,
        HEAD + "\\sigma(x) " + "+ h_t " * 10_000,
        "\\\\\n" * 30_000 + "h",
        "\\quad h = x, " * 7_000,
        "|" * 50_000 + "\\h",
        "\\(" * 45_000,
        "W_{f,i} \\in \\mathbb{R}^{n \\times m}, " * 2_500,
        "h_t^{(l)} \\mathbf{" * 5_000,
        "\\mathrm{" * 10_000,
        "\\foo" * 20_000,
        "%" * 90_000,
        "\\" * 90_000,
        "^" * 50_000 + "\\a",
        "&=" * 45_000,
    ],
    ids=lambda text: text[:24],
)
@pytest.mark.sampled
def test_monstrous_latex(text):
    start = time.process_time()
    assert is_read_or_refused(text)
    assert time.process_time() - start < LONGEST
