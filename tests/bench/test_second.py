"""The table of Hessian products: what it asks a worker, and what it makes of the answers."""

from itertools import count

import numpy as np
import pytest

from gatedsym.bench import second as bench
from gatedsym.bench.ours import our_hessian_product
from gatedsym.bench.points import BOTH, SECOND, Point
from gatedsym.bench.problem import make_problem
from gatedsym.errors import ArgumentError


class Told:
    """Workers whose products take 2, then 8 times as long as forward + backward, with a slow turn in between."""

    def __init__(self, libraries, threads):
        self.cells, self.turns = [], count()

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def prepare_second(self, point):
        self.cells.append(point.cell)

    def measure(self, library, what, dtype):
        slow = 100 if next(self.turns) % (2 * bench.TURNS) in (4, 5) else 1
        return slow * (0.001 if what == BOTH else {1: 0.002, 2: 0.008}[len(self.cells)])


def test_the_table_has_the_ratio_of_each_cell_and_their_geometric_mean(monkeypatch):
    monkeypatch.setattr(bench, "Workers", Told)
    table = bench.second(["rnn", "gru"], threads=1)
    assert [row[-1] for row in table.rows] == ["2.00", "8.00", "4.00"]
    assert table.head == ("cell", f"{BOTH}, ms", f"{SECOND}, ms", "ratio")


def test_what_is_timed_is_a_product_along_all_parameters(monkeypatch):
    problem, seen = make_problem(Point("rnn", "float64", 2, 1, 2)), []
    monkeypatch.setattr(problem.cell, "forward", lambda *a, **k: type("Run", (), {"dtype": np.dtype("float64")})())
    monkeypatch.setattr(problem.cell, "hessian_product", lambda params, run, dh, direction: seen.append(direction))
    our_hessian_product(problem)()
    assert {n: v.shape for n, v in seen[0].items()} == {n: v.shape for n, v in problem.params.items()}


def test_a_cell_that_the_library_does_not_have_is_told():
    with pytest.raises(ArgumentError, match="nosuch"):
        make_problem(Point("nosuch", "float64", 2, 1, 2))
