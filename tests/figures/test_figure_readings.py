"""The first sentence of a caption: a predicate of the data, for any cells, seeds, zeros and given parameters."""

import re

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from gatedsym.figures import readings
from gatedsym.figures.words import (
    amount,
    drawn_attrs,
    factor_words,
    in_rows,
    initialisation_words,
    percent,
    size_of_states,
    sizes_words,
    stand_ins,
    times,
    warnings_of,
)

LAGS = 40
ATTRS = {
    "n": 8,
    "seeds": 3,
    "batch": 1,
    "lags": LAGS,
    "loss": "a loss",
    "dtype": "float64",
    "input_description": "x",
    "input": "x",
}


def flow(rates, seeds=3, gains=(1.0,), spread=0.01, inits=("xavier",), **attrs):
    """Gradient norms with a factor of 10**rate a step, for {(cell, retention): rate}."""
    cells, retentions = (list(dict.fromkeys(x[k] for x in rates)) for k in (0, 1))
    lag = np.arange(LAGS + 1)
    shape = (len(cells), len(inits), len(gains), len(retentions), seeds, 1, len(lag))
    values = np.full(shape, np.nan)
    for (cell, retention), rate in rates.items():
        for k, gain in enumerate(gains):
            lines = (rate + np.log10(gain)) * lag + spread * np.arange(seeds)[:, None]
            values[cells.index(cell), :, k, retentions.index(retention), :, 0] = lines
    coords = {"cell": cells, "init": list(inits), "gain": list(gains), "retention": retentions,
              "seed": np.arange(seeds), "quantity": ["h"], "lag": lag}  # fmt: skip
    return xr.Dataset({"log10_norm": (tuple(coords), values)}, coords, ATTRS | {"cells": cells} | attrs)


rate = st.floats(-1.0, 0.2).map(lambda x: round(x, 2))


@given(
    st.dictionaries(st.sampled_from([("rnn", "none"), ("lstm", "0"), ("lstm", "2"), ("gru", "0")]), rate, min_size=1)
)
def test_the_cells_that_keep_most_and_least_are_those(rates):
    said = readings.gradient_norm_reading(flow(rates), ["xavier"])
    words = {x: readings.setting_words(*x) for x in rates}
    most, least = (pick(rates, key=rates.get) for pick in (max, min))
    assert said.startswith("Under Xavier, ")
    if abs(rates[most] - rates[least]) * LAGS > 0.05:
        named = re.search(r", (.*) keeps most of the gradient and (.*) least", said)
        found = [rates[next(x for x, w in words.items() if w == named[k])] for k in (1, 2)]
        assert found == [rates[most], rates[least]]  # of equal ones any
    elif len(rates) > 1 and rates[most] == rates[least]:
        assert "no setting keeps clearly more" in said
    for x in (most, least):
        assert f"{times(rates[x])}" in said


@pytest.mark.parametrize("seeds", [1, 2, 5])
def test_one_cell_alone_is_compared_with_nothing(seeds):
    said = readings.gradient_norm_reading(flow({("lstm", "none"): -0.1}, seeds), ["xavier"])
    assert (
        said
        == "Under Xavier, 40 steps back the norm of the gradient of LSTM is 10^-4, a factor of 0.794 a step.".replace(
            "10^-4", "<10:-4>"
        )
    )


def test_parameters_that_are_given_are_under_no_initialisation():
    both = flow({("rnn", "none"): -0.2, ("mine", "none"): -0.1}, given=["mine"], inits=("uniform", "xavier"))
    sentences = readings.gradient_norm_reading(both, ["uniform", "xavier"]).split(". ")
    assert [("mine" in s.lower(), "Under" in s) for s in sentences] == [(False, True), (False, True), (True, False)]
    alone = flow({("mine", "none"): -0.1}, given=["mine"])
    said = readings.gradient_norm_reading(alone, ["xavier"]) + initialisation_words(drawn_attrs(alone), ["xavier"])
    assert "Xavier" not in said
    assert "Not drawn but given: the parameters of MINE." in said


def test_zeros_and_values_that_are_not_finite_are_said_or_left_out():
    data = flow({("rnn", "none"): -0.2, ("lstm", "1"): -0.1})
    data["log10_norm"].loc[{"cell": "rnn"}] = np.nan
    assert "RNN" not in readings.gradient_norm_reading(data, ["xavier"])
    data["log10_norm"].loc[{"cell": "lstm"}] = np.nan
    assert readings.gradient_norm_reading(data, ["xavier"]) == ""
    data = flow({("rnn", "none"): -0.2, ("gru", "none"): -0.1})
    data["log10_norm"].loc[{"cell": "rnn", "lag": slice(1, None)}] = -np.inf
    assert "exactly zero" in readings.gradient_norm_reading(data, ["xavier"])


