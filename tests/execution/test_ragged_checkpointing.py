"""Gradients of runs of unlike lengths in little memory are those of the whole run."""

import numpy as np
import pytest
from reference.ragged import CLOSE, LENGTHS, B, Ragged, T, plain_cell

import gatedsym as gs
from gatedsym.errors import ArgumentError
from gatedsym.execution.ragged.forward import RaggedRun

ALL = ("params", "inputs", "states", "trajectory")


def assert_equal_gradients(found, expected, run, cell):
    for group in ("params", "inputs", "states", "initial"):
        own, other = getattr(found, group), getattr(expected, group)
        assert own.keys() == other.keys()
        for name in own:
            np.testing.assert_allclose(own[name], other[name], **CLOSE, err_msg=f"{group} {name}")
    for name in (*cell.states, *cell.outputs):
        assert np.array_equal(found.trajectory[name], run[name])


@pytest.mark.parametrize("name", ["lstm", "tau_gru_delayed_input", "echo_state", "fast_weights", "feed_forward_gate"])
@pytest.mark.parametrize("with_resets", [False, True])
@pytest.mark.parametrize("segments", [1, "sqrt", T])
def test_gradients_are_those_of_the_whole_run(name, with_resets, segments):
    ragged = Ragged(plain_cell(name), seed=3)
    resets = ragged.rng.random((T, B)) < 0.4
    chosen = {"resets": resets} if with_resets else {}
    run, given, cell = ragged.forward(**chosen), ragged.cotangents(), ragged.cell
    expected = cell.backward(ragged.params, run, ragged.padded(given))
    found = cell.gradients(
        ragged.params,
        ragged.padded(ragged.x),
        ragged.padded(given),
        initial=ragged.initial,
        lengths=LENGTHS,
        segments=segments,
        returns=ALL,
        **chosen,
    )
    assert_equal_gradients(found, expected, run, cell)


@pytest.fixture(scope="module")
def lstm():
    return Ragged(plain_cell("lstm"))


def gradients(ragged, given, **options):
    x = ragged.padded(ragged.x)
    return ragged.cell.gradients(
        ragged.params, x, given, initial=ragged.initial, lengths=LENGTHS, returns=ALL, **options
    )


@pytest.mark.parametrize("times", ["ends", "of all", "of each"])
def test_cotangents_at_times_fall_into_their_segments(lstm, times):
    values = lstm.rng.standard_normal((3, B, 4))
    given = {
        "ends": {"h": values[0]},
        "of all": {"c": (np.array([5, 0, 0]), values)},
        "of each": {
            "h": (np.array([[0, 0, 0, 0, 0], [-1, 2, -1, -1, -1], [3, -1, 0, 2, 0]])[:, [0, 1, 3, 4]], values[:, :4])
        },
    }[times]
    if times == "of each":
        some = LENGTHS > 0
        x, initial = lstm.x["x"][:, some], {name: array[:, some] for name, array in lstm.initial.items()}
        run = lstm.cell.forward(lstm.params, x, initial=initial, lengths=LENGTHS[some])
        found = lstm.cell.gradients(
            lstm.params, x, given, initial=initial, lengths=LENGTHS[some], segments=3, returns=ALL
        )
    else:
        run, found = lstm.forward(), gradients(lstm, given, segments=3)
    assert_equal_gradients(found, lstm.cell.backward(lstm.params, run, given), run, lstm.cell)


def test_a_callable_sees_each_segment_with_the_lengths_that_are_left(lstm):
    given, seen = lstm.cotangents(), []

    def asked(run, start, stop):
        seen.append((start, stop, run.lengths.tolist()))
        assert isinstance(run, RaggedRun)
        return {name: array[start:stop] for name, array in given.items()} if start < 6 else None

    found = gradients(lstm, asked, segments=3)
    ended = {name: np.where(np.arange(T)[:, None, None] < 6, array, 0) for name, array in given.items()}
    expected = lstm.cell.backward(lstm.params, lstm.forward(), ended)
    assert_equal_gradients(found, expected, lstm.forward(), lstm.cell)
    assert seen == [(6, 7, [1, 0, 0, 0, 0]), (3, 6, [3, 0, 0, 0, 0]), (0, 3, [3, 3, 0, 3, 1])]


def test_batch_first_and_a_workspace_change_nothing(lstm):
    given, space = lstm.cotangents(), gs.Workspace()
    expected = gradients(lstm, given)
    resets = np.zeros((T, B), bool)

    def turned(arrays):
        return {name: np.swapaxes(array, 0, 1) for name, array in arrays.items()}

    for _ in range(2):
        found = lstm.cell.gradients(
            lstm.params,
            turned(lstm.padded(lstm.x)),
            turned(given),
            initial=lstm.initial,
            lengths=LENGTHS,
            resets=resets.T,
            returns=ALL,
            batch_first=True,
            workspace=space,
        )
        assert np.array_equal(found.x, np.swapaxes(expected.x, 0, 1))
        assert np.array_equal(found.trajectory["h"], np.swapaxes(expected.trajectory["h"], 0, 1))
        assert np.array_equal(found.params["W_i"], expected.params["W_i"])


def test_only_what_is_asked_for_is_there_and_the_rest_takes_no_memory(lstm):
    found = lstm.cell.gradients(lstm.params, lstm.padded(lstm.x), {"h": np.ones((B, 4))}, lengths=LENGTHS)
    assert set(found.groups("params", "inputs", "states", "initial")) == {"params", "initial"}


def test_lengths_times_and_numbers_are_checked_as_in_forward(lstm):
    with pytest.raises(ArgumentError, match=r"lengths\[0\] is 8; there are 7 steps"):
        lstm.cell.gradients(lstm.params, lstm.x, {"h": np.ones((B, 4))}, lengths=[8, 1, 1, 1, 1])
    with pytest.raises(ArgumentError, match=r"times\[0, 1\] is 5, but sequence 1 has 3 steps"):
        gradients(lstm, {"h": (np.array([[0, 5, 0, 0, 0]]), np.ones((1, B, 4)))})
    whole = {"x": np.full((T, B, 3), 2**60 + 1)}
    with pytest.raises(ArgumentError, match="x is int64 and holds numbers that float64 does not"):
        lstm.cell.gradients(lstm.params, whole, {"h": np.ones((B, 4))}, lengths=LENGTHS)
