"""Time gatedsym against peers: each library alone in a process of its own, all in turn, medians of many runs.

Two thread pools in one process destroy each other's timings; hence the processes. They take turns, so that noise of the
machine meets all alike.
"""

from __future__ import annotations

import importlib.util
import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gatedsym.errors import GatedsymError

PEERS = ("torch",)
ROUNDS = 9


@dataclass(frozen=True)
class Point:
    """A size to time: time steps, batch, hidden (= input) size, dtype."""

    cell: str
    steps: int
    batch: int
    hidden: int
    dtype: str


@dataclass(frozen=True)
class Row:
    """Medians at one point, in milliseconds; None for a peer that is not installed."""

    point: Point
    ours: float
    peers: dict[str, float | None]


GRID = tuple(
    Point(cell, 100, batch, hidden, dtype)
    for dtype in ("float64", "float32")
    for cell in ("rnn", "lstm", "gru_torch")
    for batch, hidden in ((1, 32), (16, 64), (16, 128))
)
QUICK = (Point("lstm", 100, 16, 64, "float64"),)


def compare(
    peers: Sequence[str], *, quick: bool = False, progress: Callable[[float, str], None] | None = None
) -> list[Row]:
    """Time every point of the grid.

    Raises
    ------
    GatedsymError
        If a peer is unknown, or a worker fails.
    """
    for peer in peers:
        if peer not in PEERS:
            raise GatedsymError(f"no peer {peer!r} to compare with; there is {', '.join(PEERS)}")
    points = QUICK if quick else GRID
    there = [p for p in peers if importlib.util.find_spec(p) is not None]
    rows = []
    for number, point in enumerate(points):
        workers = {name: _Worker(name, point) for name in ("gatedsym", *there)}
        try:
            times: dict[str, list[float]] = {name: [] for name in workers}
            for _ in range(ROUNDS):
                for name, worker in workers.items():
                    times[name].append(worker.time())
        finally:
            for worker in workers.values():
                worker.stop()
        medians = {name: statistics.median(t) for name, t in times.items()}
        rows.append(Row(point, medians["gatedsym"], {p: medians.get(p) for p in peers}))
        if progress is not None:
            progress((number + 1) / len(points), f"{point.cell} n={point.hidden} B={point.batch}")
    return rows


class _Worker:
    """A process that times one library at one point whenever it is asked to."""

    def __init__(self, library: str, point: Point) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gatedsym.bench.worker", library, json.dumps(point.__dict__)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._library = library
        self.time()  # the first answer includes imports and compilation

    def time(self) -> float:
        """Milliseconds of forward + backward, the best of a few runs in a row."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("time\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise GatedsymError(f"the worker for {self._library} failed; its message is above")
        return float(answer)

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


def table(rows: Sequence[Row]) -> str:
    """The rows as text: milliseconds, and how many times faster than each peer gatedsym is."""
    peers = sorted({p for row in rows for p in row.peers})
    head = ["cell", "T", "B", "n", "dtype", "gatedsym ms"]
    head += [column for p in peers for column in (f"{p} ms", f"{p} / gatedsym")]
    lines = [head]
    for row in rows:
        p = row.point
        line = [p.cell, str(p.steps), str(p.batch), str(p.hidden), p.dtype, f"{row.ours:.2f}"]
        for peer in peers:
            value = row.peers[peer]
            line += ["not installed", "-"] if value is None else [f"{value:.2f}", f"{value / row.ours:.2f}"]
        lines.append(line)
    widths = [max(len(line[c]) for line in lines) for c in range(len(head))]
    text = ["  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in lines]
    note = (
        f"forward + backward with all gradients; medians of {ROUNDS} interleaved runs, each library in its own process"
    )
    return "\n".join([*text, note])
