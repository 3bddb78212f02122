"""``gatedsym verify``: a folder that report or trainability wrote → which of its files still follow from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatedsym.messages import room
from gatedsym.progress import show_progress

say = room("cli")


def verify(
    folder: Annotated[Path, typer.Argument(help="A folder that gatedsym report, learn or trainability wrote.")],
    input: Annotated[str | None, typer.Option(help="Where the data lies now, if it was moved.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Where the weights lie now, if they were moved.")] = None,
) -> None:
    """Recompute a report's data and say which figures still follow from the code; exit status 1 if one does not."""
    from gatedsym.report.learning.record import is_comparison
    from gatedsym.report.learning.verify import verify_comparison
    from gatedsym.report.verify import verify_folder

    if (folder / "study.json").is_file():
        _verify_study(folder)
        return
    with show_progress(1.0, "recomputing") as tell:
        if is_comparison(folder):
            found = verify_comparison(folder, progress=tell)
        else:
            found = verify_folder(folder, input=input, weights=weights, progress=tell)
    for verdict in found.verdicts:
        print(verdict.line())
    of_figures = {name for v in found.verdicts for name in v.changed}
    others = [name for name in found.changed if name not in of_figures]
    if others:
        print(say("verify-changed", files=", ".join(others)))
    if found.unknown:
        print(say("verify-unknown", files=", ".join(found.unknown)))
    for note in found.notes:
        print(note)
    print(say("verify-figures", follow=sum(v.follows for v in found.verdicts), all=len(found.verdicts)))
    if not found.follows:
        raise typer.Exit(1)


def _verify_study(folder: Path) -> None:
    """The same for a folder that gatedsym trainability wrote."""
    from gatedsym.trainability.verify import verify_study

    with show_progress(1.0, "recomputing") as tell:
        found = verify_study(folder, tell)
    for one in found.remade:
        print(one.line())
    if found.changed:
        print(say("verify-changed", files=", ".join(found.changed)))
    print(say("verify-runs", follow=sum(one.agrees for one in found.remade), all=len(found.remade)))
    if not found.follows:
        raise typer.Exit(1)
