"""Batches of unlike lengths for tests: cells of any kind, NaN where no step is, and each sequence alone."""

import numpy as np

import gatedsym as gs
from gatedsym.execution.kernels import Kernels
from gatedsym.execution.layouts import axes_shape
from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import uncompiled

T, B = 7, 5
LENGTHS = np.array([7, 3, 0, 3, 1])
CLOSE = {"rtol": 1e-12, "atol": 1e-12}  # the same sums, in another order


def plain_cell(name, **constants):
    """A cell of the library whose kernels run as plain Python."""
    cell = gs.cell(name, **constants)
    cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
    return cell


class Ragged:
    """A cell with parameters, an input full of NaN where no step is, and a past."""

    def __init__(self, cell, seed=0):
        self.cell, self.rng = cell, np.random.default_rng(seed)
        square = cell.name in ("sru", "feed_forward_gate")
        self.params = cell.init(m=4 if square else 3, n=4, seed=seed)
        sizes = self.params.sizes
        self.shape = {
            layout.name: axes_shape(layout.axes, sizes)
            for layout in cell.interface.layouts("states", "inputs", "outputs")
        }
        self.x = {name: self.rng.standard_normal((T, B, *self.shape[name])) for name in cell.inputs}
        if "token" in self.x:
            self.x["token"] = self.rng.integers(0, 3, (T, B))
        delays = cell.interface.delays
        self.initial = {
            name: self.rng.standard_normal((delay, B, *self.shape[name])) for name, delay in delays.items() if delay
        }

    def padded(self, arrays, lengths=LENGTHS):
        """The same with NaN where a sequence is over."""
        return {name: np.where(over(lengths, array), np.nan, array) for name, array in arrays.items()}

    def forward(self, lengths=LENGTHS, **options):
        x = self.x if lengths is None else self.padded(self.x, lengths)
        return self.cell.forward(self.params, x, lengths=lengths, initial=self.initial, **options)

    def alone(self, b, start=0, stop=None):
        """The run of some steps of one sequence."""
        x = {name: array[start:stop, b : b + 1] for name, array in self.x.items()}
        initial = {name: array[:, b : b + 1] for name, array in self.initial.items()}
        return self.cell.forward(self.params, x, initial=initial)

    def cotangents(self):
        names = (*self.cell.states, *self.cell.outputs)
        return {name: self.rng.standard_normal((T, B, *self.shape[name])) for name in names}


def over(lengths, array):
    """Whether each entry of (T, B, …) lies behind the end of its sequence."""
    return (np.arange(T)[:, None] >= lengths).reshape((T, B, *(1,) * (array.ndim - 2)))


def episodes(resets, b, length):
    """The first step of each episode of a sequence, and the one after its last."""
    starts = [0, *(t for t in range(1, length) if resets[t, b])]
    return list(zip(starts, [*starts[1:], length], strict=True))