@pytest.mark.long
@given(st.floats(-0.3, 0.3).map(lambda x: round(x, 2)), st.floats(-0.3, 0.3).map(lambda x: round(x, 2)))
def test_a_gradient_grows_where_its_factor_is_above_1(a, b):
    data = flow({("rnn", "none"): a, ("gru", "none"): b}, gains=(1.0, 2.0))
    said = readings.exploding_reading(data, {"rnn": "none", "gru": "none"})
    for name, own in (("RNN", a), ("GRU", b)):
        grows = [g for g in (1.0, 2.0) if own + np.log10(g) > 1e-12]
        found = re.search(rf"in {name} with gain ([^;,]*)", said)
        assert bool(found) == bool(grows)
        assert all(f"{g:g} (" in found[1] for g in grows)


def path_data(near, far, cells=("lstm",)):
    """Shares of the way from T to t at the first and at the last lag, for the highway, g and i."""
    views, paths = ["departure", "last step"], ["highway", "g", "i"]
    values = np.zeros((len(cells), 1, 1, 1, 3, 2, 3, 2))
    values[..., 0, :, 0], values[..., 0, :, 1] = near, far
    values[..., 1, :, :] = np.array([0.9, 0.05, 0.05])[:, None]
    coords = {"cell": list(cells), "init": ["xavier"], "gain": [1.0], "retention": ["1"], "seed": range(3),
              "view": views, "path": paths, "lag": [1, 200]}  # fmt: skip
    return xr.Dataset({"share": (tuple(coords), values)}, coords, {"highway": "highway"})


def test_the_path_that_carries_the_gradient_is_told_at_short_and_at_long_lags():
    said = readings.paths_reading(path_data([0.8, 0.1, 0.1], [1e-20, 0.7, 0.3]), {"lstm": "1"})
    assert said == (
        "LSTM with bias 1: 1 step back the gradient comes along the highway (80 % of it), "
        "200 steps back through g (70 % of it)."
    )
    said = readings.paths_reading(path_data([0.8, 0.1, 0.1], [0.6, 0.1, 0.3]), {"lstm": "1"})
    assert said.endswith("along the highway 1 step back (80 % of it) and still 200 steps back (60 % of it).")
    said = readings.paths_reading(path_data([0.8, 0.1, 0.1], [0, 1.35, -0.35]), {"lstm": "1"})
    assert "through g (135 % of it, other paths taking some away)" in said
    assert readings.paths_reading(path_data([np.nan] * 3, [np.nan] * 3), {"lstm": "1"}) == ""


def entry(cell, parameter, sign, measured, horizon=100, needed=4.97):
    labels = list(measured)
    values = np.array([measured[x] for x in labels], float)[None, None, None, :, None, None] * np.ones(
        (1, 1, 1, 1, 3, 5)
    )
    coords = {"entry": [f"{cell}: h"], "init": ["xavier"], "gain": [1.0], "retention": labels, "seed": range(3),
              "quantile": [0.05, 0.25, 0.5, 0.75, 0.95]}  # fmt: skip
    return xr.Dataset(
        {"measured_half_life": (tuple(coords), values), "bias_for_half_life": (("entry", "horizon"), [[needed]])},
        coords | {"horizon": [horizon], "cell": ("entry", [cell]), "memory": ("entry", ["h"]),
                  "parameter": ("entry", [parameter]), "sign": ("entry", [sign])},
    )  # fmt: skip


def test_half_lives_are_those_of_the_smallest_and_the_largest_bias():
    said = readings.timescales_reading(entry("gru", "b_z", -1, {"0": 1.1, "2": 7.5, "1": 2.4, "chrono": 40}))
    assert (
        said
        == "In a run the middle unit has lost half of h of GRU after 1.1 steps with bias 0 and 7.5 steps with bias 2."
    )
    assert "no number of steps" in readings.timescales_reading(entry("x", "", 0, {"none": np.inf}))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_bias_for_a_half_life_has_the_sign_of_the_parameter(sign):
    from gatedsym.figures.timescales import _needed

    one = entry("gru", "b_z", sign, {"0": 1.0}).isel(entry=0)
    assert _needed(one, 100) == f"h of GRU, b_z = {'−' if sign < 0 else ''}4.97"
    assert _needed(one, 99) == ""


def ablations(rates):
    rows = [{"cell": "lstm", "ablation": name, "rate": value} for name, value in rates.items()]
    return pd.DataFrame(rows)


def test_the_edits_that_change_the_factor_most_are_named():
    said = readings.ablation_reading(ablations({"as it is": -0.1, "i = 1": -0.3, "tanh off": 0.0, "o = 1": np.nan}))
    assert said.endswith(" is 0.794 in LSTM as it is, 1 with “tanh off” and 0.501 with “i = 1”.")
    assert readings.ablation_reading(ablations({"as it is": np.nan, "i = 1": -0.3})) == ""


@pytest.mark.parametrize(
    ("values", "expected"),
    [([-1, 1], 2.0), ([-1, -0.5], 0.0), ([1, 2], 0.0), ([np.nan, 1], 0.0)],
)
def test_the_gain_of_a_transition_lies_where_the_sign_changes(values, expected):
    assert readings.crossing(np.array([1.0, 3.0]), np.array(values, float)) == expected


@given(st.floats(-400, 400))
def test_amounts_read_as_what_they_are(exponent):
    said = amount(exponent)
    power = re.fullmatch(r"<10:(.+)>", said)
    assert abs((float(power[1]) if power else np.log10(float(said))) - exponent) <= 0.06


