"""Values without a name are compared where they equal an adjoint, and told where they equal none."""

from __future__ import annotations

from pathlib import Path

import gatedsym as gs
from gatedsym.checking import Answer

STEP = """
import numpy as np

def rnn_step_forward(x, h_prev, Wx, Wh, b):
    h = np.tanh(x @ Wx + h_prev @ Wh + b)
    return h, (x, h_prev, h, Wx, Wh)

def rnn_step_backward(dh, cache, grads):
    x, h_prev, h, Wx, Wh = cache
    da = dh * (1 - h**2)
    grads["Wx"] += x.T @ da
    grads["Wh"] += h_prev.T @ da
    grads["b"] += da.sum(axis=0)
    return da @ Wx.T, da @ Wh.T
"""


def answer_of(folder: Path, text: str) -> Answer:
    path = folder / "homework.py"
    path.write_text(text, "utf-8")
    return gs.check("rnn", path)


def test_nameless_arrays_that_equal_an_adjoint_are_counted_among_those_that_agree(tmp_path: Path) -> None:
    answer = answer_of(tmp_path, STEP)
    assert answer.verdict == "right", str(answer)
    assert "all 5 arrays" in str(answer)
    assert not answer.notes


def test_a_nameless_array_that_equals_none_is_told_in_the_first_line_and_the_pass_is_not_called_right(
    tmp_path: Path,
) -> None:
    for wrong, count, left in (
        ("return dh @ Wx.T, dh @ Wh.T", "3 arrays are", "2 arrays without a name"),
        ("return da @ Wx.T, dh @ Wh.T", "4 arrays are", "one array without a name"),
    ):
        answer = answer_of(tmp_path, STEP.replace("return da @ Wx.T, da @ Wh.T", wrong))
        first = str(answer).splitlines()[0]
        assert answer.verdict == "partly", first
        assert not answer.right
        assert "right as far as it was compared" in first
        assert count in first
        assert left in first
        assert "all" not in first.split()
        assert "--returns" in str(answer)


def test_what_a_nameless_array_is_can_be_said_and_then_the_slip_is_named(tmp_path: Path) -> None:
    path = tmp_path / "homework.py"
    path.write_text(STEP.replace("return da @ Wx.T", "return dh @ Wx.T"), "utf-8")
    answer = gs.check("rnn", path, returns=("dx", "dh_prev"))
    assert (answer.first.kind, answer.first.of) == ("derivative-missing", ("x",)), str(answer)


def test_a_state_that_is_handed_on_without_a_name_is_no_gradient(tmp_path: Path) -> None:
    answer = answer_of(tmp_path, STEP.replace("return da @ Wx.T, da @ Wh.T", "return da @ Wx.T, 1 * h"))
    assert answer.verdict == "right", str(answer)
    assert "all 4 arrays" in str(answer)


def test_a_name_that_stands_for_nothing_known_is_told_in_the_first_line(tmp_path: Path) -> None:
    text = STEP.replace("return da @ Wx.T, da @ Wh.T", "return {'dx': da @ Wx.T, 'dq': dh @ Wh.T}")
    answer = answer_of(tmp_path, text)
    assert str(answer).splitlines()[0].endswith("Not compared: dq.")
