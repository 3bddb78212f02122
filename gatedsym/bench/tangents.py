"""All k = n tangents of a trajectory at once, against jax's jvp of the same scan."""

from __future__ import annotations

from gatedsym.bench.compare import Progress
from gatedsym.bench.libraries import OURS, read_peers
from gatedsym.bench.points import CELLS, TANGENT, Point
from gatedsym.bench.processes import Workers
from gatedsym.bench.table import Table, milliseconds, threads_words
from gatedsym.errors import GatedsymError

STEPS, HIDDEN = 2000, 256


def tangents(
    *, threads: int, steps: int = STEPS, hidden: int = HIDDEN, dtype: str = "float64", progress: Progress | None = None
) -> Table:
    """Time n directions of h carried through every step of one sequence, as Lyapunov spectra need them.

    Parameters
    ----------
    threads, steps, hidden : int
    dtype : {"float32", "float64"}
    progress : callable, optional
    """
    peers, skipped = read_peers(["jax"])
    rows = []
    with Workers([OURS, *peers], threads) as workers:
        for number, cell in enumerate(CELLS):
            point = Point(cell, dtype, steps, 1, hidden)
            if progress is not None:
                progress(number / len(CELLS), point.words)
            seconds: dict[str, float] = {}
            for library in (OURS, *peers):
                try:
                    workers.prepare_tangents(library, point)
                    seconds[library] = workers.measure(library, TANGENT, dtype)
                except GatedsymError as error:
                    if library == OURS:
                        raise
                    skipped[library] = str(error)
            theirs = seconds.get("jax")
            ratio = "-" if theirs is None else f"{theirs / seconds[OURS]:.2f}"
            rows.append([cell, milliseconds(seconds[OURS]), "-" if theirs is None else milliseconds(theirs), ratio])
    if progress is not None:
        progress(1.0, "done")
    note = f"n = k = {hidden}, T = {steps:,}, one sequence, {dtype}, {threads_words(threads)}"
    lines = [note, *(f"jax: {why}" for why in skipped.values())]
    return Table("tangents", ("cell", "ours, ms", "jax, ms", "ratio"), rows, "\n".join(lines))
