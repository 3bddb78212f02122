"""A Program and the states of a cell → the states that come last in a step, which the cell reads out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatedsym.ir.program import Program, next_name


def last_states(program: Program, states: Mapping[str, Sequence[str]]) -> list[str]:
    """States from which no other one's next value is computed in the same step: h of an LSTM, whose c' enters h'.

    Parameters
    ----------
    program : Program
        Of one step.
    states : mapping of str to sequence of str
        From the name of each state to its parts.

    Returns
    -------
    list of str
        In the order given.
    """
    following = {name: {next_name(part) for part in parts} for name, parts in states.items()}
    reached = {name: program.reached_from(parts) for name, parts in following.items()}
    return [
        name for name in states if not any(reached[name] & parts for other, parts in following.items() if other != name)
    ]
