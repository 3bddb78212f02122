"""Signatures of homework are understood: functions, files, sums to fill in, tuples, variables of a file, told names."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError

FILLED = """
import numpy as np

def step(x, h, params):
    W, U, b = params
    new = np.tanh(W @ x + U @ h + b)
    return new, (x, h, new)

def step_backward(dh, cache, params, grads):
    W, U, b = params
    x, h, new = cache
    da = dh * (1 - new**2)
    grads["dW"] += np.outer(da, x)
    grads["dU"] += np.outer(da, h)
    grads["db"] += da
    return U.T @ da
"""
VARIABLES = """
import numpy as np

n, m = 16, 8
Wxh, Whh, Why, bh, by = np.ones((n, m)), np.ones((n, n)), np.ones((3, n)), np.zeros((n, 1)), np.zeros((3, 1))

def forward(xs, hprev):
    hs, ys = {-1: hprev}, {}
    for t in range(len(xs)):
        hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1] + bh)
        ys[t] = Why @ hs[t] + by
    return xs, hs, ys

def backward(dhs, cache):
    xs, hs, ys = cache
    dWxh, dWhh, dbh = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(bh)
    dhnext = np.zeros((n, 1))
    for t in reversed(range(len(xs))):
        dhraw = (1 - hs[t] ** 2) * (dhs[t] + dhnext)
        dWxh += dhraw @ xs[t].T
        dWhh += dhraw @ hs[t - 1].T
        dbh += dhraw
        dhnext = Whh.T @ dhraw
    return dWxh, dWhh, dbh, hs[len(xs) - 1]
"""
ALONE = """
import numpy as np

def bptt(params, x, h0, dh):
    W, U, b = params["W"], params["U"], params["b"]
    hs = [h0]
    for t in range(len(x)):
        hs.append(np.tanh(W @ x[t] + U @ hs[t] + b))
    dW, dU, db, later = np.zeros_like(W), np.zeros_like(U), np.zeros_like(b), np.zeros_like(h0)
    for t in reversed(range(len(x))):
        da = (dh[t] + later) * (1 - hs[t + 1] ** 2)
        dW, dU, db, later = dW + np.outer(da, x[t]), dU + np.outer(da, hs[t]), db + da, U.T @ da
    return dW, dU, db
"""
MINE = "x in R^m; s in R^n; A in R^(n,m); k in R^n; s' = s + sigmoid(k) * (tanh(A @ x) - s)"
MINE_STEP = """
import numpy as np

def sigmoid(a):
    return 1 / (1 + np.exp(-a))

def step_forward(x, s_prev, A, k):
    return s_prev + sigmoid(k) * (np.tanh(x @ A.T) - s_prev), (x, s_prev)

def step_backward(ds, cache, A, k):
    x, s_prev = cache
    g, t = sigmoid(k), np.tanh(x @ A.T)
    dA = (ds * g * (1 - t**2)).T @ x
    dk = (ds * (t - s_prev) * g * (1 - g)).sum(0)
    ds_prev = ds * (1 - g)
    return ds_prev, dA, dk
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "homework.py"
    path.write_text(text, "utf-8")
    return path


def test_sums_that_a_function_fills_in_are_read(tmp_path: Path) -> None:
    assert gs.check("rnn", written(tmp_path, FILLED)).right
    answer = gs.check("rnn", written(tmp_path, FILLED.replace("np.outer(da, h)", "np.outer(da, new)")))
    assert answer.first is not None
    assert (answer.first.kind, answer.first.of) == ("wrong-time", ("U",))


@pytest.mark.long
def test_variables_of_a_file_are_its_parameters_and_sizes(tmp_path: Path) -> None:
    assert gs.check("rnn", written(tmp_path, VARIABLES)).right
    clipped = VARIABLES.replace("    return dWxh", "    np.clip(dWhh, -5, 5, out=dWhh)\n    return dWxh")
    answer = gs.check("rnn", written(tmp_path, clipped))
    assert answer.first is not None
    assert answer.first.kind == "clip"
    assert "at 5" in answer.first.sentence


@pytest.mark.long
def test_a_pass_without_a_forward_pass_beside_it_is_checked(tmp_path: Path) -> None:
    assert gs.check("rnn", written(tmp_path, ALONE)).right
    answer = gs.check("rnn", written(tmp_path, ALONE.replace("(dh[t] + later)", "dh[t]")))
    assert answer.first is not None
    assert answer.first.kind == "future-missing"


@pytest.mark.long
def test_a_cell_that_a_person_typed_is_checked_as_those_of_the_library_are(tmp_path: Path) -> None:
    mine = gs.Cell(MINE, name="mine")
    assert gs.check(mine, written(tmp_path, MINE_STEP)).right
    answer = gs.check(mine, written(tmp_path, MINE_STEP.replace("ds * (1 - g)", "ds")))
    assert answer.first is not None
    assert answer.first.of == ("s",)
    assert not answer.right


def rnn_step_forward(x, q, Wx, Wh, b):
    h = np.tanh(x @ Wx + q @ Wh + b)
    return h, (x, q, Wx, Wh, h)


def rnn_step_backward(up, cache):
    x, q, Wx, Wh, h = cache
    da = up * (1 - h**2)
    return da @ Wx.T, da @ Wh.T, x.T @ da, q.T @ da, da.sum(0)


def test_a_function_is_checked_and_names_are_told() -> None:
    told = {"q": "h", "up": "d_h"}
    returns = ("dx", "dh_prev", "dWx", "dWh", "db")
    answer = gs.check("rnn", rnn_step_backward, forward=rnn_step_forward, arguments=told, returns=returns)
    assert answer.right
    assert "all 5 arrays" in str(answer)
    with pytest.raises(ArgumentError, match="up cannot be nothing"):
        gs.check("rnn", rnn_step_backward, forward=rnn_step_forward, arguments={**told, "up": "nothing"})
