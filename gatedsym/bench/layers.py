"""gt.Layer, timed in training: beside the cell's own calls, torch's layers, loops of its cells, and loops in its
operations."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from gatedsym.bench.compare import Progress
from gatedsym.bench.libraries import OURS
from gatedsym.bench.machine import warn_if_busy
from gatedsym.bench.points import BOTH, Point
from gatedsym.bench.processes import RefusedError, Workers
from gatedsym.bench.table import Table, milliseconds, threads_words

CELLS = ("rnn", "lstm", "gru_torch", "mgu", "lstm_peephole")
"""Three that torch has, two that it lacks."""
STEPS, BATCH, HIDDEN, TURNS = 100, 32, 128, 9
LAYER, LOOPS = "torch-gatedsym", ("torch", "torch-cells", "torch-hoisted")


def layers(
    cells: Sequence[str] = (),
    *,
    threads: int,
    sizes: tuple[int, int, int] = (STEPS, BATCH, HIDDEN),
    dtype: str = "float32",
    progress: Progress | None = None,
) -> Table:
    """Time forward + backward of layers, with gradients of parameters, inputs and initial states.

    Parameters
    ----------
    cells : sequence of str
        Of the library; by default `CELLS`.
    threads : int
    sizes : (int, int, int)
        T, B, and n, which is m too.
    dtype : {"float32", "float64"}
    progress : callable, optional

    Returns
    -------
    Table
        Medians of interleaved turns, and of the ratios of each turn; "-" where torch has no such cell.
    """
    chosen = tuple(cells) or CELLS
    rows = []
    with Workers([OURS, LAYER, *LOOPS], threads) as workers:
        for number, cell in enumerate(chosen):
            point = Point(cell, dtype, sizes[0], sizes[1], sizes[2])
            if progress is not None:
                progress(number / len(chosen), point.words)
            rows.append([cell, *_times(workers, point)])
    if progress is not None:
        progress(1.0, "done")
    head = ("cell", "cell, ms", "layer, ms", "adds, µs", "nn layer", "loop of nn cells", "loop of operations")
    note = (
        f"T = {sizes[0]}, B = {sizes[1]}, m = n = {sizes[2]}, {dtype}, {threads_words(threads)}; {BOTH}; medians of "
        f"{TURNS} turns; the last three columns: their time over the layer's"
    )
    return Table("layers", head, rows, "\n".join(line for line in (note, warn_if_busy()) if line))


def _times(workers: Workers, point: Point) -> list[str]:
    ready, _ = workers.prepare(point)
    there = [library for library in (OURS, LAYER, *LOOPS) if BOTH in ready.get(library, ())]
    turns = [{library: workers.measure(library, BOTH, point.dtype) for library in there} for _ in range(TURNS)]
    middle = {library: statistics.median(turn[library] for turn in turns) for library in there}
    if LAYER not in middle:
        raise RefusedError(f"gt.Layer cannot be timed with {point.cell}: it needs PyTorch and one output.")
    adds = statistics.median(turn[LAYER] - turn[OURS] for turn in turns)
    times = [milliseconds(middle[OURS]), milliseconds(middle[LAYER]), f"{adds * 1e6:.0f}"]
    ratios = [
        f"{statistics.median(turn[library] / turn[LAYER] for turn in turns):.2f}" if library in there else "-"
        for library in LOOPS
    ]
    return times + ratios
