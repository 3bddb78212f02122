"""A run of unlike lengths and cotangents → its gradients, which know how to find the adjoints of lines."""

from __future__ import annotations

from typing import Any

from gatedsym.execution.arguments import Arrays, parameters_of_run
from gatedsym.execution.ragged.backward import carry_back
from gatedsym.execution.ragged.cotangents import PackedCotangents
from gatedsym.execution.ragged.line_adjoints import RaggedLineAdjoints
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Gradients
from gatedsym.execution.workspace import Workspace, claim


def ragged_backward(
    params: Arrays,
    run: RaggedRun,
    cotangents: Any,
    returns: frozenset[str],
    threads: int | None,
    workspace: Workspace | None,
) -> Gradients:
    """The gradients of a run of unlike lengths, or of several episodes.

    Parameters
    ----------
    params, run, cotangents, threads, workspace
        As `Cell.backward` takes them.
    returns : set of str
    """
    given = PackedCotangents(run, cotangents)
    with claim(workspace, "backward") as (store,):
        parameters = parameters_of_run(run.cell, params, run, store)
        back = carry_back(run, parameters, given, returns, threads, store)
        return back.gradients(run, store).with_lines(RaggedLineAdjoints(run, given))
