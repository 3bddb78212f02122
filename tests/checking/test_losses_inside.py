"""A pass with its loss inside is read: a readout, a softmax or squares, inputs that are numbers, truncated BPTT."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.checking.heads import with_readout
from gatedsym.checking.losses import TEXTS, Coding, judge
from gatedsym.checking.truncation import Truncation

SLIPS = Path(__file__).parent / "slips"


@pytest.mark.parametrize("loss", TEXTS)
def test_the_cotangent_of_a_loss_is_its_slope(loss: str) -> None:
    random = np.random.default_rng(1)
    y, move = random.standard_normal((2, 3, 2, 5))
    target = np.eye(5)[random.integers(5, size=(3, 2))]
    coding, step = Coding(loss=loss), 1e-5
    slope = (judge(coding, y + step * move, target).loss - judge(coding, y - step * move, target).loss) / (2 * step)
    found = judge(coding, y, target).cotangent
    # A central difference errs by step² times a third derivative of order one.
    assert abs(slope - (found * move).sum()) < 1e-8


def test_a_loss_at_the_last_step_has_a_cotangent_there_alone() -> None:
    y, target = np.ones((3, 2, 5)), np.zeros((3, 2, 5))
    found = judge(Coding(loss="squares", last=True), y, target)
    assert found.loss == 2 * 5 / 2
    np.testing.assert_array_equal(found.cotangent[:2], 0)
    np.testing.assert_array_equal(found.cotangent[2], 1)


def test_a_cell_with_a_readout_is_the_cell_and_one_line_more() -> None:
    cell = gs.cell("rnn").recurrence
    head = with_readout(cell)
    assert str(head.recurrence.program).splitlines()[:-2] == str(cell.program).splitlines()
    assert head.recurrence.equations[-1].text == "y = W_y @ h' + b_y"
    assert "d_W_y[j,k] = d_y[j]*h'[k]" in str(derive_adjoint(head.recurrence.program))


def test_a_truncation_says_which_losses_reach_which_steps() -> None:
    np.testing.assert_array_equal(Truncation("each", 1).mask(3), [[1, 0, 0], [1, 1, 0], [0, 1, 1]])
    np.testing.assert_array_equal(Truncation("blocks", 2).mask(3), [[1, 0, 0], [1, 1, 0], [0, 0, 1]])
    np.testing.assert_array_equal(Truncation("end", 2).mask(3), [[0, 0, 0], [0, 1, 0], [0, 1, 1]])


@pytest.mark.long
def test_a_script_with_its_loss_and_its_training_inside_is_read_without_its_data() -> None:
    answer = gs.check("rnn", SLIPS / "chars_rnn.py")
    assert answer.right
    assert "all 5 arrays" in str(answer)
    assert answer.notes == ("the loss inside is the cross-entropy of a softmax, summed over steps and sequences.",)


@pytest.mark.long
def test_truncated_back_propagation_is_right_as_that() -> None:
    answer = gs.check("rnn", SLIPS / "words_rnn.py")
    assert answer.verdict == "convention"
    assert any("each loss goes back 4 steps beyond its own" in note for note in answer.notes)


@pytest.mark.long
def test_what_a_loss_is_divided_by_is_told() -> None:
    answer = gs.check("rnn", SLIPS / "course_loss_rnn.py:rnn_loss")
    assert answer.right
    assert any("divided by the number of steps and sequences" in note for note in answer.notes)
