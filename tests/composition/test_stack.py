"""Cells one above the other are a cell: its equations, its names, its gradients, and what cannot stand on another."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction

import numpy as np
import pytest
from plain_kernels import as_python

import gatedsym as gs
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.errors import ArgumentError, EquationError
from gatedsym.proofs.engine.brute_force import prove_adjoint
from gatedsym.typesetting.pages.derivation import derivation, render

T, B, M, N, K = 5, 3, 2, 4, 3

TWO_SIZES = "u in R^m; h in R^n; c in R^p; U in R^(n,m)\noutput y\ny = [h'; c']\nh' = tanh(h + U @ u)\nc' = tanh(c)"
COUNTED = "x in R^m; k in {0..m-1}; h in R^n; W in R^(n,m)\nh' = tanh(W @ x + h * k)"


def drawn(cell, seed=0, **sizes):
    """Parameters, inputs of the cell's domains."""
    rng = np.random.default_rng(seed)
    lengths = cell.sizes(m=M, n=N, **sizes)
    inputs = {}
    for layout in cell.interface.inputs:
        shape = (T, B, *(sum(lengths.get(d, 0) or int(d) for d in axis) for axis in layout.axes))
        domain = cell.interface.domains.get(layout.name)
        members = None if domain is None else domain.members(lengths)
        inputs[layout.name] = rng.normal(size=shape) if members is None else rng.choice(members, size=shape)
    return cell.init(m=M, n=N, seed=seed, **sizes), inputs


def texts(cell):
    return [equation.text for equation in cell.recurrence.equations]


def test_a_stack_is_its_layers_one_above_the_other():
    two = gs.stack(["rnn", "mgu"])
    assert two.recurrence.origins == {"h_1": ("1",), "h_2": ("2",)}
    assert texts(two) == [
        "h_1' = tanh(W_1 @ x + U_1 @ h_1 + b_1)",
        "f_2 = sigmoid(W_f_2 @ h_1' + U_f_2 @ h_2 + b_f_2)",
        "g_2 = tanh(W_g_2 @ h_1' + U_g_2 @ (f_2 * h_2) + b_g_2)",
        "h_2' = (1 - f_2) * h_2 + f_2 * g_2",
    ]
    assert dict(two.recurrence.parameters[3].__dict__)["axes"] == (("n",), ("n",))


def test_cells_are_given_by_name_by_text_and_as_they_are():
    text = "x, h in R^n; a in R^n\nh' = a * h + x"
    mine = gs.Cell("x in R^m; s in R^n; V in R^(n,m); leak = 0.5\ns' = leak * s + V @ x", "mine", leak=0.25)
    three = gs.stack([mine, text, "gru"], name="three")
    assert three.name == "three"
    assert three.recurrence.constants["leak_1"] == Fraction(1, 4)
    assert "h_2' = a_2 * h_2 + s_1'" in texts(three)
    assert gs.stack([mine, text]).name == "mine_cell"


def test_two_texts_of_one_name_stay_apart():
    found = texts(gs.stack(["x, h in R^n\nh' = x - h", "x, h in R^n\nh' = x + h"]))
    assert found == ["h_1' = x - h_1", "h_2' = h_1' + h_2"]


def test_a_stack_pickles_copies_and_compares():
    one, other = gs.stack(["rnn", "mgu"]), gs.stack(["rnn", "mgu"])
    assert pickle.loads(pickle.dumps(one)) == one == other == copy.deepcopy(one)
    assert one != gs.stack(["rnn", "mgu"], residual=True)
    assert repr(one) == "Cell('rnn_mgu', states h_1, h_2)"


def test_a_stack_has_the_values_of_its_layers():
    two = as_python(gs.stack(["rnn", "mgu"]))
    params, inputs = drawn(two)
    run = two.forward(params, inputs["x"])
    low, high = as_python(gs.cell("rnn")), as_python(gs.cell("mgu"))
    first = low.forward({name: params[f"{name}_1"] for name in low.parameters}, inputs["x"])
    second = high.forward({name: params[f"{name}_2"] for name in high.parameters}, first["h"][1:])
    assert np.allclose(run["h_2"], second["h"], rtol=1e-13, atol=1e-15)
    dh = np.random.default_rng(1).normal(size=(T, B, N))
    whole = two.backward(params, run, {"h_2": dh})
    upper = high.backward({name: params[f"{name}_2"] for name in high.parameters}, second, {"h": dh})
    lower = low.backward({name: params[f"{name}_1"] for name in low.parameters}, first, {"h": upper.x})
    assert np.allclose(whole.x, lower.x, rtol=1e-11, atol=1e-14)
    assert np.allclose(whole.params["W_f_2"], upper.params["W_f"], rtol=1e-11, atol=1e-14)
    assert np.allclose(whole.params["U_1"], lower.params["U"], rtol=1e-11, atol=1e-14)


