"""A readout's kernels bound to arrays of one shape: its loss and gradients without the checks of a first call.

Beside a small cell, what stands around a call of a kernel costs more than the readout itself. Arguments of a shape are
checked and laid out once, by what `Cell.forward` and `Cell.backward` use; after that numbers alone change.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatedsym.cells import Cell
from gatedsym.composition import reduction
from gatedsym.execution.arguments import Call, check_domains
from gatedsym.execution.backward import BackwardPass
from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array

_RETURNS = frozenset(("params", "inputs"))


class HeadCall:
    """A readout of one shape.

    Parameters
    ----------
    head : Cell
        A cell without state, whose loss is multiplied by an input.
    params : Parameters
        Views: what they hold at the moment of a call counts.
    given : mapping of str to array
        Its inputs, for their shapes.
    threads : int, optional
    """

    def __init__(self, head: Cell, params: Parameters, given: Mapping[str, Array], threads: int | None) -> None:
        call = Call.begin(head, params, dict(given), False, None, None, None)
        names = head.kernels.array_names
        self.head, self.threads, self.call_shape, self.dtype = head, threads, call.call_shape, call.dtype
        self.arrays, self.params = call.arrays(), call.parameters()
        self._inputs = {name: self.arrays[names[Kind.INPUT, name]] for name in head.inputs}
        run = head.forward(params, dict(given), threads=1)
        ones = reduction.cotangents(run, "sum")
        (self._loss,) = (self.arrays[names[Kind.OUTPUT, name]] for name in ones)
        self._forward = head.kernels.bound("forward", {**self.arrays, **self.params}, call.call_shape, threads)
        self._bind_backward(Cotangents.of_run(run, ones))

    def _bind_backward(self, cotangents: Cotangents) -> None:
        """Bind the backward pass of all steps; before each, what it adds to and reads is put back as it is now."""
        steps = self.call_shape.steps
        back = self._back = BackwardPass(
            self.head, self.params, self.call_shape, self.dtype, _RETURNS, max(steps, 1), FRESH, self.threads
        )
        opened, plan = back.open(0, steps, self.arrays, cotangents), back.plan
        names = [name for name, _ in (*plan.outputs, *plan.blocks)] + [adjoint.name for adjoint in plan.adjoints]
        begun = [*(opened[name] for name in names), *back.sums.values()]
        self._begun = [(array, array.copy()) for array in begun]
        self._backward = back.bound(opened, steps)
        self._in_place = back.in_place
        self._found: tuple[dict[str, Array], list[Array]] | None = None

    def fits(self, given: Mapping[str, Array], threads: int | None) -> bool:
        """Whether inputs have its shape."""
        return threads == self.threads and all(given[name].shape == own.shape for name, own in self._inputs.items())

    def __call__(self, given: Mapping[str, Array]) -> tuple[float, dict[str, Array], list[Array]]:
        """The sum of the loss, its gradients by inputs and by parameters, which hold until the next call."""
        check_domains(self.head, given, {}, self.call_shape.sizes, False)
        for name, own in self._inputs.items():
            own[...] = given[name]
        self._forward()
        for array, at_first in self._begun:
            np.copyto(array, at_first)
        for call in self._backward:
            call()
        if self._found is None or not self._in_place:
            self._found = self._find()
        return float(self._loss.sum(dtype=np.float64)), *self._found

    def _find(self) -> tuple[dict[str, Array], list[Array]]:
        found, results = self._back.found(), self._back.plan.results
        return {view.name: view.of(found) for view in results["inputs"]}, [view.of(found) for view in results["params"]]


__all__ = ["HeadCall"]
