"""The adjoint of every line of a run of unlike lengths, at the steps that there are; computed when asked for."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from gatedsym.execution.layouts import join_parts
from gatedsym.execution.line_adjoints import KERNEL, LineAdjoints, kernels_of
from gatedsym.execution.ragged.backward import carry_back
from gatedsym.execution.ragged.cotangents import PackedCotangents
from gatedsym.execution.ragged.kernels import PackedKernels
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.workspace import FRESH
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array


class RaggedLineAdjoints(LineAdjoints[RaggedRun, PackedCotangents]):
    """As `LineAdjoints`: zeros after the end of a sequence."""

    def _again(self, run: RaggedRun) -> tuple[Mapping[str, Array], Mapping[str, Array]]:
        back = carry_back(run, run.parameters, self._cotangents, frozenset({"states"}), run.threads, FRESH)
        return back.gradients(run, FRESH).initial, back.arrays

    def _lines(self, run: RaggedRun, totals: Mapping[str, Array]) -> dict[str, Array]:
        kernels, cell = kernels_of(run.cell), run.cell
        if not kernels.has(KERNEL):
            return {}  # the equations define states alone
        signature, packed = kernels.signature(KERNEL), PackedKernels(kernels, run.rows, run.call_shape, run.dtype)
        arrays = {**run.arrays, **run.parameters, **packed.allocate(KERNEL, (Kind.LOCAL, Kind.WORK))}
        names = {a.tensor: a.name for a in cell.kernels.signature("backward").of_kind(Kind.ADJOINT)}
        arrays |= {a.name: totals[names[a.tensor]] for a in signature.of_kind(Kind.ADJOINT)}
        arrays |= packed.allocate(KERNEL, (Kind.COTANGENT,), zero=True)
        for a in signature.of_kind(Kind.COTANGENT):
            self._cotangents.add(a.tensor, arrays[a.name])
        packed.run(KERNEL, arrays, run.threads)
        found = {a.tensor: run.rows.spread(arrays[a.name]) for a in signature.of_kind(Kind.LOCAL)}
        for layout in cell.interface.layouts("locals", "outputs"):
            if layout.is_divided:
                found[layout.name] = join_parts(layout, [found.pop(p) for p in layout.parts], run.call_shape.sizes)
        return {name: np.swapaxes(rows, 0, 1) for name, rows in found.items()} if run.batch_first else found
