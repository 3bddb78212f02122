"""Names that the calculus gives to what it makes; no two tensors of a Program share one."""

from __future__ import annotations

from collections.abc import Iterable

HIGHWAY = "state highway"
"""The path straight to a next state on which each entry acts on the same entry: no matrix, no name on the way.

It holds a blank, as no name of an equation does.
"""


def adjoint_name(name: str) -> str:
    """``d_h`` for ``h``."""
    return f"d_{name}"


def total_name(name: str) -> str:
    """The adjoint of a result that is also read within the step: its cotangent and what the step adds."""
    return f"d_{name}_total"


def tangent_name(name: str) -> str:
    """``dot_h`` for ``h``."""
    return f"dot_{name}"


def jacobian_name(of: str, wrt: str) -> str:
    """``J[c',h]`` for the block ∂c'/∂h."""
    return f"J[{of},{wrt}]"


def identity_name(dim: str) -> str:
    """The identity tensor over a dimension."""
    return f"delta_{dim}"


class Names:
    """Hands out names that are not taken."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)
        self._counts: dict[str, int] = {}

    def fresh(self, wish: str) -> str:
        """`wish`, or `wish_2`, `wish_3`, … if it is taken."""
        name, count = wish, self._counts.get(wish, 1)  # smaller ones stay taken
        while name in self._taken:
            count += 1
            name = f"{wish}_{count}"
        self._counts[wish] = count
        self._taken.add(name)
        return name
