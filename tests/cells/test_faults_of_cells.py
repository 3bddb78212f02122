"""The checks of every cell can fail: each is shown a fault that it is there to find."""

from types import SimpleNamespace

import numpy as np
import pytest
from cells import exact
from cells import test_every_cell as checks
from cells import test_transcriptions as transcriptions
from cells.problem import BENDS, KINKS, LONGEST, TAYLOR_DIRECTION, draw, of_library, off_kinks
from cells.transcribed import Transcription, load

import gatedsym as gs
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.library import rules as initial
from gatedsym.library.load import generated_folder
from gatedsym.proofs.specification import uncompiled
from gatedsym.runtime.jit.compile import load_module

CARRIED = "d_c_prev[j] += d_c_next_total * f"  # in the LSTM's backward kernel


def faulty_lstm(wrong):
    """The LSTM's problem with the line that carries the adjoint of c on replaced."""
    text = (generated_folder() / "lstm.py").read_text(encoding="utf-8")
    assert CARRIED in text
    problem = of_library("lstm", compiled=False)
    problem.cell.kernels = Kernels(uncompiled(load_module(text.replace(CARRIED, wrong), "lstm"), NUMPY))
    return problem


@pytest.mark.parametrize(
    "check",
    [
        checks.test_taylor_remainder_of_first_order_has_slope_2,
        checks.test_dot_product_of_the_tangent_program_and_the_whole_adjoint,
        checks.test_dot_product_of_the_tangent_kernel_and_the_backward_kernel,
        lambda problem: checks.test_values_and_gradient_blocks_are_within_1e_12_of_their_norm(
            problem, exact.reference(problem)
        ),
    ],
    ids=["Taylor", "tangent Program", "tangent kernel", "digits"],
)
def test_a_dropped_term_is_found(check):
    with pytest.raises(AssertionError):
        check(faulty_lstm("d_c_prev[j] += 0 * f"))


def test_an_error_of_1e_11_is_found():
    problem = faulty_lstm(f"{CARRIED} * (1 + 1e-11)")
    with pytest.raises(AssertionError):
        checks.test_values_and_gradient_blocks_are_within_1e_12_of_their_norm(problem, exact.reference(problem))


def test_an_error_of_the_reference_is_found():
    problem = of_library("rnn", compiled=False)
    found = exact.reference(problem)
    found["params"]["b"] = found["params"]["b"] * (1 + 1e-20)
    with pytest.raises(AssertionError):
        checks.test_the_reference_gradient_is_the_difference_quotient_of_the_reference_values(problem, found)


@pytest.mark.parametrize(
    "fault", [{"NAMES": {"W_ih": "W", "W_hh": "U.T"}}, {"NAMES": {"W_ih": "W", "W_hh": "-U"}}], ids=["turned", "sign"]
)
@pytest.mark.parametrize(
    "check",
    [
        transcriptions.test_trajectories_are_those_of_the_transcription,
        transcriptions.test_gradients_are_the_difference_quotient_of_the_transcription,
    ],
    ids=["values", "gradients"],
)
def test_another_reading_is_found(fault, check):
    problem = of_library("rnn", compiled=False)
    module = SimpleNamespace(**vars(load("rnn")) | fault)
    with pytest.raises(AssertionError):
        check(problem, Transcription(module, problem.sizes))


def test_a_missing_parameter_is_found():
    problem = of_library("rnn", compiled=False)
    parameters = {n: d for n, d in load("rnn").PARAMETERS.items() if n != "b"}
    module = SimpleNamespace(**vars(load("rnn")) | {"PARAMETERS": parameters})
    with pytest.raises(AssertionError):
        transcriptions.test_a_transcription_has_the_cells_interface(problem, Transcription(module, problem.sizes))


def test_points_are_drawn_off_the_kinks():
    """Pre-activations of zero lie on the kink of relu, and every step leaves it."""
    cell = gs.Cell("x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = relu(W @ x + U @ h)", name="piecewise")

    def crosses(problem):
        direction = problem.direction(TAYLOR_DIRECTION)
        sides = [problem.branches(problem.moved(direction, step)) for step in (LONGEST, -LONGEST)]
        return any(not np.array_equal(a, b) for a, b in zip(*sides, strict=True))

    on_the_kink = draw(cell, seed=0)
    for array in on_the_kink.point["inputs"].values():
        array[...] = 0
    for array in on_the_kink.point["initial"].values():
        array[...] = 0
    assert crosses(on_the_kink)
    assert not crosses(off_kinks(cell))


def test_every_function_is_known_to_the_reference_and_its_kinks_to_the_points():
    """Those that only derivatives have do not occur in typed equations; a declared derivative is not its value's."""
    derivatives = {"sech2", "normal_pdf", "half_step", "exp_below", "erf_slope", "norm_root_inverse"}
    typed = {name for name, entry in FUNCTIONS.items() if not entry.by_declaration} - derivatives
    assert set(exact.ARITHMETIC.functions) - {"pivot"} == typed - {"pivot"}
    of_two = {"maximum", "minimum", "where_above", "where_least"}
    compared = {"equal"}  # of a token and the places of a row, whose numbers no point moves
    assert {*KINKS, *BENDS, *of_two} == {n for n in typed - compared if FUNCTIONS[n].kinks}


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (initial.Constant(1), np.zeros(8)),
        (initial.Uniform(-1, 1, over_root="n"), np.full((8, 8), 0.9)),
        (initial.Uniform(-1, 1), np.random.default_rng(0).uniform(-0.3, 0.3, size=(20, 20))),
        (initial.Normal(0.1), np.random.default_rng(0).normal(size=(40, 40))),
        (initial.Normal(0.1), np.zeros((20, 20))),
        (initial.Orthogonal(), 2 * np.eye(8)),
        (initial.Glorot(), np.full((8, 8), 0.9)),
        (initial.IdentityMatrix(), np.ones((8, 8))),
    ],
    ids=["constant", "too wide", "too narrow", "too large", "none", "orthogonal", "glorot", "identity"],
)
def test_numbers_that_break_a_rule_of_initialisation_are_found(rule, wrong):
    sizes, generator = {"n": 8, "m": 8}, np.random.default_rng(1)
    assert not checks.follows(rule, wrong, sizes)
    assert checks.follows(rule, rule.draw(generator, wrong.shape, sizes), sizes)
