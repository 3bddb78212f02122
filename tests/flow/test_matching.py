"""Cells as large as another: the hidden size whose count is nearest, found, told, and used by every analysis."""

from __future__ import annotations

import inspect
import pickle

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.figures import gradient_norm
from gatedsym.figures.words import matched_words
from gatedsym.flow.analyses.ablation import cost_of
from gatedsym.flow.matching import COUNTS, Count, SizedCell, matching
from gatedsym.flow.registry import analyses
from gatedsym.report.atlas import Asked, atlas

DIVIDED = "k = n/4\nx in R^m; h in R^n; W in R^(n,m); U in R^(k,n); V in R^(n,k)\nh' = tanh(W @ x + V @ (U @ h))"
MEMORY = "x in R^m; M in R^(k,d); h in R^n; W in R^(n,m); U in R^(n,d); P in R^k\nM' = M\n"
MEMORY += "h' = tanh(W @ x + U @ (M.T @ P) + h)"


@pytest.mark.parametrize("by", COUNTS)
@pytest.mark.parametrize("name", ["gru", "rnn", "lstmp", DIVIDED])
def test_no_other_size_is_nearer(name, by):
    found = gs.match(name, like="lstm", n=24, m=5, by=by)
    cell = gs.cell(name) if name.isidentifier() else gs.Cell(name)
    count = Count(cell, by, 5, {})
    allowed = [n for n in range(1, 200) if count.first_allowed(n, n + 1)]
    assert found == min(allowed, key=lambda n: (abs(count(n) - found.target), n))
    assert (found.count, found.target) == (count(found), Count(gs.cell("lstm"), by, 5, {})(24))


@pytest.mark.parametrize("name", ["gru", "indrnn"])
def test_counts_are_those_of_the_arrays_and_of_one_step(name):
    cell = gs.cell(name)
    params = cell.init(m=3, n=7)
    counts = [Count(cell, by, 3, {})(7) for by in COUNTS]
    assert counts == [sum(array.size for array in params.values()), cost_of(cell, 3, 7)[1]]


def test_a_matched_size_is_an_integer_that_shows_its_counts():
    found = gs.match("gru", like=gs.cell("lstm"), n=64)
    assert isinstance(found, int)
    assert gs.cell("gru").init(m=64, n=found)["U_r"].shape == (found, found)
    assert repr(found) == f"{found} (parameters: gru 32,802, lstm at n = 64 33,024, -0.67 %)"
    assert (str(found), found.difference) == (str(int(found)), found.count / found.target - 1)
    again = pickle.loads(pickle.dumps(found))
    assert (again, again.sizes, again.target) == (found, found.sizes, found.target)


def test_further_dimensions_are_those_given_or_grow_as_the_equations_say():
    grown = gs.match("lstmp", like="lstm", n=100, m=10)
    assert grown.sizes["r"] == grown // 2
    held = gs.match("lstmp", like="lstm", n=100, m=10, r=3)
    assert (held.sizes["r"], held > grown) == (3, True)
    assert gs.match("lstm", like=gs.Cell(MEMORY), n=8, m=2, k=30, d=5).target == 8 * 2 + 8 * 5 + 30


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"cell": "gru", "like": "lstm", "n": 0}, "n=0 must be an integer of at least 1"),
        ({"cell": "gru", "like": "lstm", "n": 4, "by": "weights"}, "by must be 'parameters' or 'operations'"),
        ({"cell": "gru", "like": "lstm", "n": 4, "q": 2}, "neither gru nor lstm has a dimension 'q'"),
        ({"cell": 3, "like": "lstm", "n": 4}, "give a cell, a name of the library, or equations"),
        ({"cell": "h in R^n; b in R\nh' = tanh(h + b)", "like": "lstm", "n": 4}, "do not grow with its hidden size"),
        ({"cell": "lstm", "like": "h in R^n\nh' = tanh(h)", "n": 4}, "like has no parameters"),
        ({"cell": "lstm", "like": DIVIDED, "n": 6}, "choose sizes that divide"),
    ],
)
def test_what_cannot_be_matched_is_refused_in_a_sentence(arguments, words):
    with pytest.raises(ArgumentError, match=words) as refusal:
        gs.match(**arguments)
    assert str(refusal.value).endswith(".")


def test_every_analysis_of_cells_with_a_hidden_size_takes_the_count():
    arguments = {name: inspect.signature(one.dataset).parameters for name, one in analyses().items()}
    assert {name for name, found in arguments.items() if "n" in found and "match" not in found} == {"layers"}
    entries = [entry for entry in atlas()[1] if "match" in entry.sizes(Asked(match="parameters"))]
    assert {entry.measure for entry in entries} >= {"gradient_norm", "jacobian_sheet", "lyapunov", "phase_diagram"}
    assert all("match" not in entry.sizes(Asked()) for entry in atlas()[1])


def test_a_matched_network_is_the_network_of_its_size():
    x, settings = gs.flow.white_noise(3), {"seeds": 1, "lags": 12, "batch": 2, "init": "uniform", "retention": 1.0}
    both = gs.gradient_flow(["lstm", "gru"], x, n=6, match="parameters", **settings)
    n = gs.match("gru", like="lstm", n=6, m=3)
    assert both.attrs["hidden_sizes"] == [6, n]
    for cell, size in (("lstm", 6), ("gru", int(n))):
        alone = gs.gradient_flow(cell, x, n=size, **settings)
        here = both["log10_norm"].sel(cell=cell, quantity=alone["quantity"])
        np.testing.assert_array_equal(here, alone["log10_norm"].sel(cell=cell))
    note = gradient_norm(both).caption.note.plain
    assert f"Hidden size n = 6; GRU: n = {n}, for as many parameters as LSTM" in note


def test_what_is_not_as_large_as_it_was_matched_is_said():
    attrs = {"cells": ["lstm", "gru"], "hidden_sizes": [8, 9], "matched": "parameters", "matched_to": "lstm"}
    words = ", for as many parameters as LSTM"
    assert matched_words(attrs, {"lstm": 8, "gru": 9}) == words
    assert matched_words(attrs, {"lstm": 8, "gru": 4}) == f"{words}, then made smaller where a state holds more"
    assert matched_words(attrs | {"given": ["gru"]}) == f"{words} unless parameters are given"
    assert matched_words(attrs | {"given": ["lstm"]}) == words


def test_several_sizes_are_matched_one_by_one():
    sheet = gs.flow.jacobian_sheet(["lstm", "gru"], gs.flow.white_noise(3), n=[4, 8], match="operations")
    counts = 2 * sheet["multiply_adds"] + sheet["elementwise"] + sheet["functions"]
    for n in (4, 8):
        found = gs.match("gru", like="lstm", n=n, m=3, by="operations")
        assert counts.sel(n=n).values.tolist() == [found.target, found.count]


def test_a_sized_cell_keeps_its_size_when_it_is_edited_and_pickled():
    (lstm, gru), by = (gs.cell(name) for name in ("lstm", "gru")), "parameters"
    _, sized = matching([lstm, gru], 3, 6, by).cells
    assert isinstance(sized, SizedCell)
    assert pickle.loads(pickle.dumps(sized)) == sized != gru
    assert sized.variant("edited", {"z": "1/2"}).hidden_size == sized.hidden_size
