"""``gatedsym new``: a name → a file with a cell to edit, from a template or from equations that are pasted."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.messages import Messages, Quiet, Verbose

_STANDARD_INPUT = "-"


def new(
    name: Annotated[str, typer.Argument(help="Name of the cell, an identifier.")],
    from_: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="FILE",
            help="Equations as printed, without declarations or with some; - reads a paste from standard input.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace NAME.txt if it is there.")] = False,
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Write a file with a cell to edit, NAME.txt; with --from, equations under the declarations that they decide."""
    from gatedsym.equations import template
    from gatedsym.errors import GatedsymError
    from gatedsym.files.write import write_atomically

    messages = Messages(verbose, quiet)
    path = Path(f"{name}.txt")
    if not name.isidentifier() or not name.isascii():
        raise GatedsymError(f"{name!r} is no identifier: use letters, digits and _, such as my_cell.")
    if path.exists() and not overwrite:
        raise GatedsymError(f"{path} is there already; choose another name, move it, or give --overwrite.")
    text, undecided = (template(name), "") if from_ is None else _proposed(name, from_)
    write_atomically(path, text)
    messages.name_files([path])
    if undecided:
        messages.say(f"decide what the lines '# open:' ask ({undecided}); until then the file is no cell.")
    messages.say(f"edit it, then: gatedsym derive {path}; gatedsym prove {path}; gatedsym report rnn {path}")


def _proposed(name: str, place: str) -> tuple[str, str]:
    """The text of the file for equations of a file or of standard input, and the names that are left open."""
    from gatedsym.equations import declare
    from gatedsym.errors import EquationError

    told = "standard input" if place == _STANDARD_INPUT else place
    try:
        proposal = declare(_read(place))
    except EquationError as refusal:
        raise refusal.in_file(told) from None
    above = f"# {name}: declarations proposed for the equations of {' '.join(told.split())}; edit them.\n"
    return f"{above}{proposal.text.strip()}\n", ", ".join(entry.names for entry in proposal.open)


def _read(place: str) -> str:
    """Equations of a file or, for -, of what is pasted."""
    from gatedsym.files.read import MAX_EQUATIONS, decode, read_bytes

    mend = "give the equations of one cell."
    if place != _STANDARD_INPUT:
        content = read_bytes(place, MAX_EQUATIONS, mend, "give the path of a file with equations.")
        return decode(place, content).replace("\r\n", "\n").replace("\r", "\n")
    return decode("standard input", sys.stdin.buffer.read(MAX_EQUATIONS + 1)).replace("\r\n", "\n")