def test_amounts_and_shares_at_their_ends():
    assert [amount(x) for x in (np.nan, -np.inf, np.inf, 0)] == ["not finite", "exactly zero", "infinite", "1"]
    assert [percent(x) for x in (0.7, 0, 0.004, -0.1, 1)] == ["70 %", "0 %", "less than 1 %", "−10 %", "100 %"]


def test_captions_name_the_dimensions_that_cells_have():
    attrs = ATTRS | {"cells": ["a", "b"], "dimensions": ["", "d = 4, r = 2"]}
    assert size_of_states(attrs) == "Hidden size <n> = 8; B: d = 4, r = 2"
    assert size_of_states(ATTRS | {"cells": ["b"], "dimensions": "d = 4"}) == "Size of the state: d = 4"
    assert "n = 8" in size_of_states(ATTRS).replace("<n>", "n")


def test_states_and_inputs_of_other_names_are_told():
    attrs = ATTRS | {"cells": ["a", "lstm"], "compared_states": ["S", "h"], "main_inputs": ["u", "x"]}
    assert stand_ins(attrs) == " Standing in: S of A for h and u of A for x."
    assert stand_ins(ATTRS | {"cells": ["lstm"], "compared_states": ["h"], "main_inputs": ["x"]}) == ""


def test_one_seed_is_one_and_a_selection_counts_its_own():
    data = flow({("rnn", "none"): -0.2, ("gru", "none"): -0.1}, seeds=3, compared_states=["h", "h"])
    some = drawn_attrs(data.isel(seed=[0]).sel(cell=["gru"]))
    assert some["cells"] == ["gru"]
    assert "1 seed, 1 sequence for each" in sizes_words(some)


def test_a_warning_reaches_the_caption():
    assert warnings_of(ATTRS | {"input_warning": "Not to be relied on: <n>."}) == ["Not to be relied on: <lt>n>."]
    assert warnings_of(ATTRS | {"input_warning": ""}) == []


def test_over_a_panel_of_given_parameters_stands_no_initialisation():
    from gatedsym import figures

    figure = figures.gradient_norm(flow({("mine", "none"): -0.1}, given=["mine"], inits=("uniform", "xavier")))
    titles = [axes.get_title() for axes in figure.drawing.axes]
    assert len(titles) == 1
    assert titles[0].endswith("parameters given")
    assert "Xavier" not in figure.caption.plain
    mixed = flow({("rnn", "none"): -0.2, ("mine", "none"): -0.1}, given=["mine"])
    assert figures.gradient_norm(mixed).drawing.axes[0].get_title().endswith("Xavier")


@pytest.mark.parametrize("inits", [("xavier",), ("uniform", "xavier")])
@pytest.mark.parametrize("given", [[], ["lstm"]])
def test_where_several_initialisations_are_drawn_the_reading_names_the_one_that_it_speaks_of(inits, given):
    rates = {("rnn", "none"): -0.2, ("lstm", "none"): -0.1}
    data = flow(rates, inits=inits, given=given).isel(quantity=0, drop=True)
    norm = data["log10_norm"] - xr.DataArray(np.arange(len(inits)), dims="init")
    values = norm.expand_dims({"norm": ["2"]})
    bound = xr.Dataset({"log10_bound": 0 * values, "log10_norm": values}, attrs=data.attrs)
    said = readings.bound_reading(bound)
    drawn = f" ({readings.scheme_name(inits[-1])})" if len(inits) > 1 else ""
    fixed = "" if given or len(inits) == 1 else f" ({readings.scheme_name(inits[0])})"
    assert said.endswith(f" in LSTM{fixed} and {amount(LAGS * 0.2 + len(inits) - 1)} in RNN{drawn}.")
    spread = xr.Dataset({"log10_singular_value": norm.expand_dims({"index": 2})}, attrs=data.attrs)
    said = readings.singular_values_reading(spread)
    assert said.count("from ") == len(inits) * 2 - bool(given) * (len(inits) - 1)
    named = sum(said.count(f" ({readings.scheme_name(s)})") for s in inits)
    assert named == (said.count("from ") - len(given) if len(inits) > 1 else 0)


def test_one_cell_stands_in_no_rows():
    assert in_rows(["lstm"]) == "LSTM"
    assert in_rows(["rnn", "lstm"]) == "RNN and LSTM (rows)"


@given(st.floats(-400.0, 400.0))
def test_no_factor_is_written_with_an_e(rate):
    for words in (factor_words(rate), times(min(rate, 1.0)), amount(rate)):
        assert "e" not in words.removesuffix(" a step"), words


def test_of_a_gradient_that_is_exactly_zero_no_factor_a_step_is_said():
    data = flow({("lstm", "none"): -0.1, ("rnn", "none"): -0.5})
    data["log10_norm"].loc[{"cell": "rnn", "lag": slice(30, None)}] = -np.inf
    said = readings.gradient_norm_reading(data, ["xavier"])
    assert said.endswith(", a factor of 0.794 a step, and exactly zero.")
