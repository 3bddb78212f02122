"""Calls that did not end in a result → one sentence each."""

from __future__ import annotations

from gatedsym.checking.calls import UnknownArgumentError
from gatedsym.checking.pairs import Pair
from gatedsym.checking.process import Failure
from gatedsym.checking.source import Homework
from gatedsym.errors import ArgumentError, DataError, GatedsymError
from gatedsym.messages import room

say = room("checking")

PLAIN = ("NameError", "NotImplementedError", "UnboundLocalError", "MemoryError", "RecursionError", "ImportError")
"""Exceptions that no other way of calling a function mends."""


def loading_failed(homework: Homework, failure: Failure, seconds: float) -> GatedsymError:
    """The refusal of a file that cannot be imported."""
    if failure.kind == "raised":
        place = f", line {failure.line}" if failure.line else ""
        return DataError(
            f"{homework.title}{place}: running the file raises {failure.type}: {_short(failure.text)}; the functions"
            " are checked by running their file, so that must work by itself."
        )
    return DataError(f"{homework.title}: running the file {_ended(failure, seconds)}; put what is no function under"
                     ' if __name__ == "__main__".')  # fmt: skip


def call_failed(
    homework: Homework, pair: Pair, failure: Failure | None, unknown: UnknownArgumentError | None, seconds: float
) -> GatedsymError:
    """The refusal where no way to call her functions was found."""
    if failure is not None and failure.kind != "raised":
        line = f" (line {failure.line}: {homework.line_of(failure.line)})" if failure.line else ""
        name = failure.function or pair.backward.name
        return DataError(f"{homework.title}: {name} {_ended(failure, seconds)}{line}; mend that first.")
    if unknown is not None:
        return ArgumentError(
            f"nothing says what the argument {unknown.argument} of {unknown.function} is: say it with --argument"
            f" {unknown.argument}=WHAT (x, h, d_h, cache, parameters, a line's name, a number)."
        )
    if failure is not None and failure.type in PLAIN and failure.function:
        return DataError(
            f"{homework.title}, line {failure.line}, {homework.line_of(failure.line or 0)!r}: {failure.function} raises"
            f" {failure.type}: {_short(failure.text)}; mend that first."
        )
    if failure is not None:
        line = f" in line {failure.line}, {homework.line_of(failure.line)!r}," if failure.line else ""
        return DataError(
            f"{homework.title}: no way to call {failure.function or pair.backward.name} was found; the last that was"
            f" tried raises{line} {failure.type}: {_short(failure.text)}. The page checking-homework.md lists the"
            " signatures that are tried."
        )
    return ArgumentError(
        f"{homework.title}: {pair.backward.name} returns no array under a name that is known: name its values in order"
        " with --returns dx,dh_prev,dW,…; None is no gradient."
    )


def layout_unknown(homework: Homework, pair: Pair, parameters: str) -> GatedsymError:
    """The refusal where no arrangement of the cell's parameters fits the names in her functions."""
    return ArgumentError(
        f"{homework.title}: the functions around {pair.backward.name} speak of no arrays that could be the parameters"
        f" {parameters}: call them so, or by one of the layouts in checking-homework.md."
    )


def _ended(failure: Failure, seconds: float) -> str:
    """The end of a call that gave no result."""
    return say(f"ended-{failure.kind}", **({"seconds": f"{seconds:g}"} if failure.kind == "long" else {}))


def _short(text: str) -> str:
    return text if len(text) < 160 else f"{text[:157]}…"
