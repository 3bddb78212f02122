"""Declared derivatives and difference quotients: what is declared is held at its values at one point.

A stopped value has no derivative by declaration, a surrogate another one than its value: no difference quotient of the
value gives them. So a first run notes what is stopped, and later runs, next to it, keep that; what has the slope g by u
moves by g times the movement of u. The quotient of such runs is the derivative that was declared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from transcriptions.arithmetic import Functions

from gatedsym.ir.evaluate import Arithmetic


class Held:
    """The values of everything declared, in the order in which a run comes to them."""

    def __init__(self) -> None:
        self._noted: list[Any] = []
        self._at: int | None = None

    def again(self) -> None:
        """Begin a run that keeps what the first one noted."""
        self._at = 0

    def stop(self, x: Any) -> Any:
        """A value without a derivative."""
        return self._next(x)

    def declared(self, value: Any, slope: Any, by: Any) -> Any:
        """A value with another slope than its own."""
        value, slope, start = self._next((value, slope, by))
        return value + slope * (by - start)

    def _next(self, noted: Any) -> Any:
        if self._at is None:
            self._noted.append(noted)
            return noted
        self._at += 1
        return self._noted[self._at - 1]


def held_arithmetic(arithmetic: Arithmetic, first: Callable[[Arithmetic], Any]) -> Arithmetic:
    """An arithmetic for one run, in which everything declared is as in the run that `first` makes."""
    held = Held()
    own = replace(arithmetic, functions={**arithmetic.functions, "stop": held.stop, "declared": held.declared})
    first(own)
    held.again()
    return own


class HeldFunctions(Functions):
    """The functions of a transcription, with everything declared held as in the first run."""

    held: Held

    @classmethod
    def of(cls, functions: Functions) -> HeldFunctions:
        """From functions of any kind of number."""
        own = cls(**{name: getattr(functions, name) for name in Functions.__dataclass_fields__})
        object.__setattr__(own, "held", Held())
        return own

    def stop(self, a: Any) -> Any:
        """A value without a derivative."""
        return self.held.stop(a)

    def declared(self, value: Any, slope: Any, by: Any) -> Any:
        """A value with another slope than its own."""
        return self.held.declared(value, slope, by)
