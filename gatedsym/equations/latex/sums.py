"""The range of a sum, ``\\sum_{k=1}^{n}`` → the letters of its indices: all entries of an axis, or a refusal."""

from __future__ import annotations

import re

from gatedsym.equations.latex.scripts import bare, glyphs
from gatedsym.equations.latex.symbols import RELATIONS, Formula, Symbols
from gatedsym.equations.latex.tree import Node
from gatedsym.equations.names import UNIT_ENTRIES
from gatedsym.errors import EquationError

_NUMBERS = re.compile(r"\d+\Z")


def summed_letters(table: Symbols, formula: Formula, node: Node) -> list[str]:
    """The letters that a sum runs over.

    Parameters
    ----------
    table : Symbols
    formula : Formula
        The statement in which the sum stands.
    node : Node
        ``\\sum`` with its scripts.

    Raises
    ------
    EquationError
        For a sum that names no index, and for one over some of the entries: what it leaves out would be summed.
    """
    letters: list[str] = []
    for script in node.subs:
        found = glyphs(script)
        stop = next((n for n, c in enumerate(found) if c in RELATIONS), len(found))
        letters += [c for c in found[:stop] if c != ","]
        _check_range(table, formula, node, found[:stop], found[stop:])
    if not letters or not all(len(c) == 1 and c.isalpha() for c in letters):
        raise table.source.error(
            f"'{table.source.excerpt(node.span)}' does not say what it runs over.",
            node.span,
            r"Write \sum_{k} with the letter of an index, or sum(v) for the sum of all entries.",
        )
    return letters


def factor_of(table: Symbols, formula: Formula, node: Node) -> str:
    """The factor that leaves out one entry, ``(1 - I[j,k])`` of ``\\sum_{k \\neq j}``; nothing for other sums."""
    name = next((n for n in sorted(UNIT_ENTRIES) if not table.has_name(n)), "")
    for script in node.subs:
        found = glyphs(script)
        if name and len(found) == 3 and found[1] in ("!=", "≠") and {found[0], found[2]} <= formula.indices:
            return f"(1 - {name}[{found[2]},{found[0]}]) * "
    return ""


def _check_range(table: Symbols, formula: Formula, node: Node, letters: list[str], rest: list[str]) -> None:
    """Refuse a range that is not all of an axis."""
    upper = [c for script in node.sups for c in bare(glyphs(script))[0]]
    relation, limit = (rest[0], rest[1:]) if rest else ("", [])
    letter = letters[0] if letters else "k"
    if relation == "in":
        if not _is_whole(limit):
            raise _refuse(table, node, letter, "Write the sum over all of them, with a mask that is 0 at the others")
    elif relation not in ("", "="):
        if factor_of(table, formula, node):
            return
        raise _refuse(table, node, letter, _mask(relation, letter, "".join(limit)))
    elif upper and table.conventions.moment in upper:
        raise table.source.error(
            f"'{table.source.excerpt(node.span)}' is a sum over the steps so far, no operation of one step.",
            node.span,
            "Keep it in a state of its own: s_t = s_{t-1} + …, with what is summed at t.",
        )
    elif upper and set(upper) & formula.indices:
        index = next(c for c in upper if c in formula.indices)
        raise _refuse(table, node, letter, _mask("<=" if len(upper) == 1 else "<", letter, index))
    elif upper or limit:
        _check_ends(table, node, letter, limit, upper)


def _is_whole(limit: list[str]) -> bool:
    """Whether a set is all indices of an axis: ``[n]``, ``{1, …, n}``."""
    inner, bracketed = bare(limit)
    names = [c for c in inner if c not in (",", "..", "{", "}", "[", "]")]
    return bracketed and (len(names) == 1 or (".." in inner and names[:1] in (["1"], ["0"])))


def _check_ends(table: Symbols, node: Node, letter: str, limit: list[str], upper: list[str]) -> None:
    """Refuse a range that leaves out the first or the last entry: from 1 to n, or from 0 to n - 1, is all."""
    first = "".join(limit) or "1"
    name = upper[0] if upper else ""
    counted = len(upper) < 2 or not {"-", "+"} & set(upper)
    from_one = first == "1" and counted
    from_nought = first == "0" and upper[1:] == ["-", "1"]
    sized = not _NUMBERS.match(name) or name in _declared_sizes(table)
    if not ((from_one or from_nought) and sized):
        raise _refuse(table, node, letter, "Write the sum over all of them, with a mask that is 0 at the others")


def _declared_sizes(table: Symbols) -> set[str]:
    """Numbers that stand in declarations."""
    lines = [f.statement.tokens for f in table.formulas if f.statement.kind == "declaration"]
    return {token.text for tokens in lines for token in tokens if token.kind == "number"}


def _mask(relation: str, letter: str, other: str) -> str:
    """The mend of a sum over the indices before or behind another one."""
    fixed = {"<": "strictly_lower(n)", "<=": "lower(n)", "≤": "lower(n)", ">": "strictly_upper(n)",
             ">=": "upper(n)", "≥": "upper(n)"}.get(relation)  # fmt: skip
    if fixed is None:
        return f"Write the sum over all of them, with the factor (1 - I[{other},{letter}])"
    return f"Write M = {fixed} on a line of its own, and the sum over all of them with the factor M[{other},{letter}]"


def _refuse(table: Symbols, node: Node, letter: str, mend: str) -> EquationError:
    return table.source.error(
        f"'{table.source.excerpt(node.span)}' runs over some of the entries.",
        node.span,
        f"{mend}: sum[{letter}] ….",
    )
