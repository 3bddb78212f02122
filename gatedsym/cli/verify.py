"""``gatedsym verify``: a folder that report wrote → which of its files still follow from the code."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatedsym.progress import show_progress


def verify(
    folder: Annotated[Path, typer.Argument(help="A folder that gatedsym report or gatedsym learn wrote.")],
    input: Annotated[str | None, typer.Option(help="Where the data lies now, if it was moved.")] = None,
    weights: Annotated[Path | None, typer.Option(help="Where the weights lie now, if they were moved.")] = None,
) -> None:
    """Recompute a report's data and say which figures still follow from the code; exit status 1 if one does not."""
    from gatedsym.report.learning.record import is_comparison
    from gatedsym.report.learning.verify import verify_comparison
    from gatedsym.report.verify import verify_folder

    with show_progress(1.0, "recomputing") as tell:
        if is_comparison(folder):
            found = verify_comparison(folder, progress=tell)
        else:
            found = verify_folder(folder, input=input, weights=weights, progress=tell)
    for verdict in found.verdicts:
        print(verdict.line())
    of_figures = {name for v in found.verdicts for name in v.changed}
    others = [name for name in found.changed if name not in of_figures]
    for what, names in (("not as written", others), ("not of the report", found.unknown)):
        if names:
            print(f"{what}: {', '.join(names)}")
    for note in found.notes:
        print(note)
    print(f"{sum(v.follows for v in found.verdicts)} of {len(found.verdicts)} figures follow from the code")
    if not found.follows:
        raise typer.Exit(1)
