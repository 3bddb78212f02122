"""The flow of a run of unlike lengths: the kernel over packed rows, its results as of other runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from gatedsym.execution.adjoint_norms import Flow, Sweep, given_tensors
from gatedsym.execution.arguments import Arrays, parameters_of_run
from gatedsym.execution.ragged.cotangents import PackedCotangents
from gatedsym.execution.ragged.rows import PackedRows
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.ragged.segments import Segment, cut_segments
from gatedsym.ir.interface import Kind
from gatedsym.typing import Array

_LEAST = -(1 << 40)  # an exponent below that of any number
_FARTHEST = 2200  # a power of two of this exponent takes every number to zero or infinity


def ragged_flow(params: Arrays, run: RaggedRun, cotangents: Any, threads: int | None) -> RaggedFlow:
    """As `Cell.flow`. After the end of a sequence its adjoints are zero."""
    packed, signature = run.packed, run.cell.kernels.signature("flow")
    parameters, given = parameters_of_run(run.cell, params, run), PackedCotangents(run, cotangents)
    shown = (Kind.ADJOINT, Kind.COTANGENT, Kind.EXPONENTS, Kind.SQUARES)
    found = packed.allocate("flow", shown, zero=True)
    for a in signature.of_kind(Kind.COTANGENT):
        given.add(a.tensor.rstrip("'"), found[a.name])
    arrays = {**run.arrays, **parameters, **found, **packed.allocate("flow", (Kind.WORK,))}
    packed.run("flow", arrays, threads, backward=True)
    exponents = found[next(a.name for a in signature.of_kind(Kind.EXPONENTS))]
    adjoints = [found[a.name][run.rows.past(packed.delay(a)), 0] for a in signature.of_kind(Kind.ADJOINT)]
    scales, common = _scales(run.rows, exponents, adjoints)
    for a in signature.of_kind(*shown):
        delay = packed.delay(a)
        rows = run.rows.spread(found[a.name][run.rows.after(delay)], delay)
        if a.kind is Kind.EXPONENTS:
            rows[0] = common
        elif a.kind is Kind.ADJOINT:
            past = found[a.name][run.rows.past(delay), 0]
            rows[:delay] = run.rows.summed(np.ldexp(past, scales.reshape((-1, *(1,) * (past.ndim - 2)))))
        arrays[a.name] = rows
    return RaggedFlow(run.cell, run, arrays)


class RaggedFlow(Flow):
    """As `Flow`, of a run of unlike lengths."""

    run: RaggedRun

    def _gradients_of_steps(self, names: Iterable[str]) -> tuple[dict[str, Array], Array]:
        run, over = self.run, self.run.rows.is_over
        given = {tensor: self.given_of(tensor) for tensor in given_tensors(self.cell)}
        least = np.iinfo(np.int64).min
        exponents = np.where(over, least, self.exponents[1:]).max(axis=1, initial=least)
        exponents[over.all(axis=1)] = 0
        found = self._no_gradients(names)
        waiting, of_rows = dict[str, Array](), np.zeros(run.call_shape.batch, np.int64)
        for segment in reversed(cut_segments(run, 0, run.call_shape.steps)):
            own = {tensor: self._given(rows, tensor, segment) for tensor, rows in given.items()}
            steps, alive, sweep = slice(segment.start, segment.stop), segment.alive, Sweep(segment.run(run), own)
            for part, rows in sweep.open_adjoints(segment.stop - segment.start).items():
                if part in waiting:
                    rows[...] = waiting[part][:, alive]
            sweep.exponents[-1] = of_rows[alive]
            sweep.find_gradients(exponents[steps], {name: rows[steps] for name, rows in found.items()})
            of_rows[alive] = np.where(segment.begins, 0, sweep.exponents[0])
            for part, rows in sweep.open_adjoints(0).items():
                shape = (len(rows), run.call_shape.batch, *rows.shape[2:])
                whole = waiting.setdefault(part, np.zeros(shape, run.dtype))
                whole[:, alive], whole[:, alive[segment.begins]] = rows, 0
        return found, exponents

    def _given(self, rows: Array, tensor: str, segment: Segment) -> Array:
        """The cotangents of a segment, with rows of the past, which have none, in front."""
        delay = self.run.call_shape.delays[tensor[:-1]] if tensor.endswith("'") else 0
        found = rows[segment.start : segment.stop + delay][:, segment.alive]
        found[:delay] = 0
        return np.ascontiguousarray(found)


def _scales(rows: PackedRows, exponents: Array, adjoints: Iterable[Array]) -> tuple[Array, Array]:
    """Exponents by which each episode's past is shifted, and the one that those of a sequence then have; (B,)."""
    own, reached = exponents[rows.past(1)[0], 0], np.zeros(rows.episode_count, bool)
    for past in adjoints:
        reached |= past.astype(bool).any(axis=(0, *range(2, past.ndim)))
    sequence = rows.owner
    common = np.full(rows.episodes.batch, _LEAST)
    np.maximum.at(common, sequence[reached], own[reached])
    common[common == _LEAST] = 0
    return np.clip(own - common[sequence], -_FARTHEST, _FARTHEST).astype(np.int32), common
