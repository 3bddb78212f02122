"""Hessian–vector products through time, timed beside forward + backward of the same cell."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from gatedsym.bench.compare import Progress
from gatedsym.bench.libraries import OURS
from gatedsym.bench.points import BOTH, SECOND, Point
from gatedsym.bench.processes import Workers
from gatedsym.bench.table import Table, geometric_mean, milliseconds, threads_words

CELLS = ("rnn", "lstm", "gru", "indrnn", "lem", "rhn", "lmu", "slstm", "mlstm", "qrnn")
"""A product alone, gates, products after each other, no product, micro-steps, fixed arrays, a maximum, a matrix state,
a delayed input."""

STEPS, BATCH, HIDDEN, TURNS = 100, 16, 64, 7


def second(
    cells: Sequence[str] = (), *, threads: int, dtype: str = "float32", progress: Progress | None = None
) -> Table:
    """Time `Cell.hessian_product` along a direction of all parameters, with every result.

    Parameters
    ----------
    cells : sequence of str
        Of the library; by default `CELLS`.
    threads : int
    dtype : {"float32", "float64"}
    progress : callable, optional

    Returns
    -------
    Table
        Medians of interleaved turns, the median of the ratios of each turn, and the geometric mean of these.
    """
    chosen = tuple(cells) or CELLS
    rows, ratios = [], []
    with Workers([OURS], threads) as workers:
        for number, cell in enumerate(chosen):
            point = Point(cell, dtype, STEPS, BATCH, HIDDEN)
            if progress is not None:
                progress(number / len(chosen), point.words)
            workers.prepare_second(point)
            turns = [[workers.measure(OURS, what, dtype) for what in (BOTH, SECOND)] for _ in range(TURNS)]
            both, product = (statistics.median(turn[n] for turn in turns) for n in (0, 1))
            ratios.append(statistics.median(turn[1] / turn[0] for turn in turns))
            rows.append([cell, milliseconds(both), milliseconds(product), f"{ratios[-1]:.2f}"])
    if progress is not None:
        progress(1.0, "done")
    rows.append(["geometric mean", "-", "-", f"{geometric_mean(ratios):.2f}"])
    note = f"T = {STEPS}, B = {BATCH}, n = {HIDDEN}, {dtype}, {threads_words(threads)}; medians of {TURNS} turns"
    return Table("second", ("cell", f"{BOTH}, ms", f"{SECOND}, ms", "ratio"), rows, note)
