"""Powers whose exponents are no numbers, ``a ** v``: refusals of those that have no value, or two readings."""

from __future__ import annotations

from gatedsym.equations import syntax
from gatedsym.equations.notation import Source
from gatedsym.equations.value import Value, is_square


def refuse_doubtful(source: Source, node: syntax.Power, base: Value, names: frozenset[str]) -> None:
    """Raise EquationError where ``a ** v`` has no value for any v, or two readings.

    Parameters
    ----------
    source : Source
    node : syntax.Power
    base : Value
    names : frozenset of str
        What the text declares or defines.
    """
    shown, exponent = source.excerpt(node.base.span), source.excerpt(node.exponent.span)
    if is_square(base) and not node.each:
        raise source.error(
            "a power of a matrix has a whole number as its exponent; a power of each entry is another thing.",
            node.span,
            f"Write {shown}.^{exponent} for the power of each entry.",
        )
    number = base.parts[0]
    if not base.rank and number.is_Rational and number <= 0:
        raise source.error(
            f"{number} to a power that is no number has no value: the base of such a power is above 0.",
            node.span,
            "Write a base above 0.",
        )
    match node.base, node.exponent:
        case syntax.Variable(name=first), syntax.Variable(name=second) if f"{first}_{second}" in names:
            raise source.error(
                f"is this {first} to the power {second}, or the name {first}_{second}?",
                node.span,
                f"Write exp({second} * log({first})) for the one, or {first}_{second} for the other.",
            )
