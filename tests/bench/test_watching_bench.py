"""The table of watched updates: what is added is over plain updates, and what it times is a watched update."""

import pytest

import gatedsym.bench.watching as bench
from gatedsym.errors import ArgumentError

TORCH = pytest.importorskip("torch", reason="PyTorch is not installed: none of its layers can be timed")
TIMES = {"None": (0.1, 0.2), "at": (0.1, 0.2), "every": (0.2, 0.3), "every weights": (0.6, 0.9)}


def test_what_is_added_is_a_fiftieth_of_the_difference_to_a_plain_update(monkeypatch):
    monkeypatch.setattr(bench, "_timed", lambda update, model, options: TIMES[" ".join(options or ["None"])])
    threads = TORCH.get_num_threads()
    table = bench.watching(["lstm"], threads=1, size=(2, 1, 2))
    assert table.rows == [["nn.LSTM", "100", "+0.0 %", "200", "+2.0 %", "+1.0 %", "+10.0 %"]]
    assert len(table.head) == len(table.rows[0])
    assert TORCH.get_num_threads() == threads


@pytest.mark.long
def test_a_timed_update_is_watched_and_leaves_no_hook():
    seen = []
    update, model = bench._training("RNN", (4, 2, 3))

    def told():
        seen.append(bool(model._forward_hooks))
        update()

    for options in (None, {"every": 1}):
        wall, busy = bench._timed(told, model, options)
        assert wall > 0 <= busy
    assert seen == [False, True]
    assert not model._forward_hooks


def test_a_cell_that_torch_has_no_layer_of_is_refused():
    with pytest.raises(ArgumentError, match=r"'gru' is no layer of torch's own: choose from lstm, gru_torch, rnn\."):
        bench.watching(["gru"], threads=1)
