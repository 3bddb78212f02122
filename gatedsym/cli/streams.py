"""Standard output and error of a command, made safe: whoever stops reading, or never did, does not change its end.

A pipe that its reader has closed (``gatedsym cells | head -1``) and a stream that was closed from the start (``>&-``)
end alike: what nobody reads is dropped, the command finishes its work, and its exit status says what it found.
"""

from __future__ import annotations

import io
import os
import sys
from typing import TextIO


class _Unbroken(io.TextIOWrapper):
    """A text stream whose pipe may break: from then on it writes to nowhere."""

    def write(self, text: str, /) -> int:
        """Write, or drop what nobody reads."""
        try:
            return super().write(text)
        except BrokenPipeError:
            self._drop()
            return len(text)

    def flush(self) -> None:
        """Flush, or drop what nobody reads."""
        try:
            super().flush()
        except BrokenPipeError:
            self._drop()

    def _drop(self) -> None:
        # The descriptor itself goes to nowhere: what is buffered, and what Python flushes at its end, follows it.
        _point_at_nothing(self.fileno())


def _point_at_nothing(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    if nowhere != descriptor:
        os.dup2(nowhere, descriptor)
        os.close(nowhere)


def guard_streams() -> None:
    """Make standard output and error unbreakable, in UTF-8 or with substitutes for what a terminal cannot show."""
    for descriptor, name in ((1, "stdout"), (2, "stderr")):
        stream: TextIO | None = getattr(sys, name)
        if stream is None:  # closed before the command began; a file that is opened later must not get its number
            _point_at_nothing(descriptor)
            stream = io.TextIOWrapper(io.FileIO(descriptor, "w", closefd=False), encoding="utf-8", line_buffering=True)
        if type(stream) is io.TextIOWrapper:  # no stand-in of a test or a notebook
            encoding, lines, through = stream.encoding, stream.line_buffering, stream.write_through
            stream = _Unbroken(stream.detach(), encoding, "replace", None, lines, through)
        setattr(sys, name, stream)
