"""Tokens of a text with commands of its own to tokens with those written out: ``\\newcommand{\\vx}{\\mathbf{x}}``.

What a command stands for has the place where the command is used; what it takes keeps its own place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatedsym.equations.latex.tokens import Token, matching, skip_space
from gatedsym.equations.source import Source, Span

DEFINES = re.compile(r"\\(?:(?:re|provide)?newcommand|renewcommand|def|DeclareMathOperator|let)\b")
"""What a text holds that defines commands: a ``#1`` in it is a place for an argument, and begins no comment."""

_MOST_TOKENS = 200_000
_DEEPEST = 20
_LONGEST = 600
"""Tokens that a command stands for or takes: a search for the closing brace goes no farther."""
_COMMANDS = frozenset({"newcommand", "renewcommand", "providecommand"})


@dataclass(frozen=True)
class Macro:
    """A command that the text defines.

    Attributes
    ----------
    body : tuple of Token
    count : int
        How many arguments it takes.
    default : tuple of Token, optional
        Of its first argument, which brackets give then.
    """

    body: tuple[Token, ...]
    count: int = 0
    default: tuple[Token, ...] | None = None


def expand_macros(source: Source, tokens: list[Token]) -> list[Token]:
    """Write out the commands that a text defines, and leave out their definitions.

    Raises
    ------
    EquationError
        For commands that go on without end, or make the text too long.
    """
    macros: dict[str, Macro] = {}
    kept: list[Token] = []
    at = 0
    while at < len(tokens):
        end = _definition(tokens, at, macros) if tokens[at].kind == "command" else at
        if end == at:
            kept.append(tokens[at])
            end = at + 1
        at = end
    return _expanded(source, kept, macros, 0) if macros else kept


# --- definitions ------------------------------------------------------------------------------------------------


def _definition(tokens: list[Token], at: int, macros: dict[str, Macro]) -> int:
    """Take in the definition at a position; gives the position behind it, or the same one where none is whole."""
    word = tokens[at].text
    if word in _COMMANDS:
        return _new_command(tokens, at, macros)
    if word == "DeclareMathOperator":
        return _operator(tokens, at, macros)
    if word == "def":
        return _def(tokens, at, macros)
    return _let(tokens, at, macros) if word == "let" else at


def _name(tokens: list[Token], at: int) -> tuple[str, int]:
    """The command that is defined, in braces or without, and the position behind it."""
    at = skip_space(tokens, at)
    if at < len(tokens) and tokens[at].text == "*":
        at = skip_space(tokens, at + 1)
    if at < len(tokens) and tokens[at].kind == "open":
        inside = skip_space(tokens, at + 1)
        closing = skip_space(tokens, inside + 1)
        if closing < len(tokens) and tokens[inside].kind == "command" and tokens[closing].kind == "close":
            return tokens[inside].text, closing + 1
    elif at < len(tokens) and tokens[at].kind == "command":
        return tokens[at].text, at + 1
    return "", at


def _group(tokens: list[Token], at: int) -> tuple[tuple[Token, ...] | None, int]:
    """The tokens in the braces at a position, and the position behind them."""
    at = skip_space(tokens, at)
    if at >= len(tokens) or tokens[at].kind != "open":
        return None, at
    end = at + matching(tokens[at : at + _LONGEST], 0)
    return (tuple(tokens[at + 1 : end]), end + 1) if end < min(len(tokens), at + _LONGEST) else (None, at)


def _bracketed(tokens: list[Token], at: int) -> tuple[tuple[Token, ...] | None, int]:
    """The tokens in the square brackets at a position, and the position behind them."""
    start = skip_space(tokens, at)
    if start >= len(tokens) or tokens[start].text != "[":
        return None, at
    last = min(len(tokens), start + _LONGEST)
    end = next((n for n in range(start, last) if tokens[n].text == "]"), None)
    return (None, at) if end is None else (tuple(tokens[start + 1 : end]), end + 1)


def _new_command(tokens: list[Token], at: int, macros: dict[str, Macro]) -> int:
    name, place = _name(tokens, at + 1)
    number, place = _bracketed(tokens, place)
    default, place = _bracketed(tokens, place) if number is not None else (None, place)
    body, end = _group(tokens, place)
    count = "".join(t.text for t in number or ())
    if not name or body is None or not (count.isdigit() or number is None):
        return at
    macros[name] = Macro(body, int(count[:2] or 0), default)
    return end


