"""A run and cotangents → the adjoint of every line at every step, computed when somebody asks for one.

The backward pass is run again for the total adjoints of the states, from the run and with its parameters; from these a
kernel of its own, generated when first used and kept in the cache, makes those of all lines.
"""

from __future__ import annotations

import weakref
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.backward import BackwardPass, cut_steps, residual_rows, segment_length
from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.kept_modules import module_place, module_text
from gatedsym.execution.layouts import join_parts
from gatedsym.execution.named_arrays import equal_arrays
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.refused_lines import RefusedLines
from gatedsym.execution.results import Run
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.kernels import Kernels

KERNEL = "line_adjoints"
"""What the kernel is called, and by what a cell remembers it."""


AnyRun = TypeVar("AnyRun", bound=Run)
Given = TypeVar("Given")


class LineAdjoints(ABC, Generic[AnyRun, Given]):
    """The run and cotangents of a backward pass, kept so that adjoints of lines can be computed later.

    Parameters
    ----------
    run : Run
        It is not kept alive: who wants adjoints of lines has it still.
    cotangents : Cotangents, or those of packed rows
    """

    def __init__(self, run: AnyRun, cotangents: Given) -> None:
        self._run, self._cotangents, self._name = weakref.ref(run), cotangents, run.cell.name

    def __reduce__(self) -> tuple[Any, ...]:
        """A pickle carries no run, so that which it gives refuses lines in a sentence."""
        return RefusedLines.without_run, (self._name,)

    def compute(self, initial: Mapping[str, Array]) -> dict[str, Array]:
        """The adjoints of every line, (T, B, …), by its name.

        Parameters
        ----------
        initial : mapping of str to array
            What the backward pass gave as gradients of initial states: what is computed must belong to the same.

        Raises
        ------
        ArgumentError
            If the run is there no more, or cotangents have changed since.
        """
        run = self._run()
        if run is None:
            raise ArgumentError(
                "adjoints of lines are computed from the run, which is gone: keep what forward returned in a variable."
            )
        run.check_current()
        again, totals = self._again(run)
        if not equal_arrays(again, initial):
            raise ArgumentError(
                f"the cotangents (or these gradients) have changed since {run.cell.name}.backward: "
                "ask for adjoints of lines before you change them, or run backward again."
            )
        return self._lines(run, totals)

    @abstractmethod
    def _again(self, run: AnyRun) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        """The backward pass once more: gradients of initial states, and total adjoints of states by kernel names."""

    @abstractmethod
    def _lines(self, run: AnyRun, totals: Mapping[str, Array]) -> dict[str, Array]:
        """The adjoints of all lines, from the total adjoints of states."""


class PlainLineAdjoints(LineAdjoints[Run, Cotangents]):
    """Those of a run whose sequences all have all steps."""

    def _again(self, run: Run) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        back = _backward(run, self._cotangents)
        return back.gradients(run.batch_first).initial, back.adjoints

    def _lines(self, run: Run, totals: Mapping[str, Array]) -> dict[str, Array]:
        return _lines(run, self._cotangents, totals)


def _backward(run: Run, cotangents: Cotangents) -> BackwardPass:
    """The backward pass once more, for adjoints of states alone."""
    cell, length = run.cell, segment_length(run.cell, run.call_shape, run.dtype)
    back = BackwardPass(
        cell, run.parameters, run.call_shape, run.dtype, frozenset({"states"}), length, FRESH, run.threads
    )
    for start, stop in reversed(cut_steps(run.call_shape.steps, length)):
        back.carry(start, stop, residual_rows(run, start, stop), cotangents)
    return back


def _lines(run: Run, cotangents: Cotangents, totals: Mapping[str, Array]) -> dict[str, Array]:
    """The adjoints of all lines, from the total adjoints of states by the names of the backward kernel."""
    kernels, call_shape = kernels_of(run.cell), run.call_shape
    if not kernels.has(KERNEL):
        return {}  # the equations define states alone
    signature = kernels.signature(KERNEL)
    known = {**run.arrays, **run.parameters}
    arrays = {a.name: known[a.name] for a in signature.arrays if a.name in known}
    names = {a.tensor: a.name for a in run.cell.kernels.signature("backward").of_kind(Kind.ADJOINT)}
    for a in signature.arrays:
        if a.kind is Kind.ADJOINT:
            arrays[a.name] = totals[names[a.tensor]]
        elif a.kind is Kind.COTANGENT:
            arrays[a.name] = np.empty(call_shape.shape(a), run.dtype)
            cotangents.place(a.tensor, arrays[a.name], 0, call_shape.steps)
    arrays = kernels.allocate(KERNEL, arrays, call_shape, run.dtype)
    kernels.run(KERNEL, arrays, call_shape, run.threads)
    found = {a.tensor: arrays[a.name] for a in signature.of_kind(Kind.LOCAL)}
    for layout in run.cell.interface.layouts("locals", "outputs"):
        if layout.is_divided:
            found[layout.name] = join_parts(layout, [found.pop(p) for p in layout.parts], call_shape.sizes)
    return {name: np.swapaxes(rows, 0, 1) for name, rows in found.items()} if run.batch_first else found


def kernels_of(cell: RecurrentCell) -> Kernels:
    """The kernel of the adjoints of a cell's lines: from the cache, or written now."""
    return cell.memo.of(KERNEL, lambda: _load(cell))


def _load(cell: RecurrentCell) -> Kernels:
    from gatedsym.execution.kernels import Kernels
    from gatedsym.runtime.jit.compile import load_module

    def write() -> str:
        from gatedsym.codegen.line_adjoints import write_line_adjoints

        return write_line_adjoints(cell.recurrence)

    name = f"{cell.name}_line_adjoints"
    place = module_place(cell, "lines", name, "gatedsym.codegen.line_adjoints")
    return Kernels(load_module(module_text(place, write), name))
