"""A batch of unlike lengths is each of its sequences alone; nothing of what is in the padding is seen."""

import copy
import pickle

import numpy as np
import pytest
from reference.ragged import CLOSE, LENGTHS, B, Ragged, T, episodes, over, plain_cell

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.execution.partitions import shares_products

FEW = ["lstm", "tau_gru_delayed_input", "echo_state"]
MORE = ["gru", "qrnn", "fast_weights", "mlstm", "s5", "feed_forward_gate", "lem", "slstm_heads", "unitary_rnn"]
MORE += ["multiplicative_rnn", "min_gru", "sru"]


def _agree_with_each_alone(ragged):
    run, given = ragged.forward(), ragged.cotangents()
    cell, params = ragged.cell, ragged.params
    grads = cell.backward(params, run, ragged.padded(given))
    total = {name: np.zeros_like(array) for name, array in grads.params.items()}
    for b, length in enumerate(LENGTHS):
        one = ragged.alone(b, 0, length)
        for name in run:
            steps = length + (name in cell.states)
            np.testing.assert_allclose(run[name][:steps, b], one[name][:, 0], **CLOSE, err_msg=name)
            after = run[name][length, b] if name in cell.states else np.zeros(())
            assert (run[name][steps:, b] == after).all(), name
        found = cell.backward(params, one, {name: array[:length, b : b + 1] for name, array in given.items()})
        for name, array in found.params.items():
            total[name] += array
        for name in cell.inputs:
            np.testing.assert_allclose(grads.inputs[name][:length, b], found.inputs[name][:, 0], **CLOSE)
            assert (grads.inputs[name][length:, b] == 0).all()
        for name in cell.states:
            np.testing.assert_allclose(grads.states[name][: length + 1, b], found.states[name][:, 0], **CLOSE)
            assert (grads.states[name][length + 1 :, b] == 0).all()
        for name in ragged.initial:
            np.testing.assert_allclose(grads.initial[name][:, b], found.initial[name][:, 0], **CLOSE)
    for name, array in total.items():
        np.testing.assert_allclose(grads.params[name], array, **CLOSE, err_msg=name)


@pytest.mark.parametrize("name", FEW)
def test_a_ragged_batch_is_each_sequence_alone(name):
    _agree_with_each_alone(Ragged(plain_cell(name)))


@pytest.mark.long
@pytest.mark.parametrize("name", MORE)
def test_a_ragged_batch_of_further_cells_is_each_sequence_alone(name):
    _agree_with_each_alone(Ragged(plain_cell(name)))


@pytest.mark.parametrize("name", ["lstm", "tau_gru_delayed_input"])
def test_norms_of_a_ragged_batch_are_those_of_each_sequence_alone_and_none_after_its_end(name):
    ragged = Ragged(plain_cell(name))
    given = ragged.cotangents()
    flow = ragged.cell.flow(ragged.params, ragged.forward(), ragged.padded(given))
    for b, length in enumerate(LENGTHS):
        if not length:
            continue
        one = {key: array[:length, b : b + 1] for key, array in given.items()}
        found = ragged.cell.flow(ragged.params, ragged.alone(b, 0, length), one).log_norm
        for key, norm in flow.log_norm.items():
            steps = len(found[key])
            np.testing.assert_allclose(norm[:steps, b], found[key][:, 0], **CLOSE, err_msg=key)
            assert (norm[steps:, b] == -np.inf).all()


@pytest.mark.parametrize("name", FEW)
def test_an_episode_begins_with_the_initial_state_and_hands_no_adjoint_back(name):
    ragged = Ragged(plain_cell(name), seed=1)
    cell, given = ragged.cell, ragged.cotangents()
    resets = ragged.rng.random((T, B)) < 0.4
    assert resets[1:, 0].any()
    run = ragged.forward(resets=resets)
    grads = cell.backward(ragged.params, run, ragged.padded(given))
    flow = cell.flow(ragged.params, run, ragged.padded(given))
    initial = {key: np.zeros_like(array) for key, array in ragged.initial.items()}
    total = {key: np.zeros_like(array) for key, array in grads.params.items()}
    for b, length in enumerate(LENGTHS):
        for start, stop in episodes(resets, b, length):
            one = ragged.alone(b, start, stop)
            found = cell.backward(ragged.params, one, {k: array[start:stop, b : b + 1] for k, array in given.items()})
            for key in cell.states:
                np.testing.assert_allclose(run[key][start + 1 : stop + 1, b], one[key][1:, 0], **CLOSE)
                np.testing.assert_allclose(
                    grads.states[key][start + 1 : stop + 1, b], found.states[key][1:, 0], **CLOSE
                )
            for key in cell.inputs:
                np.testing.assert_allclose(grads.inputs[key][start:stop, b], found.inputs[key][:, 0], **CLOSE)
            for key in initial:
                initial[key][:, b] += found.initial[key][:, 0]
            for key in total:
                total[key] += found.params[key]
    for key, array in initial.items():
        np.testing.assert_allclose(grads.initial[key], array, **CLOSE)
    for key, array in total.items():
        np.testing.assert_allclose(grads.params[key], array, **CLOSE)
    for key in cell.states:
        squares = (grads.states[key][0].reshape((B, -1)) ** 2).sum(axis=1)
        np.testing.assert_allclose(np.exp(flow.log_norm[key][0]) ** 2, squares, **CLOSE)


