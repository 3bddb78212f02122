"""A cell → its tangent cell, with kernels of its own: generated when first used, and kept in the cache."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatedsym.execution.kept_modules import module_place, module_text
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.memo import Memo
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.ir.interface import Group, Interface, Layout

if TYPE_CHECKING:
    from gatedsym.execution.kernels import Kernels
    from gatedsym.ir.program import Recurrence
    from gatedsym.library.load import Derivation

_GROUPS: tuple[Group, ...] = ("states", "outputs", "parameters", "inputs")


def tangent_cell(cell: RecurrentCell, parameters: bool, inputs: bool) -> TangentCell:
    """The tangent of a cell, made once for each choice of what has a direction.

    Parameters
    ----------
    cell : Cell
    parameters, inputs : bool
        Whether parameters and inputs have one; states always do.
    """
    return cell.memo.of(("tangent cell", parameters, inputs), lambda: TangentCell(cell, parameters, inputs))


class TangentCell:
    """The cell that carries a trajectory and a direction along it.

    Attributes
    ----------
    dots : dict of str to str
        For each state, output, parameter and input that has a direction, what the direction is called.
    tower : tuple
        Whether parameters and inputs have one; behind the same of the cell of which it is the tangent, if that is one.
    dot_parts : dict of str to str
        The same for their parts.
    """

    def __init__(self, cell: RecurrentCell, parameters: bool, inputs: bool) -> None:
        self.of, self.directed = cell, (parameters, inputs)
        below = (cell.tower,) if isinstance(cell, TangentCell) else ()
        self.tower: tuple[object, ...] = (*below, *self.directed)
        self.name, self.source, self.constants = f"{cell.name}_tangent", cell.source, cell.constants
        self.record: Derivation | None = None
        self.memo = Memo()

    def __getstate__(self) -> dict[str, Any]:
        return {k: v for k, v in self.__dict__.items() if k != "kernels"} | {"memo": Memo()}

    @cached_property
    def recurrence(self) -> Recurrence:
        """The Program of one step of the tangent cell."""
        from gatedsym.calculus.tangent_cell import derive_tangent_cell

        return derive_tangent_cell(self.of.recurrence, *self.directed)

    @cached_property
    def kernels(self) -> Kernels:
        """The compiled kernels (compiled at their first call)."""
        from gatedsym.execution.kernels import Kernels
        from gatedsym.runtime.jit.compile import load_module

        generators = ("gatedsym.codegen.module", "gatedsym.calculus.tangent_cell")
        place = module_place(self, "tangents", self.name, *generators, options=self.tower)
        return Kernels(load_module(module_text(place, self._generate), self.name))

    def _generate(self) -> str:
        from gatedsym.codegen.module import write_module

        return write_module(self.recurrence)

    @property
    def interface(self) -> Interface:
        """The typed table of the generated module."""
        return self.kernels.interface

    @property
    def states(self) -> tuple[str, ...]:
        """Names of states and of their directions."""
        return tuple(s.name for s in self.interface.states)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of inputs and of their directions."""
        return tuple(s.name for s in self.interface.inputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of outputs and of their directions."""
        return tuple(s.name for s in self.interface.outputs)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of parameters and of their directions."""
        return tuple(s.name for s in self.interface.parameters)

    def layout_of(self, name: str) -> Layout:
        """Name, axes and parts of what the tangent cell calls `name`."""
        return next(ly for ly in self.interface.layouts(*_GROUPS) if ly.name == name)

    def parameter_shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of a parameter or its direction."""
        return axes_shape(self.layout_of(name).axes, sizes)

    @cached_property
    def _pairs(self) -> list[tuple[Layout, Layout]]:
        """Each layout that has a direction, with that of the direction: they stand in one order."""
        own, found = self.of.interface, list[tuple[Layout, Layout]]()
        for group in _GROUPS:
            primal = own.layouts(group)
            found += zip(primal, self.interface.layouts(group)[len(primal) :], strict=False)
        return found

    @cached_property
    def dots(self) -> dict[str, str]:
        """For each name that has a direction, the name of that."""
        return {layout.name: dot.name for layout, dot in self._pairs}

    @cached_property
    def dot_parts(self) -> dict[str, str]:
        """For each part that has a direction, the part of that."""
        return {part: dot for pair in self._pairs for part, dot in zip(pair[0].parts, pair[1].parts, strict=True)}
