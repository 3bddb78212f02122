"""Passes that are methods are checked: one object, its forward pass, then its backward pass."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import gatedsym as gs
from gatedsym.checking.classes import methods_of
from gatedsym.errors import ArgumentError, GatedsymError

KEEPS = """
import numpy as np

class RNN:
    def __init__(self, Wx, Wh, b):
        self.params = [Wx, Wh, b]
        self.grads = [np.zeros_like(Wx), np.zeros_like(Wh), np.zeros_like(b)]

    def forward(self, x, h_prev):
        Wx, Wh, b = self.params
        h_next = np.tanh(h_prev @ Wh + x @ Wx + b)
        self.cache = (x, h_prev, h_next)
        return h_next

    def backward(self, dh_next):
        Wx, Wh, b = self.params
        x, h_prev, h_next = self.cache
        dt = dh_next * (1 - h_next**2)
        self.grads[0][...] = x.T @ dt
        self.grads[1][...] = h_prev.T @ dt
        self.grads[2][...] = dt.sum(axis=0)
        dx, dh_prev = dt @ Wx.T, dt @ Wh.T
        return dx, dh_prev
"""
MAKES = """
import numpy as np

class Layer:
    def forward(self, x):
        raise NotImplementedError

    def backward(self, dout):
        raise NotImplementedError

class RNNLayer(Layer):
    def __init__(self, D, H, lr, scale=0.1):
        rng = np.random.default_rng(0)
        self.Wx, self.Wh, self.b = scale * rng.standard_normal((D, H)), scale * rng.standard_normal((H, H)), np.zeros(H)

    def forward(self, x):
        self.x, self.hs = x, [np.zeros((x.shape[0], len(self.b)))]
        for t in range(x.shape[1]):
            self.hs.append(np.tanh(x[:, t] @ self.Wx + self.hs[-1] @ self.Wh + self.b))
        return np.stack(self.hs[1:], axis=1)

    def backward(self, dout):
        self.dWx, self.dWh, self.db = np.zeros_like(self.Wx), np.zeros_like(self.Wh), np.zeros_like(self.b)
        dx, dh = np.zeros_like(self.x), 0
        for t in reversed(range(dout.shape[1])):
            da = (dh + dout[:, t]) * (1 - self.hs[t + 1] ** 2)
            self.dWx += self.x[:, t].T @ da
            self.dWh += self.hs[t].T @ da
            self.db += da.sum(0)
            dx[:, t], dh = da @ self.Wx.T, da @ self.Wh.T
        return dx
"""
FIELDS = """
from dataclasses import dataclass

import numpy as np

@dataclass
class RNNCell:
    Wx: np.ndarray
    Wh: np.ndarray
    b: np.ndarray

    def __call__(self, x, h_prev):
        h = np.tanh(self.Wx @ x + self.Wh @ h_prev + self.b)
        self.cache = x, h_prev, h
        return h

    def backward(self, dh):
        x, h_prev, h = self.cache
        da = dh * (1 - h**2)
        return {"Wx": np.outer(da, x), "Wh": np.outer(da, h_prev), "b": da, "x": self.Wx.T @ da, "h0": self.Wh.T @ da}
"""
TABLES = """
import numpy as np

class RNN:
    def __init__(self, hidden_size, input_size):
        shapes = {"W": (hidden_size, input_size), "U": (hidden_size, hidden_size), "b": (hidden_size, 1)}
        self.params = {name: np.random.randn(*shape) for name, shape in shapes.items()}
        self.grads = {name: np.zeros(shape) for name, shape in shapes.items()}

    def forward_step(self, x, h_prev):
        h = np.tanh(self.params["W"] @ x + self.params["U"] @ h_prev + self.params["b"])
        return h, (x, h_prev, h)

    def backward_step(self, dh, cache):
        x, h_prev, h = cache
        da = dh * (1 - h**2)
        self.grads["W"] += da @ x.T
        self.grads["U"] += da @ h_prev.T
        self.grads["b"] += da.sum(1, keepdims=True)
        dx, dh_prev = self.params["W"].T @ da, self.params["U"].T @ da
        return dx, dh_prev
"""
STYLES = {
    "keeps": (KEEPS, "self.grads[1][...] = h_prev.T", "self.grads[1][...] = h_next.T", "wrong-time", "U"),
    "makes": (MAKES, "self.db += da", "self.db += 2 * da", "bias-doubled", "b"),
    "tables": (TABLES, 'dx, dh_prev = self.params["W"].T @ da, ', 'dx, dh_prev = self.params["W"].T @ dh, ',
               "derivative-missing", "x"),
    "fields": (FIELDS, "(1 - h**2)", "(1 + h**2)", "derivative-sign", "a_h"),
}  # fmt: skip


def written(folder: Path, text: str) -> Path:
    path = folder / "homework.py"
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.long
def test_a_class_that_is_right_is_right_and_its_slip_is_found(style: str, tmp_path: Path) -> None:
    text, old, new, kind, of = STYLES[style]
    told = {"lr": "0.1"} if "lr" in text else {}
    answer = gs.check("rnn", written(tmp_path, text), arguments=told)
    assert answer.right, str(answer)
    assert f"all {4 if style == 'makes' else 5} arrays" in str(answer)
    assert text.count(old) == 1
    answer = gs.check("rnn", written(tmp_path, text.replace(old, new)), arguments=told)
    assert answer.first is not None
    assert (answer.first.kind, answer.first.of) == (kind, (of,))


def test_methods_are_read_with_their_constructor_and_those_that_are_only_declared_are_not() -> None:
    found = methods_of(ast.parse(MAKES), 0, set())
    assert list(found) == ["RNNLayer.forward", "RNNLayer.backward"]
    backward = found["RNNLayer.backward"]
    assert [a.name for a in backward.arguments] == ["dout"]
    assert backward.maker is not None
    assert [(a.name, a.optional) for a in backward.maker.arguments] == [
        ("D", False), ("H", False), ("lr", False), ("scale", True)
    ]  # fmt: skip
    keeps = methods_of(ast.parse(KEEPS), 0, set())["RNN.backward"].maker
    assert keeps is not None
    assert keeps.returns == ("Wx", "Wh", "b")


def test_an_argument_of_a_constructor_that_is_unknown_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ArgumentError, match="the argument lr of RNNLayer is: say it with --argument lr=WHAT"):
        gs.check("rnn", written(tmp_path, MAKES))


@pytest.mark.long
def test_parameters_that_an_object_hides_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(GatedsymError, match=r"an object of RNN holds no array .*: let its constructor take"):
        gs.check("rnn", written(tmp_path, TABLES.replace("self.params", "self.mine")))


class Inside:
    def backward(self, dh: float) -> float:
        return dh


def test_a_method_that_is_passed_is_asked_for_as_a_file() -> None:
    with pytest.raises(ArgumentError, match=r"Inside.backward is a method: .* 'homework.py:Inside.backward'"):
        gs.check("rnn", Inside.backward)
