"""``gatedsym learn``: cells and a task → runs, and a page about how each of them learnt."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatedsym.cli.arguments import SomeCells, Width, read_cell, read_width
from gatedsym.cli.messages import Messages, Quiet, Verbose
from gatedsym.cli.tasks import complete_task
from gatedsym.messages import room
from gatedsym.progress import show_progress

if TYPE_CHECKING:
    from gatedsym.learning.comparison.asking import Comparison
    from gatedsym.learning.comparison.carrying_out import Estimate

say = room("learn")


def learn(
    cells: SomeCells,
    task: Annotated[
        str,
        typer.Option(help="A task, or a file with targets (CSV, NPY); gatedsym tasks.", autocompletion=complete_task),
    ],
    length: Annotated[int | None, typer.Option(help="T, of a task that has a length.")] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--with", help="Another setting of the task, name=value; --with may stand several times."),
    ] = None,
    out: Annotated[Path, typer.Option(help="Folder for the page and the runs.")] = Path("learning"),
    rates: Annotated[
        str, typer.Option(help="Rates to search, 0.001,0.003, or auto: from 0.001 on as long as it pays.")
    ] = "auto",
    clip: Annotated[
        str | None,
        typer.Option(help="Limits of the gradient to search: 1,0.1 (norm), value 1, none.", show_default="1,0.1"),
    ] = None,
    retention: Annotated[
        str, typer.Option(help="Biases of the gates that retain: none,1,chrono; each is a contender.")
    ] = "none",
    updates: Annotated[int | None, typer.Option(help="Of each run.", show_default="1500, quick 600")] = None,
    hidden: Annotated[int | None, typer.Option("--hidden", "--n", help="Hidden size n.", show_default="32")] = None,
    batch: Annotated[int | None, typer.Option(help="Sequences of an update.", show_default="32")] = None,
    seeds: Annotated[
        int | None, typer.Option(help="Runs that judge a recipe; two others choose it.", show_default="5, quick 3")
    ] = None,
    layers: Annotated[int, typer.Option(help="Copies of each cell, one above the other.")] = 1,
    readout: Annotated[
        str, typer.Option(help="The output or state that is read, of cells whose equations leave it open.")
    ] = "",
    init: Annotated[str, typer.Option(help="Initialisation: uniform, xavier, orthogonal, …")] = "uniform",
    optimiser: Annotated[str, typer.Option(help="adam, rmsprop or sgd.")] = "adam",
    match: Annotated[
        bool | None,
        typer.Option(
            "--match/--no-match", help="Train cells with as many parameters as the first, too.",
            show_default="unless quick",
        ),
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="One clip, fewer updates and seeds: for a look.")] = False,
    width: Width = "neurips",
    format: Annotated[str, typer.Option(help="Of the figures: pdf, svg, png, and pgf where TeX is installed.")] = "",
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:  # fmt: skip
    """Train cells on a task: a search for rates, judged runs, and a page with the gradient before, during and after."""
    from gatedsym.figures.figure import FORMATS
    from gatedsym.learning.settings import read_settings, task_from_words
    from gatedsym.report.learning.write import write_learning

    messages = Messages(verbose, quiet)
    found = task_from_words(task, read_settings(settings or []), length)
    formats = tuple(f.strip() for f in format.split(",") if f.strip()) or FORMATS
    with show_progress(1.0, "training", quiet) as tell:
        written = write_learning(
            [read_cell(name) for name in cells], found, out, rates=rates, clip=clip, optimiser=optimiser,
            retention=retention, init=init, layers=layers, readout=readout, updates=updates, batch=batch, n=hidden,
            seeds=seeds, match=match, quick=quick, width=read_width(width), formats=formats,
            command=" ".join(["gatedsym", *sys.argv[1:]]), progress=tell,
            told=lambda comparison, estimate: messages.say(ahead(comparison, estimate)),
        )  # fmt: skip
    messages.name_files(written)
    messages.name_page(written[0])


def ahead(comparison: Comparison, estimate: Estimate) -> str:
    """Sentence on what is ahead."""

    def words(seconds: float) -> str:
        count = max(1, round(seconds))
        return say("time-seconds", count=count) if count < 90 else say("time-minutes", count=round(count / 60))

    processes = "one" if estimate.processes == 1 else str(estimate.processes)
    searched, judged, least = estimate.searched, estimate.judged, words(estimate.seconds)
    if comparison.is_open:
        told = say(
            "estimate", searched=searched, judged=judged, updates=comparison.updates, least=least, processes=processes,
            most=words(estimate.most),
        )  # fmt: skip
    else:
        told = say(
            "estimate-given", searched=searched, judged=judged, updates=comparison.updates, least=least,
            processes=processes,
        )  # fmt: skip
    if estimate.done > 0:
        told = f"{told} {say('estimate-done', share=f'{100 * estimate.done:.0f} %')}"
    return told


__all__ = ["ahead", "learn"]
