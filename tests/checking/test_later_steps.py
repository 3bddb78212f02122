"""A slip that no table knows, and that a single step does not show, is sought in what goes from step to step."""

from __future__ import annotations

from pathlib import Path

import pytest

import gatedsym as gs

PASS = """
import numpy as np

def forward(x, W, U, b):
    hs = [np.zeros(len(b))]
    for x_t in x:
        hs.append(np.tanh(W @ x_t + U @ hs[-1] + b))
    return np.array(hs[1:]), (x, hs, W, U)

def backward(dh, cache):
    x, hs, W, U = cache
    T = len(x)
    dW, dU, db, later = np.zeros_like(W), np.zeros_like(U), np.zeros(len(U)), np.zeros(len(U))
    for t in reversed(range(T)):
        da = (dh[t] + later) * (1 - hs[AT] ** 2)
        dW, dU, db, later = dW + np.outer(da, x[t]), dU + np.outer(da, hs[t]), db + da, U.T @ da * SHARE
    return dW, dU, db
"""


def text_with(at: str = "t + 1", share: str = "1") -> str:
    return PASS.replace("AT", at).replace("SHARE", share)


@pytest.mark.parametrize(
    "text",
    [text_with(at="T"), text_with(at="min(t + 2, T)"), text_with(share="0.3")],
    ids=["of the last step", "of the next step", "a share of what is handed on"],
)
@pytest.mark.long
def test_what_differs_from_the_second_step_on_is_sought_between_the_steps(tmp_path: Path, text: str) -> None:
    """The state of zeros before the first step hides that step's adjoint in that of U: it clears nothing."""
    path = tmp_path / "homework.py"
    path.write_text(text, "utf-8")
    answer = gs.check("rnn", path)
    assert answer.verdict == "backward"
    assert (answer.first.kind, answer.first.of) == ("unknown", ("h",)), str(answer)
    assert "A single step comes out right" in answer.first.sentence
    assert "the first equation that is wrong" not in str(answer)


@pytest.mark.long
def test_the_same_pass_is_right_without_the_slip(tmp_path: Path) -> None:
    path = tmp_path / "homework.py"
    path.write_text(text_with(), "utf-8")
    assert gs.check("rnn", path).verdict == "right"
