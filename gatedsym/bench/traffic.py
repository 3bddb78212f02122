"""Point → the bytes that its kernels move between memory and processor, and the rate at which memory moves them."""

from __future__ import annotations

import itertools
import math
import time

import numpy as np

from gatedsym.bench.points import BOTH, FORWARD, Point
from gatedsym.bench.problem import cell_of_point, complete_sizes
from gatedsym.cells import Cell
from gatedsym.execution.kernels import CallShape, segment_buffers
from gatedsym.runtime.threads.pool import run_chunks

TRIES = 9


def count_bytes(point: Point) -> dict[str, float]:
    """For each measurement the bytes of every array that a kernel takes, once for each kernel.

    What holds the steps of a segment alone stays in the cache, as scratch memory does, and is not counted.
    """
    found, itemsize = cell_of_point(point), np.dtype(point.dtype).itemsize
    shape = CallShape(complete_sizes(found, point.hidden), point.steps, point.batch, found.interface.delays)
    bytes_of = {k: itemsize * _numbers(found, k, shape) for k in ("forward", "backward", "gradients", "finish")}
    return {FORWARD: bytes_of["forward"], BOTH: sum(bytes_of.values())}


def _numbers(found: Cell, kernel: str, shape: CallShape) -> float:
    kernels = found.kernels
    if not kernels.has(kernel):
        return 0.0
    own = {a.name for a in segment_buffers(kernels.interface.kernels, kernel)}
    shapes = kernels.plan(kernel, shape).shapes
    return float(sum(math.prod(size) for name, size in shapes.items() if name not in own))


class Bandwidth:
    """The rate at which so many bytes are read and written where nothing is computed.

    Parameters
    ----------
    size : float
        Bytes, half of them read and half of them written.
    threads : int
    """

    def __init__(self, size: float, threads: int) -> None:
        count = max(1, round(size / 16))
        self._source, self._target = np.ones(count), np.zeros(count)
        edges = [count * k // threads for k in range(threads + 1)]
        self._chunks, self._threads = list(itertools.pairwise(edges)), threads

    def rate(self) -> float:
        """Bytes per second of all threads; the best of a few tries."""

        def move(first: int, last: int) -> None:
            self._target[first:last] = self._source[first:last]

        seconds = []
        for _ in range(TRIES):
            start = time.perf_counter()
            run_chunks(move, self._chunks, self._threads)
            seconds.append(time.perf_counter() - start)
        return 2 * self._source.nbytes / min(seconds)
