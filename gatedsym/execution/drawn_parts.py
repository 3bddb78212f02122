"""The parts of a cell, each with the initialisation of its paper → its parameters."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import apply_prescription, stem
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.library.parts import PlacedPart


def draw_parts(
    draw: Callable[..., dict[str, Array]],
    parts: Sequence[PlacedPart],
    scheme: str,
    sizes: Mapping[str, int],
    seed: int,
    name: str,
) -> dict[str, Array]:
    """Parameters of a cell that uses others: families are those of the parts, and ``paper`` is each part's own.

    Parameters
    ----------
    draw : callable
        ``scheme=`` and ``families=`` to all parameters, as `draw_parameters` takes them.
    parts : sequence of PlacedPart
    scheme : str
    sizes : mapping of str to int
        Of the whole cell's dimensions.
    seed : int
    name : str
        Of the cell, for an error.

    Raises
    ------
    ArgumentError
        For ``paper`` where no part has an initialisation.
    """
    own = {outer: f"{number}.{stem(inner)}" for number, part in enumerate(parts)
           for inner, outer in part.parameters.items() if inner not in part.shared}  # fmt: skip
    if scheme != "paper":
        return draw(scheme=scheme, families=own)
    if not any(part.initialisation for part in parts):
        raise ArgumentError(
            f"scheme='paper' needs a cell whose derivation file prescribes one; {name} uses none that has one: "
            "give scheme='uniform' or 'xavier'."
        )
    params = draw(scheme="uniform", families=own)
    for number, part in enumerate(parts, 1):
        if part.initialisation is None:
            continue
        if part.initialisation.otherwise != "uniform":
            otherwise = draw(scheme=part.initialisation.otherwise, families=own)
            params |= {outer: otherwise[outer] for inner, outer in part.parameters.items() if inner not in part.shared}
        named = {inner: params[outer] for inner, outer in part.parameters.items()}
        own_sizes = {inner: sizes[outer] for inner, outer in part.dimensions.items()}
        apply_prescription(named, part.initialisation, own_sizes, seed, number, part.shared)
    return params
