"""Domains of inputs → laws: how an analysis draws an input of which the equations say what it may be.

A listed set is drawn with equal chances unless its mean is told, an interval uniformly, a half-line as its end and an
exponential number of mean 1, all of R as N(0, 1).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from scipy.special import log_ndtr, ndtr

from gatedsym.ir.domain import Domain
from gatedsym.typing import Array


def of_normal(domain: Domain, z: Array, sizes: Mapping[str, int]) -> Array:
    """N(0, 1) numbers as numbers of a domain, each of one alone.

    Parameters
    ----------
    domain : Domain
    z : array
        Of N(0, 1).
    sizes : mapping of str to int
        Of the dimensions that the domain speaks of.

    Returns
    -------
    array of the shape and type of z
    """
    if domain.mean is not None:
        lower, upper = map(float, domain.values)
        return np.where(ndtr(z) < domain.chance, upper, lower).astype(z.dtype)
    members = domain.members(sizes)
    if members is not None:
        places = np.minimum((ndtr(z) * len(members)).astype(np.intp), len(members) - 1)
        return np.asarray(members[places], dtype=z.dtype)
    low, high = domain.low.value(sizes), domain.high.value(sizes)
    if low is None and high is None:
        return z
    if low is None or high is None:
        end, sign = (low, 1.0) if low is not None else (high, -1.0)
        drawn = np.asarray(end - sign * log_ndtr(-z), dtype=z.dtype)
    else:
        drawn = np.asarray(low + (high - low) * ndtr(z), dtype=z.dtype)
    return _inside(drawn, domain, low, high)


def _inside(drawn: Array, domain: Domain, low: float | None, high: float | None) -> Array:
    """Numbers that rounding has put on an end, or beyond it, moved to the nearest one that belongs to the domain."""
    for end, closed, to, cut in (
        (low, domain.closed[0], np.inf, np.maximum),
        (high, domain.closed[1], -np.inf, np.minimum),
    ):
        if end is not None:
            nearest = drawn.dtype.type(end)
            drawn = cut(drawn, nearest if closed else np.nextafter(nearest, drawn.dtype.type(to)))
    return drawn


def told(domain: Domain) -> str:
    """The law of a domain in words, for a caption."""
    if domain.mean is not None:
        return f"of {{{', '.join(map(str, domain.values))}}}, {domain.values[1]} with probability {domain.chance:g}"
    if domain.values:
        return f"of {domain}, each with the same probability"
    if domain.whole:
        return f"a whole number of {domain}, each with the same probability"
    if domain.low.number is None and domain.high.number is None:
        return "of either sign, N(0, 1)"
    if domain.low.number is None or domain.high.number is None:
        end, sign = (domain.high, "minus") if domain.low.number is None else (domain.low, "plus")
        return f"in {domain}, {end} {sign} an exponential number of mean 1"
    return f"in {domain}, uniform"
