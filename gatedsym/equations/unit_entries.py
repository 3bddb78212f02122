"""A name under two indices → whether it is an entry of the identity: ``I[j,k]`` is 1 at j = k, else 0."""

from __future__ import annotations

from gatedsym.equations.names import UNIT_ENTRIES
from gatedsym.equations.syntax import Variable


def is_unit_entry(variable: Variable) -> bool:
    """Whether a name that the text neither declares nor defines is an entry of the identity."""
    letters = variable.letters or ()
    return len(letters) == 2 and variable.name in UNIT_ENTRIES and variable.time is None and not variable.next
