"""Every function of the torch twin: the values of the table, and by autograd the derivatives that the table states."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gatedsym.ir.evaluate import NUMPY, evaluate_expression
from gatedsym.ir.functions import FUNCTIONS

torch = pytest.importorskip("torch", reason="torch is not installed")

POSITIVE = ("log", "sqrt", "log1p", "norm_root")


def names() -> list[str]:
    from gatedsym.bench import torch_program

    return sorted(set(torch_program.FUNCTIONS) - {"half_step"})  # of derivatives alone: torch has none for it


@pytest.mark.parametrize("name", names())
def test_a_function_of_the_twin_is_that_of_the_table(name: str) -> None:
    from gatedsym.bench import torch_program

    entry = FUNCTIONS[name]
    drawn = np.random.default_rng(0).normal(size=(entry.arity, 50))
    drawn = np.abs(drawn) if name in POSITIVE else drawn
    symbols = sp.symbols("u v a b")[: entry.arity]
    at = dict(zip(symbols, drawn, strict=True))
    tensors = [torch.tensor(row, requires_grad=True) for row in drawn]
    value = torch_program.FUNCTIONS[name](*tensors)
    found = evaluate_expression(entry.function(*symbols), at, NUMPY)
    np.testing.assert_allclose(value.detach().numpy(), found, rtol=1e-13)
    if value.requires_grad:
        value.sum().backward()
    for number, tensor in enumerate(tensors, 1):
        slope = evaluate_expression(entry.function(*symbols).fdiff(number), at, NUMPY)
        given = np.zeros(50) if tensor.grad is None else tensor.grad.numpy()
        digits = 1e-7 if name == "hard_sigmoid" else 1e-12  # torch takes the sixth of single precision
        np.testing.assert_allclose(given, np.broadcast_to(slope, 50), rtol=digits, atol=1e-15, err_msg=f"by {number}")


def test_the_twin_has_every_function_that_a_person_can_type() -> None:
    written = {n for n, entry in FUNCTIONS.items() if entry.public} | {
        "where_above",
        "where_least",
        "norm_root",
        "pivot",
    }
    assert written <= set(names())
