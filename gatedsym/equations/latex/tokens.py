"""A text of LaTeX and plain notation, mixed, to tokens that know where they stand."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "command", "word", "number", "sub", "sup", "open", "close", "amp", "break", "space", "newline", "dollar", "char",
    "begin", "end", "prime", "prose",
]  # fmt: skip

STEPS = {"D": "Delta t", "d": "delta t"}
"""A step of time is one symbol, though it is printed as two letters: its commands."""


@dataclass(frozen=True)
class Token:
    """One token.

    Attributes
    ----------
    kind : str
    text : str
        Of a command its name, of `begin` and `end` the environment's, of the others the characters.
    start, end : int
        Offsets in the text.
    """

    kind: Kind
    text: str
    start: int
    end: int


_TOKEN = re.compile(
    r"""
    (?P<comment>%[^\n]*|^[ \t]*```[^\n]*|^[ \t]*\.\.[ \t]+math::|^[ \t]*:(?:label|eqlabel|nowrap|name|class):[^\n]*)
  | (?P<break>\\\\\*?(?:\s*\[\s*-?[0-9.]+\s*(?:pt|em|ex|mm|cm|in|\\baselineskip)\s*\])?|\\(?:cr|newline)(?![A-Za-z]))
  | (?P<begin>\\begin\s*\{\s*(?P<opens>[A-Za-z]+\*?)\s*\})
  | (?P<end>\\end\s*\{\s*(?P<closes>[A-Za-z]+\*?)\s*\})
  | (?P<step>\\(?:Delta|delta)[ \t]*(?:\{[ \t]*t[ \t]*\}|t(?![A-Za-z0-9])))
  | (?P<command>\\(?P<name>operatorname\*|[A-Za-z]+|.))
  | (?P<role>:math:`(?P<spoken>[^`]*)`)
  | (?P<dollar>\$\$?`?|`\$\$?)
  | (?P<word>[A-Za-z][A-Za-z0-9]*)
  | (?P<number>(?:\d+\.(?![.*^/])\d*|\.\d+|\d+)(?:[eE][-+]?\d+)?)
  | (?P<sub>_) | (?P<sup>\^(?!\^)) | (?P<open>\{) | (?P<close>\}) | (?P<amp>&) | (?P<newline>\n) | (?P<prime>')
  | (?P<space>[ \t~]+) | (?P<char>.)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_MATH_SWITCHES = {"(": "$", ")": "$", "[": "$$", "]": "$$"}


def read_tokens(text: str) -> list[Token]:
    """Tokens of a text, comments left out; ``\\(``, ``\\[`` and their like are dollars.

    Parameters
    ----------
    text : str
        After Unicode characters were rewritten.
    """
    return _tokens_between(text, 0, len(text))


def _tokens_between(text: str, first: int, last: int) -> list[Token]:
    tokens: list[Token] = []
    for match in _TOKEN.finditer(text, first, last):
        kind, start, end = match.lastgroup, match.start(), match.end()
        if kind == "comment":
            continue
        if match["role"] is not None:
            inner = _tokens_between(text, match.start("spoken"), match.end("spoken"))
            tokens += [Token("dollar", "$", start, start + 1), *inner, Token("dollar", "$", end - 1, end)]
            continue
        if match["begin"] is not None:
            tokens.append(Token("begin", match["opens"].rstrip("*"), start, end))
        elif match["end"] is not None:
            tokens.append(Token("end", match["closes"].rstrip("*"), start, end))
        elif match["step"] is not None:
            tokens.append(Token("command", STEPS[match["step"][1]], start, end))
        elif match["command"] is not None:
            name = match["name"].rstrip("*") if len(match["name"]) > 1 else match["name"]
            if name in _MATH_SWITCHES:
                tokens.append(Token("dollar", _MATH_SWITCHES[name], start, end))
            elif name == "_":  # Markdown escapes the line below: b\_c
                tokens.append(Token("sub", name, start, end))
            else:
                tokens.append(Token("command", name, start, end))
        else:
            tokens.append(Token(kind, match[0], start, end))  # type: ignore[arg-type]
    return tokens


def matching(tokens: list[Token], at: int) -> int:
    """Position of the brace that closes the one at a position; the end of the list if none does."""
    depth = 0
    for position in range(at, len(tokens)):
        depth += {"open": 1, "close": -1}.get(tokens[position].kind, 0)
        if depth == 0:
            return position
    return len(tokens)


def skip_space(tokens: list[Token], at: int) -> int:
    """The first position from `at` on that holds no space."""
    while at < len(tokens) and tokens[at].kind in ("space", "newline"):
        at += 1
    return at