@pytest.fixture(scope="module")
def lstm():
    return Ragged(gs.cell("lstm"))


def test_the_number_of_threads_changes_no_bit(lstm):
    given = lstm.cotangents()
    runs = [lstm.forward(threads=threads) for threads in (1, 2, 3)]
    found = [lstm.cell.backward(lstm.params, run, given, threads=n) for n, run in enumerate(runs, 1)]
    assert runs[0] == runs[1] == runs[2]
    assert found[0] == found[1] == found[2]


def test_threads_that_share_products_change_no_bit(lstm, monkeypatch):
    alone = lstm.forward(threads=1)
    given = lstm.cotangents()
    grads = lstm.cell.backward(lstm.params, alone, given, threads=1)
    monkeypatch.setattr("gatedsym.execution.partitions._CACHE", 16)
    monkeypatch.setattr("gatedsym.execution.ragged.kernels.usable_cores", lambda: 3)
    teams = []

    def noted(*arguments):
        teams.append(shares_products(*arguments))
        return teams[-1]

    monkeypatch.setattr("gatedsym.execution.ragged.kernels.shares_products", noted)
    together = lstm.forward(threads=3)
    assert together == alone
    assert lstm.cell.backward(lstm.params, together, given, threads=3) == grads
    assert teams == [True, True]


@pytest.mark.parametrize("name", ["sru", "min_gru"])
@pytest.mark.long
def test_many_steps_of_few_sequences_need_no_more_scratch_memory(name):
    cell = gs.cell(name)
    params, rng = cell.init(m=4, n=4), np.random.default_rng(0)
    lengths = np.array([300, 120, 119, 7, 7, 6, 1])
    x = rng.standard_normal((300, 7, 4))
    run = cell.forward(params, x, lengths=lengths)
    states = cell.forward(params, x, lengths=lengths, keep="states")
    last = cell.states[0]
    assert np.array_equal(states[last], run[last])
    grads = cell.backward(params, run, {last: np.ones((7, 4))})
    for b, length in enumerate(lengths):
        one = cell.forward(params, x[:length, b : b + 1])
        np.testing.assert_allclose(run[last][: length + 1, b], one[last][:, 0], **CLOSE)
        found = cell.backward(params, one, {last: np.ones((1, 4))})
        np.testing.assert_allclose(grads.x[:length, b], found.x[:, 0], **CLOSE)


def test_compiled_kernels_take_a_ragged_batch(lstm):
    _agree_with_each_alone(lstm)


def test_one_row_of_the_past_may_stand_without_its_axis_at_every_call(lstm):
    initial = {name: array[0] for name, array in lstm.initial.items()}
    for _ in range(2):  # the second call finds its arguments checked
        x = lstm.padded(lstm.x)
        assert lstm.cell.forward(lstm.params, x, lengths=LENGTHS, initial=initial) == lstm.forward()


def test_states_alone_have_the_same_bits(lstm):
    run, states = lstm.forward(), lstm.forward(keep="states")
    assert all(np.array_equal(states[name], run[name]) for name in states)


def test_equal_lengths_are_a_batch_as_any(lstm):
    whole, given = np.full(B, T), lstm.cotangents()
    run, plain = lstm.forward(lengths=whole), lstm.forward(lengths=None)
    assert not isinstance(plain, type(run))
    np.testing.assert_allclose(run["h"], plain["h"], **CLOSE)
    for name, array in lstm.cell.backward(lstm.params, plain, given).params.items():
        np.testing.assert_allclose(lstm.cell.backward(lstm.params, run, given).params[name], array, **CLOSE)


