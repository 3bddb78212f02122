"""Calls of functions → their results, from processes beside this one: what one lock holds back, on all cores.

The processes are new ones that import gatedsym: nothing of this one is forked, and a person's script is not run again
in them, with or without a guard. They are told what to do, and answer, through pipes. What cannot be sent, or not be
read there (a class that stands in the person's script), is done here instead.
"""

from __future__ import annotations

import heapq
import os
import pickle
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from types import TracebackType
from typing import Any, TypeAlias

from gatedsym.errors import GatedsymError
from gatedsym.execution.process_worker import GRACE, Word, read_message, write_message
from gatedsym.files.cache import cache_setting
from gatedsym.runtime.threads.pool import thread_count

MOST = 8
"""Processes; where there may be more threads, each process has several."""
MEMORY = 2**30
"""Bytes that a process takes at most, about."""
# With `-m` the folder that a person works in would come first on the path, and a file there may be called random.py.
_START = (
    "import signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); sys.path[:] = sys.argv[1:]; "
    "from gatedsym.execution.process_worker import main; main()"
)


def process_count(calls: int) -> int:
    """Number of processes for so many calls: as many as threads, as far as there is memory; 0 for none."""
    if not sys.executable or getattr(sys, "frozen", False):  # there is no Python to start
        return 0
    memory = available_memory()
    room = MOST if memory is None else memory // MEMORY
    count = min(thread_count(), calls, MOST, room)
    return count if count > 1 else 0


def available_memory() -> int | None:
    """Bytes that processes may still take, or None where nothing says so."""
    found = []
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
        found.append(1024 * next(int(line.split()[1]) for line in lines if line.startswith("MemAvailable:")))
    with suppress(OSError, ValueError):  # of a container; "max" where it has no limit
        group = Path("/sys/fs/cgroup")
        limit, taken = ((group / f"memory.{name}").read_text("ascii") for name in ("max", "current"))
        found.append(max(0, int(limit) - int(taken)))
    return min(found, default=None)


class ProcessEndedError(GatedsymError):
    """A process ended while it carried out a call.

    Parameters
    ----------
    name : object
        Of the call.
    reason : str
        ``signal 9``, ``code 1``.
    """

    def __init__(self, name: Any, reason: str) -> None:
        self.name, self.reason = name, reason
        super().__init__(
            f"the process that made {name} ended ({reason}), as it does where memory is short: give it more, or set "
            "GATEDSYM_THREADS to 1, so that one process makes all, one after the other."
        )

    def __reduce__(self) -> tuple[Any, ...]:
        return ProcessEndedError, (self.name, self.reason)


@dataclass(order=True)
class _Call:
    """A call that waits, the most urgent first."""

    rank: tuple[float, int]
    name: Any = field(compare=False)
    function: Callable[..., Any] = field(compare=False)
    arguments: tuple[Any, ...] = field(compare=False)


