"""What a comparison is asked for is checked before anything is trained."""

import made_up_runs
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError, GatedsymError
from gatedsym.learning.comparison.asking import FIRST_RATES, read_clips, read_rates


def test_a_cell_without_a_retaining_gate_takes_part_once():
    found = made_up_runs.plan(retention="none,1,chrono")
    assert [c.label for c in found.contenders] == ["rnn", "gru", "gru, b = 1", "gru, chrono"]


def test_cells_are_matched_to_the_parameters_of_the_first():
    found = made_up_runs.plan(["gru", "rnn"])
    (rnn,) = found.matched
    counts = [c.network(found.task, 0).cell_params for c in (found.contenders[0], rnn)]
    gru_count, rnn_count = (sum(p.size for p in params.values()) for params in counts)
    assert rnn.matched
    assert rnn.label == f"rnn, n = {rnn.n}"
    assert abs(rnn_count / gru_count - 1) < 0.1


def test_nothing_is_matched_where_nobody_asks():
    assert made_up_runs.plan(match=False).matched == ()
    assert made_up_runs.plan(quick=True).matched == ()


def test_a_layer_more_is_a_contender_of_its_own():
    (found,) = made_up_runs.plan(["rnn"], layers=2).contenders
    assert found.label == "rnn ×2"
    assert len(found.cell.states) == 2


@pytest.mark.parametrize(
    ("given", "rates"),
    [("auto", (FIRST_RATES, True)), ("0.01,0.001", ((0.001, 0.01), False)), (0.1, ((0.1,), False))],
)
def test_rates_are_read(given, rates):
    assert read_rates(given) == rates


@pytest.mark.parametrize("given", ["fast", "", "0", "-1", "nan", "inf", True])
def test_what_is_no_rate_is_refused(given):
    with pytest.raises(ArgumentError, match=r"rate.*give .*\.$"):
        read_rates(given)


def test_clips_are_limits_of_the_norm_unless_they_say_value():
    assert [c.words for c in read_clips("1,value 0.5,none,1")] == ["norm 1", "value 0.5", "none"]


@pytest.mark.parametrize("given", ["much", ",", "-1"])
def test_what_is_no_clip_is_refused(given):
    with pytest.raises(ArgumentError, match=r"\.$"):
        read_clips(given)


@pytest.mark.parametrize(
    "options",
    [{"cells": ["rnn", "rnn"]}, {"retention": "wide"}, {"retention": ()}, {"optimiser": "lbfgs"}, {"seeds": 0},
     {"updates": 3}, {"init": "lucky"}, {"layers": 0}, {"n": 0}],
)  # fmt: skip
def test_what_cannot_be_trained_is_refused_in_a_sentence(options):
    with pytest.raises(GatedsymError, match=r"^[^\n]*\.$"):
        made_up_runs.plan(**options)


TWO = "x in R^m; h in R^n; k in R^n; W_* in R^(n,m); U in R^(n,n)\nh' = tanh(W_h @ x + U @ k)\nk' = k + W_k @ x"


def test_the_state_that_is_read_can_be_named_where_equations_leave_it_open():
    two = gs.Cell(TWO, name="two")
    with pytest.raises(ArgumentError, match="name it, readout='h'"):
        made_up_runs.plan(["rnn", two])
    rnn, own = made_up_runs.plan(["rnn", two], readout="k").contenders
    assert (rnn.readout, own.readout) == ("", "k")
    with pytest.raises(ArgumentError, match=r"no output or state of any of the cells: name one\.$"):
        made_up_runs.plan(["rnn", two], readout="q")


def test_a_task_that_does_not_fit_a_cell_is_refused_in_a_sentence():
    silent = gs.Cell("h in R^n; U in R^(n,n)\nh' = tanh(U @ h)", name="silent")
    with pytest.raises(ArgumentError, match=r"silent has no input.*\.$"):
        made_up_runs.plan([silent])
