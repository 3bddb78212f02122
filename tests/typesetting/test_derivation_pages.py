"""What a derivation page says of a cell, and that each format is one that its reader can open."""

from __future__ import annotations

import math
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from derivation_cells import CELLS, GRU, HIGHWAY_NETWORK, LSTM, RNN

import gatedsym as gs
from gatedsym.equations import read_equations
from gatedsym.typesetting.document import Document
from gatedsym.typesetting.pages.derivation import FORMATS, derivation, render
from gatedsym.typesetting.plain import text_width


def page(cell: str) -> Document:
    return derivation(
        read_equations(CELLS[cell], name=cell), title="A cell & its <gradient>", reference="Somebody, 1997"
    )


def text_of(source: str) -> str:
    return " ".join(render(derivation(read_equations(source, name="cell")), "text").split())


# What the page says.


def test_the_highway_of_the_lstm_is_its_forget_gate():
    text = text_of(LSTM)
    assert "∂c_t/∂c_{t−1} = diag(f_t)" in text
    assert "The highway of the state c is c_{t−1} → c_t, with the factor f_t." in text
    assert "f_t = 1: the gradient passes unchanged." in text
    assert "f_t = 0: nothing passes." in text
    assert "whatever the weights are: along the highway a gradient can shrink but never grow" in text


def test_the_numbers_told_of_a_gate_are_what_a_gate_does():
    text = text_of(LSTM)

    def left_after_100(bias: float) -> float:
        return (1 / (1 + math.exp(-bias))) ** 100

    assert "8·10^{−31} after 100" in text
    assert float("8e-31") == pytest.approx(left_after_100(0), rel=0.02)
    assert "A bias of 1 (factor 0.731) leaves 2.5·10^{−14} of it, a bias of 2 (factor 0.881) 3·10^{−6}" in text
    assert pytest.approx(left_after_100(1), rel=0.02) == 2.5e-14
    assert pytest.approx(left_after_100(2), rel=0.04) == 3e-6
    assert "To keep half of a gradient over 100 steps, the factor f_t has to be 0.9931: a bias of 4.97." in text
    assert left_after_100(4.97) == pytest.approx(0.5, rel=0.01)


def test_a_greek_letter_is_printed_as_one():
    """λ has another spelling inside, since lambda is a word of Python."""
    leaky = "x in R^m; h in R^n; W in R^(n,m)\nλ = 1/2\nh' = λ*h + (1 - λ)*tanh(W x)"
    assert "h_t = λ h_{t−1} + (1 − λ) tanh(W x_t)" in text_of(leaky)
    latex = render(derivation(read_equations(leaky, name="cell")), "latex")
    assert r"\lambda h_{t-1}" in " ".join(latex.replace(r"\,", " ").split())


def test_the_lstm_passes_its_gates_to_the_jacobian_in_closed_form():
    assert "diag(c_{t−1} ⊙ f_t ⊙ (1 − f_t)) U_f" in text_of(LSTM)


def test_the_gru_keeps_its_gradient_where_the_update_gate_is_closed():
    text = text_of(GRU)
    assert "with the factor 1 − z_t." in text
    assert "What keeps the gradient alive is z_t = 0." in text
    assert "such as a negative bias gives" in text


def test_the_rnn_has_no_highway():
    text = text_of(RNN)
    assert "∂h_t/∂h_{t−1} = diag(1 − h_t²) U" in text
    assert "There is none: every path from an old state to its next value passes a matrix" in text
    assert "What keeps the gradient alive" not in text


def test_matrices_come_back_transposed_and_gradients_are_outer_products():
    text = text_of(LSTM)
    assert "h̄_{t−1}^← = U_iᵀ ā_{i,t} + U_fᵀ ā_{f,t} + U_gᵀ ā_{g,t} + U_oᵀ ā_{o,t}" in text
    assert "Ū_i = ∑_{t=1}^T ā_{i,t} h_{t−1}ᵀ" in text
    assert "b̄_f = ∑_{t=1}^T ā_{f,t}" in text


def test_the_loss_enters_where_it_reads_the_state_and_nowhere_else():
    text = text_of(LSTM)
    assert "h̄_t = ∂ℓ_t/∂h_t + h̄_t^←" in text
    assert "c̄_t = c̄_t^← + bar(tanh(c_t)) ⊙ (1 − tanh²(c_t))" in text
    assert "∂ℓ_t/∂c_t" not in text


def test_a_loss_may_read_another_state():
    recurrence = read_equations(LSTM, name="lstm")
    text = render(derivation(recurrence, reads=["h'", "c'"]), "text")
    assert "∂ℓ_t/∂c_t" in text


def test_a_loss_cannot_read_what_is_no_result():
    with pytest.raises(ValueError, match="reads has to name results"):
        derivation(read_equations(RNN, name="rnn"), reads=["b"])


def test_parameters_are_counted_in_dimensions():
    assert "In total 4 n² + 4 n m + 4 n = 4 n (n + m + 1) numbers" in text_of(LSTM)
    assert "these are 24,832" in text_of(LSTM)


def test_stable_forms_are_told():
    assert "1 − f_t = σ(−a_{f,t})" in text_of(LSTM)
    assert "1 − g_t² = sech²(a_{g,t})" in text_of(LSTM)


def test_letters_of_the_cell_are_not_used_for_anything_else():
    text = text_of(HIGHWAY_NETWORK)
    assert "L = ∑_{t=1}^N ℓ_t(h_t)" in text


