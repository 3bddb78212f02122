"""The multiply-add peak of this machine, by the products' own register tile over operands in the first cache."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from gatedsym.runtime import kernel, multiply_add, pack
from gatedsym.runtime.jit.processor import VECTORS
from gatedsym.runtime.threads.pool import run_chunks

ROWS, STEPS, VECTORS_ABREAST = 8, 128, 2
SECONDS, TRIES = 0.003, 5
"""A measurement is short, so that some of them meet no interruption."""


@kernel
def _multiply_again(out: Any, a: Any, panels: Any, times: int) -> None:
    for _ in range(times):
        multiply_add(out, a, 0, len(a), panels)


class Peak:
    """The rate of multiply-adds when nothing but multiply-adds is to be done, on so many threads at once.

    Parameters
    ----------
    dtype : {"float32", "float64"}
    threads : int
    """

    def __init__(self, dtype: str, threads: int) -> None:
        columns = VECTORS_ABREAST * VECTORS.lanes(np.dtype(dtype).itemsize)
        generator = np.random.default_rng(0)
        # Small numbers: sums that grow for ever must not overflow.
        self._a = (1e-9 * generator.normal(size=(ROWS, STEPS))).astype(dtype)
        self._panels = pack((1e-9 * generator.normal(size=(STEPS, columns))).astype(dtype))
        # One result a thread, a page apart.
        self._out = [np.zeros((ROWS, columns), dtype) for _ in range(threads)]
        self._each = ROWS * STEPS * columns
        self._threads, self._times = threads, 100
        for _ in range(3):  # clocks and threads wake up meanwhile
            self._times = max(1, int(self._times * SECONDS / self._seconds()))

    def _seconds(self) -> float:
        def call(first: int, last: int) -> None:
            for k in range(first, last):
                _multiply_again(self._out[k], self._a, self._panels, self._times)

        chunks = [(k, k + 1) for k in range(self._threads)]
        run_chunks(call, chunks, self._threads)
        start = time.perf_counter()
        run_chunks(call, chunks, self._threads)
        return time.perf_counter() - start

    def rate(self) -> float:
        """Multiply-adds per second of all threads; the best of a few tries: a peak is a maximum."""
        count = self._threads * self._times * self._each
        return max(count / self._seconds() for _ in range(TRIES))
