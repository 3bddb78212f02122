"""The text of a cell → what a text around it needs to know: what it takes, what it reads out, its shapes."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gatedsym.equations.complex_numbers import pair_of
from gatedsym.equations.declarations import Axes
from gatedsym.equations.inner_cells import read_whole
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.read import read_equations
from gatedsym.equations.scope import Kind, Scope, Symbol
from gatedsym.equations.uses import whole
from gatedsym.errors import ArgumentError, EquationWarning
from gatedsym.ir.main_input import main_input_of
from gatedsym.ir.program import Recurrence
from gatedsym.ir.readout import last_states


@dataclass(frozen=True)
class Part:
    """A cell that stands in the text of another.

    Attributes
    ----------
    name : str
        Which cell it is.
    text : str
    constants : mapping of str to number
        Values in place of those of the text.
    """

    name: str
    text: str
    constants: Mapping[str, Any]

    @cached_property
    def recurrence(self) -> Recurrence:
        """The cell."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", EquationWarning)  # told where the cell was typed
            return read_equations(self.text, name=self.name, constants=self.constants)

    @cached_property
    def _scope(self) -> Scope:
        return read_whole(*parse_equations(whole(self.text)), self.constants)

    def of_kind(self, kind: Kind) -> list[Symbol]:
        """Names of a kind, in order of declaration."""
        return [symbol for symbol in self._scope.symbols.values() if symbol.kind == kind]

    def symbol(self, name: str) -> Symbol:
        """The symbol of a name."""
        return self._scope.symbols[name]

    @property
    def names(self) -> frozenset[str]:
        """Every name of the cell, functions that it defines among them."""
        return frozenset(self._scope.symbols) | frozenset(self._scope.definitions)

    @property
    def main(self) -> str:
        """The input that reads the layer below; "" of a cell without input."""
        return main_input_of(symbol.name for symbol in self.of_kind("input"))

    @cached_property
    def _axes(self) -> dict[str, Axes]:
        found = self.recurrence
        return {layout.name: layout.axes for layouts in (found.inputs, found.states, found.outputs, found.parameters)
                for layout in layouts}  # fmt: skip

    def axes(self, name: str) -> Axes:
        """The shape of a name, by the cell's own sizes."""
        declared = self.symbol(name).axes
        return self._axes[name] if declared is None else declared

    def readout(self, asked: str = "") -> Symbol:
        """The output or state that the next layer takes.

        It is the one output; of a cell without output the one state, or the one whose next value no other state's
        next value is computed from in the same step: h of an LSTM, whose c' enters h'.

        Parameters
        ----------
        asked : str
            The name of the one to take, where the cell has it.

        Raises
        ------
        ArgumentError
            Where the equations leave it open.
        """
        outputs, states = self.of_kind("output"), self.of_kind("state")
        named = [symbol for symbol in (*outputs, *states) if symbol.name == asked]
        found = named or outputs or self._last(states)
        if len(found) == 1:
            return found[0]
        several = " and ".join(symbol.name for symbol in found or states) or "neither output nor state"
        raise ArgumentError(
            f"{self.name} has {several}, and its equations do not say which one the next layer takes: "
            f"name it, readout={(found or states)[0].name!r}, or declare one output."
            if found or states
            else f"{self.name} has {several} for the next layer to take: write an equation h' = … or output y."
        )

    def _last(self, states: list[Symbol]) -> list[Symbol]:
        """States from which no other state's next value is computed in the same step."""
        if len(states) < 2:
            return states
        layouts = {layout.name: layout.parts for layout in self.recurrence.states}
        halves = {s.name: pair_of(s.name) if s.is_complex else (s.name,) for s in states}
        parts = {name: [part for half in own for part in layouts[half]] for name, own in halves.items()}
        last = last_states(self.recurrence.program, parts)
        return [s for s in states if s.name in last]
