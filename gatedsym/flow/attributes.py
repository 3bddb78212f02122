"""Attributes of a dataset: what was measured, on what, with which sizes, in the words and lists that figures read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.execution.layouts import axes_shape
from gatedsym.flow.inputs.laws import inputs_described, main_input, unknown_inputs
from gatedsym.flow.inputs.source import Source
from gatedsym.flow.loss import Loss, compared_state
from gatedsym.flow.sizes import hidden_size, sizes_used

if TYPE_CHECKING:
    from gatedsym.cells import Cell


def describe(
    cells: Sequence[Cell], source: Source, loss: Loss, *, laws_followed: bool = True, **sizes: Any
) -> dict[str, Any]:
    """Attributes of a dataset: what was measured, on what, with which sizes.

    `laws_followed` says whether inputs were fed as `inputs_of` does, rather than with numbers of the analysis's own.
    """
    from gatedsym.version import __version__

    reads = any(c.inputs for c in cells)
    return {
        "title": "gradient norm against lag",
        "source": f"gatedsym {__version__}",
        "cells": [c.name for c in cells],
        "compared_states": [compared_state(c) for c in cells],
        "input": source.name if reads else "nothing",
        "input_description": source.description + _projected(cells, source.features, int(sizes["n"]))
        if reads
        else "none (the cells have no input)",
        "input_features": source.features if reads else 0,
        "input_digest": source.series.digest if reads and source.series is not None else "",
        **inputs_described(cells, laws_followed),
        **declarations(cells),
        "dimensions": [_dimensions(c, source.features, int(sizes["n"])) for c in cells],
        "given": [c.name for c in cells if hasattr(c, "parameters_digest")],
        "loss": loss.description,
        "given_parameters": _given(cells),
        **_given_by(cells),
        **sizes,
    }


def declarations(cells: Sequence[Cell]) -> dict[str, str]:
    """The sentence that tells of the declared derivatives of cells that have any."""
    found = [f"{', '.join(cell.declared)} of {cell.name}" for cell in cells if cell.declared]
    if not found:
        return {}
    told = f"By declaration, not by differentiation: what {'; '.join(found)} pass on. Gradients follow the declaration."
    return {"declared_derivatives": told}


def _projected(cells: Sequence[Cell], features: int, n: int) -> str:
    """The words that tell of cells that read the input through a projection, as `inputs_of` makes it."""
    found = []
    for cell in (c for c in cells if c.inputs):
        names = ([] if _fits(cell, features, n) else [main_input(cell)]) + unknown_inputs(cell)
        if names:
            found.append(cell.name if len(cell.inputs) == 1 else f"{', '.join(names)} of {cell.name}")
    return f" ({', '.join(found)}: through a fixed random projection)" if found else ""


def _fits(cell: Cell, features: int, n: int) -> bool:
    """Tell whether the main input of a cell at hidden size n takes all features as they are."""
    sizes, main = sizes_used(cell, features, hidden_size(cell, n)), main_input(cell)
    axes = next(layout.axes for layout in cell.interface.inputs if layout.name == main)
    shape = axes_shape(axes, sizes)
    # Beside further inputs a matrix of as many entries takes them in order.
    return shape == (features,) or (len(cell.inputs) > 1 and int(np.prod(shape)) == features)


def _dimensions(cell: Cell, features: int, n: int) -> str:
    """The dimensions of a cell's states with their sizes, ``n = 64, d = 8``, where n alone does not say them."""
    named = {d.name for d in cell.interface.dimensions if not d.name.isdigit()}
    states = list(dict.fromkeys(d for layout in cell.interface.states for axis in layout.axes for d in axis))
    sizes = sizes_used(cell, features, hidden_size(cell, n))
    shown = [d for d in states if d in named]
    if shown == ["n"] and sizes["n"] == n:
        return ""
    return ", ".join(f"{d} = {sizes[d]}" for d in shown) or "numbers"


def _given(cells: Sequence[Cell]) -> str:
    """The sentence that a caption adds of cells that start from given parameters, whatever initialisation it names."""
    found = [c.name for c in cells if hasattr(c, "parameters_digest")]
    return f" Not drawn but given: the parameters of {', '.join(found)}." if found else ""


def _given_by(cells: Sequence[Cell]) -> dict[str, list[str]]:
    """Whose parameters the cells have that start from given ones, in their order; nothing where files alone say so."""
    found = [str(getattr(c, "provenance", "")) for c in cells if hasattr(c, "parameters_digest")]
    return {"given_by": found} if any(found) else {}
