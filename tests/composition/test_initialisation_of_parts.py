"""Parameters of a cell that uses others are drawn as those would be alone."""

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.library.parts import placed_parts

OWN = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h)"


def test_each_layer_has_the_initialisation_of_its_paper():
    params = gs.stack(["irnn", OWN, "lru"], readout="h", head=gs.head.classification(3)).init(m=5, n=4, scheme="paper")
    assert np.array_equal(params["U_1"], np.eye(4))
    assert 0 < np.abs(params["U_2"]).max() <= 0.5  # nobody prescribes anything: uniform
    np.testing.assert_allclose(np.exp(params["gamma_3"]), np.sqrt(1 - np.exp(-np.exp(params["nu_3"])) ** 2), rtol=1e-10)
    assert np.abs(params["W_logits"]).max() <= 0.5


def test_layers_of_one_kind_have_numbers_of_their_own():
    params = gs.stack(["irnn", "irnn"]).init(m=4, n=4, scheme="paper")
    assert not np.array_equal(params["W_1"], params["W_2"])


def test_a_shared_parameter_is_drawn_once():
    cell = gs.stack(["irnn", "irnn"], share="U")
    assert [part.shared for part in placed_parts(cell.source, cell.interface.parameters)] == [set(), {"U"}]
    assert np.array_equal(cell.init(m=4, n=4, scheme="paper")["U_1"], np.eye(4))


def test_cells_in_used_cells_keep_theirs_and_an_edited_one_does_not():
    inner = "\n".join(f"    {line}" for line in gs.stack(["irnn", "rnn"]).source.splitlines())
    outer = f"x in R^m\nuse two as a: x = x\ncell two:\n{inner}\n"
    assert np.array_equal(gs.Cell(outer).init(m=4, n=4, scheme="paper")["U_1_a"], np.eye(4))
    edited = gs.Cell(outer.replace("relu(W @ x", "relu(2 * W @ x"))
    assert not np.array_equal(edited.init(m=4, n=4, scheme="paper")["U_1_a"], np.eye(4))


def test_a_dimension_goes_by_the_name_that_the_whole_cell_has_for_it():
    cell = gs.stack(["lmu", "gru"])
    assert placed_parts(cell.source, cell.interface.parameters)[0].dimensions == {"m": "m", "n": "n", "d": "dd_1"}


def test_families_are_those_of_a_layer():
    """Keras draws a kernel of all four gates: its limit is that of one layer's, and no other layer's gates count."""
    params = gs.stack(["lstm", "lstm"]).init(m=64, n=64, scheme="xavier-stacked")
    limit = np.sqrt(6 / (64 + 4 * 64))
    assert 0.95 * limit < np.abs(params["U_i_2"]).max() <= limit


def test_a_cell_without_prescription_says_so():
    with pytest.raises(ArgumentError, match="uses none that has one"):
        gs.stack([OWN, OWN]).init(m=3, n=4, scheme="paper")
