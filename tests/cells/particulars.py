"""What the checks of every cell have to know of single cells: data, each with its reason."""

from __future__ import annotations

POSITIVE: dict[str, tuple[str, ...]] = {}
"""Initial states and parameters that a cell's equations need positive (a normaliser, a variance), by pattern."""

WARNINGS: dict[str, tuple[str, ...]] = {
    # One angle turns a complex number, so it serves the real part and the imaginary one.
    "hgrn": ("the parameter theta serves p' (line 9) and q' (line 10)",),
}
"""The warnings that a cell's equations rightly get."""

COMPILED: dict[str, str] = {
    "rnn": "one product, no gate",
    "lstm": "four stacked products, two states",
    "gru": "two products after each other, one stable form (1 - z)",
    "gru_torch": "a product with a bias inside a gate",
}
"""The cells whose kernels are compiled in every run, with the kind of structure for which each stands."""

PENDING: tuple[str, ...] = ()
"""Cells that nobody has transcribed yet."""
