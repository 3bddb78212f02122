"""Inputs beside the main one: fed by the law that is stated of them, and told where none is."""

import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.flow.attributes import describe
from gatedsym.flow.inputs.laws import LAWS, further_inputs, input_laws, inputs_described, main_input, set_input_laws
from gatedsym.flow.inputs.series import white_noise
from gatedsym.flow.inputs.source import inputs_of, read_source
from gatedsym.flow.loss import Loss
from gatedsym.library import load as library

DECAY = """
input mask in R^m
input x in R^m
input dt in R
h in R^n; W_{z,c,m} in R^(n,m); U_{z,c} in R^(n,n); b_{z,c,d} in R^n; w in R^n
k = exp(-max(0, w * dt + b_d)) * h
z = sigmoid(W_z x + U_z k + b_z)
c = tanh(W_c (mask * x) + W_m mask + U_c k + b_c)
h' = (1 - z) * k + z * c
"""

CARRIED = """
input x in R^m
input mask in R^m
input dt in R
h in R^n; last in R^m
W_{z,c,m} in R^(n,m); U_{z,c} in R^(n,n); b_{z,c} in R^n; w in R^n; v in R^m
last' = mask * x + (1 - mask) * last
seen = mask * x + (1 - mask) * exp(-max(0, v * dt)) * last
k = exp(-max(0, w * dt)) * h
z = sigmoid(W_z seen + U_z k + b_z)
c = tanh(W_c seen + W_m mask + U_c k + b_c)
h' = (1 - z) * k + z * c
"""


def decay(**laws):
    cell = gs.Cell(DECAY, name="decay")
    return set_input_laws(cell, **laws) if laws else cell


def fed(cell, x):
    return inputs_of(cell, cell.init(m=x.shape[2], n=6, seed=0), x)


def described(*cells):
    return describe(cells, read_source("noise"), Loss(), n=6, seeds=1, batch=1)


def test_the_main_input_is_x_wherever_it_stands():
    assert main_input(decay()) == "x"
    assert further_inputs(decay()) == ["mask", "dt"]
    assert main_input(gs.Cell("input u in R^m\ninput v in R\nh in R^n; W in R^(n,m); h' = tanh(W u + v*h)", "a")) == "u"
    x = white_noise(4).windows(7, 2, 0)
    assert np.array_equal(fed(decay(), x)["x"], x)


@given(seed=st.integers(0, 99), kind=st.sampled_from(["noise", "one-hot", "zeros"]))
def test_numbers_follow_the_law_that_is_stated(seed, kind):
    x = white_noise(4).windows(50, 2, seed)
    x = {"noise": x, "one-hot": np.eye(4)[x.argmax(axis=-1)], "zeros": 0 * x}[kind]
    given = fed(decay(mask="mask", dt="gap"), x)
    assert set(np.unique(given["mask"])) <= {0.0, 1.0}
    assert given["dt"].min() >= 0
    assert np.isfinite(given["dt"]).all()


def test_laws_have_their_means():
    x = white_noise(4).windows(4000, 1, 0)
    means = {"mask": 0.5, "gap": 1.0, "share": 0.5, "one": 1.0, "number": 0.0}
    assert set(LAWS) == set(means)
    for law, mean in means.items():
        assert abs(fed(decay(dt=law), x)["dt"].mean() - mean) < 0.1, law


@given(start=st.integers(0, 20), stop=st.integers(21, 30))
def test_a_step_is_fed_the_same_however_a_sequence_is_cut(start, stop):
    cell, x = decay(mask="mask", dt="gap"), white_noise(4).windows(30, 3, 0)
    whole, part = fed(cell, x), fed(cell, np.ascontiguousarray(x[start:stop, 1:2]))
    for name in ("mask", "x", "dt"):
        assert np.allclose(whole[name][start:stop, 1:2], part[name])


def test_an_input_of_unknown_law_is_told():
    attrs = described(decay())
    assert "mask, dt of decay" in attrs["input_warning"]
    assert attrs["input_laws"] == ""
    attrs = described(decay(mask="mask"))
    assert attrs["input_warning"].startswith("Not to be relied on: numbers of either sign were put into dt of decay,")
    assert attrs["input_laws"] == "mask of decay: 0 or 1, each with probability one half"


def test_nothing_is_told_where_all_laws_are_known_and_followed():
    known = decay(mask="mask", dt="gap")
    assert inputs_described([known, gs.cell("lstm")], True)["input_warning"] == ""
    assert "draws its own" in inputs_described([known], False)["input_warning"]
    assert inputs_described([gs.cell("lstm")], False)["input_warning"] == ""


@pytest.mark.parametrize("laws", [{"x": "mask"}, {"m": "mask"}, {"mask": "masks"}])
def test_a_law_of_no_further_input_or_of_no_kind_is_refused(laws):
    with pytest.raises(ArgumentError, match="choose from"):
        decay(**laws)


@pytest.mark.parametrize("name", library.names())
def test_the_laws_of_the_library_are_laws_of_its_inputs(name):
    stated = library.derivation(name).input_laws
    assert set(stated.values()) <= set(LAWS)
    if stated:
        assert set(input_laws(gs.cell(name))) == set(further_inputs(gs.cell(name)))


def test_a_warning_survives_the_file(tmp_path):
    attrs = described(decay())
    xr.Dataset(attrs=attrs).to_netcdf(tmp_path / "a.nc", engine="h5netcdf")
    assert xr.load_dataset(tmp_path / "a.nc", engine="h5netcdf").attrs["input_warning"] == attrs["input_warning"]


@pytest.mark.parametrize(("laws", "falls"), [({"mask": "mask", "dt": "gap"}, True), ({}, False)])
@pytest.mark.long
def test_the_gradient_of_an_input_that_is_carried_on_cannot_grow_with_the_lag(laws, falls):
    # A mask of 0 or 1 and decays of at most 1 lengthen nothing; 1 - mask exceeds 1 where a mask may be negative.
    cell = set_input_laws(gs.Cell(CARRIED, name="carried"), **laws)
    flow = gs.gradient_flow(cell, "noise", n=6, seeds=5, lags=40, init="xavier", retention=0.0)
    norm = flow["log10_norm"].sel(quantity="x").median("seed").squeeze().values
    early, middle, late = (np.nanmean(norm[k : k + 8]) for k in (0, 16, 32))
    assert (early > middle > late) == falls
    assert bool(flow.attrs["input_warning"]) != falls
