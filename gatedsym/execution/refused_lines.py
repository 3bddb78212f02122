"""Adjoints of lines that somebody asks of gradients that have none → a sentence that says how to have them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from gatedsym.errors import ArgumentError
from gatedsym.typing import Array


@dataclass(frozen=True)
class RefusedLines:
    """A stand-in for `LineAdjoints` that refuses.

    Attributes
    ----------
    sentence : str
    """

    sentence: str

    @classmethod
    def without_run(cls, cell: str) -> RefusedLines:
        """For gradients of which no run is known here: of `Cell.gradients`, say, or from another process."""
        return cls(
            f"these gradients of {cell} know no adjoints of lines: ask what backward returned, in the process that"
            " made it."
        )

    def compute(self, initial: Mapping[str, Array]) -> NoReturn:
        """Refuse.

        Raises
        ------
        ArgumentError
        """
        raise ArgumentError(self.sentence)
