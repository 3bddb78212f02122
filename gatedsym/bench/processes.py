"""Workers: a process for each library, with the same number of threads, asked one at a time."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, Self

from gatedsym.bench.libraries import OURS
from gatedsym.bench.points import Point
from gatedsym.errors import GatedsymError

REST = 0.02
"""Seconds before a turn. The threads of the library that had its turn before spin for a while when work is done."""
_TAIL = 2000  # bytes of a library's last words


class RefusedError(GatedsymError):
    """Refusal of a worker, in its words."""


def environment(threads: int) -> dict[str, str]:
    """The environment of a worker, which tells every library how many threads it may use."""
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GATEDSYM_THREADS")
    found = {**os.environ, **{name: str(threads) for name in names}, "JAX_PLATFORMS": "cpu"}
    if threads == 1:
        found["XLA_FLAGS"] = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()
    return found


class Worker:
    """A process that has one library."""

    def __init__(self, library: str, threads: int) -> None:
        self.library = library
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # as long as the process
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gatedsym.bench.worker", library, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            text=True,
            env=environment(threads),
        )

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Its answer.

        Raises
        ------
        RefusedError
            If it cannot.
        GatedsymError
            If the process ended.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise GatedsymError(
                f"the process of {self.library} ended with status {self._process.wait()}: {self._last()}"
            )
        found: dict[str, Any] = json.loads(answer)
        if "refused" in found:
            raise RefusedError(found["refused"])
        return found

    def _last(self) -> str:
        """The last words of the process on standard error."""
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _TAIL))
        return self._said.read().decode("utf-8", "replace").strip() or "it said nothing"

    def stop(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        with contextlib.suppress(BrokenPipeError):  # a question may wait there that nobody will read
            self._process.stdin.close()
        self._process.stdout.close()
        self._said.close()


class Workers:
    """A worker for each library; one that ended is started again when it is needed."""

    def __init__(self, libraries: list[str], threads: int) -> None:
        self._threads = threads
        self._running = {library: Worker(library, threads) for library in libraries}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for worker in self._running.values():
            worker.stop()

    def prepare(self, point: Point) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Make all libraries ready for a point: what each can measure, and why others cannot.

        Raises
        ------
        GatedsymError
            If gatedsym itself cannot.
        """
        ready, refused = {}, {}
        for library in list(self._running):
            try:
                ready[library] = self._ask(library, {"prepare": asdict(point)})["ready"]
            except GatedsymError as error:
                if library == OURS:
                    raise GatedsymError(f"gatedsym at {point.words}: {error}") from None
                refused[library] = str(error)
        return ready, refused

    def prepare_tangents(self, library: str, point: Point) -> None:
        """Make a library ready to carry tangents."""
        self._ask(library, {"prepare": asdict(point), "tangents": True})

    def prepare_second(self, point: Point) -> None:
        """Make gatedsym ready for a Hessian product beside forward + backward."""
        self._ask(OURS, {"prepare": asdict(point), "second": True})

    def prepare_learning(self, library: str, point: Point) -> None:
        """Make a library ready for updates of training."""
        self._ask(library, {"prepare": asdict(point), "learning": True})

    def measure(self, library: str, what: str, dtype: str) -> float:
        """Seconds, or the rate of a peak."""
        time.sleep(REST)
        found = self._ask(library, {"time": what, "dtype": dtype})
        return float(found["rate"] if "rate" in found else found["seconds"])

    def _ask(self, library: str, question: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._running[library].ask(question)
        except RefusedError:
            raise
        except GatedsymError:
            self._running[library].stop()
            self._running[library] = Worker(library, self._threads)
            raise
