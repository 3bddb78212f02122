"""Every analysis: public under the name of its figure, of one signature, and good for a cell in no library."""

import importlib
import inspect
import sys
import threading
from functools import cache

import numpy as np
import pytest
import xarray as xr
from plain_kernels import as_python

import gatedsym as gs
from gatedsym import figures, flow
from gatedsym.errors import ArgumentError
from gatedsym.figures.forms import FORMS, restored
from gatedsym.flow import white_noise
from gatedsym.flow.ensemble import Networks, read_ensemble, read_seeds
from gatedsym.flow.registry import analyses
from gatedsym.flow.widths import at_one_width
from gatedsym.report.atlas import Asked, atlas

NAMES = tuple(analyses())
IN_NO_REPORT = {"mean_field": "the phase diagram shows its numbers over a grid of gains and biases"}
OWN = """
x in R^m; h, k in R^n; W_* in R^(n,m); U_* in R^(n,n); b_* in R^n
f = sigmoid(W_f @ x + U_f @ h + b_f)
g = tanh(W_g @ x + U_g @ h + b_g)
k' = f * k + (1 - f) * g
h' = tanh(k')
"""
SMALLER = {
    # Other measures compile kernels of every edited cell, which tests of the ablation itself do.
    "ablation": {"lags": 10, "population": 64, "measures": ("chi", "parameters", "operations")},
    "lyapunov": {"steps": 20, "warmup": 8, "blocks": 2},
    "mean_field": {"population": 64, "steps": 4},
    "phase_diagram": {"population": 64, "steps": 12, "gain": (0.5, 2.0), "retention": (0.0, 1.0), "spread": (0.0, 1.0)},
    "valve": {"n": 3},
}
"""Where the sizes of a quick report are more than a test needs."""


def options_of(name):
    """Small sizes of an analysis: those of a quick report, and smaller ones."""
    entries = [entry for entry in atlas()[1] if entry.measure == name]
    found = entries[0].sizes(Asked(quick=True, lags=8)) if entries else {}
    known = inspect.signature(getattr(flow, name)).parameters
    return found | {k: v for k, v in (("n", 5), ("seeds", 2)) if k in known} | SMALLER.get(name, {})


@cache
def own():
    return gs.Cell(OWN, name="own")


@cache
def own_stack():
    """The same with another on top, for what measures depth."""
    return as_python(gs.stack([own(), own()], name="own"))


def subject(name):
    return own_stack() if name == "depth" else own()


@cache
def measured(name, **changes):
    """The dataset of an analysis for a cell in no library."""
    return getattr(flow, name)(subject(name), white_noise(3), **options_of(name) | changes)


@pytest.mark.parametrize("name", NAMES)
def test_an_analysis_is_public_under_the_name_of_its_figure_and_stands_in_the_atlas(name):
    assert getattr(gs.flow, name) is analyses()[name].dataset
    assert name in flow.__all__
    assert callable(getattr(figures, name))
    assert name in FORMS
    assert any(entry.measure == name for entry in atlas()[1]) != (name in IN_NO_REPORT)


def test_gradient_flow_is_the_analysis_of_the_gradients_norm():
    assert gs.gradient_flow is gs.flow.gradient_flow is gs.flow.gradient_norm


FRESH = """
from typing import Unpack

import xarray as xr

from gatedsym.flow.ensemble import Cells, Networks, read_ensemble
from gatedsym.flow.inputs.source import Reading
from gatedsym.flow.registry import analysis


@analysis(n=4, seeds=2, init="xavier", retention=1.0)
def weights(cells: Cells, x: Reading = "noise", **networks: Unpack[Networks]) -> xr.Dataset:
    ensemble = read_ensemble(cells, x, networks, horizon=3)
    values = ensemble.empty()
    for member, total in ensemble.map(lambda member: sum(abs(w).sum() for w in member.parameters().values())):
        values[member.place] = total
    return xr.Dataset({"total": (tuple(ensemble.axes), values)}, coords=ensemble.axes)
"""