def test_three_layers_with_all_that_there_is_have_the_slope_of_finite_differences():
    options = {"residual": True, "dropout": 0.4, "zoneout": 0.2, "share": ["b"], "head": gs.head.classification(K)}
    three = as_python(gs.stack(["rnn", "rnn", "qrnn"], **options))
    params, inputs = drawn(three)
    run = three.forward(params, inputs)
    grads = three.backward(params, run, gs.head.cotangents(run))
    rng, step = np.random.default_rng(5), 1e-6
    for name in ("W_1", "U_2", "b_1", "V_z_3", "W_logits"):
        way = rng.normal(size=params[name].shape)
        ends = [
            gs.head.loss(three.forward({**params, name: params[name] + sign * step * way}, inputs)) for sign in (1, -1)
        ]
        assert np.isclose((ends[0] - ends[1]) / (2 * step), (grads.params[name] * way).sum(), rtol=1e-6, atol=1e-9)


def test_a_token_is_read_by_the_first_layer():
    text = "x in {0..m-1}; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ onehot(x) + U @ h)"
    two = as_python(gs.stack([text, "rnn"]))
    assert str(two.recurrence.domains["x"]) == "{0..m-1}"
    tokens = np.random.default_rng(0).integers(0, M, size=(T, B))
    params = two.init(m=M, n=N, seed=0)
    run = two.forward(params, tokens)
    columns = as_python(gs.stack([text.replace("x in {0..m-1}", "x in R^m").replace("onehot(x)", "x"), "rnn"]))
    assert np.array_equal(run["h_2"], columns.forward(params, np.eye(M)[tokens])["h_2"])


def test_a_stack_of_one_layer_has_the_names_of_its_cell():
    one = gs.stack(["lstm"], head=gs.head.regression(2))
    assert set(gs.cell("lstm").parameters) | {"W_prediction", "b_prediction"} == set(one.parameters)
    assert [layout.name for layout in one.recurrence.outputs] == ["loss"]


def test_stacks_are_stacked():
    inner = gs.stack(["rnn", "mgu"])
    outer = gs.stack([inner, "rnn"], readout="h_2")
    assert outer.recurrence.origins == {"h_1_1": ("1", "1"), "h_2_1": ("1", "2"), "h_2": ("2",)}


def test_shared_parameters_are_one_and_their_gradients_add_up():
    shared, apart = as_python(gs.stack(["rnn", "rnn"], share=True)), as_python(gs.stack(["rnn", "rnn"]))
    assert shared.parameters == ("W_1", "U_1", "b_1")
    assert shared.recurrence.inputs[0].axes == (("n",),)
    params = shared.init(n=N, seed=0)
    double = {**params, **{f"{name}_2": params[f"{name}_1"] for name in "WUb"}}
    x, dh = np.random.default_rng(0).normal(size=(2, T, B, N))
    grads = [
        cell.backward(p, cell.forward(p, x), {"h_2": dh}).params for cell, p in ((shared, params), (apart, double))
    ]
    for name in "WUb":
        assert np.allclose(grads[0][f"{name}_1"], grads[1][f"{name}_1"] + grads[1][f"{name}_2"], rtol=1e-12)


def test_parameters_and_inputs_are_shared_by_pattern():
    some = gs.stack(["gru", "gru", "mgu"], share=["U_*", "b_g"])
    names = {layout.name for layout in some.recurrence.parameters}
    assert {"U_z_1", "U_f_3", "W_g_2", "b_g_1"} <= names
    assert not names & {"U_z_2", "U_g_3", "b_g_2", "b_g_3"}
    clocks = gs.stack(["phased_lstm", "phased_lstm"], readout="h", share="clock")
    assert [layout.name for layout in clocks.recurrence.inputs] == ["x", "clock_1"]
    own = gs.stack(["phased_lstm", "phased_lstm"], readout="h")
    assert [layout.name for layout in own.recurrence.inputs] == ["x", "clock_1", "clock_2"]


def test_residual_connections_add_what_a_layer_takes():
    three = gs.stack(["rnn", "rnn", "rnn"], residual=True)
    found = texts(three)
    assert "out_2 = h_2' + h_1'" in found
    assert "out_3 = h_3' + out_2" in found
    assert [layout.name for layout in three.recurrence.outputs] == ["out_3"]
    assert "out_1 = h_1' + x" in texts(gs.stack(["x, h in R^n\nh' = x - h", "rnn"], residual=True))
    only = texts(gs.stack(["rnn", "rnn", "rnn"], residual=[3]))
    assert "out_3 = h_3' + h_2'" in only
    assert not any(text.startswith("out_2") for text in only)


