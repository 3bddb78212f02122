"""The table of updates: what it asks workers, what it makes of the answers; and that both sides make an update."""

import numpy as np
import pytest

import gatedsym.bench.learning as bench
from gatedsym.bench.libraries import OURS
from gatedsym.bench.points import Point
from gatedsym.bench.processes import RefusedError
from gatedsym.bench.updates import BATCH, CELL, UPDATE, our_updates

TIMES = {(OURS, UPDATE): 0.01, (OURS, CELL): 0.0085, (OURS, BATCH): 0.0005, ("torch", UPDATE): 0.02}


class Told:
    """Workers of whom torch's loop cannot make an update."""

    def __init__(self, libraries, threads):
        self.libraries = libraries

    def __enter__(self):
        return self

    def __exit__(self, *error):
        return None

    def prepare_learning(self, library, point):
        if library == bench.LOOP:
            raise RefusedError("has no such cell.")

    def measure(self, library, what, dtype):
        return TIMES[library, what]


def test_a_row_has_times_shares_and_ratios(monkeypatch):
    monkeypatch.setattr(bench, "Workers", Told)
    monkeypatch.setattr(bench, "read_peers", lambda names: (list(names), {}))
    table = bench.learning(["lstm"], threads=1)
    assert [len(row) for row in table.rows] == [len(table.head)] * len(bench.SIZES)
    assert table.rows[0][4:] == ["10.0", "15 %", "5 %", "20.0", "2.00", "-", "-"]


@pytest.mark.long
def test_our_calls_make_an_update_and_its_parts():
    calls = our_updates(Point("gru", "float64", 4, 3, 4))
    assert calls[UPDATE]() is True
    assert set(calls[CELL]().params) == {f"{kind}_{of}" for kind in "WUb" for of in "zrg"}
    assert calls[BATCH]().weights.shape == (4, 3)


@pytest.mark.parametrize("loop", [False, True])
@pytest.mark.long
def test_torch_s_updates_lower_the_loss(loop):
    pytest.importorskip("torch", reason="torch is the peer")
    from gatedsym.bench.torch_update import torch_update

    update = torch_update(Point("lstm", "float64", 4, 3, 4), loop=loop)
    losses = [update() for _ in range(60)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
