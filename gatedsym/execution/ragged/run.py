"""A run of sequences of unlike length: packed rows, shown with padding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.execution.results import Run, residual_rows_of
from gatedsym.execution.workspace import Store
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.kernels import CallShape
    from gatedsym.execution.own_parameters import OwnParameters
    from gatedsym.execution.protocol import RecurrentCell
    from gatedsym.execution.ragged.kernels import PackedKernels


class RaggedRun(Run):
    """A trajectory of sequences of unlike length, or with several episodes; see `Run`.

    After the end of a sequence its states repeat; inputs, outputs and all that equations define are zero there.

    Attributes
    ----------
    lengths : array (B,) of int
        Steps of each sequence.
    """

    def __init__(
        self,
        packed: PackedKernels,
        cell: RecurrentCell,
        call_shape: CallShape,
        arrays: dict[str, Array],
        own: OwnParameters | None,
        batch_first: bool,
        store: Store,
        threads: int | None,
    ) -> None:
        super().__init__(cell, call_shape, arrays, own, packed.dtype, batch_first, store, threads)
        self.rows, self._shown = packed.rows, dict[str, Array]()

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_shown": {}}

    def __eq__(self, other: object) -> bool:
        """As of other runs; and both have the same episodes."""
        if not isinstance(other, RaggedRun):
            return NotImplemented
        mine, theirs = self.rows.episodes, other.rows.episodes
        pairs = zip(mine[:3], theirs[:3], strict=True)
        return all(np.array_equal(a, b) for a, b in pairs) and bool(super().__eq__(other))

    __hash__ = None  # type: ignore[assignment]

    @property
    def lengths(self) -> Array:
        """The number of steps of each sequence, (B,)."""
        return self.rows.episodes.lengths.copy()

    @property
    def packed(self) -> PackedKernels:
        """The kernels, for the packed rows of this run."""
        from gatedsym.execution.ragged.kernels import PackedKernels

        return PackedKernels(self.cell.kernels, self.rows, self.call_shape, self.dtype)

    @property
    def unpadded(self) -> Run:
        """One sequence of all steps that there are: what is kept of each is found there, of histories nothing."""
        return Run(self.cell, self.packed.one.of_steps(self.rows.count), self.arrays, self.own, self.dtype, False)

    def _part(self, part: str, name: str) -> Array:
        if part not in self._shown:
            self._shown[part] = self._spread(part, self.call_shape.delays.get(name, 0))
        return self._shown[part]

    def _spread(self, part: str, delay: int) -> Array:
        names, rows = self.cell.kernels.array_names, self.rows
        if (array := names.get((Kind.STATE, part))) is not None:
            return np.asarray(self.arrays[array][rows.trajectory(delay), 0])
        if (array := names.get((Kind.INPUT, part))) is not None:
            return rows.spread(self.arrays[array][rows.after(delay)])
        if (array := names.get((Kind.OUTPUT, part))) is not None:
            return rows.spread(self.arrays[array])
        if (place := self.cell.kernels.residual_places.get(part)) is not None:
            return rows.spread(residual_rows_of(self.unpadded, *place))
        self.recall()
        return rows.spread(self._recalled[part])

    def _last_rows(self, history: Array, delay: int) -> Array:
        return np.asarray(history[self.rows.final(delay), 0])

    def _run_recall(self, known: dict[str, Array]) -> dict[str, Array]:
        packed = self.packed
        arrays = {**known, **packed.allocate("recall", (Kind.LOCAL, Kind.WORK))}
        packed.run("recall", arrays, self.threads)
        return arrays
