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


class PrecisionWarning(UserWarning):
    """An array is converted to a type with fewer digits at every call."""


_WINDOW = 100


def _excerpt(line: str, column: int, width: int) -> list[str]:
    """The line, cut to a readable window, and a caret line below it."""
    printable = "".join(ch if ch.isprintable() else "�" for ch in line)
    start = max(0, column - 1 - _WINDOW // 2) if len(printable) > _WINDOW else 0
    text = printable[start : start + _WINDOW]
    lead = "…" if start else ""
    tail = "…" if start + _WINDOW < len(printable) else ""
    shown = f"    {lead}{text}{tail}"
    if column < 1:
        return [shown]
    offset = 4 + len(lead) + column - 1 - start
    carets = "^" * max(1, min(width, len(text) - (column - 1 - start)))
    return [shown, " " * offset + carets]
