"""The errors that gatedsym raises: one class, a few children; every message ends with what to do."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class GatedsymError(Exception):
    """Anything gatedsym refuses to do."""


class EquationError(GatedsymError, ValueError):
    """The equations of a cell are not understood, or do not define a cell.

    Parameters
    ----------
    message : str
        One sentence: what was found, and what was expected.
    source : str
        The text of the equations.
    line, column : int
        Where, counted from 1; 0 if the sentence is about the whole text.
    width : int
        How many characters the caret underlines.
    mend : str
        The likely mend, as an instruction.
    file : str
        What holds the text, as a person would name it, or "".
    """

    def __init__(
        self,
        message: str,
        source: str = "",
        line: int = 0,
        column: int = 0,
        width: int = 1,
        mend: str = "",
        file: str = "",
    ) -> None:
        self.message, self.source, self.line, self.column = message, source, line, column
        self.width, self.mend, self.file = width, mend, file
        super().__init__(self.render())

    def in_file(self, file: str) -> EquationError:
        """The same error, told with the file that holds the text."""
        return EquationError(self.message, self.source, self.line, self.column, self.width, self.mend, file)

    def render(self) -> str:
        """The sentence, the line with a caret under the spot, and the mend."""
        places = [self.file, f"line {self.line}" if self.line else ""]
        where = ", ".join(place for place in places if place)
        parts = [f"{where}: {self.message}" if where else self.message]
        lines = self.source.splitlines()
        if 0 < self.line <= len(lines):
            parts += _excerpt(lines[self.line - 1], self.column, self.width)
        if self.mend:
            parts.append(self.mend)
        return "\n".join(parts)


class ArgumentError(GatedsymError, ValueError):
    """An argument does not fit: the message names it, what it got, and what it needs."""


class DataError(GatedsymError, ValueError):
    """Input data or a file is missing, unreadable, damaged, not finite, too short or too long."""


class ClusterError(GatedsymError):
    """A cluster that is to measure points is not there, has gone, or has other code."""


class UnknownNameError(ArgumentError, KeyError):
    """There is nothing under a name: the message lists the names that there are."""

    # A KeyError shows the quoted form of its argument; this is a sentence like the others.
    __str__ = Exception.__str__


class InterfaceError(GatedsymError):
    """A generated module does not say of itself what it must: it is older, or was changed by hand."""


class ProofError(GatedsymError):
    """A proof failed: two expressions that should be equal are not."""


class FaultError(GatedsymError):
    """gatedsym itself fails at equations that it has read; the message holds what a report needs.

    Parameters
    ----------
    doing : str
        What failed, such as "writing the kernels of mine".
    cause : Exception
    source : str
        The equations.
    """

    def __init__(self, doing: str, cause: Exception, source: str) -> None:
        self.doing, self.cause, self.source = doing, cause, source
        found = "".join(traceback.format_exception_only(cause)).strip()
        super().__init__(
            f"this is a fault of gatedsym, not of your equations: {doing} failed with\n    {found}{_place(cause)}\n"
            f"Please report it with this text:\n\n{source.strip()}\n"
        )

    def __reduce__(self) -> tuple[type[FaultError], tuple[str, Exception, str]]:
        return FaultError, (self.doing, self.cause, self.source)


@contextmanager
def faults_of_gatedsym(doing: str, source: str) -> Iterator[None]:
    """Tell whatever goes wrong within, and is no refusal, as a `FaultError`."""
    try:
        yield
    except (GatedsymError, MemoryError):
        raise
    except Exception as error:
        raise FaultError(doing, error, source) from error


def _place(error: Exception) -> str:
    """Place where an exception was raised, as a developer looks for it."""
    frames = traceback.extract_tb(error.__traceback__)
    return f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""


class EquationWarning(UserWarning):
    """The equations are legal but probably not what was meant."""


class LearningWarning(UserWarning):
    """A training run ended because a number was not finite."""


class SweepWarning(UserWarning):
    """Records of a sweep are not taken: they are damaged, somebody else's, or made by other code."""


class PrecisionWarning(UserWarning):
    """An array is converted to a type with fewer digits at every call."""


_WINDOW = 100
_TAB = 4


def _excerpt(line: str, column: int, width: int) -> list[str]:
    """The line, cut to a readable window, and a caret line below it, both measured in columns of a screen."""
    shown = _cells(line)
    at = min(max(column - 1, 0), len(shown))
    while 0 < at < len(shown) and not shown[at][1]:
        at -= 1  # a mark stands on the letter before it
    start, end = _window(shown, at)
    lead, tail = "…" * (start > 0), "…" * (end < len(shown))
    text = f"    {lead}{''.join(ch for ch, _ in shown[start:end])}{tail}"
    if column < 1:
        return [text]
    offset = 4 + len(lead) + sum(cells for _, cells in shown[start:at])
    carets = sum(cells for _, cells in shown[at : min(max(column - 1 + width, at + 1), end)])
    return [text, " " * offset + "^" * max(1, carets)]


def _cells(line: str) -> list[tuple[str, int]]:
    """Each character as a screen shows it, and how many columns it takes: two for 门, none for an accent."""
    from rich.cells import cell_len

    shown: list[tuple[str, int]] = []
    for ch in line:
        text = " " * _TAB if ch == "\t" else ch if ch.isprintable() else "�"
        shown.append((text, cell_len(text)))
    return shown


def _window(shown: list[tuple[str, int]], at: int) -> tuple[int, int]:
    """From which to which character a line is shown: all of it, or half a window before a place and half behind."""
    if sum(cells for _, cells in shown) <= _WINDOW:
        return 0, len(shown)
    start = at
    before = 0
    while start > 0 and before + shown[start - 1][1] <= _WINDOW // 2:
        start -= 1
        before += shown[start][1]
    end, total = start, 0
    while end < len(shown) and total + shown[end][1] <= _WINDOW:
        total += shown[end][1]
        end += 1
    return start, end
