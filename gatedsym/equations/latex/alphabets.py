"""Letters of two alphabets in one text → one name for each: ``\\mathcal{W}`` beside ``\\mathbf{W}`` is W_cal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gatedsym.equations.latex.scripts import symbols
from gatedsym.equations.latex.symbols import Formula
from gatedsym.equations.latex.tree import Row


def tell_scripts_apart(formulas: Sequence[Formula]) -> None:
    """Mark calligraphic letters that also stand in roman or bold type: those are two symbols."""
    found: dict[bool, set[str]] = {True: set(), False: set()}
    for formula in formulas:
        if formula.statement.kind != "declaration" or formula.statement.latex:  # a plain line knows one alphabet
            for node in symbols(formula.row):
                found[node.script].add(node.text)
    both = frozenset(found[True] & found[False])
    for formula in formulas if both else ():
        formula.row = _marked(formula.row, both)


def _marked(row: Row, both: frozenset[str]) -> Row:
    """The row with a mark at each calligraphic letter of those."""
    return tuple(
        replace(
            node,
            parts=tuple(_marked(part, both) for part in node.parts),
            accents=(*node.accents, "cal") if node.script and node.text in both else node.accents,
        )
        for node in row
    )
