"""The benchmark's table and its refusals; what it measures is no test."""

import pytest

from gatedsym.bench.compare import Point, Row, compare, table
from gatedsym.bench.worker import CALLS
from gatedsym.errors import GatedsymError

POINT = Point("lstm", 5, 2, 3, "float64")


def test_the_table_shows_how_many_times_faster_gatedsym_is() -> None:
    shown = table([Row(POINT, 2.0, {"torch": 8.0})]).splitlines()
    assert "torch / gatedsym" in shown[0]
    assert shown[1].split() == ["lstm", "5", "2", "3", "float64", "2.00", "8.00", "4.00"]


def test_a_peer_that_is_not_installed_is_named() -> None:
    assert "not installed" in table([Row(POINT, 2.0, {"torch": None})])


def test_an_unknown_peer_is_refused() -> None:
    with pytest.raises(GatedsymError, match="no peer 'tensorflow'"):
        compare(["tensorflow"], quick=True)


def test_both_sides_compute_gradients_of_the_same_shape() -> None:
    pytest.importorskip("torch", reason="torch is not installed")
    point = dict(POINT.__dict__)
    ours, theirs = CALLS["gatedsym"](point)(), CALLS["torch"](point)()
    assert ours.x.shape == tuple(theirs.shape) == (5, 2, 3)
