"""Time gatedsym against peers: each library alone in a process of its own, all in turn, medians of the turns.

Two thread pools in one process destroy each other's timings; hence the processes. They take turns, so that noise of the
machine meets all alike. The multiply-add peak is measured in the same turns, in gatedsym's process.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from gatedsym.bench.libraries import OURS, read_peers
from gatedsym.bench.operations import Operations, count_operations
from gatedsym.bench.points import BOTH, FORWARD, Point
from gatedsym.bench.processes import Workers
from gatedsym.bench.worker import PARAMETERS, PEAK
from gatedsym.runtime.threads.pool import thread_count

Progress = Callable[[float, str], None]
FEWEST, MOST = 3, 9
"""Turns at a point."""
ROOM = {"quick": 2.0, "default": 10.0, "full": 10.0}
"""Seconds that turns at a point may take where the fewest need less."""


@dataclass(frozen=True)
class Row:
    """Measurements at one point.

    Attributes
    ----------
    point : Point
    seconds : mapping of str to mapping of str to float
        For each library and measurement the median.
    refused : mapping of str to str
        Why a library has no times at this point.
    peak : float
        Multiply-adds per second of as many threads.
    operations : Operations
    parameters : float
        Seconds of forward + backward in which gatedsym copies parameters and compares them with the copy.
    """

    point: Point
    seconds: Mapping[str, Mapping[str, float]]
    refused: Mapping[str, str]
    peak: float
    operations: Operations
    parameters: float = 0.0

    @property
    def peers(self) -> list[str]:
        """Libraries besides ours that were timed here."""
        return [library for library in self.seconds if library != OURS]

    def ratio(self, measure: str, peer: str = "") -> float | None:
        """Time of a peer over gatedsym's, by default of the fastest peer; None if there is none."""
        times = [
            self.seconds[p][measure] for p in ([peer] if peer else self.peers) if measure in self.seconds.get(p, {})
        ]
        return min(times) / self.seconds[OURS][measure] if times else None

    def fraction_of_peak(self, measure: str = BOTH) -> float:
        """The rate of the multiply-adds that the cell needs, over the peak."""
        return self.operations.multiply_adds[measure] / self.seconds[OURS][measure] / self.peak

    def parameters_share(self) -> float:
        """Of forward + backward, what the copy of parameters and the comparison with it take."""
        return self.parameters / self.seconds[OURS][BOTH]

    def rate(self, measure: str = BOTH) -> float:
        """Floating-point operations per second."""
        return self.operations.floating[measure] / self.seconds[OURS][measure]


@dataclass(frozen=True)
class Comparison:
    """The rows of a grid, and what belongs to all of them.

    Attributes
    ----------
    rows : tuple of Row
    peers : tuple of str
        Asked for, in order; those that were skipped are among them.
    skipped : mapping of str to str
        Peers that are not installed: what to install.
    threads : int
    """

    rows: tuple[Row, ...]
    peers: tuple[str, ...]
    skipped: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1


def compare(
    points: Sequence[Point],
    peers: Iterable[str] = (),
    *,
    threads: int | None = None,
    room: float = ROOM["default"],
    progress: Progress | None = None,
) -> Comparison:
    """Time every point.

    Parameters
    ----------
    points : sequence of Point
    peers : iterable of str
        See `libraries.NEEDS`.
    threads : int, optional
        For every library; see `runtime.pool.thread_count`.
    room : float
        Seconds for the turns at a point.
    progress : callable, optional
        Called with the fraction done and what is being timed.

    Raises
    ------
    ArgumentError
        For an unknown peer.
    GatedsymError
        If gatedsym fails at a point.
    """
    peers, count = tuple(dict.fromkeys(peers)), thread_count(threads)
    there, skipped = read_peers(peers)
    rows: list[Row] = []
    costs = [estimate_seconds(p, len(there), room) for p in points]
    with Workers([OURS, *there], count) as workers:
        for number, point in enumerate(points):
            if progress is not None:
                progress(sum(costs[:number]) / sum(costs), point.words)
            rows.append(_time_point(workers, point, room))
    if progress is not None:
        progress(1.0, "done")
    return Comparison(tuple(rows), peers, skipped, count)


def _time_point(workers: Workers, point: Point, room: float) -> Row:
    ready, refused = workers.prepare(point)
    turns: dict[tuple[str, str], list[float]] = {(lib, m): [] for lib, measures in ready.items() for m in measures}
    turns[OURS, PEAK], turns[OURS, PARAMETERS] = [], []
    begin, done = time.perf_counter(), 0
    while done < FEWEST or (done < MOST and (time.perf_counter() - begin) * (1 + 1 / done) < room):
        for (library, what), found in turns.items():
            found.append(workers.measure(library, what, point.dtype))
        done += 1
    peak, parameters = max(turns.pop((OURS, PEAK))), statistics.median(turns.pop((OURS, PARAMETERS)))
    seconds: dict[str, dict[str, float]] = {library: {} for library in ready}
    for (library, what), found in turns.items():
        seconds[library][what] = statistics.median(found)
    return Row(point, seconds, refused, peak, count_operations(point), parameters)


def estimate_seconds(point: Point, peers: int, room: float) -> float:
    """About how long a point takes, by what libraries reach on a core or two: an estimate for progress."""
    work = count_operations(point).multiply_adds
    call = (work[FORWARD] + work[BOTH]) / 3e10 + 5e-5 * point.steps
    turn = (1 + peers) * max(call, 0.15)
    return 2.0 + 2 * (1 + peers) * call + max(FEWEST * turn, min(room, MOST * turn))
