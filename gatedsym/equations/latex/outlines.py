"""Lines that only tell what a value depends on, ``h_t = f(h_{t-1}, x_t)``, where another line says how: left out."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import replace

from gatedsym.equations.latex.statements import Statement
from gatedsym.equations.latex.symbols import Formula, only_symbol
from gatedsym.equations.latex.tree import Node, Row, function_of
from gatedsym.equations.source import Source, Span

_OR = re.compile(r"(?<![A-Za-z])(?:or|either|e\.g\.|for example|for instance|such as)(?![A-Za-z])", re.IGNORECASE)


def without_outlines(source: Source, formulas: Sequence[Formula]) -> list[Formula]:
    """The formulas, with an unknown function of several letters as words where its values have equations of their own.

    Raises
    ------
    EquationError
        For a function that a sentence defines as one of two.
    """
    _refuse_offers(source, formulas)
    functions = {f.defines for f in formulas if f.defines}
    lefts = [tuple(_key(left) for left in _lefts(f)) for f in formulas]
    result: list[Formula] = []
    for at, formula in enumerate(formulas):
        others = {key for n, keys in enumerate(lefts) if n != at for key in keys}
        if lefts[at] and set(lefts[at]) <= others and _is_outline(formula, functions):
            result.append(Formula(Statement(formula.statement.tokens, "words", True), ()))
        else:
            result.append(formula)
    return result


def _lefts(formula: Formula) -> list[Node]:
    """The letters on the left side, of ``y_t, h_t = …`` both; none where something else stands there."""
    if formula.statement.kind != "equation" or formula.defines:
        return []
    kept = [n for n in formula.left if n.kind != "space" and n.text != ","]
    return kept if all(only_symbol((node,)) is node for node in kept) else []


def _key(node: Node) -> Node:
    """A letter with its scripts, wherever it stands."""
    return replace(node, start=0, end=0, glued=False, bold=False, subs=_anywhere(node.subs), sups=_anywhere(node.sups))


def _anywhere(scripts: tuple[Row, ...]) -> tuple[Row, ...]:
    return tuple(tuple(_key(node) for node in script if node.kind != "space") for script in scripts)


def _is_outline(formula: Formula, functions: set[str]) -> bool:
    """Whether the right side is an unknown function of two letters or more, and nothing else."""
    right = [n for n in formula.row[formula.equals + 1 :] if n.kind != "space"]
    if len(right) != 2 or right[0].kind != "symbol" or right[1].text != "()":
        return False
    name, inside = right[0], [n for n in right[1].parts[0] if n.kind != "space"]
    known = name.text in functions or bool(function_of(name.text)) or name.command == "sigma"
    letters, commas = inside[::2], inside[1::2]
    listed = len(letters) > 1 and all(n.kind == "symbol" for n in letters) and all(n.text in (",", ";") for n in commas)
    return listed and not known


def _refuse_offers(source: Source, formulas: Sequence[Formula]) -> None:
    """Refuse ``tanh or, as others have it, $\\phi(x) = x$``: a sentence that leaves a choice."""
    for before, formula in itertools.pairwise(formulas):
        if not formula.defines or before.statement.kind != "words":
            continue
        words, tokens = before.statement.tokens, formula.statement.tokens
        said = source.plain[words[0].start : words[-1].end]
        if "\n" in source.plain[words[-1].end : tokens[0].start] or not _OR.search(said):
            continue
        raise source.error(
            f"a sentence leaves a choice of what '{formula.defines}' is.",
            Span(tokens[0].start, tokens[-1].end),
            f"Leave the sentence out, and write the one that is meant on a line of its own: {formula.defines}(v) = ….",
        )
