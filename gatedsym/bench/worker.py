"""One library, timed in a process of its own: it answers each line of standard input, JSON to JSON.

``python -m gatedsym.bench.worker LIBRARY THREADS``

    {"prepare": POINT}      → {"ready": measures that it can make}, after a first call of each
    {"prepare": POINT, "tangents": true}
    {"prepare": POINT, "second": true}
    {"prepare": POINT, "learning": true}
    {"time": MEASURE}       → {"seconds": median of the calls that fill a twentieth of a second, at least one}
    {"time": "peak"}        → {"rate": multiply-adds per second}
    {"time": "bandwidth"}   → {"rate": bytes per second, of as many as the forward pass of the point moves}
    {"time": "parameters"}  → {"seconds": what forward + backward take to copy parameters and compare them}
    whatever is impossible  → {"refused": why}
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from gatedsym.bench.answer import Library, UnsupportedError
from gatedsym.bench.libraries import OURS, make_ready, make_tangents_ready, make_updates_ready
from gatedsym.bench.ours import Ours, our_hessian_product
from gatedsym.bench.points import BOTH, FORWARD, MEASURES, SECOND, TANGENT, Point
from gatedsym.bench.problem import make_problem

PEAK, PARAMETERS, BANDWIDTH = "peak", "parameters", "bandwidth"
SECONDS = 0.05


class Session:
    """Memory of a worker between two questions."""

    def __init__(self, library: str, threads: int) -> None:
        self._library, self._threads = library, threads
        self._calls: dict[str, Callable[[], Any]] = {}
        self._peaks: dict[str, Any] = {}
        self._point: Point | None = None

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        """The reply to one line."""
        if "prepare" in question:
            point = Point(**question["prepare"])
            if question.get("second"):
                return self._prepare_second(point)
            if question.get("learning"):
                return self._prepare_learning(point)
            return self._prepare_tangents(point) if question.get("tangents") else self._prepare(point)
        if question["time"] == PEAK:
            return {"rate": self._peaks[question["dtype"]].rate()}
        if question["time"] == BANDWIDTH and self._point is not None:
            from gatedsym.bench.traffic import Bandwidth, count_bytes

            return {"rate": Bandwidth(count_bytes(self._point)[FORWARD], self._threads).rate()}
        return {"seconds": median_seconds(self._calls[question["time"]])}

    def _prepare(self, point: Point) -> dict[str, Any]:
        self._calls, self._point = {}, point  # frees the last point's memory
        ready: Library = make_ready(self._library, make_problem(point))
        calls = {FORWARD: ready.forward, BOTH: ready.both}
        possible = []
        for measure in MEASURES:
            try:
                calls[measure]()  # compiles, and warms the caches
            except UnsupportedError:
                del calls[measure]
            else:
                possible.append(measure)
        self._calls = calls
        if isinstance(ready, Ours):
            self._calls[PARAMETERS] = ready.own_parameters()
        if self._library == OURS and point.dtype not in self._peaks:
            from gatedsym.bench.peak import Peak

            self._peaks[point.dtype] = Peak(point.dtype, self._threads)
        return {"ready": possible}

    def _prepare_second(self, point: Point) -> dict[str, Any]:
        problem = make_problem(point)
        self._calls = {BOTH: Ours(problem).both, SECOND: our_hessian_product(problem)}
        for call in self._calls.values():
            call()
        return {"ready": list(self._calls)}

    def _prepare_learning(self, point: Point) -> dict[str, Any]:
        self._calls = {}
        calls = make_updates_ready(self._library, point)
        for call in calls.values():
            call()
        self._calls = calls
        return {"ready": list(calls)}

    def _prepare_tangents(self, point: Point) -> dict[str, Any]:
        self._calls = {}
        call = make_tangents_ready(self._library, make_problem(point))
        call()
        self._calls[TANGENT] = call
        return {"ready": [TANGENT]}


def median_seconds(call: Callable[[], Any]) -> float:
    """The median of as many calls as fill `SECONDS`, at least one."""
    found: list[float] = []
    begin = time.perf_counter()
    while not found or time.perf_counter() - begin < SECONDS:
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def settle_threads(threads: int) -> None:
    """Keep this process on as many cores as it may use threads; what reads the environment was told by the caller."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    if "torch" in sys.argv[1]:
        import torch

        torch.set_num_threads(threads)


def main() -> None:
    """Answer every line; what a library prints goes to standard error."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    library, threads = sys.argv[1], int(sys.argv[2])
    settle_threads(threads)
    session = Session(library, threads)
    for line in sys.stdin:
        try:
            reply = session.answer(json.loads(line))
        except UnsupportedError as error:
            reply = {"refused": str(error)}
        except Exception as error:  # told in the library's column; the next point may go well
            reply = {"refused": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=answers, flush=True)


if __name__ == "__main__":
    main()
