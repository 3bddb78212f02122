"""A pair of functions → whether a readout or a loss stands inside them, and the cell that has it."""

from __future__ import annotations

from gatedsym.checking.functions import Function, names_given
from gatedsym.checking.heads import Head, bare, read_state, with_readout
from gatedsym.checking.layouts import layouts, plain, vocabulary
from gatedsym.checking.meanings import Meanings
from gatedsym.checking.pairs import Pair, gradients_in
from gatedsym.checking.roles import parts_of
from gatedsym.ir.program import Recurrence


def head_of(pair: Pair, recurrence: Recurrence, meanings: Meanings) -> Head | None:
    """The readout, or the loss of a state, that a pass has inside; None where adjoints of states are given to it."""
    if not read_state(recurrence) or recurrence.outputs:
        return None
    functions = [f for f in (pair.backward, pair.forward) if f is not None]
    words = {plain(w) for f in functions for w in f.words}
    judged = any(takes_target(f, pair.forward, meanings) for f in functions)
    readouts = {plain(w) for w in vocabulary()["matrices"]["readout"]} & words
    if not judged:
        plainly = layouts(parts_of(recurrence), names_given(functions))
        readouts &= gradients_in(words) - (plainly[0].arrays.keys() if plainly else set())
        if not readouts:
            return None
    head = with_readout(recurrence) if readouts else None
    if head is not None:
        own = {p.name for p in head.parts}
        parts = [*(p for p in parts_of(head.recurrence) if p.name not in own), *head.parts]
        if not layouts(parts, names_given(functions)):
            head = None
    return head if head is not None or not judged else bare(recurrence)


def takes_target(function: Function, forward: Function | None, meanings: Meanings) -> bool:
    """Whether a function is given what a loss compares with."""
    words, returned = vocabulary()["words"]["target"], () if forward is None else forward.returns
    return any(
        plain(a.name) in words and a.name not in returned and meanings.of_argument(a.name) is None
        for a in function.arguments
    )


def goes_forward_too(pair: Pair, meanings: Meanings) -> bool:
    """Whether a backward pass runs its forward pass itself: it takes the input, and nothing of another function."""
    function = pair.backward
    kinds = {a.name: m.kind for a in function.arguments if (m := meanings.of_argument(a.name)) is not None}
    returned = set() if pair.forward is None else set(pair.forward.returns) - {""}
    handed = any(kind in ("cache", "line") for kind in kinds.values()) or returned & {
        a.name for a in function.arguments if kinds.get(a.name) not in ("input", "state", "parameters")
    }
    return "input" in kinds.values() and not handed and "cotangent" not in kinds.values()
