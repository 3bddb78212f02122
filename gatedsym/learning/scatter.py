"""A law of lags → several different places in a row of steps, in order: where symbols that count stand among others."""

from __future__ import annotations

import math

import numpy as np

from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LagLaw
from gatedsym.typing import Array


def scatter(law: str, places: int, several: int, draws: Draws, count: int) -> Array:
    """Choose different places of 0 … places - 1, ascending in each column, (several, count).

    ``uniform``: every choice as likely. ``fixed``: the first ones. ``geometric``: independent geometric distances to
    the end, in order; each symbol stands as many steps further on as there are symbols before it.
    """
    if law == "uniform":
        return _floyd(places, several, draws, count)
    distance = LagLaw(law, 0, places - several)
    drawn = np.stack([distance.draw(draws, count) for _ in range(several)])
    return places - several - np.sort(drawn, axis=0)[::-1] + np.arange(several)[:, None]


def place_shares(law: str, places: int, several: int) -> list[dict[int, float]]:
    """Probabilities of the places of each symbol, the first one first."""
    if law == "uniform":
        whole = math.comb(places, several)
        return [
            {
                place: math.comb(place, j) * math.comb(places - 1 - place, several - 1 - j) / whole
                for place in range(j, places - several + 1 + j)
            }
            for j in range(several)
        ]
    below = np.cumsum(LagLaw(law, 0, places - several).probabilities)
    ends = places - several
    return [
        {ends - d + j: p for d, p in enumerate(_order_statistic(below, several - j, several)) if p > 0}
        for j in range(several)
    ]


def _order_statistic(below: Array, rank: int, of: int) -> list[float]:
    """Probabilities of the value that is at place `rank` from below among independent ones, from P(X <= value)."""
    reached = [
        sum(math.comb(of, i) * share**i * (1 - share) ** (of - i) for i in range(rank, of + 1))
        for share in np.minimum(below, 1.0).tolist()
    ]
    return [float(max(p, 0.0)) for p in np.diff(reached, prepend=0.0)]


def _floyd(places: int, several: int, draws: Draws, count: int) -> Array:
    """Floyd's algorithm: a number is taken below a growing limit, or the limit where that one is taken already."""
    chosen = np.full((several, count), -1)
    limits = np.arange(places - several, places)
    drawn = draws.below(limits[:, None] + 1, several, count)
    for k, limit in enumerate(limits):
        taken = (chosen[:k] == drawn[k]).any(axis=0)
        chosen[k] = np.where(taken, limit, drawn[k])
    return np.sort(chosen, axis=0)


__all__ = ["place_shares", "scatter"]
