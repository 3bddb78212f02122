"""Truncation: a window as long as the sequence loses nothing, shorter ones what brute force says."""

import numpy as np
import pytest
from plain_cells import PlainLSTM, PlainRNN

from gatedsym.flow import Loss, truncation, white_noise
from gatedsym.flow.numerics.vectors import cosine, flat, norm


@pytest.fixture(scope="module")
def data():
    return truncation([PlainRNN(), PlainLSTM()], white_noise(3), n=5, seeds=2, steps=12, windows=(1, 4, 5, 12), batch=2)


def test_the_whole_window_loses_nothing(data):
    whole = data.sel(window=12)
    assert float(whole["relative_error"].max()) == 0
    assert np.isclose(float(whole["cosine"].min()), 1, rtol=1e-14)
    assert float(whole["input_share"].max()) == 0


def test_shorter_windows_lose_more_of_the_input_gradient(data):
    share = data["input_share"].sel(loss="last step", cell="rnn", retention="none")
    assert np.all(np.diff(share.transpose(..., "window").values) < 0)


@pytest.mark.parametrize("at", ["last", "every"])
@pytest.mark.parametrize("k", [4, 5])
def test_truncated_gradients_are_sums_over_windows_run_one_by_one(data, at, k):
    cell, steps, seed = PlainLSTM(), 12, 1
    params = cell.init(m=3, n=5, seed=seed, dtype="float64", scheme="xavier", gain=1.0, retention=2.0, horizon=steps)
    x = white_noise(3).windows(steps, 2, seed)
    run = cell.forward(params, x)
    loss = Loss() if at == "last" else Loss("cross-entropy", "every", 10)
    times, given = loss.cotangents(run["h"][1:], seed)
    dh = np.zeros_like(run["h"][1:])
    dh[times] = given
    whole = flat(cell.backward(params, run, {"h": dh}).params)
    truncated = np.zeros_like(whole)
    for stop in range(steps, 0, -k) if at == "every" else [steps]:
        start = max(0, stop - k)
        part = cell.forward(params, x[start:stop], initial={s: run[s][start] for s in ("h", "c")})
        truncated += flat(cell.backward(params, part, {"h": dh[start:stop]}).params)
    measured = data.sel(loss=f"{at} step", cell="lstm", retention="2", seed=seed, window=k)
    assert np.isclose(float(measured["relative_error"].squeeze()), norm(whole - truncated) / norm(whole), rtol=1e-10)
    assert np.isclose(float(measured["cosine"].squeeze()), cosine(whole, truncated), rtol=1e-10)


def test_norms_neither_overflow_nor_underflow():
    assert np.isclose(norm(np.array([3e200, 4e200])), 5e200, rtol=1e-15)
    assert np.isclose(norm(np.array([3e-200, 4e-200])), 5e-200, rtol=1e-15)
    assert norm(np.zeros(3)) == 0
    assert np.isnan(cosine(np.zeros(3), np.ones(3)))


def test_an_array_that_is_given_has_its_own_steps_and_sequences():
    x = white_noise(3).windows(9, 3, 0)
    found = truncation(PlainRNN(), x, n=4, seeds=1, retention=0.0)
    assert found["window"].values.tolist() == [1, 2, 5, 9]
    assert found.attrs["batch"] == 3
    assert float(found["relative_error"].sel(window=9).max()) == 0
