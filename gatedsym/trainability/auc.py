"""Scores and outcomes in clusters → the area under the curve, with an interval from drawing whole clusters anew.

The area is the probability that of a run that learnt and one that did not the learnt one had the higher score, half
where they are equal. Runs of one cell and initialisation are no independent witnesses: these are drawn anew, not runs.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gatedsym.typing import Array

DRAWS = 2000
"""Of clusters; those that hold one outcome alone have no area, and are left out."""


class Area(NamedTuple):
    """An area under the curve, an interval of 95 %, and what it rests on.

    Attributes
    ----------
    area, low, high : float
        NaN where all runs have one outcome.
    learnt, runs, clusters : int
    """

    area: float
    low: float
    high: float
    learnt: int
    runs: int
    clusters: int


def clustered_area(scores: Array, learnt: Array, clusters: Array, draws: int = DRAWS, seed: int = 0) -> Area:
    """The area of scores, and its interval.

    Parameters
    ----------
    scores : array (runs,)
        NaN where there is no score: such runs are left out.
    learnt : array (runs,) of bool
    clusters : array (runs,)
        A label for each.

    Examples
    --------
    >>> import numpy as np
    >>> found = clustered_area(np.array([1.0, 2, 3, 4]), np.array([0, 0, 1, 1], bool), np.array(["a", "b", "a", "b"]))
    >>> found.area, found.runs
    (1.0, 4)
    """
    there = ~np.isnan(np.asarray(scores, float))
    scores, learnt, clusters = np.asarray(scores, float)[there], np.asarray(learnt, bool)[there], clusters[there]
    names, codes = np.unique(clusters, return_inverse=True)
    won, pairs = _pairs(scores, learnt, codes, len(names))
    counts = int(learnt.sum()), len(learnt), len(names)
    if not pairs.sum():
        return Area(float("nan"), float("nan"), float("nan"), *counts)
    low, high = np.nanquantile(_drawn(won, pairs, draws, seed), [0.025, 0.975])
    return Area(float(won.sum() / pairs.sum()), float(low), float(high), *counts)


def drawn_areas(scores: Array, learnt: Array, clusters: Array, draws: int = DRAWS, seed: int = 0) -> Array:
    """The areas of `draws` draws of clusters, NaN where a draw has none; of the same clusters the same draws.

    So areas of two scores, draw by draw, tell an interval of their difference. Runs without a score are left out.
    """
    there = ~np.isnan(np.asarray(scores, float))
    names, codes = np.unique(clusters, return_inverse=True)
    own = np.asarray(scores, float)[there], np.asarray(learnt, bool)[there], codes[there]
    return _drawn(*_pairs(*own, len(names)), draws, seed)


def _drawn(won: Array, pairs: Array, draws: int, seed: int) -> Array:
    count = len(won)
    drawn = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), size=draws)
    over, under = (np.einsum("di,ij,dj->d", drawn, table, drawn) for table in (won, pairs))
    return np.asarray(np.divide(over, under, out=np.full(draws, np.nan), where=under > 0))


def _pairs(scores: Array, learnt: Array, codes: Array, count: int) -> tuple[Array, Array]:
    """(count, count): of pairs of a learnt run of one cluster and a failed one of another, those won, and all."""
    won, pairs = np.zeros((count, count)), np.zeros((count, count))
    for i in range(count):
        of_learnt = scores[(codes == i) & learnt]
        for j in range(count):
            of_failed = scores[(codes == j) & ~learnt]
            higher = (of_learnt[:, None] > of_failed).sum()
            won[i, j] = higher + 0.5 * (of_learnt[:, None] == of_failed).sum()
            pairs[i, j] = len(of_learnt) * len(of_failed)
    return won, pairs


def best_threshold(scores: Array, learnt: Array) -> float:
    """The score that parts learnt runs from failed ones with the fewest on the wrong side; NaN without both."""
    there = ~np.isnan(np.asarray(scores, float))
    order = np.argsort(np.asarray(scores, float)[there], kind="stable")
    values, outcome = np.asarray(scores, float)[there][order], np.asarray(learnt, bool)[there][order]
    if outcome.all() or not outcome.any():
        return float("nan")
    # Cut k puts the first k runs on the side of failure: wrong are the learnt among them, and the failed behind them.
    wrong = np.concatenate([[0], np.cumsum(outcome)]) + np.concatenate([np.cumsum(~outcome[::-1])[::-1], [0]])
    inner = wrong[1:-1]
    cut = 1 + int(np.flatnonzero(inner == inner.min())[(inner == inner.min()).sum() // 2])
    low, high = values[cut - 1], values[cut]
    return float((low + high) / 2) if np.isfinite([low, high]).all() else float(high)


__all__ = ["Area", "best_threshold", "clustered_area", "drawn_areas"]
