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
from gatedsym.typesetting.pages.derivation import derivation, render

DECLARED = "h in R^n;  W in R^(n,m);  U in R^(n,n);  b in R^n\n"
TOKENS = f"token in {{0..m-1}};  {DECLARED}h' = tanh(W @ onehot(token) + U @ h + b)"
VECTORS = f"x in R^m;  {DECLARED}h' = tanh(W @ x + U @ h + b)"


def made(text: str) -> Cell:
    """A cell that runs uncompiled."""
    cell = gs.Cell(text)
    cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
    return cell


def test_tokens_give_the_bits_and_gradients_of_one_hot_vectors():
    tokens = np.random.default_rng(0).integers(0, 5, (6, 3))
    dh = np.random.default_rng(1).standard_normal((6, 3, 4))
    ours, theirs = made(TOKENS), made(VECTORS)
    params = ours.init(m=5, n=4, seed=0)
    run, other = ours.forward(params, {"token": tokens}), theirs.forward(params, np.eye(5)[tokens])
    assert np.array_equal(run["h"], other["h"])
    grads, others = ours.backward(params, run, {"h": dh}), theirs.backward(params, other, {"h": dh})
    for name, value in others.params.items():
        assert np.array_equal(grads.params[name], value), name
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


def test_a_token_may_be_listed():
    program = read_equations("token in {0, 1, 2};  h in R^n;  W in R^(n,3)\nh' = h + W @ onehot(token)").program
    assert ("3",) in {tensor.dims for tensor in program.tensors}


@pytest.mark.parametrize(
    "declared",
    [
        "token in {0..m-1}",
        r"token in \{0..m-1\}",
        r"\mathrm{token} \in \{0, \dots, m-1\}",
        r"$\mathrm{token}_t \in \{0, 1, \ldots, m-1\}$.",
    ],
)
def test_latex_declares_tokens(declared):
    """So the equations of a page, pasted back beside a declaration, are the cell again."""
    equation = r"h_{t} &= \tanh(W\, \mathrm{onehot}(\mathrm{token}_{t}) + U\, h_{t-1}) \tag{1} \\"
    printed = read_equations(f"{declared}\nh in R^n; W in R^(n,m); U in R^(n,n)\n{equation}\n")
    plain = read_equations(
        "token in {0..m-1}; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ onehot(token) + U @ h)"
    )
    assert printed.domains == plain.domains
    assert str(printed.program) == str(plain.program)


def test_pages_print_tokens_as_they_were_typed():
    page = render(derivation(read_equations(TOKENS, name="tokens")), "text")
    assert "h_t = tanh(W onehot(token_t) + U h_{t−1} + b)" in page
    assert "equal" not in page
    assert "arange" not in page
