"""Numbers of equations, of any size and length, in kernels of either precision."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gatedsym as gs
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

NUMBERS = [
    "1e-20",
    "1e300",
    "1e-300",
    "2.5e-30",
    "0.1234567890123456789012345",
    "9007199254740993",
    "1e22",
    "3e-7",
    "7",
]


def plain_cell(number: str) -> gs.Cell:
    """A cell whose output is a number; its kernels run as plain Python."""
    cell = gs.Cell(f"x in R\noutput y\ny = {number} + 0*x", name="number")
    module = load_module(write_module(cell.recurrence), "number")
    cell.kernels = Kernels(uncompiled(module, NUMPY))
    return cell


@settings(max_examples=60)
@given(st.integers(1, 10**17), st.integers(-290, 280))
@pytest.mark.long
def test_a_number_of_a_kernel_is_the_float_next_to_it(digits, exponent):
    """One rounding more where it is a quotient of two whole numbers."""
    number = f"{digits}e{exponent}"
    value = plain_cell(number).forward({}, np.ones((1, 1)))["y"]
    np.testing.assert_allclose(value, float(number), rtol=2.3e-16)


@pytest.mark.parametrize("number", NUMBERS)
def test_kernels_with_any_number_are_proven(number):
    recurrence = read_equations(f"h in R\nh' = tanh({number} * h) - {number}", name="number")
    assert prove_emitted(recurrence, load_module(write_module(recurrence), "number")).entries > 0


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_numba_compiles_numbers_of_any_size(dtype):
    """In float32 what is too large is infinity and what is too small zero, as NumPy has it."""
    total = "1e-20*w + 0.1234567890123456789012345*w + 1e-300*x"
    cell = gs.Cell(f"x, w in R\nh in R\nh' = {total}\noutput y\ny = min(x, 1e300)".replace("x, w", "input x in R; w"))
    run = cell.forward({"w": np.ones((), dtype)}, np.ones((1, 1), dtype))
    assert run["h"].dtype == dtype
    np.testing.assert_allclose(run["h"][1], np.full(1, 0.1234567890123456789), rtol=1e-7)
    assert run["y"] == 1
