"""Adjoints of lines that somebody asks of gradients of unlike lengths → a sentence that says how to have them."""

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
    cell : str
        Its name, for the sentence.
    """

    cell: str

    def compute(self, initial: Mapping[str, Array]) -> NoReturn:
        """Refuse.

        Raises
        ------
        ArgumentError
        """
        raise ArgumentError(
            f"runs of {self.cell} with lengths= or resets= have no adjoints of lines yet: run each sequence (each "
            "episode of it) alone, or, for lengths=, run the padded batch without it, with finite padding and with "
            "cotangents that are zero after each end."
        )
