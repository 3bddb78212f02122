"""``gatedsym new``: a name → a file with a cell to edit."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gatedsym.cli.messages import Messages, Quiet, Verbose


def new(
    name: Annotated[str, typer.Argument(help="Name of the cell, an identifier.")],
    verbose: Verbose = False,
    quiet: Quiet = False,
) -> None:
    """Write a file with a cell to edit, NAME.txt."""
    from gatedsym.equations import template
    from gatedsym.errors import GatedsymError
    from gatedsym.files.write import write_atomically

    messages = Messages(verbose, quiet)
    path = Path(f"{name}.txt")
    if not name.isidentifier() or not name.isascii():
        raise GatedsymError(f"{name!r} is no identifier: use letters, digits and _, such as my_cell.")
    if path.exists():
        raise GatedsymError(f"{path} is there already; choose another name, or move it.")
    write_atomically(path, template(name))
    messages.name_files([path])
    messages.say(f"edit it, then: gatedsym derive {path}; gatedsym prove {path}; gatedsym report rnn {path}")
