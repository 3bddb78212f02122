"""``gatedsym stack``: cells one above the other → a file with the text of one cell, which every command takes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatedsym.cli.arguments import SomeCells, read_cell
from gatedsym.cli.messages import Messages, Quiet, Verbose

if TYPE_CHECKING:
    from gatedsym.cells import Cell


def stack(
    cells: SomeCells,
    classes: Annotated[
        int | None, typer.Option(help="With a readout of so many classes and the cross-entropy of its softmax.")
    ] = None,
    targets: Annotated[
        int | None, typer.Option(help="With a readout of so many numbers and their squared distance from a target.")
    ] = None,
    head: Annotated[str | None, typer.Option(help="With the readout and loss of a file with equations.")] = None,
    weights: Annotated[bool, typer.Option("--weights", help="The loss has a weight for each step.")] = False,
    residual: Annotated[bool, typer.Option("--residual", help="Layers add what they take to what they give.")] = False,
    dropout: Annotated[float, typer.Option(help="Probability that an entry between layers is set to 0.")] = 0.0,
    zoneout: Annotated[float, typer.Option(help="Probability that an entry of a state stays as it was.")] = 0.0,
    share: Annotated[
        str, typer.Option(help="Parameters that layers have in common: patterns with commas, U_*,b_*; or all.")
    ] = "",
    readout: Annotated[str, typer.Option(help="Name that a layer reads out, where its equations leave it open.")] = "",
    testing: Annotated[bool, typer.Option("--testing", help="Without masks: their means in their place.")] = False,
    name: Annotated[str, typer.Option(help="Name of the cell; by default those of its parts.")] = "",
    out: Annotated[Path | None, typer.Option(help="File to write; else the terminal.")] = None,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Put cells one above the other, with masks between them and a loss on top: the text of one cell."""
    from gatedsym.cli.arguments import split_names
    from gatedsym.composition import stack as stacked
    from gatedsym.files.write import write_atomically

    messages = Messages(verbose, quiet)
    found = stacked(
        [read_cell(cell) for cell in cells],
        head=_head(classes, targets, head, weights),
        residual=residual,
        dropout=dropout,
        zoneout=zoneout,
        share=share == "all" or split_names(share, "parameter") or False,
        readout=readout,
        training=not testing,
        name=name,
    )
    if out is None:
        print(found.source, end="" if found.source.endswith("\n") else "\n")
        return
    write_atomically(out, found.source.rstrip("\n") + "\n")
    messages.name_files([out])


def _head(classes: int | None, targets: int | None, lines: str | None, weights: bool) -> Cell | None:
    """The cell that stands on the last layer, if one is asked for."""
    from gatedsym.composition.head import classification, regression
    from gatedsym.errors import GatedsymError

    asked = [option for option in (classes, targets, lines) if option is not None]
    if len(asked) > 1:
        raise GatedsymError("a stack has one head: give one of --classes, --targets and --head.")
    if weights and (classes is None) == (targets is None):
        raise GatedsymError("--weights belongs to --classes or --targets; a file says its weight itself.")
    if classes is not None:
        return classification(classes, weights=weights)
    if targets is not None:
        return regression(targets, weights=weights)
    return None if lines is None else read_cell(lines)
