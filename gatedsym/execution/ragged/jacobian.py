"""The Jacobian of each step of a run of unlike lengths: by packed rows, and the identity where a sequence is over."""

from __future__ import annotations

import math

import numpy as np

from gatedsym.execution.arguments import Arrays, parameters_of_run
from gatedsym.execution.named_arrays import NamedArrays
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.ir.interface import Kind


def ragged_jacobian(params: Arrays, run: RaggedRun, threads: int | None) -> NamedArrays:
    """As `Cell.jacobian`.

    At the first step of an episode it is by the state that the episode begins with: the state of the step before, of
    another episode, has no part in it. After its end the states of a sequence repeat.
    """
    packed, signature = run.packed, run.cell.kernels.signature("jacobian")
    arrays = {**run.arrays, **parameters_of_run(run.cell, params, run)}
    arrays |= packed.allocate("jacobian", (Kind.JACOBIAN, Kind.WORK))
    packed.run("jacobian", arrays, threads)
    over, blocks = run.rows.is_over, NamedArrays({}, f"blocks of the Jacobian of {run.cell.name}")
    for a in signature.of_kind(Kind.JACOBIAN):
        of, wrt = a.tensor[2:-1].split(",")
        found = blocks[of, wrt] = run.rows.spread(arrays[a.name])
        if of == f"{wrt}'":
            own = found.shape[2:]
            found[over] = np.eye(math.prod(own[: len(own) // 2])).reshape(own)
    return blocks
