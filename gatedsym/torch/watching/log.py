"""The numbers of an update → a few scalars for a logger, such as TensorBoard's writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown
from gatedsym.flow.numerics.adjoints import norms_at_ends

if TYPE_CHECKING:
    from gatedsym.torch.watching.measures import Numbers, Place

TOGETHER = 3
"""The row of norms that is of all sequences together."""


def scalar_of(log: Any) -> Callable[[str, float, int], Any] | None:
    """The function that takes a scalar: the one that was given, or a writer's.

    Raises
    ------
    ArgumentError
    """
    found = getattr(log, "add_scalar", log)
    if found is not None and not callable(found):
        raise ArgumentError(f"log is {shown(log)}: give a writer of TensorBoard, or a function (tag, value, update).")
    return found


def log_numbers(log: Callable[[str, float, int], Any], update: int, seen: Mapping[Place, Numbers]) -> None:
    """Log of each place the gradient that is left at the first step read, its ratio to that at the last, and openness.

    Tags are ``gradient/PLACE/QUANTITY/log10 norm at the first step read``, ``…/factor per step``, and
    ``openness/PLACE/GATE``, PLACE being module, layer and direction.
    """
    for place, numbers in seen.items():
        name = "/".join([place.module or "model", f"layer {place.layer}", place.direction])
        for quantity, norms in numbers.norms.items():
            first, last, steps = norms_at_ends(norms[TOGETHER][1:-1], place.direction == "reverse")
            log(f"gradient/{name}/{quantity}/log10 norm at the first step read", first, update)
            if steps:
                log(f"gradient/{name}/{quantity}/factor per step", float(10 ** ((first - last) / steps)), update)
        for gate, rows in numbers.gates.items():
            log(f"openness/{name}/{gate}", float(np.nanmean(rows[0])), update)
