"""``gatedsym sweep``: a grid → records, each made once, and one labelled dataset."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatedsym.cli.messages import Messages, Quiet, Verbose
from gatedsym.progress import show_progress

if TYPE_CHECKING:
    from gatedsym.sweep.running import Plan, Runner


def sweep(
    grid: Annotated[Path, typer.Argument(help="A TOML file: an experiment, and the values of each axis.")],
    out: Annotated[Path, typer.Option(help="Folder for records and results.nc; goes on from what it has.")] = Path(
        "sweep"
    ),
    shard: Annotated[str | None, typer.Option(help="I/K: measure the I-th of K shares, for job arrays.")] = None,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask cluster: tcp://host:8786.")] = None,
    merge: Annotated[
        list[Path] | None, typer.Option(help="Folder of a further sweep, whose records are copied; several times.")
    ] = None,
    any_code: Annotated[
        bool, typer.Option("--any-code", help="Take records that another version of the code has made.")
    ] = False,
    workers: Annotated[int | None, typer.Option(help="Processes.", show_default="one for each thread")] = None,
    count: Annotated[bool, typer.Option("--count", help="Measure nothing; say what is there.")] = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Measure every point of a grid once: learning, or any analysis, over cells, initialisations, sizes and seeds."""
    from gatedsym.sweep.running import Plan, choose_runner, read_shard
    from gatedsym.sweep.summary import plan_lines, result_lines

    messages, share = Messages(verbose, quiet), read_shard(shard)
    plan = Plan.of(grid, None, out, merge or (), any_code)
    for line in plan_lines(plan, share):
        print(line)
    if not count:
        _make(plan, share, choose_runner(plan.experiment, workers, scheduler), quiet)
        data = plan.finish()
        for line in result_lines(plan, data):
            print(line)
        messages.name_files([plan.result_file])


def _make(plan: Plan, share: tuple[int, int], runner: Runner, quiet: bool) -> None:
    with show_progress(1.0, "measuring", quiet) as tell:
        plan.make(share, runner, tell)
