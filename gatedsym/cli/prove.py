"""``gatedsym prove``: cells → a line for each statement, and whether all are proven."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gatedsym.cli.arguments import WholeLibrary, read_cell
from gatedsym.messages import room

if TYPE_CHECKING:
    from gatedsym.cells import Cell

say = room("cli")


def prove(
    cells: WholeLibrary = None,
    equivalences: Annotated[
        bool, typer.Option("--equivalences", help="Prove and list only which cells are one, and in which limit.")
    ] = False,
) -> None:
    """Prove derivations, claims and emitted kernels; exit status 1 unless all is proven."""
    from gatedsym.library import load as library
    from gatedsym.progress import show_progress
    from gatedsym.proofs.cell import prove_functions
    from gatedsym.proofs.parallel import prove_cells

    start = time.perf_counter()
    words: list[str] = []
    subjects = [read_cell(c) for c in (cells or library.names())]
    if equivalences:
        _prove_relations(subjects)
        return
    groups: list[tuple[str, Any]] = [] if cells else [("functions", prove_functions())]
    total = len(groups) + len(subjects)
    unseen = not (sys.stdout.isatty() and sys.stderr.isatty())  # a bar moves the lines of a terminal, and no others
    with show_progress(total, "proofs", quiet=unseen) as tell:
        for number, (name, verdicts) in enumerate(chain(groups, prove_cells(subjects))):
            print(name)
            tell(number, f"{name}, {number + 1} of {total}")
            for part, verdict in enumerate(verdicts, 1):
                words.append(verdict.word)
                what = verdict.proof or f"{verdict.statement}: {verdict.failure}"
                print(f"  {verdict.word}  {what}", flush=True)
                tell(number, f"{name}, {number + 1} of {total}: part {part + 1}")
    _end_of_proofs(words, time.perf_counter() - start)


def _prove_relations(subjects: Sequence[Cell]) -> None:
    """Equivalences and limits, one line each."""
    from gatedsym.proofs.equivalences import prove_relations

    start = time.perf_counter()
    words: list[str] = []
    for line, verdict in (pair for cell in subjects for pair in prove_relations(cell)):
        words.append(verdict.word)
        if verdict.proof is None:
            print(f"{verdict.word}  {line}: {verdict.statement}: {verdict.failure}", flush=True)
        else:
            print(f"{verdict.word}  {line} ({', '.join(verdict.proof.notes)})", flush=True)
    if not words:
        names = ", ".join(cell.name for cell in subjects)
        print(say("prove-nothing", cells=names))
        return
    _end_of_proofs(words, time.perf_counter() - start)


def _end_of_proofs(words: Sequence[str], seconds: float) -> None:
    """Count of proven statements, and the exit status: 1 if one is refuted or left undecided."""
    undecided, failed = words.count("undecided"), words.count("FAILED")
    one = "undecided" if undecided else "failed" if failed else "none"
    others = "both" if undecided and failed else one
    print(
        say(
            "prove-end", proven=words.count("proven"), all=len(words), seconds=f"{seconds:.1f}", others=others,
            undecided=undecided, failed=failed,
        )
    )  # fmt: skip
    if undecided or failed:
        raise typer.Exit(1)
