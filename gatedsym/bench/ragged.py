"""A batch of unlike lengths, timed beside the same batch with all steps: what it costs, and what its steps would."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from gatedsym.bench.compare import Progress
from gatedsym.bench.machine import warn_if_busy
from gatedsym.bench.points import BOTH, FORWARD, Point
from gatedsym.bench.problem import Problem, make_problem
from gatedsym.bench.table import Table, milliseconds, threads_words
from gatedsym.execution.results import Run
from gatedsym.typing import Array

CELLS = ("rnn", "lstm", "gru")
STEPS, BATCHES, HIDDEN, TURNS = 100, (32, 64), (32, 128), 15


def ragged(
    cells: Sequence[str] = (),
    *,
    threads: int,
    batches: Sequence[int] = BATCHES,
    hidden: Sequence[int] = HIDDEN,
    dtype: str = "float32",
    progress: Progress | None = None,
) -> Table:
    """Time sequences whose lengths are spread evenly from 1 to T - 1, in no order: half of the steps.

    Parameters
    ----------
    cells : sequence of str
        Of the library; by default `CELLS`.
    threads : int
    batches : sequence of int
    hidden : sequence of int
    dtype : {"float32", "float64"}
    progress : callable, optional

    Returns
    -------
    Table
        Medians of interleaved turns, and the medians of the ratios of each turn beside the share of the steps: of
        lengths that every call has, and of others in each call, for which rows must be found anew.
    """
    sizes = [(batch, n) for n in hidden for batch in batches]
    points = [Point(cell, dtype, STEPS, batch, n) for cell in tuple(cells) or CELLS for batch, n in sizes]
    rows: list[list[str]] = []
    for number, point in enumerate(points):
        if progress is not None:
            progress(number / len(points), point.words)
        rows += _rows(make_problem(point), threads)
    if progress is not None:
        progress(1.0, "done")
    head = ("cell", "B", "n", "", "all steps, ms", "lengths, ms", "ratio", "new lengths, ratio", "share of the steps")
    note = f"T = {STEPS}, m = n, {dtype}, {threads_words(threads)}; medians of {TURNS} turns"
    return Table("ragged", head, rows, "\n".join(line for line in (note, warn_if_busy()) if line))


def _rows(problem: Problem, threads: int) -> list[list[str]]:
    lengths = spread_lengths(problem.point.steps, problem.point.batch)
    share = lengths.sum() / (problem.point.steps * problem.point.batch)
    anew, found = np.random.default_rng(1), list[list[str]]()
    for measure, call in ((FORWARD, _forward), (BOTH, _both)):
        calls: list[Callable[[], object]] = [partial(call, problem, threads, given) for given in (None, lengths)]
        calls.append(partial(_in_new_order, call, problem, threads, lengths, anew))
        for one in calls:
            one()
        turns = [[_seconds(one) for one in calls] for _ in range(TURNS)]
        whole, part = (statistics.median(turn[n] for turn in turns) for n in (0, 1))
        known, new = (statistics.median(turn[n] / turn[0] for turn in turns) for n in (1, 2))
        times = (milliseconds(whole), milliseconds(part), f"{known:.2f}", f"{new:.2f}", f"{share:.2f}")
        found.append([problem.point.cell, str(problem.point.batch), str(problem.point.hidden), measure, *times])
    return found


def spread_lengths(steps: int, batch: int) -> Array:
    """Lengths of so many sequences, from 1 to all but one step, in a fixed order that is no order."""
    return np.random.default_rng(0).permutation(np.linspace(1, steps - 1, batch).astype(int))


def _forward(problem: Problem, threads: int, lengths: Array | None) -> Run:
    steps, batch = (None, None) if problem.inputs else (problem.point.steps, problem.point.batch)
    return problem.cell.forward(
        problem.params,
        problem.inputs,
        initial=problem.initial,
        steps=steps,
        batch=batch,
        threads=threads,
        lengths=lengths,
    )


def _both(problem: Problem, threads: int, lengths: Array | None) -> object:
    run = _forward(problem, threads, lengths)
    return problem.cell.backward(problem.params, run, problem.cotangents, threads=threads)


def _in_new_order(
    call: Callable[[Problem, int, Array | None], object],
    problem: Problem,
    threads: int,
    lengths: Array,
    random: np.random.Generator,
) -> object:
    return call(problem, threads, random.permutation(lengths))


def _seconds(call: Callable[[], object]) -> float:
    begin = time.perf_counter()
    call()
    return time.perf_counter() - begin
