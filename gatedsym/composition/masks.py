"""Inputs that are masks → masks drawn by the law that the equations state, a fresh one a step or one a sequence."""

from __future__ import annotations

from typing import Any

import numpy as np

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.execution.arguments import float_dtype
from gatedsym.execution.layouts import axes_shape
from gatedsym.expect import expect_choice, expect_whole
from gatedsym.typing import Array


def masks(
    cell: Cell,
    steps: int,
    batch: int,
    *,
    seed: int = 0,
    per: str = "step",
    dtype: Any = "float64",
    **sizes: int,
) -> dict[str, Array]:
    """Draw the inputs of a cell whose declaration tells a mean, ``kept_1 in {0,1}^n with mean 0.7``.

    Parameters
    ----------
    cell : Cell
    steps, batch : int
        T and B.
    seed : int
        The same seed draws the same masks on every machine.
    per : {"step", "sequence"}
        A fresh mask at each step, or one for all steps of a sequence (variational dropout).
    dtype : {"float64", "float32"}
    **sizes
        Of the cell's dimensions: ``m=8, n=64``.

    Returns
    -------
    dict of str to array
        (T, B, …) by name. With ``per="sequence"`` an array repeats its one mask and cannot be written to.

    Raises
    ------
    ArgumentError
        For a cell that has no such input.

    References
    ----------
    Gal, Ghahramani 2016, A theoretically grounded application of dropout in recurrent neural networks, for one mask a
    sequence.

    Examples
    --------
    >>> import gatedsym as gs
    >>> drawn = gs.masks(gs.stack(["rnn", "rnn"], dropout=0.5), steps=3, batch=2, m=4, n=5)
    >>> drawn["kept_1"].shape
    (3, 2, 5)
    """
    expect_choice("per", per, ("step", "sequence"))
    shape = (expect_whole("steps", steps, 1), expect_whole("batch", batch, 1))
    laws = {name: domain for name, domain in cell.interface.domains.items() if domain.mean is not None}
    if not laws:
        raise ArgumentError(
            f"no input of {cell.name} is a mask with a mean: declare one, mask in {{0,1}}^n with mean 0.7."
        )
    lengths, start = cell.sizes(**sizes), expect_whole("seed", seed)
    drawn: dict[str, Array] = {}
    for number, (name, domain) in enumerate(sorted(laws.items())):
        own = axes_shape(cell.layout_of(name).axes, lengths)
        generator = np.random.default_rng([start, number, 0x3A5C])
        once = generator.random((shape[0] if per == "step" else 1, shape[1], *own)) < domain.chance
        low, high = map(float, domain.values)
        drawn[name] = np.broadcast_to(np.where(once, high, low).astype(float_dtype(dtype)), (*shape, *own))
    return drawn