def test_batch_first_is_the_same_with_axes_exchanged(lstm):
    resets = lstm.rng.random((T, B)) < 0.3
    run, given = lstm.forward(resets=resets), lstm.cotangents()
    x = {name: np.swapaxes(array, 0, 1) for name, array in lstm.padded(lstm.x).items()}
    turned = lstm.cell.forward(lstm.params, x, lengths=LENGTHS, resets=resets.T, initial=lstm.initial, batch_first=True)
    grads = lstm.cell.backward(lstm.params, run, given)
    swapped = lstm.cell.backward(lstm.params, turned, {name: np.swapaxes(a, 0, 1) for name, a in given.items()})
    assert np.array_equal(turned["h"], np.swapaxes(run["h"], 0, 1))
    assert np.array_equal(swapped.x, np.swapaxes(grads.x, 0, 1))
    assert np.array_equal(swapped.params["W_i"], grads.params["W_i"])


def test_cotangents_at_the_end_of_each_sequence_and_at_times_of_its_own(lstm):
    run, dh = lstm.forward(), lstm.rng.standard_normal((B, 4))
    grads = lstm.cell.backward(lstm.params, run, {"h": dh})
    dense = np.zeros((T, B, 4))
    for b, length in enumerate(LENGTHS):
        if length:
            dense[length - 1, b] = dh[b]
    same = lstm.cell.backward(lstm.params, run, {"h": dense})
    assert np.array_equal(grads.params["W_i"], same.params["W_i"])
    assert np.array_equal(grads.x, same.x)
    # A sequence without steps ends with its initial state.
    assert np.array_equal(grads.initial["h"][0, 2], dh[2])
    assert not same.initial["h"][0, 2].any()

    some = LENGTHS > 0
    few = lstm.cell.forward(lstm.params, lstm.x["x"][:, some], lengths=LENGTHS[some])
    times, values = np.array([[0, 0, 2, 0], [-1, -2, -1, -1]]), lstm.rng.standard_normal((2, 4, 4))
    dense = np.zeros((T, 4, 4))
    np.add.at(dense, (np.where(times < 0, times + LENGTHS[some], times), np.arange(4)), values)
    one, other = (lstm.cell.backward(lstm.params, few, {"h": given}) for given in ((times, values), dense))
    np.testing.assert_allclose(one.x, other.x, **CLOSE)
    with pytest.raises(ArgumentError, match=r"times\[0, 3\] is 1, but sequence 3 has 1 steps"):
        lstm.cell.backward(lstm.params, few, {"h": (np.array([[0, 0, 2, 1]]), values[:1])})


def test_the_same_cotangents_of_a_batch_of_one_length(lstm):
    run, dh = lstm.forward(lengths=None), lstm.rng.standard_normal((B, 4))
    ends = lstm.cell.backward(lstm.params, run, {"h": dh})
    last = lstm.cell.backward(lstm.params, run, {"h": ([-1], dh[None])})
    of_each = lstm.cell.backward(lstm.params, run, {"h": (np.full((1, B), -1), dh[None])})
    assert ends == last == of_each


def test_a_run_and_its_gradients_are_objects_as_any(lstm):
    run, given = lstm.forward(), lstm.cotangents()
    grads = lstm.cell.backward(lstm.params, run, given)
    again = pickle.loads(pickle.dumps(run))
    assert again == run == copy.deepcopy(run)
    assert pickle.loads(pickle.dumps(grads)) == grads
    assert lstm.cell.backward(lstm.params, again, given) == grads
    assert run != lstm.forward(lengths=np.array([7, 3, 0, 3, 2]))
    assert run.lengths.tolist() == LENGTHS.tolist()
    assert "7 steps" in repr(run)
    assert "<table" in run._repr_html_()


def test_a_workspace_serves_ragged_calls(lstm):
    space, given = gs.Workspace(), lstm.cotangents()
    run = lstm.forward(workspace=space)
    grads = lstm.cell.backward(lstm.params, run, given, workspace=space)
    assert run == lstm.forward()
    assert grads == lstm.cell.backward(lstm.params, lstm.forward(), given)
    lstm.forward(workspace=space)
    with pytest.raises(ArgumentError, match="later call has used"):
        run["h"]


def test_little_memory_for_work_changes_no_adjoint(lstm, monkeypatch):
    run, given = lstm.forward(), lstm.cotangents()
    whole = lstm.cell.backward(lstm.params, run, given)
    monkeypatch.setattr("gatedsym.execution.backward._WORK", 1)
    monkeypatch.setattr("gatedsym.execution.ragged.forward.rows_together", lambda batch, weights: 2)
    parts = lstm.cell.backward(lstm.params, lstm.forward(), given)
    np.testing.assert_allclose(parts.x, whole.x, **CLOSE)
    for name, array in whole.params.items():
        np.testing.assert_allclose(parts.params[name], array, **CLOSE)


