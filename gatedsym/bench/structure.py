"""Times of a cell beside what its structure allows: products at their peak, arrays at the memory's rate.

The two are added, as if neither went on during the other. Functions, sums and the recurrence itself count nothing: a
ratio of 1 says that they take no time beside the rest.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from contextlib import ExitStack

from gatedsym.bench.compare import Progress
from gatedsym.bench.libraries import OURS
from gatedsym.bench.machine import warn_if_busy
from gatedsym.bench.operations import count_operations
from gatedsym.bench.points import JOINED, MEASURES, Point
from gatedsym.bench.processes import Workers
from gatedsym.bench.table import Table, milliseconds, threads_words
from gatedsym.bench.traffic import count_bytes
from gatedsym.bench.worker import BANDWIDTH, PEAK

CELLS = ("lstm", "lstm+lstm", "sru", "min_gru", "qrnn", "s5", "lru")
"""A recurrence with products in its loop, two layers of it, and recurrences with all products around them."""

STEPS, BATCH, HIDDEN, TURNS = 100, 32, 128, 9


def structure(
    cells: Sequence[str] = (), *, threads: int, dtype: str = "float32", progress: Progress | None = None
) -> Table:
    """Time cells beside what their operations and bytes allow.

    Parameters
    ----------
    cells : sequence of str
        Of the library, or stacks of these with + between layers; by default `CELLS`.
    threads : int
    dtype : {"float32", "float64"}
    progress : callable, optional

    Returns
    -------
    Table
        Medians of turns that the cells take, each in a process of its own; a stack beside its layers alone, too.
    """
    chosen = tuple(cells) or CELLS
    layers = [layer for name in chosen if JOINED in name for layer in name.split(JOINED)]
    points = [Point(name, dtype, STEPS, BATCH, HIDDEN) for name in dict.fromkeys((*chosen, *layers))]
    found = _measure(points, threads, progress)
    rows = [_row(point, measure, found) for point in points if point.cell in chosen for measure in MEASURES]
    if progress is not None:
        progress(1.0, "done")
    head = ("cell", "", "10⁶ multiply-adds", "MB", "allowed, ms", "ms", "ratio", "of its layers")
    note = f"T = {STEPS}, B = {BATCH}, m = n = {HIDDEN}, {dtype}, {threads_words(threads)}; medians of {TURNS} turns"
    return Table("structure", head, rows, "\n".join(line for line in (note, warn_if_busy()) if line))


_Measured = dict[str, dict[str, float]]
"""For each cell the median of what was measured."""


def _measure(points: Sequence[Point], threads: int, progress: Progress | None) -> _Measured:
    kinds = (*MEASURES, PEAK, BANDWIDTH)
    turns: dict[str, dict[str, list[float]]] = {p.cell: {kind: [] for kind in kinds} for p in points}
    with ExitStack() as stack:
        workers = {p.cell: stack.enter_context(Workers([OURS], threads)) for p in points}
        for number, point in enumerate(points):
            if progress is not None:
                progress(0.5 * number / len(points), point.words)
            workers[point.cell].prepare(point)
        for turn in range(TURNS):
            if progress is not None:
                progress(0.5 + 0.5 * turn / TURNS, f"turn {turn + 1} of {TURNS}")
            for point in points:
                for kind in kinds:
                    turns[point.cell][kind].append(workers[point.cell].measure(OURS, kind, point.dtype))
    return {cell: {kind: statistics.median(values) for kind, values in own.items()} for cell, own in turns.items()}


def _row(point: Point, measure: str, found: _Measured) -> list[str]:
    seconds, layers = found[point.cell][measure], point.cell.split(JOINED)
    work, traffic = count_operations(point).multiply_adds[measure], count_bytes(point)[measure]
    # What the machine can do is the best that any of the processes has met.
    peak, bandwidth = (max(values[kind] for values in found.values()) for kind in (PEAK, BANDWIDTH))
    allowed = work / peak + traffic / bandwidth
    alone = f"{seconds / sum(found[layer][measure] for layer in layers):.2f}" if len(layers) > 1 else "-"
    times = (milliseconds(allowed), milliseconds(seconds), f"{seconds / allowed:.2f}")
    return [point.cell, measure, f"{work / 1e6:.0f}", f"{traffic / 1e6:.1f}", *times, alone]
