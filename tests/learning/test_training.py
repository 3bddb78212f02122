"""Training: what is learnt, frozen, probed; how a run ends; what a history holds."""

import pickle

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import ArgumentError, DataError, LearningWarning
from gatedsym.learning.history import History
from gatedsym.learning.recipe import probe_updates

TASK = gs.tasks.adding(T=8)


def network(cell="gru", **options):
    return gs.Network(cell, TASK, **{"n": 4, "dtype": "float64", **options})


def learn(net, **options):
    return gs.learn(net, TASK, **{"updates": 12, "rate": 1e-2, "batch": 8, "held_out": 64, "probes": [6], **options})


def test_a_short_task_is_learnt():
    task = gs.tasks.adding(T=3)
    net = gs.Network("gru", task, n=8, dtype="float64")
    hist = gs.learn(net, task, updates=400, rate=2e-2, probes=0, every=100)
    assert hist["held_out_loss"].values[-1] < task.plateaus[0].value / 2 < hist["held_out_loss"].values[0]
    assert (hist["skill"].values[-1] > 0.7).all()


def test_a_run_is_the_updates_written_out():
    net, other = network(), network()
    learn(net, updates=3, clip=None, probes=0)
    optimiser, moments = gs.optimisers.Adam(), np.zeros((2, other.theta.size))
    from gatedsym.learning.clipping import Clipped

    for update in (1, 2, 3):
        other.gradient(TASK.batch(update - 1, 8, dtype="float64"))
        optimiser.step(other.theta, other.grad, moments, Clipped(1.0, np.inf), 1e-2, update)
    np.testing.assert_array_equal(net.theta, other.theta)


def test_what_is_frozen_does_not_move_and_all_else_does():
    net = network()
    start = {name: value.copy() for name, value in net.params.items()}
    learn(net, freeze="U_z,W_*")
    frozen = [name for name in start if name == "U_z" or name.startswith("W_")]
    for name, value in net.params.items():
        assert np.array_equal(value, start[name]) == (name in frozen), name


def test_parameters_at_a_probe_are_those_of_a_run_that_ended_there():
    net, short = network(), network()
    hist = learn(net)
    learn(short, updates=6)
    assert hist.updates == (0, 6, 12)
    np.testing.assert_array_equal(hist.network(6).theta, short.theta)
    np.testing.assert_array_equal(hist.at(0).params["U_z"], network().params["U_z"])
    np.testing.assert_array_equal(hist.at().params["U_z"], net.params["U_z"])
    with pytest.raises(ArgumentError, match=r"after update 7 were not kept: take one of 0, 6, 12"):
        hist.at(7)


def test_a_cell_of_a_probe_serves_an_analysis_and_shares_its_kernels():
    hist = learn(network())
    before, after = hist.at(0), hist.at(12)
    assert before.kernels is after.kernels
    flow = gs.gradient_flow([before, after], TASK.batch(0, 2, dtype="float64").inputs, n=4, seeds=1)
    assert list(flow.cell.values) == ["gru_at_0", "gru_at_12"]
    assert np.isfinite(flow["log10_norm"].sel(quantity="h")).all()


def test_a_probe_measures_the_gradient_by_its_definition():
    net = network("lstm")
    hist = learn(net, updates=1, probes=0)
    batch = TASK.batch(1, 32, held_out=True, dtype="float64")
    start = network("lstm")
    run = start.cell.forward(start.cell_params, batch.inputs)
    y = run["h"][-1:]
    read = start.head.forward(start.head_params, {"y": y, "target": batch.targets[-1:], "weight": batch.weights[-1:]})
    back = start.head.backward(start.head_params, read, gs.head.cotangents(read))
    norms = start.cell.flow(start.cell_params, run, {"h": back.inputs["y"][0]}).log_norm["state"] / np.log(10)
    np.testing.assert_allclose(hist["gradient"].sel(probe=0), np.median(norms, axis=1), rtol=1e-9)
    columns = np.arange(32)
    shares = np.median(norms[batch.cues[0] + 1, columns] - norms[-1], axis=0)
    np.testing.assert_allclose(hist["gradient_at_cue"].sel(probe=0).values[0], shares, rtol=1e-9)
    longest = TASK.lags.longest
    np.testing.assert_allclose(
        hist["gradient_at_lag"].sel(probe=0, lag="longest"), np.median(norms[-1 - longest] - norms[-1]), rtol=1e-9
    )
    np.testing.assert_allclose(hist["openness"].sel(probe=0, gate="f"), run["f"].mean(axis=(1, 2)), rtol=1e-9)
    blocks = start.cell.jacobian(start.cell_params, run)
    states = ("h", "c")
    whole = np.block([[blocks[f"{i}'", j][3, 0] for j in states] for i in states])
    assert 0.3 < hist["spectral_radius"].values[0] / abs(np.linalg.eigvals(whole)).max() < 3


def test_a_run_ends_early_where_it_is_good_enough_or_no_longer_better():
    hist = learn(network(), updates=40, every=5, stop=10.0)
    assert hist.ended == ("The held-out loss fell below 10 at update 5.",)
    assert hist.updates[-1] == 5
    hist = learn(network(), updates=40, every=1, patience=2, rate=5.0)
    assert "had not fallen since" in hist.ended[0]
    assert hist["loss"].size < 40


