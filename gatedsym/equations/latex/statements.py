"""Tokens of a text to its statements: displays, dollars and ends of lines read, words beside them set apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from gatedsym.equations.latex.commands import (
    CASES,
    DISPLAYS,
    DROPPED,
    MATRICES,
    PROSE,
    RELATIONS,
    SILENT,
    SIZES,
    SPACES,
    WIDE,
)
from gatedsym.equations.latex.tokens import Token, matching, skip_space

_WITH_ARGUMENT = frozenset({"array", "tabular", "alignat", "alignedat", "IEEEeqnarray", "xalignat", "flalignat",
                            "subarray", "numcases"})  # fmt: skip
_OPENING, _CLOSING = frozenset({*"([{", "lbrace", "lbrack"}), frozenset({*")]}", "rbrace", "rbrack"})
_KEYWORDS = frozenset({"for", "dim", "output", "input", "use", "convention"})


StatementKind = Literal["equation", "declaration", "other", "words", "line"]


@dataclass
class Statement:
    """A stretch of tokens that says one thing.

    Attributes
    ----------
    tokens : list of Token
    kind : str
        ``words`` stand beside the equations; a ``line`` of the plain language that holds a keyword is kept as it is.
    latex : bool
        Whether something in it is LaTeX, or stands between dollars.
    """

    tokens: list[Token]
    kind: StatementKind
    latex: bool


@dataclass
class _Splitter:
    """Statements, as they are found token by token."""

    tokens: list[Token]
    delimited: bool
    depths: list[int] = field(default_factory=list)
    done: list[Statement] = field(default_factory=list)
    current: list[Token] = field(default_factory=list)
    math: int = 0
    dollars: bool = False
    complete: bool = False
    several: bool = False
    comma: bool = False


def split_statements(tokens: list[Token], is_latex: bool) -> list[Statement]:
    """The statements of a text.

    Parameters
    ----------
    tokens : list of Token
    is_latex : bool
        Whether the text has commands at all; else only ends of lines and semicolons separate.
    """
    tokens = _without_dressing(tokens)
    delimited = any(t.kind == "dollar" or (t.kind == "begin" and t.text in DISPLAYS) for t in tokens)
    splitter = _Splitter(tokens, delimited, _depths(tokens))
    at = 0
    ahead = _relations_ahead(tokens, splitter.depths)
    while at < len(tokens):
        at = _step(splitter, at, ahead, is_latex)
    _close(splitter)
    return splitter.done


def is_relation(tokens: Sequence[Token], at: int) -> str:
    """``=`` or ``in`` where a token says so, else nothing."""
    token = tokens[at]
    if token.kind == "char" and token.text == "=":
        return "=" if not (at and tokens[at - 1].text in ("<", ">", "!")) else ""
    if token.kind == "command":
        return "=" if token.text in RELATIONS else "in" if token.text == "in" else ""
    if token.kind == "char" and token.text in "≜≔←≡≝":
        return "="
    if token.kind == "word" and token.text == "in":
        following = next((t for t in tokens[at + 1 : at + 4] if t.kind != "space"), None)
        fits = following is not None and (
            following.text in ("R", "C", "mathbb", "Re", "left", "[", "(", "{") or following.kind == "open"
        )
        return "in" if fits else ""
    return ""


def _without_dressing(tokens: list[Token]) -> list[Token]:
    """Tokens without labels, tags, colours and sizes of brackets; words in ``\\text`` as one token."""
    result: list[Token] = []
    pairs, wrappers = _pair_braces(tokens)
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if at in wrappers:
            at += 1
            continue
        if token.kind == "command" and token.text in DROPPED:
            at += 1
            for _ in range(DROPPED[token.text]):
                brace = skip_space(tokens, at)
                if brace < len(tokens) and tokens[brace].kind == "open":
                    at = pairs.get(brace, len(tokens)) + 1
            continue
        if token.kind == "command" and (token.text in SIZES or token.text == "boxed"):
            at += 1
            continue
        if token.kind == "command" and token.text in ("left", "right"):
            at = _delimiter(tokens, at, result)
            continue
        if token.kind == "command" and token.text in PROSE:
            brace = skip_space(tokens, at + 1)
            if brace in pairs:
                end = pairs[brace]
                if _is_prose(result, tokens, brace, end):
                    last = tokens[min(end, len(tokens) - 1)]
                    result.append(Token("prose", "", token.start, last.end))
                    at = end + 1
                    continue
        result.append(token)
        at += 1
    return result


def _pair_braces(tokens: list[Token]) -> tuple[dict[int, int], frozenset[int]]:
    """Pairs of braces, and braces that only stand around equations: ``{\\displaystyle h = x}``."""
    pairs: dict[int, int] = {}
    wrappers: set[int] = set()
    open_: list[int] = []
    holds: set[int] = set()
    before: Token | None = None
    loose: set[int] = set()
    for at, token in enumerate(tokens):
        if token.kind == "open":
            boxed = before is not None and before.kind == "command" and before.text == "boxed"
            if (
                before is None
                or boxed
                or before.kind in ("dollar", "break", "open", "newline", "amp", "begin", "end", "close")
            ):
                loose.add(at)
            open_.append(at)
        elif token.kind == "close" and open_:
            opening = open_.pop()
            pairs[opening] = at
            if opening in holds and opening in loose:
                wrappers |= {opening, at}
                if open_:
                    holds.add(open_[-1])
        elif open_ and ((token.kind == "begin" and token.text in DISPLAYS) or is_relation(tokens, at) == "="):
            holds.add(open_[-1])
        if token.kind != "space" and not (token.kind == "command" and token.text in SPACES):
            before = token
    return pairs, frozenset(wrappers)


_BARS = {"|": "vert", "vert": "vert", "lvert": "vert", "rvert": "vert", "Vert": "Vert", "lVert": "Vert",
         "rVert": "Vert"}  # fmt: skip


def _delimiter(tokens: list[Token], at: int, result: list[Token]) -> int:
    """The bracket behind ``\\left`` or ``\\right`` alone; nothing where it is a dot."""
    place = skip_space(tokens, at + 1)
    if place >= len(tokens):
        return at + 1
    token, side = tokens[place], tokens[at].text[0]
    if token.text in _BARS:
        bar = "Vert" if token.kind == "command" and token.text == "|" else _BARS[token.text]
        result.append(Token("command", side + bar, tokens[at].start, token.end))
    elif _is_brace_of_system(tokens, place):
        return place + 1
    elif token.text in (*"()[]<>/", *_OPENING, *_CLOSING, "langle", "rangle", "lfloor", "rfloor", "lceil", "rceil"):
        result.append(Token(token.kind, token.text, tokens[at].start, token.end))
    elif token.text != ".":
        return at + 1
    return place + 1


def _is_brace_of_system(tokens: list[Token], at: int) -> bool:
    """Whether a brace stands around a system of equations."""
    if tokens[at].kind != "command" or tokens[at].text not in ("{", "lbrace"):
        return False
    following = skip_space(tokens, at + 1)
    if following >= len(tokens) or tokens[following].kind != "begin":
        return False
    return tokens[following].text in DISPLAYS or is_system(tokens, following)


_NAMING = frozenset("=+-*/·×([,")
_USED = frozenset("=+-*/·×(_^,)")


def _is_prose(before: list[Token], tokens: list[Token], brace: int, end: int) -> bool:
    """Whether what stands in the braces of ``\\text`` are words beside the equation, and no name in it."""
    if _is_in_script(before):
        return False
    inside = tokens[brace + 1 : min(end, brace + _LONGEST_SCRIPT * 10)]
    words = [t.text for t in inside if t.kind in ("word", "number", "sub")]
    spoken = PROSE | SPACES | DROPPED.keys()
    if any(t.kind in ("dollar", "sub", "sup") or (t.kind == "command" and t.text not in spoken) for t in inside):
        return False
    if len(words) > 1 or (words and words[0].lower() in SILENT) or not words:
        return True
    previous = next((t for t in reversed(before) if t.kind not in ("space", "newline", "amp")), None)
    after = skip_space(tokens, end + 1)
    following = tokens[after] if after < len(tokens) else None
    if previous is not None and previous.kind in ("sub", "sup", "open"):
        return False
    names = previous is not None and (previous.text[-1:] in _NAMING or previous.text in ("odot", "cdot", "circ"))
    used = following is not None and (
        following.kind in ("sub", "sup") or following.text in _USED or following.text in ("odot", "cdot")
    )
    return not (names or used)


_LONGEST_SCRIPT = 60


def _is_in_script(before: list[Token]) -> bool:
    """Whether what follows stands in a script, of which it names a part: ``W_{\\text{in}}``."""
    depth = 0
    for at in range(len(before) - 1, max(-1, len(before) - _LONGEST_SCRIPT), -1):
        token = before[at]
        if token.kind in ("newline", "dollar", "break", "begin"):
            return False
        if token.kind == "close":
            depth += 1
        elif token.kind == "open" and depth:
            depth -= 1
        elif token.kind in ("sub", "sup") and not depth:
            return all(t.kind in ("space", "open") for t in before[at + 1 : at + 3]) or at == len(before) - 1
        elif token.kind == "open":
            depth = 0
    return False


def _depths(tokens: list[Token]) -> list[int]:
    """For each token how many brackets and inner environments are open around it; brackets count as outside."""
    levels, depth = [], 0
    kept: list[bool] = []
    for at, token in enumerate(tokens):
        change = 0
        if token.kind == "begin" and token.text in MATRICES | CASES:
            kept.append(not is_system(tokens, at))
            change = int(kept[-1])
        elif token.kind == "end" and token.text in MATRICES | CASES:
            change = -int(kept.pop()) if kept else 0
        elif token.kind == "open" or (token.kind in ("char", "command") and token.text in _OPENING):
            change = 1
        elif token.kind == "close" or (token.kind in ("char", "command") and token.text in _CLOSING):
            change = -1
        depth = max(0, depth + min(0, change))
        levels.append(depth)
        depth += max(0, change)
    return levels


_FIRST_ROW = 400
"""Tokens among which the first row of an array ends."""


def is_system(tokens: list[Token], at: int) -> bool:
    """Whether an array or a brace of cases holds equations, one a row."""
    depth = inner = 0
    filled = False
    start = matching(tokens, skip_space(tokens, at + 1)) + 1 if tokens[at].text in _WITH_ARGUMENT else at + 1
    for position in range(start, min(len(tokens), at + _FIRST_ROW)):
        token = tokens[position]
        if token.kind == "begin":
            inner += 1
        elif token.kind == "end":
            if not inner:
                return False
            inner -= 1
        elif token.kind in ("open", "close"):
            depth += 1 if token.kind == "open" else -1
        elif token.kind == "break" or (token.kind == "command" and token.text in ("text", "mbox")):
            if filled:
                return False
        elif not depth and not inner and is_relation(tokens, position) == "=":
            return True
        filled = filled or token.kind not in ("space", "newline", "break", "amp")
    return False


def _relations_ahead(tokens: list[Token], depths: list[int]) -> list[bool]:
    """For each token whether an `=` or `in` follows before the next end of a line, gap or separator."""
    ahead = [False] * (len(tokens) + 1)
    for at in range(len(tokens) - 1, -1, -1):
        token = tokens[at]
        ends = depths[at] <= 0 and (
            token.kind in ("break", "newline", "dollar", "begin", "end", "prose")
            or (token.kind == "char" and token.text in ",;")
            or (token.kind == "command" and token.text in WIDE)
        )
        relation = depths[at] <= 0 and bool(is_relation(tokens, at))
        ahead[at] = relation or (ahead[at + 1] and not ends)
    return ahead


def _step(splitter: _Splitter, at: int, ahead: list[bool], is_latex: bool) -> int:
    """Take in the token at a position; gives the next position."""
    tokens, token = splitter.tokens, splitter.tokens[at]
    outside = splitter.depths[at] <= 0
    if token.kind == "dollar":
        _close(splitter)
        splitter.dollars = not splitter.dollars
        return at + 1
    if token.kind in ("begin", "end"):
        return _enter_or_leave(splitter, at)
    if token.kind == "prose" and outside:
        _close(splitter)
        splitter.done.append(Statement([token], "words", True))
        return at + 1
    if outside and _ends_statement(splitter, at, ahead, is_latex):
        _close(splitter)
        return at + 1
    if token.kind == "amp" and outside:
        return at + 1
    if token.kind == "newline":
        splitter.current.append(Token("space", " ", token.start, token.end))
    else:
        splitter.current.append(token)
        relation = is_relation(tokens, at) if outside else ""
        splitter.comma = splitter.comma or (outside and token.text == ",")
        splitter.several = splitter.several or (relation == "=" and splitter.comma)
        splitter.complete = splitter.complete or bool(relation)
    return at + 1


def _enter_or_leave(splitter: _Splitter, at: int) -> int:
    """An environment: a display or a system of equations ends what stood before it, a matrix is part of it."""
    tokens, token = splitter.tokens, splitter.tokens[at]
    display = token.text not in MATRICES | CASES or (token.kind == "begin" and is_system(tokens, at))
    if token.kind == "end" and token.text in MATRICES | CASES:
        display = splitter.depths[at] <= 0 and not any(t.kind == "begin" for t in splitter.current)
    after = at + 1
    if token.kind == "begin":
        after = _behind_arguments(tokens, after, token.text)
    if not display:
        splitter.current.append(token)
        return after
    _close(splitter)
    splitter.math = max(0, splitter.math + (1 if token.kind == "begin" else -1))
    if token.kind == "end":
        closing = skip_space(tokens, after)
        if closing < len(tokens) and tokens[closing].kind == "command" and tokens[closing].text in ("}", "rbrace"):
            after = closing + 1
    return after


def _behind_arguments(tokens: list[Token], at: int, name: str) -> int:
    if at < len(tokens) and tokens[at].text == "[" and "".join(t.text for t in tokens[at : at + 3])[:3] in (
        "[t]", "[c]", "[b]",
    ):  # fmt: skip
        at += 3
    brace = skip_space(tokens, at)
    if name in _WITH_ARGUMENT and brace < len(tokens) and tokens[brace].kind == "open":
        return matching(tokens, brace) + 1
    return at


def _ends_statement(splitter: _Splitter, at: int, ahead: list[bool], is_latex: bool) -> bool:
    """Whether a token outside of brackets ends the statement before it."""
    token, current = splitter.tokens[at], splitter.current
    if current and current[0].text == "for" and token.kind != "newline":
        return False
    complete = splitter.complete and is_latex
    within = splitter.dollars or splitter.math > 0
    if token.kind == "newline":
        return not within or (complete and ahead[at + 1])
    if token.kind == "break":
        return True
    if token.kind == "char" and token.text == ";":
        return True
    if token.kind == "char" and token.text == "," and complete and not splitter.several:
        return ahead[at + 1] or within
    if token.kind == "char" and token.text == "." and complete and within:
        following = splitter.tokens[at + 1] if at + 1 < len(splitter.tokens) else None
        return following is None or following.kind in ("space", "newline", "break", "dollar", "end", "begin")
    return token.kind == "command" and token.text in WIDE and complete and ahead[at + 1]


_IDLE = frozenset(",.;:")


def _close(splitter: _Splitter) -> None:
    """End the statement that is open."""
    tokens, complete = splitter.current, splitter.complete
    splitter.current, splitter.complete = [], False
    splitter.several = splitter.comma = False
    within = splitter.dollars or splitter.math > 0
    while tokens and (
        tokens[-1].kind in ("space", "amp")
        or ((within or complete) and tokens[-1].kind == "char" and tokens[-1].text in _IDLE)
        or (tokens[-1].kind == "command" and tokens[-1].text in SPACES)
    ):
        tokens.pop()
    if not any(t.kind != "space" for t in tokens):
        return
    latex = within or any(t.kind in ("command", "begin", "break") for t in tokens)
    splitter.done.append(Statement(tokens, _kind(tokens, splitter.delimited and not within, within), latex))


def _kind(tokens: list[Token], beside: bool, within: bool) -> StatementKind:
    first = next((t for t in tokens if not _is_gap(t)), tokens[0])
    relations = [is_relation(tokens, n) for n, _ in enumerate(tokens)]
    found = next((r for r in relations if r), "")
    if first.kind == "word" and first.text in ("for", "dim", "use", "convention", "scheme") and not within:
        return "line"
    if first.text == "step" and [t.kind for t in tokens if t.kind != "space"][1:2] == ["word"]:
        return "line"
    if found:
        return "equation" if found == "=" else "declaration"
    if first.kind == "word" and first.text in _KEYWORDS and not within:
        return "line"
    if within or beside or _only_words(tokens):
        content = ("command", "sub", "sup") if beside else ("word", "command", "number")
        # beside: no bullet of a list; and a sign alone is one that a sentence speaks of
        goes_on = _goes_on(first) and any(t.kind in content and not _is_operator(t) for t in tokens)
        return "other" if goes_on and not (beside and _only_words(tokens)) else "words"
    return "other"


def _is_gap(token: Token) -> bool:
    return token.kind == "space" or (token.kind == "command" and token.text in SPACES)


def _goes_on(first: Token) -> bool:
    """Whether a line that begins so goes on with the one before it."""
    return (first.kind == "char" and first.text in "+-*/@·×") or _is_operator(first)


def _is_operator(token: Token) -> bool:
    return token.kind == "command" and token.text in ("odot", "cdot", "circ", "times", "ast", "otimes")


def _only_words(tokens: list[Token]) -> bool:
    """Whether a line is words of a language that people speak: letters, spaces and the signs of a sentence."""
    plain = all(t.kind in ("word", "space", "number") or t.text in ",.;:()-'\u2019" for t in tokens)
    words = [t.text for t in tokens if t.kind == "word"]
    return plain and len(words) > 1 and any(re.fullmatch("[A-Za-z]{3,}", w) for w in words)
