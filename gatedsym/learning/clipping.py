"""Words and numbers for clipping → a rule that scales or bounds a gradient."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from numbers import Real
from typing import NamedTuple

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown

_TEXT = re.compile(r"(norm|value)[ :]+([-+.\deE]+)")
_BELOW = 1e-6
"""What torch adds to a norm before it divides by it."""


class Clipped(NamedTuple):
    """A gradient as it is to be used: times `scale`, each entry within ±`bound`."""

    scale: float
    bound: float


@dataclass(frozen=True)
class Clipping:
    """A limit for gradients.

    Attributes
    ----------
    by : {"norm", "value", ""}
        Of the norm of all parameters together, or of each entry; "" for none.
    limit : float

    Examples
    --------
    >>> Clipping("norm", 1.0).of(4.0).scale < 0.25
    True
    """

    by: str = ""
    limit: float = math.inf

    def of(self, norm: float) -> Clipped:
        """Scaling by the norm, or a bound for entries, as torch's clip_grad_norm_ and clip_grad_value_ have them."""
        if self.by == "norm":
            return Clipped(min(1.0, self.limit / (norm + _BELOW)), math.inf)
        return Clipped(1.0, self.limit)

    @property
    def words(self) -> str:
        """``norm 1``, ``value 0.1`` or ``none``: what `read_clipping` reads."""
        return f"{self.by} {self.limit:g}" if self.by else "none"


def read_clipping(given: object) -> Clipping:
    """A limit for the norm, or what names its kind: ``("value", 0.1)``, ``"value 0.1"``; None or "none" for none.

    Raises
    ------
    ArgumentError
        For anything else, and limits that are not positive.
    """
    if given is None or given == "none":
        return Clipping()
    if isinstance(given, Clipping):
        return given
    by, limit = "norm", given
    if isinstance(given, str) and (found := _TEXT.fullmatch(given.strip())):
        by, limit = found[1], _number(found[2])
    elif isinstance(given, tuple | list) and len(given) == 2:
        by, limit = given
    known = by in ("norm", "value") and isinstance(limit, Real) and not isinstance(limit, bool)
    if not known or not limit > 0:  # type: ignore[operator]
        raise ArgumentError(
            f'clip={shown(given)}: give a positive limit of the norm, clip=1.0, or of each entry, clip="value 0.1", '
            "or None."
        )
    return Clipping(str(by), float(limit))  # type: ignore[arg-type]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


__all__ = ["Clipped", "Clipping", "read_clipping"]
