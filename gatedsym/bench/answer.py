"""Results of a library at a point, in one form for all, so that equal work can be shown to be equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from gatedsym.typing import Array


@dataclass(frozen=True)
class Answer:
    """Values and gradients under gatedsym's names.

    Attributes
    ----------
    values : mapping of str to array
        (T, B, …) for each name that has a cotangent.
    params, inputs, initial : mapping of str to array
        Gradients; empty for a library that runs forward alone.
    """

    values: Mapping[str, Array]
    params: Mapping[str, Array] = field(default_factory=dict)
    inputs: Mapping[str, Array] = field(default_factory=dict)
    initial: Mapping[str, Array] = field(default_factory=dict)


class Library(Protocol):
    """A library made ready for one point; each call does the whole work anew, packing of weights included."""

    def forward(self) -> Any:
        """Inference."""

    def both(self) -> Any:
        """Forward + backward with the gradients of all parameters, of the input and of the initial state."""

    def answer(self) -> Answer:
        """Results of `forward` and of `both`."""


class UnsupportedError(Exception):
    """A library cannot do what is asked at this point: the sentence stands in its column."""


def require_cell(cell: str, known: Mapping[str, Any]) -> None:
    """Raise UnsupportedError unless a library has a cell."""
    if cell not in known:
        raise UnsupportedError("has no such cell.")