def _operator(tokens: list[Token], at: int, macros: dict[str, Macro]) -> int:
    name, place = _name(tokens, at + 1)
    body, end = _group(tokens, place)
    if not name or not body:
        return at
    opening, closing = body[0], body[-1]
    word = Token("command", "operatorname", opening.start, opening.end)
    braces = (replace(opening, kind="open", text="{"), replace(closing, kind="close", text="}"))
    macros[name] = Macro((word, braces[0], *body, braces[1]))
    return end


def _def(tokens: list[Token], at: int, macros: dict[str, Macro]) -> int:
    name, place = _name(tokens, at + 1)
    count = 0
    while tokens[place : place + 2] and [t.text for t in tokens[place : place + 2]] == ["#", str(count + 1)]:
        count, place = count + 1, place + 2
    body, end = _group(tokens, place)
    if not name or body is None:
        return at
    macros[name] = Macro(body, count)
    return end


def _let(tokens: list[Token], at: int, macros: dict[str, Macro]) -> int:
    name, place = _name(tokens, at + 1)
    place = skip_space(tokens, place)
    if place < len(tokens) and tokens[place].text == "=":
        place = skip_space(tokens, place + 1)
    if not name or place >= len(tokens):
        return at
    macros[name] = macros.get(tokens[place].text, Macro((tokens[place],)))
    return place + 1


# --- uses -------------------------------------------------------------------------------------------------------


def _expanded(source: Source, tokens: list[Token], macros: Mapping[str, Macro], depth: int) -> list[Token]:
    """The tokens with every command of the text written out."""
    result: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        macro = macros.get(token.text) if token.kind == "command" else None
        if macro is None:
            result.append(token)
            at += 1
            continue
        if depth >= _DEEPEST or len(result) > _MOST_TOKENS:
            raise source.error(
                f"the command '\\{token.text}' stands for more and more.",
                Span(token.start, token.end),
                "Write out what it stands for.",
            )
        arguments, end = _arguments(tokens, at + 1, macro)
        place = Span(token.start, max(token.end, *(t.end for t in tokens[at:end])))
        result += _expanded(source, _filled(macro, arguments, place), macros, depth + 1)
        at = end
    return result


def _arguments(tokens: list[Token], at: int, macro: Macro) -> tuple[list[tuple[Token, ...]], int]:
    """The arguments of a command, and the position behind them."""
    found: list[tuple[Token, ...]] = []
    if macro.default is not None and macro.count:
        given, at = _bracketed(tokens, at)
        found.append(macro.default if given is None else given)
    while len(found) < macro.count:
        group, behind = _group(tokens, at)
        if group is None:
            behind = skip_space(tokens, at)
            if behind >= len(tokens):
                return found, at
            group = (_first_letter(tokens, behind),)
            behind += 1
        found.append(group)
        at = behind
    return found, at


def _first_letter(tokens: list[Token], at: int) -> Token:
    """The token at a position; of several letters or digits the first, the others stay."""
    token = tokens[at]
    if token.kind in ("word", "number") and len(token.text) > 1:
        middle = token.start + 1
        tokens[at : at + 1] = [
            replace(token, text=token.text[0], end=middle),
            replace(token, text=token.text[1:], start=middle),
        ]
    return tokens[at]


def _filled(macro: Macro, arguments: list[tuple[Token, ...]], place: Span) -> list[Token]:
    """The body of a command with its arguments, at the place where the command is used."""
    result: list[Token] = []
    at = 0
    while at < len(macro.body):
        token = macro.body[at]
        following = macro.body[at + 1] if at + 1 < len(macro.body) else None
        number = following.text[:1] if following is not None and token.text == "#" else ""
        if number.isdigit() and following is not None:
            index = int(number) - 1
            result += arguments[index] if 0 <= index < len(arguments) else ()
            if following.text[1:]:
                result.append(replace(following, text=following.text[1:], start=place.start, end=place.end))
            at += 2
            continue
        if token.kind in ("space", "newline"):
            token = replace(token, kind="command", text=",")
        result.append(replace(token, start=place.start, end=place.end))
        at += 1
    return result
