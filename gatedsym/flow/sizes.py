"""Sizes: the input size m and the hidden size n of an analysis → sizes for the dimensions of a cell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from gatedsym.errors import ArgumentError
from gatedsym.execution.sizes import resolve_sizes

if TYPE_CHECKING:
    from gatedsym.cells import Cell


def asked_sizes(cell: Cell, m: int, n: int) -> dict[str, int]:
    """The sizes that an analysis asks of a cell: m and n, as far as its equations leave them open."""
    free = {d.name for d in cell.interface.dimensions if not d.fixed}
    return {name: size for name, size in (("m", m), ("n", n)) if name in free}


def free_sizes(cell: Cell, m: int, n: int) -> dict[str, int]:
    """A size for each dimension that a caller must choose: m for those of inputs alone, n for all others."""
    of_inputs, of_states = (
        {d for layout in layouts for d in layout.dims} for layouts in (cell.interface.inputs, cell.interface.states)
    )
    alone = of_inputs - of_states
    return {d: m if d in alone else n for d in open_dimensions(cell)}


def hidden_size(cell: Cell, n: int) -> int:
    """The hidden size of a cell where an analysis asks for n: its own, if it has one (`matching.SizedCell`)."""
    own: int | None = getattr(cell, "hidden_size", None)
    return n if own is None else own


def open_dimensions(cell: Cell) -> list[str]:
    """Dimensions whose sizes the equations leave to the caller."""
    return [d.name for d in cell.interface.dimensions if d.is_free]


def require_sizes(cells: Iterable[Cell]) -> None:
    """Raise ArgumentError for the first cell with a dimension whose size neither m, n nor its equations give."""
    for cell in cells:
        if missing := [name for name in open_dimensions(cell) if name not in ("m", "n")]:
            raise ArgumentError(
                f"the equations of {cell.name} leave the size of {', '.join(missing)} open: add a line that says what "
                f"it is unless told otherwise, {missing[0]} = n."
            )


def sizes_used(cell: Cell, features: int, n: int) -> dict[str, int]:
    """The sizes of all dimensions of a cell that reads so many features at hidden size n."""
    given: Mapping[str, int] = getattr(cell, "given_sizes", {})
    wanted = {"m": features, "n": n} | dict(given)
    free = [d.name for d in cell.interface.dimensions if not d.fixed and d.is_free]
    return resolve_sizes(cell.interface.dimensions, {d: wanted.get(d, n) for d in free}, cell.name)