def test_dropout_is_a_mask_between_layers_with_its_law():
    two = gs.stack(["rnn", "rnn"], dropout=0.3)
    assert "x_2 = kept_1 * h_1' / (7/10)" in texts(two)
    assert str(two.recurrence.domains["kept_1"]) == "{0, 1} with mean 7/10"
    assert texts(gs.stack(["rnn", "rnn"], dropout=0)) == texts(gs.stack(["rnn", "rnn"]))
    assert texts(gs.stack(["rnn", "rnn"], dropout=0.3, training=False)) == texts(gs.stack(["rnn", "rnn"]))


def test_what_is_dropped_is_gone_and_what_is_left_is_scaled():
    two, without = as_python(gs.stack(["rnn", "rnn"], dropout=0.5)), as_python(gs.stack(["rnn", "rnn"]))
    params, inputs = drawn(two)
    ones, zeros = np.ones((T, B, N)), np.zeros((T, B, N))
    double = {**params, "W_2": 2 * params["W_2"]}
    kept = two.forward(params, {**inputs, "kept_1": ones})
    assert np.allclose(kept["h_2"], without.forward(double, inputs["x"])["h_2"], rtol=1e-13)
    gone = two.forward(params, {**inputs, "kept_1": zeros})
    assert np.allclose(gone["h_2"], without.forward({**params, "W_2": 0 * params["W_2"]}, inputs["x"])["h_2"])
    grads = two.backward(params, gone, {"h_2": ones})
    assert not grads.params["W_1"].any()
    assert grads.params["U_2"].any()


def test_zoneout_keeps_states_and_for_testing_takes_the_mean():
    zoned = gs.stack(["lstm", "rnn"], zoneout=0.25)
    found = texts(zoned)
    assert "h_1' = zone_h_1 * h_1 + (1 - zone_h_1) * h_next_1" in found
    assert "h_next_1 = o_1 * tanh(c_next_1)" in found  # h sees the cell before zoneout, as its paper has it
    assert str(zoned.recurrence.domains["zone_c_1"]) == "{0, 1} with mean 1/4"
    assert zoned.recurrence.origins == {"h_1": ("1",), "c_1": ("1",), "h_2": ("2",)}
    tested = gs.stack(["lstm", "rnn"], zoneout=0.25, training=False)
    assert "h_2' = 1/4 * h_2 + 3/4 * h_next_2" in texts(tested)
    assert [layout.name for layout in tested.recurrence.inputs] == ["x"]
    assert {p.name for p in tested.recurrence.parameters} == {p.name for p in zoned.recurrence.parameters}


def test_a_state_that_is_always_kept_never_moves():
    zoned = as_python(gs.stack(["rnn", "rnn"], zoneout=0.5))
    params, inputs = drawn(zoned)
    inputs |= {"zone_h_1": np.zeros((T, B, N)), "zone_h_2": np.ones((T, B, N))}
    run = zoned.forward(params, inputs, initial={"h_2": np.full((B, N), 0.5)})
    assert (run["h_2"] == 0.5).all()
    assert (run["h_1"][1:] != 0).all()


def test_layers_that_read_the_past_read_that_of_the_layer_below():
    two = gs.stack(["qrnn", "qrnn"], dropout=0.5)
    assert {layout.name for layout in two.recurrence.states} == {"c_1", "x_2", "c_2"}
    assert two.recurrence.delays["x"] == 1


@pytest.mark.sampled
@pytest.mark.parametrize("cells", [["s4d", "gru"], ["delta_net", "delta_net"], ["tau_gru", "lmu"], ["rhn", "mamba2"]])
def test_complex_states_matrices_and_delays_stand_in_stacks(cells):
    program = gs.stack(cells).recurrence.program
    wrt = [name for name in program.sources if program[name].role == "state"]
    assert prove_adjoint(program, derive_adjoint(program, wrt), wrt=wrt) is not None


def test_a_head_of_ones_own_reads_the_last_layer():
    lines = "input y in R^n; v in R^n; input target in R; output loss\nloss = (dot(v, y) - target)^2"
    cell = gs.stack(["rnn", "glu"], head=lines)
    assert texts(cell)[-1] == "loss = (dot(v, y_2) - target)**2"


def test_the_page_of_a_stack_cites_its_parts_once_and_sets_its_loss():
    cell = gs.stack(["lstm", "lstm"], head=gs.head.classification(3))
    page = " ".join(render(derivation(cell.recurrence)).split())
    assert page.count("Learning to forget: continual prediction") == 1
    assert "The names of the cell classification are those that it has itself" in page
    assert "logits_t = W_{logits} h_{2,t} + b_{logits}" in page
    for form in ("latex", "markdown", "html"):
        assert "logits" in render(derivation(cell.recurrence), form)


