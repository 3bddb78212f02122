"""A process that answers calls: pickled calls on its standard input → what came of each, on its standard output.

`gatedsym.execution.processes` starts it, and nobody else talks to it: what it unpickles comes through a pipe from the
process that started it. It ends, and takes what it is doing back, as soon as that process closes the pipe or ends.
"""

from __future__ import annotations

import _thread
import os
import pickle
import signal
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from enum import Enum
from queue import SimpleQueue
from typing import IO, Any

GRACE = 3.0
"""Seconds in which a process takes back what it is doing, after it was told to end."""
_LENGTH = 8  # bytes before each message, which say how long it is


class Word(Enum):
    """First entry of an answer: what it is."""

    READY = "ready"  # for calls; the file of this module
    TOLD = "told"  # the fraction of a call that is done
    WARNED = "warned"  # message, category, file, line
    DONE = "done"  # the result
    FAILED = "failed"  # the error, and where it was raised
    UNREAD = "unread"  # the call cannot be unpickled here, and why


def main() -> None:
    """Answer calls until the standard input ends."""
    code = 0
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        calls, answers = _streams()
        _answer(_listen(calls), _Sender(answers))
    except (KeyboardInterrupt, BrokenPipeError):  # nobody waits for an answer any more
        pass
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        os._exit(code)  # without waiting for threads


def read_message(stream: IO[bytes]) -> bytes | None:
    """The next message of a stream; None where it ends."""
    head = stream.read(_LENGTH)
    length = int.from_bytes(head, "little")
    whole = stream.read(length) if len(head) == _LENGTH else b""
    return whole if whole and len(whole) == length else None


def write_message(stream: IO[bytes], message: bytes) -> None:
    """Write a message to a stream, and let go of it."""
    stream.write(len(message).to_bytes(_LENGTH, "little") + message)
    stream.flush()


def _streams() -> tuple[IO[bytes], IO[bytes]]:
    """The standard input and output, for messages alone: what anything else prints goes where errors go."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return calls, answers


def _listen(calls: IO[bytes]) -> Callable[[], bytes | None]:
    """Read calls as they come; the function waits for the next, and gives None after the last."""
    waiting: SimpleQueue[bytes | None] = SimpleQueue()

    def listen() -> None:
        while (call := read_message(calls)) is not None:
            waiting.put(call)
        waiting.put(None)
        _interrupt_main_thread()
        time.sleep(GRACE)
        os._exit(1)  # it hangs in code that is not Python

    threading.Thread(target=listen, name="calls", daemon=True).start()
    return waiting.get


def _interrupt_main_thread() -> None:
    """Raise KeyboardInterrupt in the main thread, where it waits, too, on systems that have signals."""
    main = threading.main_thread().ident
    if hasattr(signal, "pthread_kill") and main is not None:
        signal.pthread_kill(main, signal.SIGINT)
    else:
        _thread.interrupt_main()


class _Sender:
    """Sends answers, from any thread."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._lock = stream, threading.Lock()

    def __call__(self, word: Word, *content: Any) -> None:
        self.send(pickle.dumps((word, *content)))

    def send(self, message: bytes) -> None:
        """Send what is pickled already."""
        with self._lock:
            write_message(self._stream, message)


def _answer(next_call: Callable[[], bytes | None], send: _Sender) -> None:
    """Carry out calls; the first message holds arguments that all of them have."""
    _pass_on_warnings(send)
    send(Word.READY, __file__)
    common: tuple[Any, ...] | None = None
    while (message := next_call()) is not None:
        try:
            read = pickle.loads(message)
        except Exception as error:
            read = f"{type(error).__name__}: {error}"
        if common is None:
            common = read
        elif isinstance(common, str) or isinstance(read, str):
            send(Word.UNREAD, common if isinstance(common, str) else read)
        else:
            function, own = read
            _carry_out(function, (*common, *own), send)


def _carry_out(function: Callable[..., Any], arguments: tuple[Any, ...], send: _Sender) -> None:
    """Call a function, which is told the arguments and, last, whom to tell how far it is."""
    try:
        result = function(*arguments, lambda fraction: send(Word.TOLD, float(fraction)))
        answer = pickle.dumps((Word.DONE, result))
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except BaseException as error:
        send(Word.FAILED, _portable(error), traceback.format_exc())
    else:
        send.send(answer)


def _portable(error: BaseException) -> BaseException:
    """The error, or, where that cannot be pickled, one that says the same."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError("".join(traceback.format_exception_only(error)).strip())
    return error


def _pass_on_warnings(send: _Sender) -> None:
    """Have each warning shown by the process that started this one, as its filters say."""

    def show(message: Warning | str, category: type[Warning], filename: str, lineno: int, *rest: Any) -> None:
        send(Word.WARNED, str(message), category, filename, lineno)

    warnings.simplefilter("default")
    warnings.showwarning = show  # type: ignore[assignment]
