"""Homework that cannot be checked is one sentence: it raises, never ends, prints megabytes, or is none."""

from pathlib import Path

import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError

STEP = """
import numpy as np

def rnn_step_forward(x, h_prev, Wx, Wh, b):
    h = np.tanh(x @ Wx + h_prev @ Wh + b)
    return h, (x, h_prev, Wx, Wh, h)

def rnn_step_backward(dh, cache):
    x, h_prev, Wx, Wh, h = cache
    da = dh * (1 - h**2)
    return {"dx": da @ Wx.T, "dh_prev": da @ Wh.T, "dWx": x.T @ da, "dWh": h_prev.T @ da, "db": da.sum(0)}
"""


def written(folder: Path, text: str) -> str:
    path = folder / "homework.py"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_right_step_is_right(tmp_path: Path) -> None:
    answer = gs.check("rnn", written(tmp_path, STEP))
    assert answer.right
    assert answer.verdict == "right"
    assert "rnn_step_backward is right" in str(answer)


MORE = {
    "raises": "1 / 0",
    "never ends": "while True: pass",
    "prints megabytes": "print('x' * 2_000_000)",
}  # stand in line 10, before anything is computed
TEXTS = {
    **{what: STEP.replace("    da = ", f"    {line}\n    da = ") for what, line in MORE.items()},
    "cannot be imported": STEP + "\nimport no_such_module_anywhere\n",
    "never ends when imported": STEP + "\nwhile True:\n    pass\n",
    "asks": STEP + "\nn = input('size?')\n",
    "leaves": STEP + "\nimport os\nos._exit(3)\n",
    "exits": STEP + "\nraise SystemExit\n",
    "is no Python": "def f(:\n",
    "has no backward pass": "def forward(x): return x\n",
    "has another argument": STEP.replace("(x, h_prev,", "(x, qq,"),
}
REFUSED = {
    "raises": "raises in line 10, '1 / 0', ZeroDivisionError",
    "never ends": r"did not end within 1 seconds \(line 10",
    "prints megabytes": "printed more than a megabyte",
    "cannot be imported": "line 13: running the file raises ModuleNotFoundError",
    "never ends when imported": "did not end within 1 seconds",
    "asks": "EOFError",
    "leaves": "ended its process",
    "exits": "SystemExit",
    "is no Python": "line 1: this is no Python",
    "has no backward pass": "no function of homework.py is called like a backward pass",
    "has another argument": "what the argument qq of rnn_step_forward is",
}


@pytest.mark.parametrize("what", REFUSED)
@pytest.mark.long
def test_what_cannot_be_checked_is_one_sentence(what: str, tmp_path: Path) -> None:
    with pytest.raises(GatedsymError, match=REFUSED[what]) as found:
        gs.check("rnn", written(tmp_path, TEXTS[what]), seconds=1)
    assert "\n" not in str(found.value)


def test_a_gradient_of_another_shape_is_told_with_both_shapes(tmp_path: Path) -> None:
    answer = gs.check("rnn", written(tmp_path, STEP.replace("x.T @ da", "da.T @ x")))
    assert answer.verdict == "shape"
    assert "returns dWx with shape (4, 5)" in str(answer)
    assert "it is the transpose" in str(answer)
