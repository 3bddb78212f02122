"""The division of sequences of symbols: each is on one side, whenever and with whatever seed it is drawn."""

import numpy as np
import pytest

import gatedsym as gs


def test_one_in_sixteen_is_held_out_and_classes_keep_their_shares():
    from gatedsym.learning.division import is_held_out
    from gatedsym.learning.draws import Draws

    task = gs.tasks.temporal_order(T=20)
    batch = task.generate.draw(Draws("some", 0), 16_000)
    held = is_held_out(batch)
    assert held.mean() == pytest.approx(1 / 16, abs=0.008)
    for number, side in ((0, False), (0, True)):
        found = task.batch(number, 4000, held_out=side)
        order = found.targets[found.lengths - 1, np.arange(4000)]
        assert np.bincount(order) / 4000 == pytest.approx(np.full(4, 0.25), abs=0.03)


def test_no_sequence_of_a_small_task_is_on_both_sides():
    """Of 4,096 different sequences all are drawn."""
    task = gs.tasks.copy(T=1, symbols=4)
    trained = set(map(tuple, task.batch(0, 80_000).tokens[:4].T.tolist()))
    judged = set(map(tuple, task.batch(0, 2000, held_out=True).tokens[:4].T.tolist()))
    assert len(trained) > 3700
    assert 200 < len(judged) < 300
    assert not trained & judged
    assert len(trained | judged) == 4096
