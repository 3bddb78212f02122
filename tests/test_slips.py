"""A slip in an argument is a sentence: whatever is passed where, a call works or refuses, and never dies of it."""

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError

WRONG: Mapping[str, Any] = {
    "None": None, "a number": 3, "a negative number": -1, "zero": 0, "a fraction": 2.5, "NaN": float("nan"),
    "True": True, "a word": "x", "no text": "", "bytes": b"x", "an empty list": [], "a list": [1],
    "an empty tuple": (), "a tuple": ("a", "b"), "an object": object(), "a function": lambda *a: None,
    "an empty dict": {}, "a dict": {"h": 1}, "a dict of nothing": {"h": None}, "a dict of words": {"h": "a"},
    "a dict of lists": {"h": [1, 2]}, "a dict of numbers": {3: np.ones((5, 2, 4))},
    "an unknown name": {"q": np.ones((5, 2, 4))}, "an array": np.zeros(3),
    "a complex array": np.zeros((5, 2, 3), complex), "an array of words": np.array(["a"]),
    "an array of objects": np.array([None]), "a masked array": np.ma.masked_array([1.0, 2.0]),
    "a workspace": gs.Workspace(), "a cell": gs.cell("lstm"),
}  # fmt: skip

Call = tuple[Callable[..., Any], Mapping[str, Any]]


@pytest.fixture(scope="module")
def calls() -> Mapping[str, Call]:
    """Calls that work, by name, with every argument that they take."""
    lstm = gs.cell("lstm")
    params, x, dh = lstm.init(m=3, n=4), np.zeros((5, 2, 3)), np.ones((5, 2, 4))
    run = lstm.forward(params, x)
    along = {"params": params, "run": run, "threads": None}
    running = {"initial": None, "batch_first": False, "steps": None, "batch": None, "threads": None, "workspace": None}
    flow = {"cotangents": {"h": dh}, **along}
    text = "x in R^m; h in R^n; W in R^(n,m); h' = tanh(W @ x + h)"
    measured = gs.gradient_flow(["lstm"], np.zeros((8, 1, 3)), n=4, seeds=1, lags=6, init="xavier", retention=1.0)
    return {
        "Cell": (gs.Cell, {"equations": text, "name": "mine"}),
        "cell": (gs.cell, {"name": "lstm"}),
        "variant": (lstm.variant, {"name": "v", "edits": {"f": "1 - i"}, "lines": ""}),
        "init": (lstm.init, {"m": 3, "n": 4, "seed": 0, "dtype": "float64", "scheme": "uniform", "gain": 1.0,
                             "retention": 1.0, "horizon": None}),
        "sizes": (lstm.sizes, {"m": 3, "n": 4}),
        "shapes": (lstm.shapes, {"m": 3, "n": 4}),
        "forward": (lstm.forward, {"params": params, "x": x, "keep": "all", "copy": True, **running}),
        "backward": (lstm.backward, {"returns": ("params",), "workspace": None, **flow}),
        "gradients": (lstm.gradients, {"params": params, "x": x, "cotangents": {"h": dh}, "returns": ("params",),
                                       "segments": "sqrt", **running}),
        "flow": (lstm.flow, flow),
        "tangent": (lstm.tangent, {"directions": {"h": np.ones((2, 2, 4))}, "start": 0, "stop": None, **along}),
        "jacobian": (lstm.jacobian, along),
        "layout_of": (lstm.layout_of, {"name": "h"}),
        "gradient_flow": (gs.gradient_flow, {"cells": ["lstm"], "x": np.zeros((8, 1, 3)), "n": 4, "seeds": 1, "lags": 6,
                                             "batch": 1, "loss": "cotangent", "init": "xavier", "gain": 1.0,
                                             "retention": (1.0,), "horizon": None, "dtype": "float64"}),
        "gradient_norm": (gs.figures.gradient_norm, {"flow": measured, "quantities": None, "width": "neurips",
                                                     "name": "n", "height": None, "font_size": None, "colors": None}),
        "export_parameters": (gs.conventions.export_parameters, {"cell": lstm, "params": params,
                                                                 "framework": "pytorch"}),
        "parameter_steps": (lstm.flow(params, run, {"h": dh}).parameter_steps, {"name": "U_f"}),
    }  # fmt: skip


NAMES = (
    "Cell cell variant init sizes shapes forward backward gradients flow tangent jacobian layout_of parameter_steps "
    "gradient_flow gradient_norm export_parameters"
)


@pytest.mark.parametrize("name", NAMES.split())
@pytest.mark.sampled
def test_a_slip_is_a_sentence(calls: Mapping[str, Call], name: str) -> None:
    call, arguments = calls[name]
    call(**arguments)
    refused = []
    for argument in arguments:
        for what, wrong in WRONG.items():
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    call(**{**arguments, argument: wrong})
            except GatedsymError as error:
                refused.append(str(error))
            except Exception as error:
                pytest.fail(f"{name}({argument}={what}) dies of {type(error).__name__}: {error}")
    assert len(refused) > 15
    assert all(sentence.strip() for sentence in refused)