class Processes:
    """Processes that carry out calls; as a context manager they end with it, whatever ends it.

    Parameters
    ----------
    count : int
        0 for none: then every call is carried out in this process.
    common : tuple
        The first arguments of every call: sent to each process once.
    """

    def __init__(self, count: int, common: tuple[Any, ...]) -> None:
        self._common = common
        self._waiting: list[_Call] = []
        self._ours: list[_Call] = []  # to be done in this process
        self._given = self._outstanding = 0
        self._inbox: SimpleQueue[_Received] = SimpleQueue()
        self._warned: dict[Any, Any] = {}
        self._processes: list[_Process] = []
        message = _pickled(common)
        if message is not None:
            environment = _environment(max(1, thread_count() // max(1, count)))
            with suppress(OSError):  # as many as can be started
                for _ in range(count):
                    self._processes.append(_Process(message, environment, self._inbox))

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._processes:
            process.tell_to_end()
        for process in self._processes:
            process.end()

    def call(self, name: Any, function: Callable[..., Any], *arguments: Any, urgency: float = 0.0) -> None:
        """Have ``function(*common, *arguments, tell)`` called; it tells `tell` the finished fraction.

        Parameters
        ----------
        name : object
            Under which it is answered.
        function : callable
            Of a module.
        urgency : float
            Of the calls that wait the most urgent is begun first.
        """
        self._given += 1
        self._outstanding += 1
        heapq.heappush(self._waiting, _Call((-urgency, self._given), name, function, arguments))
        self._hand_out()

    def results(self, tell: Callable[[Any, float], None]) -> Iterator[tuple[Any, Any]]:
        """The calls by name with their results, as they come, until none is left; more may be made meanwhile.

        Parameters
        ----------
        tell : callable
            Told the name of a call and its finished fraction.

        Raises
        ------
        BaseException
            What a call raised.
        ProcessEndedError
            If a process ends while it carries out a call.
        """
        while self._outstanding:
            if not self._processes:
                self._ours += [heapq.heappop(self._waiting) for _ in range(len(self._waiting))]
            done = self._carried_out(self._ours.pop(0), tell) if self._ours else self._received(tell)
            if done is not None:
                self._outstanding -= 1
                yield done
            self._hand_out()

    def _hand_out(self) -> None:
        """Give a call to each process that has none."""
        for process in self._processes:
            while self._waiting and process.ready and process.call is None:
                call = heapq.heappop(self._waiting)
                if not process.begin(call):
                    self._ours.append(call)

    def _carried_out(self, call: _Call, tell: Callable[[Any, float], None]) -> tuple[Any, Any]:
        """A call and its result, from this process."""
        own = call.arguments
        return call.name, call.function(*self._common, *own, lambda fraction: tell(call.name, fraction))

    def _received(self, tell: Callable[[Any, float], None]) -> tuple[Any, Any] | None:
        """Wait for the next message of a process; a call and its result, where it is one."""
        try:
            process, message = self._inbox.get(timeout=1.0)
        except Empty:  # there are systems where a wait without an end cannot be interrupted
            return None
        if message is None:
            self._do_without(process)
            return None
        word, *content = message
        if word is Word.READY:
            process.get_ready(content[0])
        elif word is Word.WARNED:
            text, category, file, line = content
            warnings.warn_explicit(text, category, file, line, registry=self._warned)
        elif word is Word.TOLD and process.call is not None:
            tell(process.call.name, content[0])
        elif process.call is not None:
            return self._finished(process.end_call(), word, content)
        return None

    def _finished(self, call: _Call, word: Word, content: list[Any]) -> tuple[Any, Any] | None:
        """A call and its result, where it has one; what cannot be read there is done here."""
        if word is Word.FAILED:
            error, place = content
            if not isinstance(error, GatedsymError):
                error.add_note(f"In a process of its own, which made {call.name}:\n{place}")
            raise error
        if word is Word.UNREAD:
            self._ours.append(call)
            return None
        return call.name, content[0]

    def _do_without(self, process: _Process) -> None:
        """Go on without a process that has ended: it could not start, or was killed in the middle of a call."""
        self._processes.remove(process)
        code = process.end()
        if process.call is not None:
            reason = f"signal {-code}" if code < 0 else f"code {code}"
            raise ProcessEndedError(process.call.name, reason)


class _Process:
    """One process, and the call that it carries out."""

    def __init__(self, common: bytes, environment: Mapping[str, str], inbox: SimpleQueue[_Received]) -> None:
        self.ready = False
        self.call: _Call | None = None
        self._common = common
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(_command(), stdin=pipe, stdout=pipe, env=environment)
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._calls, self._answers = self._process.stdin, self._process.stdout
        threading.Thread(target=self._listen, args=(inbox,), name="answers", daemon=True).start()

    def _listen(self, inbox: SimpleQueue[_Received]) -> None:
        with self._answers:
            while (message := read_message(self._answers)) is not None:
                try:
                    inbox.put((self, pickle.loads(message)))
                except Exception as error:
                    inbox.put((self, (Word.FAILED, error, "")))
        inbox.put((self, None))

    def get_ready(self, file: str) -> None:
        """Take calls from now on, if gatedsym there is gatedsym here."""
        if os.path.samefile(file, Path(__file__).with_name("process_worker.py")):
            self.ready = True
            self._send(self._common)
        else:
            self.tell_to_end()

    def begin(self, call: _Call) -> bool:
        """Carry out a call; False where it cannot be sent."""
        message = _pickled((call.function, call.arguments))
        if message is None:
            return False
        self.call = call
        self._send(message)
        return True

    def end_call(self) -> _Call:
        """Be done with the call."""
        assert self.call is not None
        call, self.call = self.call, None
        return call

    def _send(self, message: bytes) -> None:
        with suppress(OSError):  # it has ended, which is told in its place
            write_message(self._calls, message)

    def tell_to_end(self) -> None:
        """Tell it to take back what it is doing."""
        with suppress(OSError):
            self._calls.close()

    def end(self) -> int:
        """Wait until it has ended, for a while, and make it end then; its exit code."""
        self.tell_to_end()
        try:
            return self._process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()


_Received: TypeAlias = tuple[_Process, tuple[Any, ...] | None]


def _pickled(content: object) -> bytes | None:
    """The object as bytes; None where that cannot be."""
    try:
        return pickle.dumps(content)
    except Exception:  # objects of others raise what they like
        return None


def _command() -> list[str]:
    """Start this Python again, with what this one imports from."""
    asked = (("-O", sys.flags.optimize), ("-B", sys.flags.dont_write_bytecode), ("-Xutf8", sys.flags.utf8_mode),
             ("-E", sys.flags.ignore_environment), ("-I", sys.flags.isolated))  # fmt: skip
    flags = [flag for flag, times in asked for _ in range(times)]
    path = [os.path.abspath(entry) for entry in sys.path if isinstance(entry, str)]
    return [sys.executable, *flags, "-c", _START, *path]


def _environment(threads: int) -> dict[str, str]:
    """The same environment, with a share of the threads, and with the folder for kept files that this process has."""
    return {**os.environ, **cache_setting(), "GATEDSYM_THREADS": str(threads)}


__all__ = ["MOST", "ProcessEndedError", "Processes", "available_memory", "process_count"]
