"""Kernels of cells that read tokens: no product with a one-hot vector is left in them, and they are proven."""

from __future__ import annotations

import re

import pytest

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.costs import count_costs
from gatedsym.calculus.one_hot import find_one_hots
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.errors import ProofError
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.runtime.jit.compile import load_module

TOKEN = "token in {0..m-1};  h, b in R^n;  U in R^(n,n)\n"

PICKS = {
    "a column": (TOKEN + "W in R^(n,m)\nh' = tanh(W @ onehot(token) + U @ h)*b", "W_columns[place(token[t, b_2], m)]"),
    "a row": (TOKEN + "E in R^(m,n)\nh' = tanh(E.T @ onehot(token) + U @ h)*b", "= E[place(token[t, b_2], m)]"),
    "two tokens": (
        TOKEN + "tag in {0..4}; W in R^(n,m); V in R^(n,5)\nh' = tanh(W @ onehot(token) + V @ onehot(tag) + U @ h)*b",
        "V_columns[place(tag[t, b_2], 5)]",
    ),
    "beside an input": (
        TOKEN + "x in R^m; W, V in R^(n,m)\nh' = tanh(W @ onehot(token) + V @ x + U @ h)*b",
        "W_columns[place(token[t, b_2], m)]",
    ),
    "a factor": (
        TOKEN + "W in R^(n,m)\nh' = tanh((W @ onehot(token)) * (U @ h))*b",
        "W_columns[place(token[t, b_2], m)]",
    ),
    "a line of its own": (
        TOKEN + "E in R^(n,m)\nx = E @ onehot(token)\nh' = tanh(x + U @ h)*b",
        "E_columns[place(token[t, b_2], m)]",
    ),
    "packed gates": (
        TOKEN + "W in R^(2n, m+n)\n[z; g] = W [onehot(token); h]\nh' = z*tanh(g) + b*(U @ h)",
        "columns[place(token[t, b_2], m)]",
    ),
    "three axes, of a product with a state": (
        TOKEN
        + "T in R^(n,m,n)\ne = onehot(token)\nh'[j] = tanh(sum[k,l] T[j,k,l]*e[k]*h[l])*b[j] + sum[k] U[j,k]*h[k]",
        "T_columns[place(token[t, b_2], m)]",
    ),
    "three axes, two tokens": (
        "token in {0..m-1}; tag in {0..p-1}; h, b in R^n; T in R^(p,n,m)\ne = onehot(token)\nd = onehot(tag)\n"
        "h'[j] = tanh(sum[k,l] T[l,j,k]*e[k]*d[l])*b[j] + h[j]",
        "T_columns[place(tag[t, b_2], p), place(token[t, b_2], m)]",
    ),
    "of what parameters give": (
        TOKEN + "V in R^(n,p); W in R^(p,m)\nh' = tanh((V @ W) @ onehot(token) + U @ h)*b",
        "columns[place(token[t, b_2], m)]",
    ),
}


@pytest.mark.parametrize("name", PICKS)
def test_a_product_with_a_one_hot_vector_is_a_pick(name):
    text, pick = PICKS[name]
    recurrence = read_equations(text, name="picks")
    module = write_module(recurrence)
    assert pick in module
    sweeps = module[module.index("def backward(") : module.index("def flow(")]
    assert re.search("add_to_(columns|rows)", sweeps)
    assert prove_emitted(recurrence, load_module(module, "picks")).entries > 100


def test_an_entry_of_a_vector_is_picked():
    recurrence = read_equations(TOKEN + "w in R^m\nh' = tanh(dot(w, onehot(token))*h + U @ h)*b", name="picks")
    assert "w[place(token[t, b_2], m)]" in write_module(recurrence)


def test_a_token_that_picks_the_wrong_place_is_no_proof():
    recurrence = read_equations(PICKS["a column"][0], name="picks")
    module = write_module(recurrence)
    for right, wrong in (
        ("W_columns[place(token[t, b_2], m)]", "W_columns[place(token[t, b_2], m) - 1]"),
        ("token.reshape(steps * token.shape[1])", "token.reshape(steps * token.shape[1])[::-1]"),
        ("copy_columns(W_columns, W)", "copy_columns(W_columns[::-1], W)"),
    ):
        assert right in module
        with pytest.raises(ProofError):
            prove_emitted(recurrence, load_module(module.replace(right, wrong), "picks"))


def test_a_pick_costs_nothing_and_its_gradient_one_addition_an_entry():
    program = read_equations(PICKS["a column"][0]).program
    adjoint = derive_adjoint(program)
    forward, backward = count_costs(program), count_costs(adjoint, find_one_hots(program))
    assert str(forward.multiply_adds) == "n**2"
    assert "equal" not in forward.calls
    assert "m" not in {s.name for s in backward.operations.free_symbols}
