"""The arguments of a call: refusals of too few, too many, and of those for which a function has no value."""

from __future__ import annotations

from gatedsym.equations import doubts, syntax
from gatedsym.equations.notation import Source
from gatedsym.equations.value import Value
from gatedsym.ir.functions import ALIASES, FUNCTIONS

_COUNTS = ("one argument", "two arguments", "three arguments", "four arguments")


def check_arguments(source: Source, name: str, values: list[Value], node: syntax.Call) -> None:
    """Raise EquationError unless a function of the language takes so many arguments, and such.

    Parameters
    ----------
    source : Source
    name : str
        As typed.
    values : list of Value
    node : syntax.Call
    """
    function = ALIASES.get(name, name)
    entry = FUNCTIONS.get(function)
    wanted = 2 if name in ("dot", "outer") else entry.arity if entry is not None else 1
    if function == "leaky_relu" and len(values) == 1:
        raise doubts.slope_of_a_leaky_relu(source, name, node)
    if len(values) != wanted:
        raise source.error(
            f"'{name}' takes {_COUNTS[wanted - 1]}, found {len(values)}.", node.span, f"Write {name}(…)."
        )
    if function == "clip":
        low, high = (value.parts[0] for value in values[1:])
        if low.is_Rational and high.is_Rational and low > high:
            raise source.error(
                f"the lower limit {low} lies above the upper one, {high}.",
                node.span,
                f"Write the lower one first: {name}(x, {high}, {low}).",
            )
