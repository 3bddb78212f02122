"""Temporal order: the layout of the paper's tasks 6a and 6b, and the losses of who knows some of the symbols."""

import math

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import GatedsymError

WINDOWS = {2: [(10, 20), (50, 60)], 3: [(10, 20), (33, 43), (66, 76)]}


@pytest.mark.parametrize("symbols", [2, 3])
def test_symbols_stand_where_the_paper_puts_them(symbols):
    task = gs.tasks.temporal_order(symbols=symbols)
    batch = task.batch(0, 2000)
    columns = np.arange(2000)
    for row, (first, last) in zip(batch.cues, WINDOWS[symbols]):
        assert set(np.unique(row)) == set(range(first, last + 1))
    assert set(np.unique(batch.lengths)) == set(range(100, 111))
    names = np.array(task.symbols)[batch.tokens]
    assert (names[0] == "E").all()
    assert (names[batch.lengths - 1, columns] == "B").all()
    assert (np.isin(names, ["X", "Y"]).sum(axis=0) == symbols).all()
    orders = ["".join(column) for column in names[batch.cues, columns].T]
    assert orders == [task.classes[k] for k in batch.targets[batch.lengths - 1, columns]]
    assert len(set(orders)) == 2**symbols


@pytest.mark.parametrize("symbols", [2, 3])
@pytest.mark.parametrize("known", [0, 1, 2])
def test_levels_are_the_losses_of_who_knows_the_last_symbols(symbols, known):
    task = gs.tasks.temporal_order(T=20, symbols=symbols)
    batch = task.batch(0, 800)
    order = batch.targets[batch.lengths - 1, np.arange(800)]
    low = np.arange(2**symbols) % 2**known == (order % 2**known)[:, None]
    outputs = np.broadcast_to(np.where(low, 0.0, -60.0), (len(batch.times), 800, 2**symbols))
    found = task.measure(outputs, batch)
    levels = [task.baseline, *task.plateaus]
    wanted = levels[known].value if known < symbols else 0
    assert found.loss == pytest.approx(wanted, abs=1e-9)
    assert wanted == pytest.approx((symbols - known) * math.log(2))
    skills = list(found.skills.values())
    assert skills[symbols - known :] == [1] * known
    assert skills[: symbols - known] == pytest.approx([0] * (symbols - known), abs=0.15)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"symbols": 4}, "symbols=4 has no definition: take 2 (task 6a of the paper) or 3 (6b)."),
        ({"T": 19}, "need T=20 steps, and T is 19: take more steps."),
    ],
)
def test_what_has_no_order_is_refused(options, words):
    with pytest.raises(GatedsymError) as told:
        gs.tasks.temporal_order(**options)
    assert words in str(told.value)
