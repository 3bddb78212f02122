"""What authors do around their equations is read as they mean it: macros, ranges, labels, two alphabets, indicators."""

from __future__ import annotations

import warnings
from functools import partial

import pytest
from refusal_of_a_text import refusal_of

from gatedsym.equations import read_equations
from gatedsym.equations.latex.read import is_printed
from gatedsym.errors import EquationWarning
from gatedsym.ir.program import Program

VECTORS = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\n"
INDEXED = "x in R^n; h in R^n; W in R^(n,n)\n"


def read(text: str) -> Program:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return read_equations(text).program


refused = partial(refusal_of, read)


RNN = VECTORS + "h' = tanh(W @ x + U @ h + b)"
READ = {
    "a command of the text": (
        VECTORS + r"\newcommand{\vx}{\mathbf{x}}" + "\n" + r"\mathbf{h}_t = \tanh(W \vx_t + U \mathbf{h}_{t-1} + b)",
        RNN,
    ),
    "a command with arguments": (
        VECTORS + r"\newcommand{\state}[2]{\mathbf{#1}_{#2}} \def\lin#1#2{#1 #2}"
        "\n" + r"\state{h}{t} = \tanh(\lin{W}{\state{x}{t}} + \lin{U}{\state{h}{t-1}} + b)",
        RNN,
    ),
    "an operator of the text": (
        VECTORS + r"\DeclareMathOperator{\act}{tanh}" + "\n" + r"h_t = \act(W x_t + U h_{t-1} + b)",
        RNN,
    ),
    "a default of a command": (
        VECTORS + r"\newcommand{\at}[2][t]{#2_{#1}}" + "\n" + r"\at{h} = \tanh(W \at{x} + U \at[t-1]{h} + b)",
        RNN,
    ),
    "a range of steps": (VECTORS + r"h_t = \tanh(W x_t + U h_{t-1} + b), \quad t = 1, \ldots, T.", RNN),
    "a range in a set": (VECTORS + r"$$h_t = \tanh(W x_t + U h_{t-1} + b), \quad t \in \{1, \dots, T\}$$", RNN),
    "labels in another script": (VECTORS + "$$\n隐状态：h_t = \\tanh(W x_t + U h_{t-1} + b)\\\\\n$$", RNN),
    "a label before a line": (VECTORS + "Hidden:  h_t = tanh(W x_t + U h_{t-1} + b)", RNN),
    "a role of Sphinx": (
        VECTORS + "\\begin{array}{ll}\nh_t = \\tanh(W x_t + U h_{t-1} + b)\n\\end{array}\n\n"
        "where :math:`h_t` is the state at time `t`",
        RNN,
    ),
    "a sign that a sentence speaks of": (
        VECTORS + "$$h_t = \\tanh(W x_t + U h_{t-1} + b)$$\n* $\\circ$ is the product of entries, $\\odot$ too.",
        RNN,
    ),
    "words between lines": (
        VECTORS + "\\begin{align}\na_t &= W x_t + b \\intertext{and, by \\eqref{one},} h_t &= \\tanh(a_t + U h_{t-1})"
        "\n\\end{align}",
        VECTORS + "a = W @ x + b\nh' = tanh(a + U @ h)",
    ),
    "in as a subscript": (
        "x in R^m; input u in R^m; h in R^n; W, W_in in R^(n,m)\n"
        r"h_t = \tanh(W_{\text{in}} u_t + W x_t) + h_{t-1}",
        "x in R^m; input u in R^m; h in R^n; W, W_in in R^(n,m)\nh' = tanh(W_in @ u + W @ x) + h",
    ),
    "calligraphic beside bold": (
        "h in R^n; W, W_cal in R^(n,n)\n" + r"\mathbf{h}_t = \mathbf{W} \tanh(\mathcal{W} \mathbf{h}_{t-1})",
        "h in R^n; W, W_cal in R^(n,n)\nh' = W @ tanh(W_cal @ h)",
    ),
    "bold calligraphic beside bold": (
        "h in R^n; W, W_cal in R^(n,n)\n" + r"\mathbf{h}_t = \mathbf{W} \tanh(\bm{\mathcal{W}} \mathbf{h}_{t-1})",
        "h in R^n; W, W_cal in R^(n,n)\nh' = W @ tanh(W_cal @ h)",
    ),
    "a value at an earlier time alone": (
        VECTORS + r"\hat{h}_{t-1} = b \odot h_{t-1} \\ h_t = \tanh(W x_t + U \hat{h}_{t-1})",
        VECTORS + "h_hat = b * h\nh' = tanh(W @ x + U @ h_hat)",
    ),
    "a name with T above": (
        VECTORS + r"h^T_{t-1} = b \odot h_{t-1} \\ h_t = \tanh(W x_t + U h^T_{t-1})",
        VECTORS + "h_T = b * h\nh' = tanh(W @ x + U @ h_T)",
    ),
    "a logarithm on the left": (
        VECTORS + r"\log a_t = -c \, b \quad (c=8) \\ h_t = a_t \odot h_{t-1} + W x_t + U h_{t-1}",
        VECTORS + "c = 8\na = exp(-c * b)\nh' = a * h + W @ x + U @ h",
    ),
    "an indicator": (
        "x, h in R^n; v in R\n" + r"h_t = h_{t-1} + \mathbf{1}[x_t \geq v] - \mathbb{1}_{\{h_{t-1} < v\}}",
        "x, h in R^n; v in R\nh' = h + where(x >= v, 1, 0) - where(h < v, 1, 0)",
    ),
    "a bracket with a plus": (
        VECTORS + r"h_t = \left[W x_t + U h_{t-1}\right]_+ - (b)^+",
        VECTORS + "h' = relu(W @ x + U @ h) - relu(b)",
    ),
    "an estimate by what is known": (
        "x in R^n; input z in R^n; F, K in R^(n,n)\n"
        r"\hat{x}_{k|k-1} = F \hat{x}_{k-1|k-1} \\ \hat{x}_{k|k} = \hat{x}_{k|k-1} + K (z_k - \hat{x}_{k|k-1})".replace(
            r"\hat{x}", "x"
        ),
        "x in R^n; input z in R^n; F, K in R^(n,n)\nx_prior = F @ x\nx' = x_prior + K @ (z - x_prior)",
    ),
    "a rate of entries": (
        "step dt = 0.1; scheme euler\ny, tau in R^n; w in R^(n,n)\n"
        r"\tau_i \dot{y}_i = -y_i + \sum_{j=1}^{N} w_{ij} \tanh(y_j), \quad i = 1, 2, \ldots, N",
        "step dt = 0.1; scheme euler\ny, tau in R^n; w in R^(n,n)\n"
        "change_y[i] = (-y[i] + sum[j] w[i,j] * tanh(y[j])) / tau[i]\ndy/dt = change_y",
    ),
    "a sum over a whole axis": (
        INDEXED + r"h_{t,j} = \tanh(\sum_{k=0}^{n-1} W_{jk} h_{t-1,k}) + x_{t,j}",
        INDEXED + "h'[j] = tanh(sum[k] W[j,k] * h[k]) + x[j]",
    ),
    "a sum over the others": (
        INDEXED + r"h_{t,j} = \tanh(\sum_{k \neq j} W_{jk} h_{t-1,k}) + x_{t,j}",
        INDEXED + "h'[j] = tanh(sum[k] (1 - I[j,k]) * W[j,k] * h[k]) + x[j]",
    ),
    "Kronecker's symbol": (
        INDEXED + r"h_{t,j} = \tanh(\sum_k (\delta_{jk} + W_{jk}) h_{t-1,k}) + x_{t,j}",
        INDEXED + "h'[j] = tanh(sum[k] (I[j,k] + W[j,k]) * h[k]) + x[j]",
    ),
    "a real part": (
        "z, a in C^n; u in R^n\n" + r"z_t = a \odot z_{t-1} \\ u_t = \Re(z_t)",
        "z, a in C^n; u in R^n\nz' = a * z\nu' = re(z')",
    ),
    "a line that only tells what a state depends on": (
        VECTORS + r"h_t = f_W(h_{t-1}, x_t) \\ h_t = \tanh(W x_t + U h_{t-1} + b)",
        RNN,
    ),
    "a row of rows set upright": (
        "x in R^m; h in R^n; W in R^(n,n+m)\n" + r"h_t = \tanh(W [h_{t-1}^\top, x_t^\top]^\top)",
        "x in R^m; h in R^n; W in R^(n,n+m)\nh' = tanh(W @ [h, x])",
    ),
    "a row of rows set upright with another sign": (
        "x in R^m; h in R^n; W in R^(n,n+m)\n" + r"h_t = \tanh(W [h_{t-1}^{tr}, x_t^{tr}]^{tr})",
        "x in R^m; h in R^n; W in R^(n,n+m)\nh' = tanh(W @ [h, x])",
    ),
    "a bracket under that sign": (
        "x in R^m; h in R^n; A, B in R^(n,n); W in R^(n,m)\n" + r"h_t = \tanh((A B)^{tr} h_{t-1} + W x_t)",
        "x in R^m; h in R^n; A, B in R^(n,n); W in R^(n,m)\nh' = tanh((A @ B).T @ h + W @ x)",
    ),
    "a weight with a prime": (
        "x, h in R^n; W' in R^(n,n)\n".replace("W'", "W_prime") + r"h_t = \tanh(W' h_{t-1} + x_t)",
        "x, h in R^n; W_prime in R^(n,n)\nh' = tanh(W_prime @ h + x)",
    ),
    "a prime before a time": (
        "x, h in R^n\nh'_t = tanh(x_t)\nh_t = h_{t-1} ◦ h'_t",
        "x, h in R^n\nh_prime = tanh(x)\nh' = h * h_prime",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", READ)
def test_it_is_read_as_its_author_means_it(what):
    printed, plain = READ[what]
    assert read(printed) == read(plain)


REFUSED = {
    r"h_{t,j} = \tanh(\sum_{k<j} W_{jk} h_{t-1,k}) + x_{t,j}": "M = strictly_lower(n)",
    r"h_{t,j} = \tanh(\sum_{k=1}^{j} W_{jk} h_{t-1,k}) + x_{t,j}": "M = lower(n)",
    r"h_{t,j} = \tanh(\sum_{k=1}^{j-1} W_{jk} h_{t-1,k}) + x_{t,j}": "M = strictly_lower(n)",
    r"h_{t,j} = \tanh(\sum_{k \geq j} W_{jk} h_{t-1,k}) + x_{t,j}": "M = upper(n)",
    r"h_{t,j} = \tanh(\sum_{k \neq 3} W_{jk} h_{t-1,k}) + x_{t,j}": "(1 - I[3,k])",
    r"h_{t,j} = \tanh(\sum_{k=2}^{n} W_{jk} h_{t-1,k}) + x_{t,j}": "a mask that is 0 at the others",
    r"h_{t,j} = \tanh(\sum_{k=1}^{n-1} W_{jk} h_{t-1,k}) + x_{t,j}": "a mask that is 0 at the others",
    r"h_{t,j} = \tanh(\sum_{k=1}^{7} W_{jk} h_{t-1,k}) + x_{t,j}": "a mask that is 0 at the others",
    r"h_{t,j} = \tanh(\sum_{k \in N(j)} W_{jk} h_{t-1,k}) + x_{t,j}": "a mask that is 0 at the others",
    r"h_t = \tanh(\sum_{i=1}^{t} x_i) + W h_{t-1}": "s_t = s_{t-1}",
    r"h_t = \tanh(W h_{t-1}) \text{ or } \sigma(W h_{t-1})": "Keep the one that is meant",
    r"\newcommand{\a}{\a + 1} h_t = \a": "Write out what it stands for",
    "$$h_t = \\phi(W h_{t-1}) + x_t$$\nwhere phi is tanh or, as others have it, $\\phi(v) = v$": "phi(v) = …",
}


@pytest.mark.parametrize("text", REFUSED)
def test_what_would_be_another_cell_is_refused_with_what_to_type(text):
    assert REFUSED[text] in refused(INDEXED + text).mend


def test_a_letter_read_without_its_time_is_no_second_symbol():
    assert "defined by itself" in refused(VECTORS + r"h_t = \tanh(W x_t + U h + b)").message


def test_what_a_command_stands_for_is_shown_where_it_is_used():
    error = refused(VECTORS + r"\newcommand{\vq}{\mathbf{q}} h_t = \tanh(W x_t + \vq_t + U h_{t-1} + b)")
    assert error.source.splitlines()[error.line - 1][error.column - 1 :].startswith(r"\vq")


def test_a_gate_whose_shape_a_sentence_tells_is_no_state():
    text = r"""
    $$\mathbf{f}_t = \sigma(W \mathbf{x}_t), \quad \mathbf{h}_t = \mathbf{f}_t \odot \mathbf{h}_{t-1}$$
    where $\mathbf{f}_t \in (0,1)^n$ is a gate, $\mathbf{x}_t \in \mathbb{R}^m$, $\mathbf{h}_t \in \mathbb{R}^n$
    and $W \in \mathbb{R}^{n \times m}$.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EquationWarning)
        cell = read_equations(text)
    assert [state.name for state in cell.states] == ["h"]
    assert any("gives the shape alone" in str(warning.message) for warning in caught)


def test_an_entry_of_the_identity_runs_over_the_axis_of_what_it_meets():
    text = "x in R^n; h in R^n; W in R^(n,n)\nM[j,k] = I[j,k] * x[k] + W[j,k]\nh' = M @ h"
    assert read(text) == read(text.replace("I[j,k]", "δ[j,k]"))
    assert "nothing tells how far" in refused("h in R^n\nh'[j] = h[j] + sum[q,r] I[q,r]").message


def test_a_name_of_the_text_is_no_identity():
    plain = read("x, h in R^n; I in R^(n,n)\nh'[j] = sum[k] I[j,k] * h[k] + x[j]")
    assert plain["I"].role == "parameter"


@pytest.mark.parametrize("name", ["c_1em20", "c_1a", "c_12", "W_x1"])
def test_a_declared_name_is_whole_also_in_a_text_of_printed_scripts(name: str) -> None:
    text = f"x in R^n; h in R^n; {name} in R^(n,n); g, b in R^n; LN(a; g, b) = g * a + b\nh' = LN({name} @ x; g, b) + h"
    assert name in [parameter.name for parameter in read_equations(text).parameters]


def test_vectors_one_under_the_other_in_a_function_are_no_parameters_behind_a_semicolon() -> None:
    assert not is_printed("y = mean([x[-2]; h]) + sum([x; h])")
    assert is_printed("y = LN([x; h]; g, b)")
