"""Updates of torch's layers, timed plain and watched: what `gatedsym.torch.watch` adds to training."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

from gatedsym.bench.compare import Progress
from gatedsym.bench.libraries import read_peers
from gatedsym.bench.machine import warn_if_busy
from gatedsym.bench.table import Table, milliseconds, threads_words
from gatedsym.errors import ArgumentError
from gatedsym.expect import shown

CELLS = ("lstm", "gru_torch", "rnn")
KINDS = {"lstm": "LSTM", "gru_torch": "GRU", "rnn": "RNN"}
SIZE = (100, 32, 128)
"""T, B, n."""
EVERY, TURNS = 50, 9
HEAD = ("layer", "update, ms", "hooks at rest", "watched, ms", f"every {EVERY}", "CPU", "with weights")


def watching(
    cells: Sequence[str] = (), *, threads: int, size: tuple[int, int, int] = SIZE, turns: int = TURNS,
    progress: Progress | None = None,
) -> Table:  # fmt: skip
    """Time updates of nn.LSTM, nn.GRU and nn.RNN: forward, backward and a step of SGD, as they are and watched.

    Parameters
    ----------
    cells : sequence of str
        Of `CELLS`; all by default.
    threads : int
        Of torch; the kernels take their own.
    size : (T, B, n)
    turns : int
        Each has every kind of update once.
    progress : callable, optional

    Returns
    -------
    Table
        Medians. What watching adds at every 50th update is the difference of a watched update and a plain one, over 50
        plain ones, in time and in time of processors; what has to be compiled is compiled before.

    Raises
    ------
    ArgumentError
        For a cell that is no layer of torch's, and without torch.
    """
    chosen, rows = _chosen(cells), []
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        for number, cell in enumerate(chosen):
            if progress is not None:
                progress(number / len(chosen), cell)
            rows.append(_row(KINDS[cell], size, turns))
    finally:
        torch.set_num_threads(before)
    if progress is not None:
        progress(1.0, "done")
    steps, batch, hidden = size
    note = f"T = {steps}, B = {batch}, n = {hidden}, float32, {threads_words(threads)}; medians of {turns} turns"
    return Table("watching", HEAD, rows, "\n".join(line for line in (note, warn_if_busy()) if line))


def _chosen(cells: Sequence[str]) -> tuple[str, ...]:
    for cell in cells:
        if cell not in KINDS:
            raise ArgumentError(f"{shown(cell)} is no layer of torch's own: choose from {', '.join(CELLS)}.")
    _, skipped = read_peers(["torch"])
    if skipped:
        raise ArgumentError(f"watching times torch's layers, and there is no torch: {skipped['torch']}.")
    return tuple(cells) or CELLS


def _row(kind: str, size: tuple[int, int, int], turns: int) -> list[str]:
    update, model = _training(kind, size)
    ways = {"plain": None, "rest": {"at": [1 << 40]}, "watched": {"every": 1}, "weights": {"every": 1, "weights": True}}
    for options in ways.values():
        _timed(update, model, options)  # compiles
    found = [{way: _timed(update, model, options) for way, options in ways.items()} for _ in range(turns)]
    wall, busy = ({way: statistics.median(turn[way][k] for turn in found) for way in ways} for k in (0, 1))

    def added(of: dict[str, float], way: str, every: int = 1) -> str:
        return f"{100 * (of[way] / of['plain'] - 1) / every:+.1f} %"

    return [
        f"nn.{kind}", milliseconds(wall["plain"]), added(wall, "rest"), milliseconds(wall["watched"]),
        added(wall, "watched", EVERY), added(busy, "watched", EVERY), added(wall, "weights", EVERY),
    ]  # fmt: skip


def _training(kind: str, size: tuple[int, int, int]) -> tuple[Callable[[], None], Any]:
    """One update of a layer, and the layer."""
    import torch

    steps, batch, hidden = size
    model = getattr(torch.nn, kind)(hidden, hidden)
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
    x = torch.randn(steps, batch, hidden)

    def update() -> None:
        optimizer.zero_grad()
        model(x)[0].square().mean().backward()
        optimizer.step()

    return update, model


def _timed(update: Callable[[], None], model: Any, options: dict[str, Any] | None) -> tuple[float, float]:
    """Seconds, and seconds of processors, of one update, watched with these options or plain."""
    from gatedsym.torch.watching.watcher import watch

    watcher = None if options is None else watch(model, **options)
    start, busy = time.perf_counter(), time.process_time()
    update()
    taken = time.perf_counter() - start, time.process_time() - busy
    if watcher is not None:
        watcher.remove()
    return taken


__all__ = ["watching"]
