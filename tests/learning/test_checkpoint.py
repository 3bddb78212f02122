"""A run that was killed goes on from its checkpoint, and ends with the bits of one that was not."""

import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.errors import DataError
from gatedsym.learning.archive import unpack
from gatedsym.learning.course import SCHEMA

TASK = gs.tasks.adding(T=8)
OPTIONS = {"updates": 30, "rate": 1e-2, "batch": 8, "held_out": 64, "every": 5, "probes": [3, 17]}

SCRIPT = """
import sys, time
import gatedsym as gs
task = gs.tasks.adding(T=8)
def slow(fraction, text):
    time.sleep(0.02)
net = gs.Network("gru", task, n=4, dtype="float64")
gs.learn(net, task, updates=30, rate=1e-2, batch=8, held_out=64, every=5, probes=[3, 17], checkpoint=sys.argv[1],
         progress=slow)
"""


def network():
    return gs.Network("gru", TASK, n=4, dtype="float64")


def test_a_killed_run_goes_on_bit_for_bit(tmp_path):
    path = tmp_path / "run.npz"
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, str(path)])
    while not path.exists() and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    reached = unpack(path, SCHEMA)[0]["update"]
    assert 5 <= reached <= 30
    net, whole = network(), network()
    resumed = gs.learn(net, TASK, **OPTIONS, checkpoint=path)
    assert resumed == gs.learn(whole, TASK, **OPTIONS)
    np.testing.assert_array_equal(net.theta, whole.theta)


def test_an_interrupted_run_loses_what_came_since_its_last_checkpoint(tmp_path):
    path, net = tmp_path / "run.npz", network()

    def interrupt(fraction, text):
        if fraction > 0.6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        gs.learn(net, TASK, **OPTIONS, checkpoint=path, progress=interrupt)
    assert unpack(path, SCHEMA)[0]["update"] == 15
    again = gs.learn(network(), TASK, **OPTIONS, checkpoint=path)
    assert again == gs.learn(network(), TASK, **OPTIONS)


def test_a_run_that_ended_is_not_made_again(tmp_path):
    path, told = tmp_path / "run.npz", []
    first = gs.learn(network(), TASK, **OPTIONS, checkpoint=path)
    again = gs.learn(network(), TASK, **OPTIONS, checkpoint=path, progress=lambda *a: told.append(a))
    assert again == first
    assert not told


def test_another_run_s_checkpoint_is_refused(tmp_path):
    path = tmp_path / "run.npz"
    gs.learn(network(), TASK, **OPTIONS, checkpoint=path)
    with pytest.raises(DataError, match="of a run with another rate"):
        gs.learn(network(), TASK, **{**OPTIONS, "rate": 2e-2}, checkpoint=path)
    path.write_bytes(b"PK nothing")
    with pytest.raises(DataError, match="damaged"):
        gs.learn(network(), TASK, **OPTIONS, checkpoint=path)
