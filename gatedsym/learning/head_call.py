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
        self._cotangents = Cotangents.of_run(run, ones)
        self._forward, steps = {**self.arrays, **self.params}, max(call.call_shape.steps, 1)
        self._back = BackwardPass(head, self.params, call.call_shape, call.dtype, _RETURNS, steps, FRESH, threads)
        self._sums = [*(self._back.fixed[name] for name, _ in self._back.plan.blocks), *self._back.sums.values()]

    def fits(self, given: Mapping[str, Array], threads: int | None) -> bool:
        """Whether inputs have its shape."""
        return threads == self.threads and all(given[name].shape == own.shape for name, own in self._inputs.items())

    def __call__(self, given: Mapping[str, Array]) -> tuple[float, dict[str, Array], list[Array]]:
        """The sum of the loss, its gradients by inputs and by parameters, which hold until the next call."""
        check_domains(self.head, given, {}, self.call_shape.sizes, False)
        for name, own in self._inputs.items():
            own[...] = given[name]
        self.head.kernels.run("forward", self._forward, self.call_shape, self.threads)
        for array in self._sums:
            array.fill(0)
        self._back.carry(0, self.call_shape.steps, self.arrays, self._cotangents)
        found, results = self._back.found(), self._back.plan.results
        by_inputs = {view.name: view.of(found) for view in results["inputs"]}
        return float(self._loss.sum(dtype=np.float64)), by_inputs, [view.of(found) for view in results["params"]]


__all__ = ["HeadCall"]
