"""When is a dead gradient fate? Networks before and after training, and what of it could have been known before."""

from gatedsym.trainability.table import read_runs
from gatedsym.trainability.write import run

__all__ = ["read_runs", "run"]