def test_a_run_that_blows_up_ends_with_its_last_good_parameters():
    net = network()
    with pytest.warns(LearningWarning, match=r"At update \d+ the loss was .* after update \d+, the last good"):
        hist = learn(net, updates=30, rate=1e200, optimiser="sgd", clip=None, probes=range(10))
    assert np.isfinite(net.theta).all()
    last = hist.updates[-1]
    assert f"after update {last}, the last good" in hist.ended[0]
    np.testing.assert_array_equal(hist.network(last).theta, net.theta)
    assert not np.isfinite(hist["loss"].values[-1]) or not np.isfinite(hist["gradient_norm"].values[-1])
    assert np.isfinite(hist["loss"].values[:-1]).all()


def test_a_history_saves_loads_and_compares(tmp_path):
    hist = learn(network())
    hist.save(tmp_path / "run.nc")
    back = History.load(tmp_path / "run.nc")
    assert back == hist == pickle.loads(pickle.dumps(hist))
    np.testing.assert_array_equal(back.at(6).params["U_z"], hist.at(6).params["U_z"])
    content = bytearray((tmp_path / "run.nc").read_bytes())
    place = content.find(hist["theta"].values[1].tobytes()[:8])
    content[place] ^= 1
    (tmp_path / "run.nc").write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        History.load(tmp_path / "run.nc")


@pytest.mark.long
def test_seeds_beside_each_other_are_the_runs_one_by_one():
    template = network()
    hist = learn(template, seeds=[3, 5], updates=4, probes=[2])
    assert hist.seeds == (3, 5)
    assert template == network()
    alone = network(seed=5)
    single = learn(alone, updates=4, probes=[2], batch_seed=5)
    np.testing.assert_array_equal(hist.at(4, seed=5).params["U_z"], single.at(4).params["U_z"])
    np.testing.assert_array_equal(hist["loss"].sel(seed=5), single["loss"])
    with pytest.raises(ArgumentError, match="have the seeds 3, 5; name one"):
        hist.at(4)


def test_progress_is_told_with_loss_and_gradient():
    told = []
    learn(network(), progress=lambda fraction, text: told.append((fraction, text)))
    assert told[-1][0] == 1.0
    assert "update 12: loss" in told[-1][1]
    assert "gradient" in told[-1][1]


def test_probes_are_spaced_in_the_logarithm_and_at_tenths():
    found = probe_updates(3000, None)
    assert {0, 1, 300, 1500, 3000} <= set(found)
    assert sum(u <= 50 for u in found) >= 8
    assert probe_updates(100, 3) == (0, 1, 10, 100)
    with pytest.raises(ArgumentError, match="probes has 200"):
        probe_updates(100, [200])


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"rate": 0}, "rate=0 must be a positive number"),
        ({"updates": 0}, "updates=0"),
        ({"freeze": "Q_*"}, "no parameter of the network"),
        ({"seeds": [1, 1]}, "names one twice"),
        ({"stop": -1}, "stop=-1"),
    ],
)
def test_arguments_that_cannot_be_used_are_refused(options, sentence):
    with pytest.raises(ArgumentError, match=sentence):
        learn(network(), **options)


def test_a_task_of_another_form_is_refused():
    with pytest.raises(ArgumentError, match="was made for a task of 2 numbers a step"):
        gs.learn(network(), gs.tasks.recall(T=8))
    gs.learn(network(), gs.tasks.adding(T=5), updates=1, probes=0)


@pytest.mark.long
def test_seeds_keep_checkpoints_of_their_own_and_may_end_at_different_updates(tmp_path):
    options = {"updates": 30, "every": 5, "stop": 0.3, "probes": [10], "seeds": range(3)}
    hist = learn(network(), **options, checkpoint=tmp_path / "run.npz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run-0.npz", "run-1.npz", "run-2.npz"]
    lengths = [int(np.isfinite(hist["loss"].sel(seed=seed)).sum()) for seed in hist.seeds]
    assert len(set(lengths)) > 1
    for seed, length in zip(hist.seeds, lengths, strict=True):
        assert hist.at(seed=seed).name == f"gru_{seed}_at_{length}"
    assert learn(network(), **options, checkpoint=tmp_path / "run.npz") == hist
    hist.save(tmp_path / "all.nc")
    assert History.load(tmp_path / "all.nc") == hist


def test_what_is_no_task_is_refused_and_a_bias_that_there_is_not():
    with pytest.raises(ArgumentError, match=r"task is 'adding': give a task"):
        gs.Network("gru", "adding", n=4)
    with pytest.raises(ArgumentError, match="leave retention= out"):
        gs.Network("rnn", TASK, n=4, retention=1.0)
    hist = learn(network(), probes=0)
    with pytest.raises(ArgumentError, match="leave retention= out"):
        gs.Network(hist.at(12), TASK, n=4, retention=1.0)
    with pytest.raises(ArgumentError, match="those of one layer: give layers=1"):
        gs.Network(hist.at(12), TASK, n=4, layers=2)
    again = gs.Network(hist.at(12), TASK, n=4, dtype="float64")
    np.testing.assert_array_equal(again.params["U_z"], hist.at(12).params["U_z"])
