"""Functions that tests call in processes of their own: each takes what calls have in common, and whom to tell."""

import os
import time
import warnings
from pathlib import Path

from gatedsym.errors import ArgumentError, DataError, EquationError


def where(common, number, tell):
    tell(0.5)
    tell(1.0)
    return common, number, os.getpid(), os.environ["GATEDSYM_THREADS"]


def place(common, tell):
    return os.getpid()


def refuse(common, tell):
    raise ArgumentError("lags is 0: give at least 1.")


def misread(common, tell):
    raise EquationError("an operator is missing", "h' = a b", 1, 6)


def fail(common, tell):
    raise ZeroDivisionError("a fault")


class OddError(Exception):
    def __init__(self, one, two):
        super().__init__(f"{one} {two}")


def fail_oddly(common, tell):
    raise OddError("what cannot", "be pickled")


def warn(common, tell):
    for _ in range(3):
        warnings.warn("of a call", RuntimeWarning, stacklevel=1)
    print("this is no answer")
    return "warned"


def die(common, tell):
    os._exit(9)


def unpicklable(common, tell):
    return lambda: None


def linger(common, path, tell):
    """Write a file, and take it back whatever happens."""
    Path(path).write_text("half")
    try:
        tell(0.5)
        time.sleep(60)
    finally:
        Path(path).unlink()


def fail_part(plan, number, measure, tell):
    """Stand in for the measuring of a part of a report."""
    raise DataError("the series is too short: give a longer one.")
