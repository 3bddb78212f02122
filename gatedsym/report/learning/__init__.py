"""The page of a comparison: what cells learnt of a task → figures, data, provenance and a page to read."""

from gatedsym.report.learning.write import write_learning

__all__ = ["write_learning"]