def test_each_delay_sends_back_its_share():
    text = text_of(CELLS["delayed"])
    assert "h̄_t^← = h̄_t^{←1} + h̄_t^{←2} + h̄_t^{←3}" in text
    assert "h̄_{t−2}^{←2} = Uᵀ ā_{h,t}" in text
    assert "x̄_t = x̄_t^{←0} + x̄_t^{←1}" in text


# Formats.


def test_an_unknown_format_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="text, latex, markdown, html"):
        render(page("rnn"), "pdf")


@pytest.mark.sampled
@pytest.mark.parametrize("cell", list(CELLS))
def test_html_is_well_formed_and_stands_alone(cell: str):
    html = render(page(cell), "html")
    ElementTree.fromstring(html.removeprefix("<!DOCTYPE html>\n").replace("&nbsp;", " "))
    assert not re.search(r"<script|https?:|<link|<img|@import|url\(", html)
    assert "prefers-color-scheme: dark" in html
    assert "A cell &amp; its &lt;gradient&gt;" in html


@pytest.mark.parametrize("cell", list(CELLS))
def test_mathml_has_as_many_children_as_its_elements_ask_for(cell: str):
    html = render(page(cell), "html").removeprefix("<!DOCTYPE html>\n")
    arity = {"mfrac": 2, "msub": 2, "msup": 2, "msubsup": 3, "mover": 2, "munder": 2, "munderover": 3}
    found = [e for e in ElementTree.fromstring(html).iter() if e.tag in arity]
    assert found
    assert all(len(e) == arity[e.tag] for e in found)


@pytest.mark.parametrize("cell", list(CELLS))
def test_latex_is_balanced_and_plain_ascii_outside_comments(cell: str):
    latex = render(page(cell), "latex")
    assert latex.startswith(r"\documentclass[11pt]{article}")
    unescaped = re.sub(r"\\[{}]", "", latex)
    assert unescaped.count("{") == unescaped.count("}")
    assert re.findall(r"\\begin\{(\w+)\}", latex).__len__() == re.findall(r"\\end\{(\w+)\}", latex).__len__()
    assert all(ord(ch) < 0x180 for ch in latex)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX is installed")
@pytest.mark.parametrize("cell", list(CELLS))
@pytest.mark.sampled
def test_latex_compiles(cell: str, tmp_path: Path):
    (tmp_path / "page.tex").write_text(render(page(cell), "latex"), encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "page.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-2000:]


@pytest.mark.parametrize("cell", list(CELLS))
def test_markdown_keeps_mathematics_away_from_its_own_signs(cell: str):
    markdown = render(page(cell), "markdown")
    outside_code = re.sub(r"```.*?```", "", markdown, flags=re.S)
    assert outside_code.count("$$") % 2 == 0
    for formula in re.findall(r"\$\$(.*?)\$\$|\$([^$\n]+)\$", outside_code, flags=re.S):
        inside = "".join(formula)
        assert not re.search(r"\\[^a-zA-Z]|[*|<>]|\]\(|[^ ]_", inside), inside
    rows = [line for line in outside_code.splitlines() if line.startswith("|")]
    assert rows
    assert len({line.count("|") for line in rows}) <= 2


@pytest.mark.parametrize("cell", ["lstm", "gru", "rnn"])
def test_words_keep_to_the_width_of_the_terminal(cell: str):
    lines = render(page(cell), "text").splitlines()
    assert max(text_width(line) for line in lines if not re.search("[│─═]|  ", line.strip())) <= 100


@pytest.mark.long
def test_pages_are_the_same_under_every_hash_seed(tmp_path: Path):
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from derivation_cells import CELLS\n"
        "from gatedsym.typesetting.pages.derivation import FORMATS, derivation, render\n"
        "from gatedsym.equations import read_equations\n"
        "for cell in ('gru', 'normalised', 'matrix_memory'):\n"
        "    page = derivation(read_equations(CELLS[cell], name=cell))\n"
        "    sys.stdout.write(''.join(render(page, f) for f in FORMATS))\n"
    )
    written = set()
    for seed in ("0", "1", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(
            [sys.executable, "-c", program, str(Path(__file__).parent)],
            env=environment,
            capture_output=True,
            check=True,
        )
        written.add(done.stdout)
    assert len(written) == 1


def test_every_format_carries_title_and_reference():
    for name in FORMATS:
        rendered = render(page("rnn"), name)
        assert "Somebody, 1997" in rendered
        assert "gradient" in rendered.splitlines()[0] or "its" in rendered


@pytest.mark.parametrize("name", ["slstm", "slstm_exp", "mlstm", "lstm", "star", "rhn"])
def test_no_page_says_that_a_factor_bounded_by_one_may_explode(name):
    text = text_of(gs.cell(name).source)
    highways = text.split("The highway")[2:]
    assert any("a gradient can shrink but never grow" in part for part in highways)
    assert not any("explode" in part or "nothing bounds" in part for part in highways)


def test_a_page_says_of_an_unbounded_factor_that_it_may_explode():
    assert "does not bound this factor" in text_of(gs.cell("indrnn").source)


def test_the_rule_of_a_maximum_is_the_step_that_is_one_half_at_a_tie():
    assert "step_{1/2}(a − b)" in text_of(gs.cell("slstm").source)
