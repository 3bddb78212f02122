"""Experiments of no cost for tests of sweeps: modules that processes beside a test can import."""

import os
import signal
import time
from pathlib import Path

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError, DataError


def note(point):
    """Count calls, by a file each, where a point names a folder."""
    if folder := os.environ.get("CHEAP_CALLS"):
        (Path(folder) / f"{point['a']}-{point['b']}-{os.getpid()}-{time.monotonic_ns()}").touch()


def product_of_two(point):
    """Two numbers and an array, after a while."""
    note(point)
    time.sleep(float(os.environ.get("CHEAP_SECONDS", "0")))
    return {"product": point["a"] * point["b"], "name": f"{point['a']}x{point['b']}", "several": np.arange(3.0)}


def refuses_some(point):
    """A refusal for a = 2, an error for a = 3, and nothing that can be kept for a = 4."""
    note(point)
    if point["a"] == 2:
        raise ArgumentError("2 makes no sense: take another.")
    if point["a"] == 3:
        raise ZeroDivisionError("once more")
    return {"value": object() if point["a"] == 4 else 1.0}


def ends_its_process(point):
    """A process that is killed in the middle, as where memory is short."""
    if point["a"] == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": float(point["a"])}


def labelled(point):
    """A dataset whose dimension is longer for larger a."""
    lags = np.arange(point["a"])
    return xr.Dataset({"norm": ("lag", lags * 0.5 + point["b"])}, {"lag": lags}, {"unit": "1"})


def slow_product(point):
    """The product of two numbers, long enough for something to happen meanwhile."""
    time.sleep(0.5)
    return {"product": point["a"] * point["b"]}


def goes_on(point, checkpoint):
    """A run whose process is killed after five steps, and which goes on from there."""
    if not checkpoint.exists():
        checkpoint.write_text("5", "utf-8")
        os.kill(os.getpid(), signal.SIGKILL)
    return {"steps": int(checkpoint.read_text("utf-8")) + 1}


def reads_its_checkpoint(point, checkpoint):
    """A run that goes on only from a checkpoint that it can read."""
    if checkpoint.exists():
        raise DataError("the checkpoint is damaged: remove it.")
    return {"value": 1.0}
