"""``gatedsym check``: a cell and a file with a backward pass → the first equation of it that is wrong."""

from __future__ import annotations

from typing import Annotated

import typer

from gatedsym.cli.arguments import OneCell, read_cell


def check(
    cell: OneCell,
    file: Annotated[str, typer.Argument(metavar="FILE.py[:FUNCTION]", help="Your code; it is run.")],
    forward: Annotated[
        str, typer.Option(help="The forward pass in the file; else the one whose name is nearest.")
    ] = "",
    argument: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=WHAT", help="What an argument is: x, h, d_h, cache, parameters or a line's name."),
    ] = None,
    returns: Annotated[str, typer.Option(help="Names of the values it returns, in order: dx,dh_prev,dW.")] = "",
    seconds: Annotated[float, typer.Option(help="Time that one call of your functions may take.")] = 10.0,
) -> None:
    """Say which equation of a hand-written backward pass is wrong; exit status 1 if one is."""
    from gatedsym.checking import check as check_function

    answer = check_function(
        read_cell(cell),
        file,
        forward=forward or None,
        arguments=_meanings(argument or []),
        returns=returns,
        seconds=seconds,
    )
    print(answer)
    if not answer.right:
        raise typer.Exit(1)


def _meanings(words: list[str]) -> dict[str, str]:
    from gatedsym.errors import ArgumentError

    found = {}
    for word in words:
        name, sign, what = word.partition("=")
        if not (sign and name and what):
            raise ArgumentError(f"--argument takes NAME=WHAT, such as q=h, not {word!r}.")
        found[name] = what
    return found
