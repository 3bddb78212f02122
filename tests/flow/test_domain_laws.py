"""Inputs whose domain the equations give are drawn from it, by every analysis."""

from __future__ import annotations

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.bench.points import Point
from gatedsym.bench.problem import make_problem
from gatedsym.flow.analyses.gate_clamping import why_not_applicable as why_no_valve
from gatedsym.flow.inputs.domain_laws import of_normal, told
from gatedsym.flow.inputs.laws import inputs_described, set_input_laws, unknown_inputs
from gatedsym.flow.inputs.source import inputs_of
from gatedsym.flow.theory.networks import _Histories
from gatedsym.ir.domain import read_domain

SIZES = {"m": 4}
TEXT = (
    "x in [-1,1]^m; mask in {0,1}^m; dt in R, dt >= 0; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n\n"
    "z = sigmoid(U @ h + b)\nh' = z * h * exp(-dt) + (1 - z) * tanh(W @ (mask * x))\n"
)


@pytest.fixture(scope="module")
def cell():
    return gs.Cell(TEXT, "masked")


@pytest.mark.parametrize("text", ["{0, 1}", "{0..m-1}", "[0, inf)", "(0, inf)", "(-inf, 2]", "(0, 1)", "[-1, 3]"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_drawn_numbers_lie_in_their_domain(text, dtype):
    domain = read_domain(text)
    normal = np.random.default_rng(0).standard_normal(1000).astype(dtype)
    extreme = np.array([-40, 40, 0], dtype)  # rounding puts them on an end, or beyond
    for z in (normal, extreme):
        drawn = of_normal(domain, z, SIZES)
        assert drawn.dtype == dtype
        assert domain.misfit(drawn[np.isfinite(drawn)], SIZES) is None
    members = domain.members(SIZES)
    if members is not None:
        assert set(of_normal(domain, normal, SIZES)) == set(members)
    assert str(domain) in told(domain)


def test_analyses_feed_numbers_of_the_domain_and_say_so(cell):
    x = np.random.default_rng(0).standard_normal((50, 2, 4))
    given = inputs_of(cell, cell.init(m=4, n=3), x)
    for name, domain in cell.interface.domains.items():
        assert domain.misfit(given[name], SIZES) is None
    assert not np.array_equal(given["x"], x)
    inside = np.clip(x, -1, 1)
    assert np.array_equal(inputs_of(cell, cell.init(m=4, n=3), inside)["x"], inside)
    said = inputs_described([cell], followed=True)
    assert "mask of masked: of {0, 1}, each with the same probability" in said["input_laws"]
    assert said["input_warning"] == inputs_described([cell], followed=False)["input_warning"] == ""


def test_a_law_that_is_stated_comes_before_that_of_the_domain(cell):
    stated = set_input_laws(gs.Cell(TEXT, "masked"), dt="one")
    assert unknown_inputs(stated) == []
    x = np.random.default_rng(0).standard_normal((5, 2, 4))
    assert np.all(inputs_of(stated, stated.init(m=4, n=3), x)["dt"] == 1)


def test_theories_draw_from_domains_too(cell):
    data = gs.flow.mean_field([cell], "noise", n=4, seeds=1, population=64, steps=3, measure=False)
    assert "dt of masked: in [0, inf)" in data.attrs["input_laws"]
    assert data.attrs["input_warning"] == ""
    fed = _Histories(cell.recurrence.program, {}, {"m": 4, "n": 3}, np.random.default_rng(0), True,
                     {"dt": lambda z: of_normal(read_domain("[0, inf)"), z, {})})  # fmt: skip
    assert all(fed.read(1.0)["dt"] >= 0 for _ in range(50))


def test_times_are_taken_on_numbers_of_the_domain(cell, monkeypatch):
    monkeypatch.setattr("gatedsym.bench.problem.cell", lambda name: cell)
    inputs = make_problem(Point("masked", "float32", 20, 2, 4)).inputs
    for name, domain in cell.interface.domains.items():
        assert domain.misfit(inputs[name], {"m": 4, "n": 4}) is None


def test_gates_are_set_by_inputs_that_may_be_any_number(cell):
    assert "an input that may be any number" in why_no_valve(cell)
    free = gs.Cell(TEXT.replace("x in [-1,1]^m", "x in R^m").replace("U @ h + b", "U @ h + W @ x + b"), "free")
    assert why_no_valve(free) == ""
    data = gs.flow.valve([free], n=2, m=6)
    assert data.sizes["feature"] == 6  # of x alone


def test_a_mask_is_as_often_one_as_its_mean_says():
    domain = read_domain("{0, 1} with mean 3/10")
    drawn = of_normal(domain, np.random.default_rng(0).standard_normal(20_000), {})
    assert set(np.unique(drawn)) == {0.0, 1.0}
    assert abs(drawn.mean() - 0.3) < 5 * np.sqrt(0.3 * 0.7 / 20_000)
    assert told(domain) == "of {0, 1}, 1 with probability 0.3"
