"""gt.Layer beside torch's layers and loops: all compute the same, and a row has every time."""

import numpy as np
import pytest

pytest.importorskip("torch", reason="layers are torch's")

import gatedsym.bench.layers as bench  # after what may be absent
from gatedsym.bench.our_layer import OurLayer
from gatedsym.bench.ours import Ours
from gatedsym.bench.points import Point
from gatedsym.bench.problem import make_problem
from gatedsym.bench.torch_loops import TorchCells, TorchHoisted


@pytest.mark.parametrize(("library", "cell"), [(OurLayer, "lstm"), (TorchCells, "lstm"), (TorchHoisted, "lstm")])
@pytest.mark.long
def test_layers_and_loops_compute_what_the_cell_computes(library, cell):
    problem = make_problem(Point(cell, "float64", 5, 3, 4))
    found, expected = library(problem).answer(), Ours(problem).answer()
    for group in ("values", "params", "inputs", "initial"):
        pairs = [(getattr(found, group)[name], value) for name, value in getattr(expected, group).items()]
        assert pairs
        assert all(np.allclose(one, other, rtol=0, atol=1e-12) for one, other in pairs)


@pytest.mark.long
def test_a_row_has_all_times_and_what_torch_lacks_is_left_out(monkeypatch):
    monkeypatch.setattr(bench, "TURNS", 1)
    table = bench.layers(["lstm", "mgu"], threads=1, sizes=(5, 3, 4), dtype="float64")
    assert [row[0] for row in table.rows] == ["lstm", "mgu"]
    assert "-" not in table.rows[0]
    assert [cell == "-" for cell in table.rows[1][-3:]] == [True, True, False]
