"""Time against length and batch: the cost of a step of a sequence does not depend on how many there are."""

from __future__ import annotations

from gatedsym.bench.compare import Progress
from gatedsym.bench.libraries import OURS
from gatedsym.bench.points import BOTH, FORWARD, Point
from gatedsym.bench.processes import Workers
from gatedsym.bench.table import Table, milliseconds, threads_words

LENGTHS, BATCHES = (100, 1_000, 10_000, 100_000), (1, 16, 64, 256, 1024)
HIDDEN, STEPS, TURNS = 64, 100, 3


def scaling(cell: str = "lstm", *, threads: int, dtype: str = "float32", progress: Progress | None = None) -> Table:
    """Time of one step of one sequence for lengths up to 10⁵ and batches up to 1024.

    Parameters
    ----------
    cell : str
    threads : int
    dtype : {"float32", "float64"}
    progress : callable, optional
    """
    points = [Point(cell, dtype, steps, 1, HIDDEN) for steps in LENGTHS]
    points += [Point(cell, dtype, STEPS, batch, HIDDEN) for batch in BATCHES]
    cost = [p.steps * p.batch + 20_000 for p in points]
    rows = []
    with Workers([OURS], threads) as workers:
        for number, point in enumerate(points):
            if progress is not None:
                progress(sum(cost[:number]) / sum(cost), point.words)
            workers.prepare(point)
            seconds = [min(workers.measure(OURS, m, dtype) for _ in range(TURNS)) for m in (FORWARD, BOTH)]
            each = [f"{1e9 * s / (point.steps * point.batch):.0f}" for s in seconds]
            rows.append([f"{point.steps:,}", f"{point.batch:,}", *map(milliseconds, seconds), *each])
    if progress is not None:
        progress(1.0, "done")
    head = ("T", "B", f"{FORWARD}, ms", f"{BOTH}, ms", f"{FORWARD}, ns / (T B)", f"{BOTH}, ns / (T B)")
    note = f"{cell}, {dtype}, n = {HIDDEN}, {threads_words(threads)}; the least of {TURNS} medians"
    return Table("scaling", head, rows, note)
