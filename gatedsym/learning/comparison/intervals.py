"""n of N → the interval in which the share lies (Clopper and Pearson 1934)."""

from __future__ import annotations


def share_interval(found: int, of: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share.

    Parameters
    ----------
    found, of : int
        n of N.
    level : float
        Probability with which such an interval holds the share, at least.

    Examples
    --------
    >>> [round(end, 2) for end in share_interval(5, 5)]
    [0.48, 1.0]
    """
    from scipy.special import betaincinv

    rest = (1 - level) / 2
    low = float(betaincinv(found, of - found + 1, rest)) if found else 0.0
    high = float(betaincinv(found + 1, of - found, 1 - rest)) if found < of else 1.0
    return low, high


__all__ = ["share_interval"]
