"""Tokens: ``onehot(token)`` is the vector that a person would have passed in its place."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.cells import Cell
from gatedsym.equations import declare, read_equations
from gatedsym.errors import ArgumentError
from gatedsym.execution.kernels import Kernels
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled

DECLARED = "h in R^n;  W in R^(n,m);  U in R^(n,n);  b in R^n\n"
TOKENS = f"token in {{0..m-1}};  {DECLARED}h' = tanh(W @ onehot(token) + U @ h + b)"
VECTORS = f"x in R^m;  {DECLARED}h' = tanh(W @ x + U @ h + b)"


def made(text: str) -> Cell:
    """A cell that runs uncompiled."""
    cell = gs.Cell(text)
    cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
    return cell


def test_tokens_give_the_numbers_and_gradients_of_one_hot_vectors():
    """Sums of a dozen terms in another order: within 1e-14."""
    tokens = np.random.default_rng(0).integers(0, 5, (6, 3))
    dh = np.random.default_rng(1).standard_normal((6, 3, 4))
    ours, theirs = made(TOKENS), made(VECTORS)
    params = ours.init(m=5, n=4, seed=0)
    run, other = ours.forward(params, {"token": tokens}), theirs.forward(params, np.eye(5)[tokens])
    assert np.allclose(run["h"], other["h"], rtol=0, atol=1e-14)
    grads, others = ours.backward(params, run, {"h": dh}), theirs.backward(params, other, {"h": dh})
    for name, value in others.params.items():
        assert np.allclose(grads.params[name], value, rtol=0, atol=1e-14), name
    unseen = sorted(set(range(5)) - set(tokens.ravel().tolist()))
    assert not grads.params["W"][:, unseen].any()
    assert not grads.inputs["token"].any()


def test_a_token_that_is_no_place_of_the_vector_is_refused():
    cell = made(TOKENS)
    with pytest.raises(ArgumentError, match=r"token\[0, 0\] is 5"):
        cell.forward(cell.init(m=5, n=4, seed=0), {"token": np.full((2, 1), 5)})


def test_a_vector_of_ten_places_needs_no_name_for_its_size():
    program = read_equations("token in {0..9};  h in R^n;  W in R^(n,10)\nh' = h + W @ onehot(token)").program
    assert ("10",) in {tensor.dims for tensor in program.tensors}


def test_the_shape_of_a_matrix_beside_a_token_is_proposed():
    text = declare("token in {0..m-1}\nh_t = tanh(W onehot(token) + U h_{t-1} + b)").text
    assert read_equations(text).program["W"].dims == ("n", "m")


def test_a_text_with_a_name_onehot_of_its_own_keeps_it():
    cell = read_equations("x in R^n;  h, onehot in R^n\nh' = tanh(x + onehot * h)")
    assert cell.program["onehot"].role == "parameter"
