"""What is left out on purpose is said so, with what to write instead."""

from __future__ import annotations

import pytest

from gatedsym.equations import read_equations
from gatedsym.errors import EquationError

HEAD = "x in R^m; h in R^n; W in R^(n,m)\n"


@pytest.mark.parametrize(
    ("line", "message", "mend"),
    [
        ("h_t = tanh(BN(W x_t) + h_{t-1})", "statistics of a batch", "Write LN(v)"),
        ("h' = tanh(batch_norm(W @ x) + h)", "statistics of a batch", "Write LN(v)"),
        (r"h_t = \tanh(\mathrm{BN}(W x_t) + h_{t-1})", "statistics of a batch", "Write LN(v)"),
        ("h' = top_k(W @ x + h)", "top-k", "softmax(v)"),
        (r"h_t = \operatorname{TopK}(W x_t + h_{t-1})", "top-k", "softmax(v)"),
        ("h_t = softmax(W x_{1:t}) + h_{t-1}", "attention over a growing past", "outer(v, k)"),
        (r"h_t = \mathrm{softmax}(W x_{\le t}) + h_{t-1}", "attention over a growing past", "outer(v, k)"),
        (r"h_t = W x_{1,\ldots,t} + h_{t-1}", "attention over a growing past", "outer(v, k)"),
    ],
)
def test_what_is_left_out_is_said_where_it_stands(line, message, mend):
    with pytest.raises(EquationError) as refusal:
        read_equations(HEAD + line)
    assert f"line 2: {message}" in str(refusal.value)
    assert "on purpose" in str(refusal.value)
    assert mend in refusal.value.mend
    assert refusal.value.line == 2


def test_a_text_may_define_what_the_language_leaves_out():
    text = f"{HEAD}BN(v) = v / (1 + max(v))  # batch_norm(v) of a kind\nh' = tanh(BN(W @ x) + h)"
    assert len(read_equations(text).equations) == 1
