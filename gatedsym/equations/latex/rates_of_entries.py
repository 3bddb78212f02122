"""The rate of one entry, ``\\tau_i \\dot{y}_i = -y_i + \\sum_j w_{ij} y_j``, to two formulas: its value, and whose.

The value has the index form; the rate is one of the whole.
"""

from __future__ import annotations

from dataclasses import replace

from gatedsym.equations.latex.scripts import glyphs
from gatedsym.equations.latex.symbols import Formula, bound_letters
from gatedsym.equations.latex.tree import Node, Row


def rates_of_wholes(formula: Formula) -> list[Formula]:
    """``change_y[i] = (…) / tau_i`` and ``\\dot{y} = change_y`` in place of a rate of entries; else the formula."""
    left = [n for n in formula.left if n.kind != "space"]
    state = _state(left[-1]) if left and formula.statement.kind == "equation" else None
    if state is None or not bound_letters(formula.row) or any(n.kind not in ("symbol", "number") for n in left[:-1]):
        return [formula]
    equals, right = formula.row[formula.equals], formula.row[formula.equals + 1 :]
    whole = replace(state, subs=(), sups=())
    change = replace(whole, text="change", subs=((whole,),), accents=(), bold=False)
    entry = replace(change, subs=(*change.subs, *state.subs))
    value: Row = tuple(right)
    if left[:-1] and right:
        value = (Node("fraction", right[0].start, right[-1].end, "frac", (value, tuple(left[:-1]))),)
    dotted = replace(whole, accents=(*state.accents, "dot"))
    return [
        replace(formula, row=(entry, equals, *value), equals=1),
        replace(formula, row=(dotted, equals, change), equals=1),
    ]


def _state(node: Node) -> Node | None:
    """The letter whose rate a node is, with its index below; None if it is no rate of an entry."""
    if node.kind == "symbol" and node.accents[-1:] == ("dot",):
        found = replace(node, accents=node.accents[:-1])
    elif node.kind == "fraction":
        above, below = ([n for n in part if n.kind != "space"] for part in node.parts)
        if "".join(n.text for n in below) != "dt" or len(above) != 2 or above[0].text != "d":
            return None
        found = replace(above[1], start=node.start, end=node.end)
    else:
        return None
    letters = glyphs(found.subs[0]) if len(found.subs) == 1 and not found.sups else []
    return found if len(letters) == 1 and letters[0].isalpha() and len(letters[0]) == 1 else None
