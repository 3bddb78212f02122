"""Functions of a file → the backward passes in it, each with the forward pass that it goes with."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from gatedsym.checking.functions import Function
from gatedsym.checking.layouts import plain, vocabulary
from gatedsym.checking.source import Homework
from gatedsym.errors import ArgumentError

BACK = (
    "backward", "backprop", "bptt", "back", "bwd", "bprop", "retro", "rueckw", "arriere", "atras", "indietro",
    "gradients", "gradient", "grads", "grad",
)  # fmt: skip
FORTH = (
    "forward", "fwd", "fprop", "forth", "unroll", "predict", "run", "__call__", "vorw", "avant", "adelante", "avanti",
    "propag",
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """A backward pass and its forward pass; `besides` if nobody asked for it, and others stand in the file."""

    backward: Function
    forward: Function | None
    besides: bool = False


def find_pairs(homework: Homework, cell: str, name: str = "", forward: str = "") -> list[Pair]:
    """Backward passes, those of one step first.

    Parameters
    ----------
    homework : Homework
    cell : str
        A file may hold several cells: functions that are called like this one are preferred.
    name, forward : str
        The function to check and its forward pass, where the person names them.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    functions = homework.functions
    if forward and forward not in functions:  # a method of the same class
        owner = name.rpartition(".")[0]
        methods = [f for f in functions if f.rpartition(".")[2] == forward and owner in ("", f.rpartition(".")[0])]
        forward = methods[0] if len(methods) == 1 else forward
    for wanted in (name, forward):
        if wanted and wanted not in functions:
            raise ArgumentError(f"{homework.title} has no function {wanted}: name one of {_list(functions)}.")
    backwards = [functions[name]] if name else _of_cell([f for f in functions.values() if is_backward(f)], cell)
    whole = [f for f in functions.values() if f not in backwards and is_whole(f)]
    backwards = backwards or _of_cell(whole, cell)
    if not backwards:
        raise ArgumentError(
            f"no function of {homework.title} is called like a backward pass (it has {_list(functions)}): name"
            f" it, as in {homework.title}:FUNCTION."
        )
    pairs = [Pair(b, functions[forward] if forward else _partner(b, functions)) for b in backwards]
    besides = [] if name else [Pair(f, None, True) for f in _of_cell(whole, cell) if f not in backwards]
    return [*sorted(pairs, key=lambda p: not is_step(p.backward)), *besides]


def is_backward(function: Function) -> bool:
    """Whether a function's name says that it goes back."""
    words = function.name.casefold().rpartition(".")[2]
    return any(w in words for w in BACK[:11]) or any(words.startswith(w) or words.endswith(w) for w in BACK[11:])


def is_whole(function: Function) -> bool:
    """Whether a function goes forward and back: it has gradients of two things at least, as names say, and returns."""
    loss = any(w in function.name.casefold() for w in ("loss", "cost", "objective"))
    return len(gradients_in(function.own)) >= (1 if loss else 2) and bool(function.returns)


def gradients_in(words: Collection[str]) -> set[str]:
    """Plain names of what has a gradient beside it: W where there are W and dW."""
    known, prefixes = {plain(w) for w in words}, vocabulary()["marks"]["prefix"]
    return {k for k in known if any(f"{p}{k}" in known for p in prefixes if p not in ("g", "bar"))}


def is_step(function: Function) -> bool:
    """Whether a function's name says that it is of one step."""
    return any(word in function.name.casefold() for word in ("step", "cell"))


def _of_cell(functions: Sequence[Function], cell: str) -> list[Function]:
    """Those that are called like the cell, if there are any: ``lstm`` of ``lstm_torch``."""
    family = cell.casefold().split("_")[0]
    own = [f for f in functions if family in _families(f, family)]
    others = [f for f in functions if not _families(f, family) - {family}]
    return own or others or list(functions)


def _families(function: Function, family: str) -> set[str]:
    """The cells that a function is called after; a class has them as parts of its name."""
    owner, _, name = function.name.casefold().rpartition(".")
    known = {"lstm", "gru", "rnn", family}
    return {c for c in known if c in name.split("_") or c in owner}


def _partner(backward: Function, functions: Mapping[str, Function]) -> Function | None:
    """The forward pass whose name is nearest."""
    owner = backward.name.rpartition(".")[0]
    same_owner = [f for f in functions.values() if f.name.rpartition(".")[0] == owner]
    rest = [f for f in same_owner if not is_backward(f) and f.arguments]
    named = [f for f in rest if any(w in f.name.casefold() for w in FORTH) or (is_step(f) and is_step(backward))]
    same = [f for f in named if is_step(f) == is_step(backward)]
    stem = _stem(backward.name, BACK)
    exact = [f for f in rest if f.name.casefold().rpartition(".")[2] == stem]
    if exact and not named:
        return exact[0]
    scored = [(SequenceMatcher(None, stem, _stem(f.name, FORTH)).ratio(), -f.line, f) for f in same or named]
    return max(scored, key=lambda s: s[:2])[2] if scored else None


def _stem(name: str, words: Sequence[str]) -> str:
    text = name.casefold().rpartition(".")[2]
    for word in words:
        text = text.replace(word, "")
    return text.strip("_")


def _list(functions: Mapping[str, Function]) -> str:
    return ", ".join(functions) or "no function"
