"""A study of when a dead gradient is fate: networks before and after training, of any cells."""

from gatedsym.trainability.table import read_runs
from gatedsym.trainability.write import run

__all__ = ["read_runs", "run"]
