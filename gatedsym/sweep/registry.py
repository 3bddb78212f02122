"""Names and functions → experiments: learning, every registered analysis, and functions of a person's own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from gatedsym.errors import ArgumentError, UnknownNameError
from gatedsym.expect import shown
from gatedsym.sweep.entry import Experiment
from gatedsym.sweep.experiments.analyses import analysis_experiments
from gatedsym.sweep.experiments.learning import LEARNING


def find_experiment(given: object) -> Experiment:
    """The experiment that a name, or a function, means.

    Raises
    ------
    UnknownNameError
        If there is none of that name.
    ArgumentError
        For what is neither.
    """
    if isinstance(given, Experiment):
        return given
    if isinstance(own := getattr(given, "experiment", None), Experiment):
        return own
    if callable(given) and hasattr(given, "__name__"):
        return Experiment(str(given.__name__), given)
    if not isinstance(given, str):
        raise ArgumentError(f"experiment is {shown(given)}: give the name of one, or a function of a point.")
    known = experiments()
    if given not in known:
        raise UnknownNameError(f"there is no experiment {shown(given)}: take one of {', '.join(known)}.")
    return known[given]


@cache
def experiments() -> Mapping[str, Experiment]:
    """Experiments by name: learning, and every registered analysis.

    Examples
    --------
    >>> import gatedsym as gs
    >>> "learning" in gs.sweep.experiments(), "lyapunov" in gs.sweep.experiments()
    (True, True)
    """
    return {LEARNING.name: LEARNING, **analysis_experiments()}


__all__ = ["experiments", "find_experiment"]
