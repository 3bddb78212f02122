"""Passes by hand in torch's own shapes are read: methods of a module, a function of autograd; and lists alone."""

from __future__ import annotations

from pathlib import Path

import pytest

import gatedsym as gs

SLIPS = Path(__file__).parent / "slips"
LISTS = """
import math

def matvec(M, v):
    return [sum(a * b for a, b in zip(row, v)) for row in M]

def forward(xs, h0, p):
    hs = [h0]
    for x in xs:
        a, u = matvec(p["W"], x), matvec(p["U"], hs[-1])
        hs.append([math.tanh(a[j] + u[j] + p["b"][j]) for j in range(len(h0))])
    return hs[1:], (xs, hs, p)

def backward(dhs, cache):
    xs, hs, p = cache
    n, m = len(hs[0]), len(xs[0])
    dW, dU, db, later = [[0.0] * m for _ in range(n)], [[0.0] * n for _ in range(n)], [0.0] * n, [0.0] * n
    for t in reversed(range(len(xs))):
        da = [(dhs[t][j] + later[j]) * (1 - hs[t + 1][j] ** 2) for j in range(n)]
        for j in range(n):
            db[j] += da[j]
            for k in range(m):
                dW[j][k] += da[j] * xs[t][k]
            for k in range(n):
                dU[j][k] += da[j] * hs[t][k]
        later = [sum(p["U"][j][k] * da[j] for j in range(n)) for k in range(n)]
    return {"dW": dW, "dU": dU, "db": db, "dh0": later}
"""


@pytest.mark.long
def test_methods_of_a_module_are_read_with_its_parameters(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    assert gs.check("lstm", SLIPS / "module_lstm.py").right
    text = (SLIPS / "module_lstm.py").read_text("utf-8")
    path = tmp_path / "module_lstm.py"
    path.write_text(text.replace("self.weight_hh.grad += da.T @ h", "self.weight_hh.grad = da.T @ h"), "utf-8")
    first = gs.check("lstm", path).first
    assert first is not None
    assert first.kind == "accumulation"
    assert first.of == ("U_i", "U_f", "U_g", "U_o")


@pytest.mark.long
def test_a_function_of_autograd_is_read_with_its_context() -> None:
    pytest.importorskip("torch")
    answer = gs.check("rnn", SLIPS / "function_rnn.py")
    assert answer.right
    assert "all 5 arrays" in str(answer)


@pytest.mark.long
def test_lists_of_numbers_are_arrays(tmp_path: Path) -> None:
    path = tmp_path / "lists.py"
    path.write_text(LISTS, "utf-8")
    assert gs.check("rnn", path).right
    path.write_text(LISTS.replace("dU[j][k] += da[j] * hs[t][k]", "dU[j][k] += da[j] * hs[t + 1][k]"), "utf-8")
    first = gs.check("rnn", path).first
    assert first is not None
    assert (first.kind, first.of) == ("wrong-time", ("U",))


@pytest.mark.long
def test_the_gru_of_torch_is_recognised_where_a_gru_is_asked_for() -> None:
    answer = gs.check("gru", SLIPS / "names_gru.py")
    assert answer.verdict == "convention"
    assert "it is gru_torch rather than gru" in str(answer)
