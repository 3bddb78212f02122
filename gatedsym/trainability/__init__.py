"""A study of when a dead gradient is fate: networks before and after training, of any cells."""

from typing import TYPE_CHECKING

from gatedsym.lazy import lazy_names
from gatedsym.trainability.table import read_runs
from gatedsym.trainability.write import run

__all__ = ["read_runs", "run"]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.trainability")
