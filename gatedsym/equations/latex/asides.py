"""Tokens of a text to the same with what stands beside its equations set apart: ranges of the time, labels, values."""

from __future__ import annotations

import re

from gatedsym.equations.latex.commands import PROSE, SPACES, WIDE
from gatedsym.equations.latex.tokens import Token, matching, skip_space
from gatedsym.equations.source import Source, Span

_GAPS = ("space", "newline")
_RANGE = re.compile(
    r"[a-z]\s*(?:=|\\in(?![A-Za-z]))\s*(?:\\\{|\\lbrace)?\s*\w+\s*(?:,\s*\w+\s*)*,?\s*"
    r"(?:\\[lc]?dots[cbo]?(?![A-Za-z])|\.\.\.?)\s*,?\s*"
    r"(?:(?:\\?\||\\[lr]?vert)?\s*\w+(?:_\{\w*\})?(?:\s*-\s*1)?\s*(?:\\?\||\\[lr]?vert(?![A-Za-z]))?)?\s*"
    r"(?:\\\}|\\rbrace(?![A-Za-z]))?\s*[.,;]?"
)
_VALUE = re.compile(
    r"\(\s*\\?[A-Za-z]+(?:_\w)?\s*=\s*-?[0-9.]+\s*\)\s*(?=\Z|\$|\n|\\\\|\\end(?![A-Za-z])|[.,]\s|\\tag(?![A-Za-z]))"
)
_KEYWORDS = frozenset({"for", "dim", "output", "input", "use", "convention", "step", "scheme"})
_FARTHEST = 40
"""Tokens that a label may have."""


def set_apart(source: Source, tokens: list[Token]) -> list[Token]:
    """Tokens in which what only accompanies an equation stands as words, and a value in brackets as an equation.

    ``t = 1, \\ldots, T`` counts the steps and ``Input gate:`` names a line: neither says what a step does.
    ``(c = 8)`` behind an equation gives the value of a constant.

    Raises
    ------
    EquationError
        For an equation with two right sides, ``\\sigma(a) \\text{ or } \\exp(a)``.
    """
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        _refuse_alternatives(source, tokens, at)
        end = _aside(source.plain, tokens, at, result)
        if end > at:
            result.append(Token("prose", "", tokens[at].start, tokens[end - 1].end))
        else:
            end = _value(source.plain, tokens, at, result)
        if end == at:
            result.append(tokens[at])
            end = at + 1
        at = end
    return result


def _aside(plain: str, tokens: list[Token], at: int, before: list[Token]) -> int:
    """The position behind a range or a label that begins at a position; that position where none does."""
    if tokens[at].kind not in ("word", "char") or not _begins(before):
        return at
    return max(_range(plain, tokens, at), _label(tokens, at))


def _begins(before: list[Token]) -> bool:
    """Whether what was read last ends: a line, a formula, an item."""
    last = next((t for t in reversed(before[-20:]) if t.kind != "space"), None)
    if last is None or last.kind in ("newline", "break", "dollar", "begin", "end", "amp", "prose"):
        return True
    return (last.kind == "command" and last.text in SPACES) or last.text in (",", ";", "for", "(")


def _range(plain: str, tokens: list[Token], at: int) -> int:
    """``t = 1, \\ldots, T`` and ``i \\in \\{1, \\ldots, N\\}``."""
    token = tokens[at]
    match = _RANGE.match(plain, token.start) if token.kind == "word" and len(token.text) == 1 else None
    if match is None:
        return at
    return next((n for n in range(at, len(tokens)) if tokens[n].start >= match.end()), len(tokens))


def _label(tokens: list[Token], at: int) -> int:
    """``Input gate:`` before an equation, in any script."""
    words = 0
    for place in range(at, min(len(tokens), at + _FARTHEST)):
        token = tokens[place]
        if token.kind == "char" and token.text == ":":
            named = words and not (place + 1 < len(tokens) and tokens[place + 1].text == "=")
            return place + 1 if named and _equation_follows(tokens, place + 1) else at
        foreign = token.kind == "char" and token.text.isalpha() and not token.text.isascii()
        if token.kind == "word" and token.text in _KEYWORDS and not words:
            return at
        if not (token.kind in ("word", "space") or foreign or token.text in ("-", "(", ")", "*")):
            return at
        words += foreign or (token.kind == "word" and len(token.text) > 2)
    return at


def _equation_follows(tokens: list[Token], at: int) -> bool:
    for token in tokens[at : at + _FARTHEST]:
        if token.kind in ("newline", "break", "dollar"):
            return False
        if token.text in ("=", "coloneqq", "triangleq", "leftarrow"):
            return True
    return False


def _value(plain: str, tokens: list[Token], at: int, result: list[Token]) -> int:
    """``(c = 8)`` behind an equation and a gap, without its brackets; gives the position behind it."""
    token = tokens[at]
    before = next((t for t in reversed(result[-5:]) if t.kind not in _GAPS), None)
    wide = before is not None and before.kind == "command" and before.text in (*WIDE, " ", ";", ",")
    match = _VALUE.match(plain, token.start) if token.text == "(" and wide else None
    if match is None:
        return at
    end = next((n for n in range(at, len(tokens)) if tokens[n].text == ")"), at)
    opening, closing = tokens[at], tokens[end]
    result.append(Token("break", "", opening.start, opening.end))
    result.extend(tokens[at + 1 : end])
    result.append(Token("break", "", closing.start, closing.end))
    return end + 1


def _refuse_alternatives(source: Source, tokens: list[Token], at: int) -> None:
    """Refuse ``\\text{or}`` between two right sides."""
    token = tokens[at]
    if token.kind != "command" or token.text not in PROSE or not at:
        return
    near = tokens[at + 1 : at + 10]
    brace = skip_space(near, 0)
    end = matching(near, brace) if brace < len(near) and near[brace].kind == "open" else len(near)
    words = [t.text.lower() for t in near[brace + 1 : end] if t.kind not in _GAPS]
    following = skip_space(near, end + 1)
    before = next((t for t in reversed(tokens[max(0, at - 5) : at]) if t.kind not in _GAPS), None)
    ends = ("dollar", "newline", "break", "amp", "begin", "end")
    inside = before is not None and before.kind not in ends and following < len(near)
    if words == ["or"] and inside and near[following].kind not in ends:
        raise source.error(
            "this equation has two right sides, one or the other.",
            Span(token.start, near[end].end),
            "Keep the one that is meant, and leave out the word and the other one.",
        )
