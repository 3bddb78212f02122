"""Signs and operators that stand side by side: read where they have one meaning, refused where an operand is missing.

``U_z @ + b_z`` lost its h; to read it as U_z @ b_z would be another cell. So no plus stands before a term, no two signs
stand in a row, and a minus after an operator is glued to what it negates: ``a * -b``, ``exp(-x)``.
And ``h_t-1`` is h_{t-1} to most readers, h_t - 1 to some.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from lark import Token

_PRODUCTS = {"STAR", "TIMES", "AT", "DOT", "SLASH", "EACHSLASH", "EACHSTAR"}
_SIGNS = {"PLUS", "MINUS"}
_OPERAND_END = {"NAME", "NUMBER", "PRIME", "SCRIPT", "RPAR", "RSQB", "RBRACE", "TRANSPOSE"}
_OPENING = {"LPAR", "LSQB", "LBRACE", "EACHCALL"}
_CLOSING = {"RPAR", "RSQB", "RBRACE"}

Refuse = Callable[[Token, Token, str, str], Exception]
"""Makes the refusal of a stretch, from one token to another: a sentence and a mend."""


def check_signs(tokens: Sequence[Token], refuse: Refuse) -> None:
    """Raise what `refuse` makes for a sign that stands where an operand is missing."""
    before: Token | None = None
    for position, token in enumerate(tokens):
        if token.type == "NEWLINE":
            continue
        if token.type in _SIGNS and not (before is not None and before.type in _OPERAND_END):
            _check_sign(tokens, position, before, refuse)
        elif token.type in _SIGNS and before is not None and _TIME_END.search(before):
            _check_time(tokens, position, before, refuse)
        before = token


_TIME_END = re.compile(r"(?:_t|[_^]\{ *\(? *t *\)? *\}|[_^]\( *t *\)|\^t)\Z")


def _check_time(tokens: Sequence[Token], position: int, before: Token, refuse: Refuse) -> None:
    """A time with a number glued behind it."""
    sign, number = tokens[position : position + 2] if position + 1 < len(tokens) else (tokens[position], None)
    if (
        number is None
        or number.type != "NUMBER"
        or (before.end_pos, sign.end_pos) != (sign.start_pos, number.start_pos)
    ):
        return
    name = tokens[position - 2] if before.type == "SCRIPT" and position > 1 else None
    first = before if name is None else name
    stem = _TIME_END.sub("", str(before)) + ("" if name is None else str(name))
    raise refuse(
        first,
        number,
        f"is this '{stem}' at another time, or a {'difference' if sign.type == 'MINUS' else 'sum'}?",
        f"Write {stem}_{{t{sign}{number}}} for the time, or {stem}_t {sign} {number} for the number.",
    )


def _check_sign(tokens: Sequence[Token], position: int, before: Token | None, refuse: Refuse) -> None:
    """A sign that no operand stands before."""
    token = tokens[position]
    after = before.type if before is not None else ""
    if token.type == "PLUS":
        raise refuse(
            token,
            token,
            "nothing stands before this '+'." if after not in _PRODUCTS | _SIGNS else f"'{before}' is followed by '+'.",
            "Leave the '+' out, or write what is missing before it.",
        )
    following = tokens[position + 1] if position + 1 < len(tokens) else None
    glued = following is not None and following.start_pos == token.end_pos
    if after == "MINUS" or (after in _PRODUCTS | {"PLUS"} and not glued):
        operand, last = _operand(tokens, position + 1)
        plus = "+ " if _stands_between(tokens, position) else ""
        mend = f"Write {plus}{operand}" if after == "MINUS" else f"Write {before} (-{operand})"
        raise refuse(
            before or token,
            last or token,
            f"'{before}' is followed by '-'.",
            f"{mend}, or write what is missing between the two." if operand else "Write what is missing after them.",
        )


def _stands_between(tokens: Sequence[Token], position: int) -> bool:
    """Whether the sign before the one at a position has an operand before it."""
    before = [token for token in tokens[:position] if token.type != "NEWLINE"]
    return len(before) > 1 and before[-2].type in _OPERAND_END


def _operand(tokens: Sequence[Token], first: int) -> tuple[str, Token | None]:
    """Operand of a sign: everything up to the next operator outside of brackets, as plain text."""
    depth, taken = 0, []
    for token in tokens[first:]:
        if depth == 0 and (token.type in _PRODUCTS | _SIGNS | _CLOSING | {"COMMA", "NEWLINE", "SEMICOLON", "EQUALS"}):
            break
        depth += (token.type in _OPENING) - (token.type in _CLOSING)
        taken.append(token)
    text = ""
    for left, right in zip([None, *taken], taken, strict=False):
        gap = " " if left is not None and left.end_pos != right.start_pos else ""
        text += gap + str(right)
    return text, taken[-1] if taken else None
