"""What the structure of a cell allows: its multiply-adds and bytes, counted, beside measured times."""

from __future__ import annotations

import math

import pytest

import gatedsym as gs
from gatedsym.bench.operations import count_operations
from gatedsym.bench.points import BOTH, FORWARD, MEASURES, Point
from gatedsym.bench.problem import cell_of_point, complete_sizes, measured_names
from gatedsym.bench.structure import _row
from gatedsym.bench.traffic import Bandwidth, count_bytes
from gatedsym.bench.worker import BANDWIDTH, PEAK
from gatedsym.execution.kernels import CallShape

T, B, N = 10, 4, 8


def point(cell):
    return Point(cell, "float64", T, B, N)


def test_bytes_of_a_forward_pass_are_those_of_its_arrays():
    rows = T * B * N  # x, what is kept of each step, h; and the row of h before the first step
    assert count_bytes(point("rnn"))[FORWARD] == 8 * (3 * rows + B * N + 2 * N * N + N)


def test_what_stays_in_the_cache_is_no_traffic():
    """What RWKV computes on the way to its decay lies in a buffer of one segment."""
    cell, at = gs.cell("rwkv6"), point("rwkv6")
    call_shape = CallShape(complete_sizes(cell, N), T, B, cell.interface.delays)
    shapes = dict(cell.kernels.plan("forward", call_shape).shapes)
    assert shapes.pop("tanh_A_x")
    assert count_bytes(at)[FORWARD] == 8 * sum(math.prod(shape) for shape in shapes.values())


def test_a_stack_has_the_operations_of_its_layers_and_is_measured_at_its_top():
    two, one = count_operations(point("rnn+rnn")), count_operations(point("rnn"))
    assert two.multiply_adds == {m: 2 * one.multiply_adds[m] for m in MEASURES}
    assert measured_names(cell_of_point(point("rnn+rnn"))) == ("h_2",)
    assert measured_names(cell_of_point(point("lstm"))) == ("h",)


def test_products_that_no_result_needs_are_not_counted():
    """The imaginary part of what S5 reads out is dropped."""
    assert count_operations(point("s5")).multiply_adds[FORWARD] == 4 * N * N * T * B


def test_a_bandwidth_is_a_rate():
    assert 1e6 < Bandwidth(1e5, 2).rate() < 1e14


@pytest.mark.parametrize("measure", MEASURES)
def test_a_row_holds_a_time_against_what_is_allowed(measure):
    own = {FORWARD: 3.0, BOTH: 9.0, PEAK: 2.0, BANDWIDTH: 5.0}
    found = {"rnn": own, "rnn+rnn": {**own, measure: 4.0, PEAK: 8.0}}
    row = _row(point("rnn+rnn"), measure, found)
    work, traffic = (f(point("rnn+rnn")) for f in (count_operations, count_bytes))
    allowed = work.multiply_adds[measure] / 8 + traffic[measure] / 5
    assert float(row[6]) == pytest.approx(4 / allowed, abs=0.01)
    assert float(row[7]) == pytest.approx(4 / (2 * own[measure]), abs=0.01)
    assert _row(point("rnn"), measure, found)[7] == "-"
