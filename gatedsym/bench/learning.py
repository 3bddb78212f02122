"""Updates of training, timed beside torch's: ours in parts, torch with its layers and with its cells in a loop."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from gatedsym.bench.compare import Progress
from gatedsym.bench.libraries import OURS, read_peers
from gatedsym.bench.machine import warn_if_busy
from gatedsym.bench.points import Point
from gatedsym.bench.processes import RefusedError, Workers
from gatedsym.bench.table import Table, milliseconds, threads_words
from gatedsym.bench.updates import BATCH, CELL, UPDATE

CELLS = ("rnn", "lstm", "gru")
SIZES = ((100, 32, 32), (200, 32, 64))
"""T, B, n."""
TURNS = 9
LAYER, LOOP = "torch", "torch-eager"


def learning(
    cells: Sequence[str] = (), *, threads: int, dtype: str = "float32", progress: Progress | None = None
) -> Table:
    """Time one update on adding: forward, readout, loss, backward, clipping by norm, Adam.

    Parameters
    ----------
    cells : sequence of str
        Of the library; by default `CELLS`. torch has rnn, lstm and gru; its GRU resets after the product, which is
        `gru_torch`.
    threads : int
        Of torch; ours take one for a network, since several are trained beside each other.
    dtype : {"float32", "float64"}
    progress : callable, optional

    Returns
    -------
    Table
        Medians of interleaved turns, and medians of the ratios of each turn. "besides" is what of an update is not the
        cell's forward and backward; a batch is made beside the update, and is told as a share of it.
    """
    peers, skipped = read_peers([LAYER, LOOP])
    points = [Point(cell, dtype, *size) for cell in tuple(cells) or CELLS for size in SIZES]
    rows = []
    with Workers([OURS, *peers], threads) as workers:
        for number, point in enumerate(points):
            if progress is not None:
                progress(number / len(points), point.words)
            rows.append(_row(workers, peers, point))
    if progress is not None:
        progress(1.0, "done")
    head = ("cell", "T", "B", "n", "ours, ms", "besides", "batch", "layer, ms", "ratio", "loop, ms", "ratio")
    notes = [f"one update on adding, {dtype}, {threads_words(threads)} of torch, one of ours; medians of {TURNS} turns"]
    notes += [f"{peer}: {why}" for peer, why in skipped.items()]
    return Table("learning", head, rows, "\n".join(line for line in (*notes, warn_if_busy()) if line))


def _row(workers: Workers, peers: Sequence[str], point: Point) -> list[str]:
    workers.prepare_learning(OURS, point)
    there = [peer for peer in peers if _is_ready(workers, peer, point)]
    asked = [(OURS, UPDATE), (OURS, CELL), (OURS, BATCH), *((peer, UPDATE) for peer in there)]
    turns = [{of: workers.measure(*of, point.dtype) for of in asked} for _ in range(TURNS)]

    def median(library: str, what: str) -> float:
        return statistics.median(turn[library, what] for turn in turns)

    def ratio(above: tuple[str, str], below: tuple[str, str]) -> float:
        return statistics.median(turn[above] / turn[below] for turn in turns)

    besides = 1 - ratio((OURS, CELL), (OURS, UPDATE))
    row = [point.cell, str(point.steps), str(point.batch), str(point.hidden), milliseconds(median(OURS, UPDATE))]
    row += [f"{100 * besides:.0f} %", f"{100 * ratio((OURS, BATCH), (OURS, UPDATE)):.0f} %"]
    for peer in (LAYER, LOOP):
        is_there = peer in there
        row.append(milliseconds(median(peer, UPDATE)) if is_there else "-")
        row.append(f"{ratio((peer, UPDATE), (OURS, UPDATE)):.2f}" if is_there else "-")
    return row


def _is_ready(workers: Workers, library: str, point: Point) -> bool:
    try:
        workers.prepare_learning(library, point)
    except RefusedError:
        return False
    return True


__all__ = ["learning"]