def test_whole_numbers_in_the_padding_need_not_be_exact(lstm):
    x = {"x": np.ones((T, B, 3), np.int64)}
    x["x"][6, 3] = 2**53 + 1
    run = lstm.cell.forward(lstm.params, x, lengths=LENGTHS)
    assert np.isfinite(run["h"]).all()
    with pytest.raises(ArgumentError, match="x is int64 and holds numbers that float64 does not hold exactly"):
        lstm.cell.forward(lstm.params, x, lengths=np.full(B, T))


def test_numbers_in_the_padding_are_in_no_domain_s_way():
    ragged = Ragged(plain_cell("zoneout_lstm"))
    for name in ragged.cell.interface.domains:
        ragged.x[name] = (ragged.x[name] > 0).astype(float)
    ragged.forward()
    ragged.x[name][2, 1, 0] = 0.5
    with pytest.raises(ArgumentError, match=r"\[2, 1, 0\] is 0.5"):
        ragged.forward()


REFUSED = [
    ({"lengths": [7, 3, 8, 3, 1]}, r"lengths\[2\] is 8; there are 7 steps, so give one of 0 … 7\."),
    ({"lengths": [7, -1, 0, 3, 1]}, r"lengths\[1\] is -1; there are 7 steps, so give one of 0 … 7\."),
    ({"lengths": [7.0, 3.0, 0.0, 3.0, 1.0]}, r"lengths is float64; it must be integers, the number of steps of each"),
    ({"lengths": [True] * B}, r"lengths is bool; it must be integers"),
    ({"lengths": [7, 3]}, r"lengths has shape \(2,\); it must be \(5,\), one for each sequence\."),
    ({"lengths": 3}, r"lengths has shape \(\); it must be \(5,\)"),
    ({"resets": np.zeros((T, B))}, r"resets is float64; it must be booleans, True where an episode begins\."),
    ({"resets": np.zeros((B, T), bool)}, r"resets has shape \(5, 7\); it must be \(7, 5\), one for each step\."),
]


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED)
def test_lengths_and_resets_that_do_not_fit_are_refused_in_a_sentence(lstm, arguments, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        lstm.cell.forward(lstm.params, lstm.x, **arguments)


def test_a_padded_batch_with_cotangents_that_end_has_the_adjoints_of_lines_of_each_sequence(lstm):
    given, run = lstm.cotangents(), lstm.forward(lengths=None)
    ended = {name: np.where(over(LENGTHS, array), 0, array) for name, array in given.items()}
    found, length = lstm.cell.backward(lstm.params, run, ended).locals["i"], LENGTHS[1]
    one = lstm.alone(1, 0, length)
    alone = lstm.cell.backward(lstm.params, one, {n: array[:length, 1:2] for n, array in given.items()}).locals["i"]
    np.testing.assert_allclose(found[:length, 1:2], alone, **CLOSE)
    assert not found[length:, 1].any()


@pytest.mark.parametrize("name", ["lstm", "tau_gru_delayed_input"])
@pytest.mark.parametrize("with_resets", [False, True])
def test_the_final_states_carry_every_sequence_on(name, with_resets):
    ragged = Ragged(plain_cell(name), seed=2)
    cut, resets = 4, ragged.rng.random((T, B)) < 0.3
    # An episode that begins with a chunk takes the chunk's initial state, which is carried on.
    resets[cut:] = False
    chosen = {"resets": resets} if with_resets else {}
    whole = ragged.forward(**chosen)
    first = {key: array[:cut] for key, array in ragged.x.items()}
    second = {key: array[cut:] for key, array in ragged.x.items()}
    cell, lengths = ragged.cell, np.minimum(LENGTHS, cut)
    chosen = {"resets": resets[:cut]} if with_resets else {}
    begun = cell.forward(ragged.params, first, lengths=lengths, initial=ragged.initial, **chosen)
    rest = cell.forward(ragged.params, second, lengths=np.maximum(LENGTHS - cut, 0), initial=begun.final)
    for key in cell.states:
        np.testing.assert_allclose(np.concatenate([begun[key], rest[key][1:]]), whole[key], **CLOSE)
        np.testing.assert_allclose(rest.final[key], whole.final[key], **CLOSE)


def test_the_final_states_of_a_batch_of_one_length_are_copies(lstm):
    space = gs.Workspace()
    run = lstm.forward(lengths=None, workspace=space)
    final, last = run.final, np.array(run["h"][-1])
    lstm.cell.forward(lstm.params, np.zeros((T, B, 3)), workspace=space)
    assert np.array_equal(final["h"], last)
    assert final["h"].shape == (B, 4)