def test_a_new_analysis_is_one_file(tmp_path, monkeypatch):
    (tmp_path / "fresh.py").write_text(FRESH, encoding="utf-8")
    room = importlib.import_module("gatedsym.flow.analyses")
    monkeypatch.setattr(room, "__path__", [*room.__path__, str(tmp_path)])
    monkeypatch.delitem(sys.modules, "gatedsym.flow.analyses.fresh", raising=False)
    analyses.cache_clear()
    try:
        data = gs.flow.weights(own(), n=(3, 4), seeds=(0, 5))
        assert list(inspect.signature(gs.flow.weights).parameters)[2:4] == ["n", "seeds"]
    finally:
        analyses.cache_clear()
    params = own().init(m=8, n=4, seed=5, scheme="xavier", gain=1.0, retention=1.0, horizon=3)
    found = data["total"].sel(n=4, seed=5).item()
    assert np.isclose(found, sum(abs(w).sum() for w in params.values()), rtol=1e-14)


def test_what_is_no_analysis_is_no_attribute():
    with pytest.raises(AttributeError, match="no attribute 'lyapnov'"):
        _ = gs.flow.lyapnov


@pytest.mark.parametrize("name", NAMES)
def test_every_argument_stands_in_the_signature_and_is_described(name):
    function = getattr(flow, name)
    parameters = inspect.signature(function).parameters
    described = inspect.getdoc(function).partition("Parameters\n----------\n")[2].partition("\n\nReturns\n")[0]
    entries = {n for line in described.split("\n") if line[:1].strip() for n in line.partition(" :")[0].split(", ")}
    assert entries == set(parameters)
    assert not any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters.values())
    assert {"cells", "x", "n", "progress"} <= parameters.keys()


@pytest.mark.parametrize("name", NAMES)
def test_an_argument_of_another_name_is_refused_by_it(name):
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected keyword argument 'nonsense'"):
        getattr(flow, name)(["rnn"], nonsense=1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sampled
def test_an_analysis_measures_a_cell_in_no_library(name):
    assert analyses()[name].why_not_applicable(subject(name)) == ""
    data = measured(name)
    assert FORMS[name].variable in data
    numbers = [v for v in data.data_vars.values() if v.dtype.kind in "fi"]
    assert any(np.isfinite(v.values).any() for v in numbers)
    assert list(data.attrs.get("cells", ["own"])) == ["own"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.sampled
@pytest.mark.long
def test_several_hidden_sizes_are_a_dimension_of_which_each_is_what_it_is_alone(name):
    sizes = (options_of(name)["n"], options_of(name)["n"] + 1)
    joined = measured(name, n=sizes)
    assert joined["n"].values.tolist() == list(sizes)
    assert joined.attrs["n"] == list(sizes)
    alone = {sizes[0]: measured(name), sizes[1]: measured(name, n=sizes[1])}
    for n, data in alone.items():
        xr.testing.assert_identical(at_one_width(joined.sel(n=n)), data)
    with pytest.raises(ArgumentError, match=rf"a figure shows one size: select it with data\.sel\(n={sizes[1]}\)\.$"):
        getattr(figures, name)(joined)
    xr.testing.assert_identical(restored(joined.sel(n=sizes[0]), name), restored(measured(name), name))


SEEDED = [name for name in NAMES if "seeds" in inspect.signature(getattr(flow, name)).parameters]


@pytest.mark.parametrize("name", [name for name in SEEDED if name != "phase_diagram"])
@pytest.mark.sampled
def test_networks_are_those_of_their_seeds_whoever_else_is_measured(name):
    """Slopes of an ablation, for which none is asked here, are the exception: the seeds of a call share their lags."""
    both, second = measured(name), measured(name, seeds=(1,))
    assert second["seed"].values.tolist() == [1]
    seeded = [v for v in both.data_vars if "seed" in both[v].dims]
    assert seeded
    xr.testing.assert_identical(
        both[seeded].sel(seed=[1]).drop_attrs(deep=False), second[seeded].drop_attrs(deep=False)
    )


def test_two_jobs_that_share_the_seeds_are_one():
    options = {"n": 4, "lags": 6, "batch": 1, "init": "xavier", "retention": (0.0, 1.0)}
    parts = [gs.gradient_flow(own(), "noise", seeds=seeds, **options) for seeds in (10, range(10, 20))]
    whole = gs.gradient_flow(own(), "noise", seeds=20, **options)
    xr.testing.assert_equal(xr.concat(parts, "seed", data_vars="minimal"), whole)
    assert [part.attrs["seeds"] for part in (*parts, whole)] == [10, 10, 20]


def test_networks_of_a_phase_diagram_are_two_for_each_population():
    seeds = {"seeds": (3,), "networks": (6, 7)}
    xr.testing.assert_identical(measured("phase_diagram", seeds=(3,)), measured("phase_diagram", **seeds))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"n": (4, 0)}, "n has 0: give integers of at least 1."),
        ({"n": (4, "x")}, "n has 'x': give integers of at least 1."),
        ({"n": (4, 4)}, "n [4, 4]: one occurs twice; give each once."),
        ({"n": ()}, "n is empty"),
        ({"seeds": (0, -1)}, "seeds has -1: give integers from 0 to 2^63 - 1."),
        ({"seeds": (2**63,)}, "seeds has 9223372036854775808: give integers from 0 to 2^63 - 1."),
        ({"seeds": (2, 2)}, "seeds [2, 2]: one occurs twice; give each once."),
        ({"seeds": ()}, "seeds is empty"),
        ({"seeds": 0}, "seeds = 0: give at least 1."),
        ({"seeds": "20"}, "seeds = '20': give an integer of at least 1."),
    ],
)
def test_sizes_and_seeds_that_are_none_are_refused(options, said):
    with pytest.raises(ArgumentError) as caught:
        gs.gradient_flow("rnn", "noise", **options)
    assert str(caught.value).startswith(said)


