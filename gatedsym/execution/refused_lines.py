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
            f"these gradients of {cell} know no adjoints of lines: ask what backward returned for a run of sequences of"
            " one length, in the process that made it."
        )

    @classmethod
    def of_unlike_lengths(cls, cell: str) -> RefusedLines:
        """For gradients of a run with lengths or resets."""
        return cls(
            f"runs of {cell} with lengths= or resets= have no adjoints of lines yet: run each sequence (each "
            "episode of it) alone, or, for lengths=, run the padded batch without it, with finite padding and with "
            "cotangents that are zero after each end."
        )

    def compute(self, initial: Mapping[str, Array]) -> NoReturn:
        """Refuse.

        Raises
        ------
        ArgumentError
        """
        raise ArgumentError(self.sentence)
