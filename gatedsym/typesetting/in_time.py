"""Formulas of step t → the same at another step: at one with a number, or at the last one, T."""

from __future__ import annotations

from collections.abc import Collection

from gatedsym.ir.program import BATCHLESS
from gatedsym.typesetting.notation import Big, Box, Name, Number, Op, Row, Script, mapped, name_box
from gatedsym.typesetting.pages.step import Step


def at_time(box: Box, t: int | Name, untimed: Collection[Box] = ()) -> Box:
    """A formula of step t with another step for the time among its subscripts.

    Parameters
    ----------
    box : Box
    t : int or Name
        The step: a number, or a letter.
    untimed : collection of Box
        Letters without a time, whose subscript may be a t: W_t, the weights of a gate t.
    """
    if box in untimed:
        return box
    if isinstance(box, Script):
        sub = None if box.sub is None else _timed(box.sub, t)
        sup = None if box.sup is None else at_time(box.sup, t, untimed)
        return Script(at_time(box.base, t, untimed), sub, sup)
    if isinstance(box, Big):
        return Big(box.sign, box.under, at_time(box.body, t, untimed), box.over)
    return mapped(box, lambda inner: at_time(inner, t, untimed))


def untimed_letters(step: Step) -> frozenset[Box]:
    """The letters of a cell that have no time: those of parameters and constants."""
    program = step.program
    return frozenset(name_box(t.name) for t in program.tensors if t.role in BATCHLESS or t.name not in program.batched)


def whole_number(n: int) -> Box:
    """A whole number of either sign."""
    return Number(str(n)) if n >= 0 else Row((Op("−"), Number(str(-n))))


def _timed(sub: Box, t: int | Name) -> Box:
    """A subscript, which ends in the time: t, t−1 or t+1 become numbers; a letter t before it is a name."""
    match sub:
        case Name("t"):
            return t if isinstance(t, Name) else whole_number(t)
        case Row((Name("t"), Op("−" | "+" as sign), Number(lag))):
            if isinstance(t, Name):
                return Row((t, *sub.parts[1:]))
            return whole_number(t + (int(lag) if sign == "+" else -int(lag)))
        case Row(parts):
            return Row((*parts[:-1], _timed(parts[-1], t)))
    return sub