@pytest.mark.parametrize(
    ("cells", "options", "message"),
    [
        ([], {}, "cells is empty"),
        ("lstm", {}, "cells is 'lstm': give a list"),
        (["lstm", 3], {}, "cells has 3"),
        (["lstmm"], {}, "the library has no cell 'lstmm'"),
        (["conv_lstm", "gru"], {}, r"layer 1 (conv_lstm) reads out h in R^(n, p_1), but layer 2 (gru) takes x in R^m"),
        (["unitary_rnn", "gru"], {}, "layer 1 (unitary_rnn) reads out h in C^n"),
        (["gru", "h in R^n; U in R^(n,n)\nh' = tanh(U @ h)"], {}, "layer 2 (cell) has no input"),
        (["gru", "x in {0..m-1}; h in R^n; V in R^(n,m)\nh' = V @ onehot(x) - h"], {}, "takes x in {0..m-1}"),
        ([TWO_SIZES, COUNTED], {}, "layer 2 (cell) takes k in {0..m-1}, an end of which would be a sum of sizes"),
        (["phased_lstm", "gru"], {}, "phased_lstm has h and c, and its equations do not say which one"),
        (["rnn"], {"residual": True}, "no layer stands above"),
        (["rnn", "rnn"], {"residual": [1]}, "layer 1 (rnn) takes R^m and reads out R^n"),
        (["rnn", "rnn"], {"residual": [3]}, "residual has layer 3, and there are 2"),
        (["rnn", "rnn"], {"residual": "yes"}, "residual is 'yes'"),
        (["rnn", "rnn"], {"dropout": 1.0}, "dropout is 1.0: give a probability"),
        (["rnn", "rnn"], {"zoneout": "p"}, "zoneout is 'p'"),
        (["rnn", "gru"], {"share": True}, "share=True: rnn and gru have other parameters"),
        (["rnn", "gru"], {"share": "Q"}, "share has 'Q', and no two layers have such"),
        (["rnn", "rnn"], {"share": 3}, "share is 3"),
        (["rnn", "rnn", "conv_lstm"], {"share": "W"}, "layer 2 (rnn) reads out h in R^n, but layer 3 (conv_lstm)"),
        (["rnn"], {"head": "lstm"}, "the head lstm has the state h: make it a layer"),
        (["unitary_rnn"], {"head": gs.head.regression(1)}, "the last layer reads out C^n, but the head regression"),
        (["rnn"], {"head": "output y; a in R\ny = 2 * a"}, "no input that could read the last layer"),
        (["rnn"], {"head": "input y, b in R^n; output c\nc = sum(b * y)"}, "both have the name 'b'"),
        (["x in R^m; h in R^n; W in R^(m,n)\nh' = tanh(x @ W - h)", "rnn"], {}, "cell has vectors as rows"),
        (["rnn"], {"name": "two layers"}, "must be an identifier"),
        (["rnn", "rnn"], {"training": 1}, "training"),
        (["lstm", "rnn"], {"readout": "H"}, "readout is 'H', which is no output or state of a layer: name one of c"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_in_a_sentence(cells, options, message):
    with pytest.raises((ArgumentError, EquationError)) as refusal:
        gs.stack(cells, **options)
    assert message in str(refusal.value)
    assert str(refusal.value).rstrip()[-1] in ".?"


@pytest.mark.parametrize("form", ["step", "sequence"])
def test_masks_are_drawn_by_their_law(form):
    cell = gs.stack(["rnn", "rnn"], dropout=0.25)
    drawn = gs.masks(cell, 200, 30, m=M, n=20, seed=3, per=form)["kept_1"]
    assert drawn.shape == (200, 30, 20)
    assert set(np.unique(drawn)) == {0.0, 1.0}
    seen = 200 * 30 * 20 if form == "step" else 30 * 20
    assert abs(drawn.mean() - 0.75) < 5 * np.sqrt(0.75 * 0.25 / seen)
    assert (drawn[0] == drawn[-1]).all() == (form == "sequence")
    assert (drawn == gs.masks(cell, 200, 30, m=M, n=20, seed=3, per=form)["kept_1"]).all()
    assert not (drawn == gs.masks(cell, 200, 30, m=M, n=20, seed=4, per=form)["kept_1"]).all()


def test_masks_are_refused_of_a_cell_that_has_none():
    with pytest.raises(ArgumentError, match="no input of rnn is a mask with a mean"):
        gs.masks(gs.cell("rnn"), 3, 2, m=2, n=2)
