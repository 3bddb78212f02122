"""The forward and the backward pass of runs in which every sequence has every step: checked arguments → results."""

from __future__ import annotations

from collections.abc import Mapping

from gatedsym.execution.arguments import Call
from gatedsym.execution.backward import BackwardPass, cut_steps, residual_rows, segment_length
from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.line_adjoints import PlainLineAdjoints
from gatedsym.execution.own_parameters import LentParameters, OwnParameters
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Gradients, Run
from gatedsym.execution.workspace import Store, Workspace, claim
from gatedsym.typing import Array


def forward_pass(
    call: Call,
    parameters: Mapping[str, Array],
    own: OwnParameters | LentParameters | None,
    copy: bool,
    threads: int | None,
    store: Store,
) -> Run:
    """The trajectory.

    Parameters
    ----------
    call : Call
    parameters : mapping of str to array
        As kernels take them.
    own : OwnParameters or LentParameters, optional
        Those that derivatives will read; without them the run keeps states and outputs alone.
    copy : bool
        Whether an input is copied even if kernels can take it as it is.
    threads : int, optional
    store : Store
    """
    kept = own is not None
    arrays = call.arrays(store, copy and kept, kept)
    call.cell.kernels.run("forward", {**arrays, **parameters}, call.call_shape, threads)
    return Run(call.cell, call.call_shape, arrays, own, call.dtype, call.batch_first, store, threads)


def lent_forward(
    cell: RecurrentCell,
    params: Mapping[str, Array],
    inputs: Array | Mapping[str, Array] | None,
    initial: Mapping[str, Array] | None = None,
    steps: int | None = None,
    batch: int | None = None,
    threads: int | None = None,
    workspace: Workspace | None = None,
) -> Run:
    """The trajectory, as `Cell.forward` has it, of parameters and inputs that are lent.

    Nothing is copied that kernels can take as it is. Whoever calls leaves both alone as long as the run is in use: what
    is asked of it later is of what they hold then.

    Parameters
    ----------
    cell, params, inputs, initial, steps, batch, threads, workspace
        As `Cell.forward` takes them.
    """
    call = Call.begin(cell, params, inputs, False, steps, batch, initial)
    with claim(workspace, "forward") as (store,):
        parameters = call.parameters(store)
        return forward_pass(call, parameters, LentParameters(parameters), False, threads, store)


def backward_pass(
    run: Run,
    parameters: Mapping[str, Array],
    given: Cotangents,
    wanted: frozenset[str],
    threads: int | None,
    store: Store,
) -> Gradients:
    """The gradients of a run.

    Parameters
    ----------
    run : Run
    parameters : mapping of str to array
        As kernels take them: those that the run was made with.
    given : Cotangents
    wanted : set of str
        Of `backward_plan.RETURNS`.
    threads : int, optional
    store : Store
    """
    cell, call_shape = run.cell, run.call_shape
    length = segment_length(cell, call_shape, run.dtype)
    back = BackwardPass(cell, parameters, call_shape, run.dtype, wanted, length, store, threads)
    for start, stop in reversed(cut_steps(call_shape.steps, length)):
        back.carry(start, stop, residual_rows(run, start, stop), given)
    return back.gradients(run.batch_first).with_lines(PlainLineAdjoints(run, given))
