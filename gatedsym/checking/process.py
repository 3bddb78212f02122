"""A person's file → a process that runs its functions under limits, and the arrays that they return, checked."""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

from gatedsym.checking.source import Homework
from gatedsym.errors import GatedsymError
from gatedsym.typing import Array

MEMORY = 6 * 2**30
"""Bytes of address space: torch alone reserves some."""
IMPORT = 15
"""Seconds that importing torch may take beside those of her file."""
PRINTED = 1_000_000
MOST_ANSWER = 2**28
WORKER = Path(__file__).with_name("worker.py")


@dataclass(frozen=True)
class Failure:
    """An end of a call that is no result.

    Attributes
    ----------
    kind : str
        ``raised``, ``long``, ``printed``, ``memory`` or ``died``.
    type, text : str
        Of what was raised.
    line : int or None
        Of her file.
    function, file : str
    """

    kind: str
    type: str = ""
    text: str = ""
    line: int | None = None
    function: str = ""
    file: str = ""


Path_ = tuple[str, ...]


@dataclass(frozen=True)
class Returned:
    """Arrays that a call returned, or its failure.

    Attributes
    ----------
    leaves : list of (path, array)
    frames : list of (function, list of (path, array))
        Local arrays of her functions, in the order in which they returned.
    failure : Failure, optional
    """

    leaves: list[tuple[Path_, Array]] = field(default_factory=list)
    frames: list[tuple[str, list[tuple[Path_, Array]]]] = field(default_factory=list)
    failure: Failure | None = None


class Process:
    """Her functions in a process of their own; as a context manager it ends with it.

    Parameters
    ----------
    homework : Homework
    seconds : float
        For each call.
    """

    def __init__(self, homework: Homework, seconds: float) -> None:
        self.homework, self.seconds = homework, seconds
        self.loading = seconds + (IMPORT if homework.torch else 0)
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"}
        self._process = subprocess.Popen(
            [sys.executable, "-P", str(WORKER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=homework.folder,
            env=environment,
        )

    def __enter__(self) -> Process:
        setting = {
            "folder": homework_folder(self.homework),
            "memory": MEMORY,
            "seconds": self.seconds,
            "printed": PRINTED,
            "loading": self.loading,
            "pieces": [list(piece) for piece in self.homework.pieces],
            "torch": self.homework.torch,
        }
        try:
            header, _ = self._exchange(setting, [], 20 if self.homework.torch else 2)
            self.loaded = None if header.get("error") is None else _failure(header["error"])
        except _EndedError as end:
            self.loaded = Failure(end.kind)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if stream is not None:
                    stream.close()
        self._process.wait()

    def call(self, jobs: Sequence[Mapping[str, Any]], arrays: Sequence[Array]) -> list[Returned]:
        """Results of several calls, in order; arrays are named in them by their numbers."""
        try:
            header, found = self._exchange({"jobs": list(jobs)}, arrays, 1 + len(jobs))
        except _EndedError as end:
            return [Returned(failure=Failure(end.kind)) for _ in jobs]
        return [_returned(call, found) for call in header["calls"]]

    def _exchange(
        self, header: Mapping[str, Any], arrays: Sequence[Array], calls: int
    ) -> tuple[dict[str, Any], list[Array]]:
        killed = threading.Event()

        def kill() -> None:
            killed.set()
            self._process.kill()

        # The process itself stops a call that takes too long; this one is for what does not listen.
        timer = threading.Timer(2 * self.seconds + 5 + min(calls, 20), kill)
        timer.start()
        try:
            return self._write_and_read(header, arrays)
        except (OSError, ValueError, KeyError, struct.error, json.JSONDecodeError):
            raise _EndedError("long" if killed.is_set() else "died") from None
        finally:
            timer.cancel()

    def _write_and_read(self, header: Mapping[str, Any], arrays: Sequence[Array]) -> tuple[dict[str, Any], list[Array]]:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        body = io.BytesIO()
        np.savez(body, *arrays)
        head, data = json.dumps(header).encode(), body.getvalue()
        stdin.write(struct.pack("<QQ", len(head), len(data)) + head + data)
        stdin.flush()
        sizes = struct.unpack("<QQ", stdout.read(16))
        if max(sizes) > MOST_ANSWER:
            raise ValueError(f"an answer of {max(sizes)} bytes.")
        answer = json.loads(stdout.read(sizes[0]))
        with np.load(io.BytesIO(stdout.read(sizes[1])), allow_pickle=False) as found:
            arrays = [found[f"arr_{n}"] for n in range(len(found.files))]
        if not isinstance(answer, dict) or any(a.dtype.kind not in "biufc" for a in arrays):
            raise ValueError("an answer that holds more than numbers.")
        return answer, list(arrays)


def homework_folder(homework: Homework) -> str:
    """Folder from which her imports are found."""
    return str(homework.folder)


class _EndedError(GatedsymError):
    """The process is gone."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def _failure(told: Mapping[str, Any]) -> Failure:
    return Failure(**{name: told.get(name) for name in ("kind", "type", "text", "line", "function", "file")})  # type: ignore[arg-type]


def _returned(call: Mapping[str, Any], arrays: Sequence[Array]) -> Returned:
    if "error" in call:
        return Returned(failure=_failure(call["error"]))
    frames = [(str(name), _named(local, arrays)) for name, local in call.get("frames", [])]
    return Returned(_named(call["leaves"], arrays), frames)


def _named(told: Sequence[Any], arrays: Sequence[Array]) -> list[tuple[Path_, Array]]:
    return [(tuple(map(str, path)), arrays[int(number)]) for path, number in told]
