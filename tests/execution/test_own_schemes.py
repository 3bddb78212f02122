"""Initialisations of a person's own: rules by parameter, in every place that takes the name of a scheme."""

import copy
import pickle

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError

LSTM = gs.cell("lstm")


def ramp(generator, shape, sizes):
    """Biases from 0 to the number of units, whatever their number."""
    return np.linspace(0, sizes["n"], shape[0])


def own(**rules):
    return gs.Scheme("own", {"U_*": gs.rules.Orthogonal(0.5), "b_f": 2, **rules}, otherwise="xavier")


def test_each_parameter_is_drawn_by_the_first_rule_that_matches_and_others_by_the_scheme_named():
    params = LSTM.init(m=3, n=5, seed=4, scheme=own(b_i=[1, 2, 3, 4, 5], b_o=ramp, W_g=gs.rules.Constant(0.25)))
    usual = LSTM.init(m=3, n=5, seed=4, scheme="xavier")
    for name in ("U_i", "U_f", "U_g", "U_o"):
        np.testing.assert_allclose(params[name] @ params[name].T, 0.25 * np.eye(5), atol=1e-12)
    assert params["b_f"].tolist() == [2] * 5
    assert params["b_i"].tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(params["b_o"], np.linspace(0, 5, 5))
    assert (params["W_g"] == 0.25).all()
    for name in ("W_i", "W_f", "W_o", "b_g"):
        np.testing.assert_array_equal(params[name], usual[name])


def test_the_retention_bias_is_set_over_it_and_seeds_differ():
    assert (LSTM.init(m=3, n=5, scheme=own(), retention=-1.0)["b_f"] == -1).all()
    first, again, other = (LSTM.init(m=3, n=5, seed=s, scheme=own())["U_i"] for s in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_stands_over_what_a_paper_prescribes():
    prescribed = gs.cell("irnn").init(m=3, n=5, seed=1, scheme="paper")
    changed = gs.cell("irnn").init(m=3, n=5, seed=1, scheme=gs.Scheme("b", {"b": 3.0}, otherwise="paper"))
    assert (changed["b"] == 3).all()
    np.testing.assert_array_equal(changed["U"], prescribed["U"])


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ({"b_F": 1.0}, "a rule for b_F, and lstm no such parameter: it has W_i"),
        ({"b_f": [1.0, 2.0]}, r"gives shape \(2,\), and the parameter has \(5,\)"),
        ({"b_f": gs.rules.Orthogonal()}, r"gives no array of shape \(5,\)"),
        ({"b_f": lambda generator, shape, sizes: sizes["k"]}, "gives no array of shape"),
    ],
)
def test_a_rule_that_does_not_fit_the_cell_is_refused_in_a_sentence(rules, said):
    with pytest.raises(ArgumentError, match=said):
        LSTM.init(m=3, n=5, scheme=gs.Scheme("own", rules))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("xavier", {"b_f": 1.0}), "cannot be called 'xavier'"),
        (("own", {}), "give a mapping"),
        (("own", {"b_f": "large"}), "is 'large': give a number"),
        (("own", {"b_f": 1.0}, "glorot"), "choose one of uniform"),
    ],
)
def test_what_is_no_scheme_is_refused_in_a_sentence(arguments, said):
    with pytest.raises(ArgumentError, match=said):
        gs.Scheme(*arguments)


def test_it_is_a_name_that_copies_pickles_and_tells_equal_from_unequal():
    scheme = own(b_o=ramp)
    for other in (copy.deepcopy(scheme), pickle.loads(pickle.dumps(scheme)), own(b_o=ramp)):
        assert other == scheme
        assert other.words == scheme.words == "U_*: orthogonal times 0.5; b_f: 2; b_o: ramp"
    assert scheme == "own"
    assert scheme != own(b_o=1.0)


def test_an_analysis_takes_it_beside_others_and_the_caption_prints_its_rules():
    flow = gs.gradient_flow(LSTM, "noise", n=4, seeds=2, lags=8, init=["xavier", own(b_i=0.5)], retention=None)
    assert flow["init"].values.tolist() == ["xavier", "own"]
    assert not np.array_equal(flow["log10_norm"].sel(init="own"), flow["log10_norm"].sel(init="xavier"))
    told = gs.figures.gradient_norm(flow).caption
    assert "own (U_*: orthogonal times 0.5; b_f: 2; b_i: 0.5; everything else Xavier" in told.plain
    statistics = gs.flow.gate_statistics(LSTM, "noise", n=4, seeds=1, steps=5, init=own(), retention=None)
    assert float(statistics["mean"].sel(gate="f").mean()) > 0.8
    assert "b_f: 2" in gs.figures.gate_statistics(statistics).caption.plain


def test_two_schemes_of_one_name_are_refused():
    with pytest.raises(ArgumentError, match="give each scheme once"):
        gs.gradient_flow(LSTM, "noise", n=4, seeds=1, lags=4, init=[own(), own(b_i=1.0)])


def test_a_network_starts_from_it():
    task = gs.tasks.adding(T=5)
    net = gs.Network("lstm", task, n=4, scheme=own())
    assert (net.params["b_f"] == 2).all()