def test_a_number_of_seeds_is_the_first_ones():
    assert read_seeds(3) == read_seeds(range(3)) == read_seeds([0, 1, 2]) == (0, 1, 2)


def test_one_hidden_size_in_a_row_is_one_size():
    options = {"lags": 6, "batch": 1, "seeds": 1, "init": "xavier"}
    one = gs.gradient_flow(own(), "noise", n=[4], **options)
    xr.testing.assert_identical(one, gs.gradient_flow(own(), "noise", n=4, **options))


def test_what_can_be_read_once_serves_every_size():
    options = {"lags": 6, "batch": 1, "init": "xavier"}
    data = gs.gradient_flow((c for c in [own()]), "noise", n=(3, 4), seeds=iter([2, 5]), **options)
    xr.testing.assert_identical(data, gs.gradient_flow([own()], "noise", n=(3, 4), seeds=(2, 5), **options))


def test_progress_over_several_sizes_rises_to_the_whole():
    told = []
    gs.gradient_flow(own(), "noise", n=(3, 4), seeds=2, lags=4, batch=1, init="xavier", progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert len(told) == 2 * 2 * 4


@pytest.mark.parametrize("count", [1, 3])
def test_as_many_networks_are_measured_at_once_as_threads_are_allowed(count, monkeypatch):
    monkeypatch.setenv("GATEDSYM_THREADS", str(count))
    networks = Networks(n=3, seeds=6, init="xavier", gain=1.0, retention=None, dtype="float64")
    ensemble = read_ensemble(own(), "noise", networks, horizon=5)
    together, most, now, lock = threading.Barrier(count), [0], [0], threading.Lock()

    def measure(member):
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        together.wait(timeout=60)  # nobody goes on before so many are here
        with lock:
            now[0] -= 1
        return member.seed

    assert [(m.seed, m.place, found) for m, found in ensemble.map(measure)] == [
        (seed, (0, 0, 0, 0, seed), seed) for seed in range(6)
    ]
    assert most == [count]
