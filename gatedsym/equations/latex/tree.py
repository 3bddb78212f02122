"""Tokens of a statement to a tree: letters with their accents and scripts, brackets, fractions, roots, cases."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from gatedsym.equations.latex.commands import (
    ACCENTS,
    BIG,
    BOLD,
    FONTS,
    FRACTIONS,
    FUNCTIONS,
    LETTERS,
    PROSE,
    RELATIONS,
    SCRIPT,
    SIGNS,
    SPACES,
    THROUGH,
    UPRIGHT,
    WORDS,
)
from gatedsym.equations.latex.tokens import Token, matching, skip_space
from gatedsym.equations.names import ARRAYS
from gatedsym.equations.source import MAX_NESTING, Source, Span

NodeKind = Literal["symbol", "number", "sign", "fence", "fraction", "root", "matrix", "cases", "big", "space"]


@dataclass(frozen=True)
class Node:
    """A part of a formula.

    Attributes
    ----------
    kind : str
    start, end : int
        Offsets in the text, its scripts included.
    text : str
        Of a symbol its letter or word, of a sign what the plain language has for it, of a fence its two brackets.
    parts : tuple of tuple of Node
        What it holds: of a fence one row, of a fraction two, of a matrix its cells row by row.
    accents : tuple of str
    bold : bool
    upright : bool
        A word rather than letters side by side.
    subs, sups : tuple of tuple of Node
    primes : int
    glued : bool
        No space stands before it.
    width : int
        Of a matrix and of cases how many cells a row has.
    command : str
        Of a letter that has a command its name.
    """

    kind: NodeKind
    start: int
    end: int
    text: str = ""
    parts: tuple[tuple[Node, ...], ...] = ()
    accents: tuple[str, ...] = ()
    bold: bool = False
    script: bool = False
    upright: bool = False
    subs: tuple[tuple[Node, ...], ...] = ()
    sups: tuple[tuple[Node, ...], ...] = ()
    primes: int = 0
    glued: bool = False
    width: int = 0
    command: str = ""

    @property
    def span(self) -> Span:
        return Span(self.start, max(self.end, self.start + 1))


Row = tuple[Node, ...]


@dataclass
class Words:
    """Words of a text that are known before its formulas are read.

    Attributes
    ----------
    declared : frozenset of str
        Plain names that declarations and left sides have.
    letters : frozenset of str
        Single letters that stand alone somewhere.
    is_latex : bool
        Letters side by side are a product, unless they are a name that the text declares.
    whole : callable
        Whether the characters from one offset to another were one character as typed.
    """

    declared: frozenset[str]
    letters: frozenset[str]
    is_latex: bool
    whole: Callable[[int, int], bool]


@dataclass
class _Parser:
    tokens: list[Token]
    source: Source
    words: Words
    latex: bool
    at: int = 0
    depth: int = 0
    base: list[str] = field(default_factory=list)
    scripts: int = 0


def parse_statement(tokens: list[Token], source: Source, words: Words, latex: bool) -> Row:
    """The tree of a statement.

    Raises
    ------
    EquationError
        For a command that is not known, and for braces that do not match.
    """
    parser = _Parser(list(tokens), source, words, latex)
    return tuple(_row(parser, frozenset()))


_CLOSERS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "⌊": "⌋"}


def _row(parser: _Parser, stop: frozenset[str]) -> list[Node]:
    """Nodes up to one of the closing signs; the sign stays."""
    parser.depth += 1
    _check_depth(parser)
    nodes: list[Node] = []
    while parser.at < len(parser.tokens):
        token = parser.tokens[parser.at]
        if _closes(token) in stop:
            break
        if token.kind == "close" and not stop:
            raise parser.source.error(
                "'}' closes a brace that was never opened.", Span(token.start, token.end), "Remove the '}'."
            )
        _take(parser, nodes)
    parser.depth -= 1
    return nodes


def _check_depth(parser: _Parser) -> None:
    if parser.depth > MAX_NESTING:
        token = parser.tokens[min(parser.at, len(parser.tokens) - 1)]
        raise parser.source.error(
            f"brackets are nested more than {MAX_NESTING} deep.",
            Span(token.start, token.end),
            "Give the inner part a name of its own.",
        )


def _closes(token: Token) -> str:
    if token.kind in ("close", "end", "break", "amp"):
        return token.kind
    if token.kind == "command":
        return SIGNS.get(token.text, token.text)
    return token.text if token.kind == "char" else ""


def _take(parser: _Parser, nodes: list[Node]) -> None:
    """Read what stands next and add it to the nodes."""
    token = parser.tokens[parser.at]
    if token.kind in ("sub", "sup", "prime"):
        _script(parser, nodes)
    elif token.kind in ("space", "newline"):
        parser.at += 1
        nodes.append(Node("space", token.start, token.end))
    elif token.kind == "prose":
        parser.at += 1
    elif token.kind == "open":
        _braces(parser, nodes)
    elif token.kind == "word":
        nodes.append(_word(parser, token))
    elif token.kind == "number":
        parser.at += 1
        nodes.append(Node("number", token.start, token.end, token.text))
    elif token.kind == "command":
        _command(parser, token, nodes)
    elif token.kind == "begin":
        nodes.append(_environment(parser, token))
    elif token.kind in ("amp", "break", "end", "dollar"):
        parser.at += 1
        nodes.append(Node("space", token.start, token.end, "\\"))
    else:
        _sign(parser, token, token.text, nodes)


def _glued(parser: _Parser) -> bool:
    return parser.at > 0 and parser.tokens[parser.at - 1].kind not in ("space", "newline")


def _sign(parser: _Parser, token: Token, text: str, nodes: list[Node]) -> None:
    """A sign; an opening bracket with what it holds."""
    glued = _glued(parser) and token.kind == "char" and token.end - token.start == 1
    parser.at += 1
    if text == "|" and parser.scripts:  # x_{k|k-1}: k by what is known at k-1
        nodes.append(Node("sign", token.start, token.end, text, glued=glued))
    elif text in ("|", "‖"):
        _bars(parser, token, text, nodes)
    elif text in _CLOSERS:
        body = _row(parser, frozenset({*")]}⟩⌋", "close"}))
        end, closing = token.end, ""
        if parser.at < len(parser.tokens):
            last = parser.tokens[parser.at]
            closing, end = _closes(last), last.end
            if closing == "close":
                closing = ""  # a brace of a script ends before the bracket in it
            else:
                parser.at += 1
        if not closing:
            raise parser.source.error(
                f"'{text}' is never closed.", Span(token.start, token.end), f"Add the missing '{_CLOSERS[text]}'."
            )
        nodes.append(_fence(Node("fence", token.start, end, text + closing, (tuple(body),), glued=glued)))
    else:
        nodes.append(Node("sign", token.start, token.end, "'" if text == "′" else text, glued=glued))


def _fence(node: Node) -> Node:
    """A bracket; around nothing but a matrix it is the matrix's own."""
    held = [n for n in node.parts[0] if n.kind != "space"]
    if node.text in ("()", "[]") and len(held) == 1 and held[0].kind == "matrix" and not (held[0].subs or held[0].sups):
        return replace(held[0], start=node.start, end=node.end, glued=node.glued)
    return node


def _bars(parser: _Parser, token: Token, text: str, nodes: list[Node]) -> None:
    """Contents of two bars."""
    body = _row(parser, frozenset({text, "close", "rvert" if text == "|" else "rVert"}))
    if parser.at >= len(parser.tokens) or parser.tokens[parser.at].kind == "close":
        raise parser.source.error(
            f"the bar '{text}' is never closed.", Span(token.start, token.end), f"Add the missing '{text}'."
        )
    last = parser.tokens[parser.at]
    parser.at += 1
    nodes.append(Node("fence", token.start, last.end, text * 2, (tuple(body),)))


def _word(parser: _Parser, token: Token, script: bool = False) -> Node:
    """A name, or the first letter of a product of letters: what is behind it is left for later."""
    text, words = token.text, parser.words
    length = len(text)
    if words.is_latex and parser.latex and length > 1 and not _is_one_name(parser, token, script):
        length = 1
    glued = parser.at > 0 and parser.tokens[parser.at - 1].kind not in ("space", "newline")
    whole = text[:length]
    if length < len(text):
        parser.tokens[parser.at : parser.at + 1] = [
            Token("word", whole, token.start, token.start + length),
            Token("word", text[length:], token.start + length, token.end),
        ]
    parser.at += 1
    upright = len(whole) > 1
    return Node("symbol", token.start, token.start + length, whole, upright=upright, glued=glued)


_LONGEST = 60
"""Letters side by side that are looked at one by one."""


def _is_one_name(parser: _Parser, token: Token, script: bool) -> bool:
    """Whether letters side by side are one name: a function, a declared name, or no product of known letters."""
    text, words = token.text, parser.words
    if len(text) > _LONGEST:
        return True
    if words.whole(token.start, token.end) or text in words.declared or text in ("in", "output", "input"):
        return True
    if script:
        base = "_".join([*parser.base[-1:], text])
        if base in words.declared or base.removesuffix("_t") in words.declared:
            return True
        return not all(c in words.letters or c.isdigit() for c in text[1:])
    if function_of(text) or text[:1].isdigit():
        return True
    if _is_product(parser, text):
        return False
    if _goes_with(text, words) or text[1:].isdigit():
        return True
    return not all(c in words.letters for c in text)


def _is_product(parser: _Parser, text: str) -> bool:
    """Whether two letters are a matrix and the vector that a script marks: the script of ``Wh_{t-1}`` is that of h."""
    following = parser.tokens[parser.at + 1].kind if parser.at + 1 < len(parser.tokens) else ""
    return bool(following in ("sub", "sup") and re.fullmatch("[A-Z][a-z]", text) and not _goes_with(text, parser.words))


def _goes_with(text: str, words: Words) -> bool:
    """Whether a declared name begins with this word and goes on with a script."""
    return any(name.startswith(text + "_") for name in words.declared)


def function_of(word: str) -> str:
    """The function of the plain language that a word spells, if any."""
    if word == "LN":
        return ""  # a layer norm, no logarithm
    plain = word.replace("-", "").replace(" ", "").lower()
    return FUNCTIONS.get(plain.replace("_", ""), plain if plain in ARRAYS and len(plain) > 1 else "")


def _argument(parser: _Parser) -> Row:
    """Argument of a command or a script: the contents of braces, or one thing."""
    parser.depth += 1
    try:
        return _argument_within(parser)
    finally:
        parser.depth -= 1


def _argument_within(parser: _Parser) -> Row:
    parser.at = skip_space(parser.tokens, parser.at)
    _check_depth(parser)
    if parser.at >= len(parser.tokens):
        end = len(parser.source.plain)
        raise parser.source.error(
            "something is missing at the end of this statement.",
            Span(max(0, parser.tokens[-1].start), min(end, parser.tokens[-1].end)),
            "Write what the command or the script before it takes.",
        )
    token = parser.tokens[parser.at]
    if token.kind == "open":
        return _braced(parser)
    if token.kind == "number" and len(token.text) > 1 and token.text.isdigit():
        parser.tokens[parser.at : parser.at + 1] = [
            Token("number", token.text[0], token.start, token.start + 1),
            Token("number", token.text[1:], token.start + 1, token.end),
        ]
        token = parser.tokens[parser.at]
    if token.kind == "word" and len(token.text) > 1:
        parser.tokens[parser.at : parser.at + 1] = [
            Token("word", token.text[0], token.start, token.start + 1),
            Token("word", token.text[1:], token.start + 1, token.end),
        ]
    nodes: list[Node] = []
    if _closes(parser.tokens[parser.at]) in ("close", "end", "break", "amp"):
        raise parser.source.error(
            "a command or a script has nothing behind it.",
            Span(token.start, token.end),
            "Write what it takes in braces.",
        )
    _take(parser, nodes)
    return tuple(nodes)


def _braced(parser: _Parser) -> Row:
    token = parser.tokens[parser.at]
    parser.at += 1
    inside = _row(parser, frozenset({"close"}))
    if parser.at >= len(parser.tokens):
        raise parser.source.error("'{' is never closed.", Span(token.start, token.end), "Add the missing '}'.")
    parser.at += 1
    return tuple(inside)


def _braces(parser: _Parser, nodes: list[Node]) -> None:
    """Braces in a row keep together what they hold and print nothing."""
    start = parser.tokens[parser.at].start
    inside = [node for node in _braced(parser) if node.kind != "space" or node.text]
    end = parser.tokens[parser.at - 1].end
    if len(inside) == 1 and inside[0].kind == "fence":
        nodes.append(inside[0])  # {(0,1)}^h: the bracket stays what is shown
    elif len(inside) == 1:
        nodes.append(replace(inside[0], start=start, end=end))
    else:
        nodes.extend(inside)


def _script(parser: _Parser, nodes: list[Node]) -> None:
    """A sub- or superscript, or a prime, joined to what stands before it."""
    token = parser.tokens[parser.at]
    while nodes and nodes[-1].kind == "space":
        nodes.pop()
    each = token.kind == "sup" and len(nodes) > 1 and nodes[-1].kind == "sign" and nodes[-1].text == "."
    if each:  # x.^2 of the plain language is x^{\\odot 2}
        nodes.pop()
    if not nodes or nodes[-1].kind == "sign":
        raise parser.source.error(
            f"nothing stands before this '{token.text}'.",
            Span(token.start, token.end),
            "A script follows its letter: W_f, h_{t-1}.",
        )
    base = nodes[-1]
    parser.at += 1
    if token.kind == "prime":
        nodes[-1] = replace(base, primes=base.primes + 1, end=token.end)
        return
    parser.scripts += token.kind == "sub"
    inside = _script_body(parser, base)
    parser.scripts -= token.kind == "sub"
    if each:
        inside = (Node("sign", token.start, token.end, "*"), *inside)
    end = max(base.end, parser.tokens[parser.at - 1].end)
    signs = [node for node in inside if node.kind != "space"]
    if token.kind == "sup" and signs and all(node.kind == "sign" and node.text == "'" for node in signs):
        nodes[-1] = replace(base, primes=base.primes + len(signs), end=end)
    elif token.kind == "sub":
        nodes[-1] = replace(base, subs=(*base.subs, inside), end=end)
    else:
        nodes[-1] = replace(base, sups=(*base.sups, inside), end=end)


def _script_body(parser: _Parser, base: Node) -> Row:
    """Contents of a script: of braces, of brackets as plain texts have it, or one thing."""
    parser.at = skip_space(parser.tokens, parser.at)
    token = parser.tokens[parser.at] if parser.at < len(parser.tokens) else None
    if token is None or token.kind == "open":
        return _argument(parser)
    if token.kind == "char" and token.text == "<":
        return _angled(parser, token)
    if token.kind == "char" and token.text in "-+*†" and token.text != "(":
        parser.at += 1
        sign = Node("sign", token.start, token.end, token.text)
        following = parser.tokens[parser.at] if parser.at < len(parser.tokens) else None
        if token.text == "-" and following is not None and following.kind == "number":
            parser.at += 1
            return (sign, Node("number", following.start, following.end, following.text))
        return (sign,)
    if token.kind == "word":
        parser.base.append("_".join([base.text, *base.accents]))
        node = _word(parser, token, script=True)
        parser.base.pop()
        return (node,)
    if token.kind == "number":
        parser.at += 1
        return (_counted(parser, base, token),)
    return _argument(parser)


def _counted(parser: _Parser, base: Node, token: Token) -> Node:
    """A number as a script, with the letters behind it where that is what a declaration calls the name: c_1a."""
    rest = parser.tokens[parser.at] if parser.at < len(parser.tokens) else None
    if rest is not None and rest.kind == "word" and rest.start == token.end:
        name = "_".join([base.text, *base.accents, token.text + rest.text])
        if name in parser.words.declared:
            parser.at += 1
            return Node("symbol", token.start, rest.end, token.text + rest.text)
    return Node("number", token.start, token.end, token.text)


def _angled(parser: _Parser, token: Token) -> Row:
    """``<t-1>`` behind a ``^``."""
    parser.at += 1
    body = _row(parser, frozenset({">", "close"}))
    if parser.at >= len(parser.tokens) or parser.tokens[parser.at].text != ">":
        raise parser.source.error("'<' is never closed.", Span(token.start, token.end), "Add the missing '>'.")
    end = parser.tokens[parser.at].end
    parser.at += 1
    return (Node("fence", token.start, end, "⟨⟩", (tuple(body),)),)


def _command(parser: _Parser, token: Token, nodes: list[Node]) -> None:
    """A command with what belongs to it."""
    name = token.text
    if name in LETTERS or name in UPRIGHT:
        parser.at += 1
        word = LETTERS.get(name, name)
        nodes.append(Node("symbol", token.start, token.end, word, upright=name in UPRIGHT, glued=False, command=name))
    elif name in ACCENTS:
        nodes.append(_accented(parser, token))
    elif name in FONTS or name in WORDS or name in PROSE or name in THROUGH:
        _font(parser, token, nodes)
    elif name in FRACTIONS:
        parser.at += 1
        above, below = _argument(parser), _argument(parser)
        nodes.append(Node("fraction", token.start, _last_end(parser), name, (above, below)))
    elif name == "sqrt":
        nodes.append(_root(parser, token))
    elif name in BIG and _stands_between(parser, nodes):
        _sign(parser, token, SIGNS[name.removeprefix("big")], nodes)
    elif name in BIG:
        parser.at += 1
        nodes.append(Node("big", token.start, token.end, BIG[name]))
    elif name in ("overset", "stackrel", "underset", "underbrace", "overbrace", "textcolor", "colorbox", "substack"):
        _dressed(parser, token, nodes)
    elif name in RELATIONS:
        parser.at += 1
        nodes.append(Node("sign", token.start, token.end, "="))
    elif name in ("Re", "Im") and _takes_something(parser):
        parser.at += 1
        nodes.append(Node("symbol", token.start, token.end, name.lower(), upright=True, command=name))
    elif name in SPACES or not name.strip():
        parser.at += 1
        nodes.append(Node("space", token.start, token.end, "\\" + name))
    elif name in SIGNS:
        _sign(parser, token, SIGNS[name], nodes)
    elif name in ("mathord", "nolimits"):
        parser.at += 1
    else:
        raise parser.source.error(
            f"the LaTeX command '\\{name}' is not read.",
            Span(token.start, token.end),
            "Write what it stands for: a letter, a function's name, or an operator such as ⊙ or @.",
        )


def _takes_something(parser: _Parser) -> bool:
    """Whether the command at hand has something behind it that it can be the part of: no ``x \\in \\Re^n``."""
    place = skip_space(parser.tokens, parser.at + 1)
    return place < len(parser.tokens) and parser.tokens[place].kind not in ("sup", "sub", "close", "dollar", "amp")


def _stands_between(parser: _Parser, nodes: list[Node]) -> bool:
    """Whether a big ⊙, ⊗ or ⊕ only is one printed large: a factor stands before it, and it runs over nothing."""
    if parser.tokens[parser.at].text.removeprefix("big") not in ("odot", "otimes", "oplus"):
        return False
    before = next((node for node in reversed(nodes) if node.kind != "space"), None)
    place = skip_space(parser.tokens, parser.at + 1)
    scripted = place < len(parser.tokens) and parser.tokens[place].kind in ("sub", "sup")
    return before is not None and before.kind != "sign" and not scripted


def _last_end(parser: _Parser) -> int:
    return parser.tokens[parser.at - 1].end


def _accented(parser: _Parser, token: Token) -> Node:
    """A letter under a mark; scripts under the mark with it belong to the letter."""
    parser.at += 1
    inside = [node for node in _argument(parser) if node.kind != "space"]
    if len(inside) != 1 or inside[0].kind != "symbol":
        raise parser.source.error(
            f"'\\{token.text}' stands over more than one letter.",
            Span(token.start, _last_end(parser)),
            "Put it over the letter that it belongs to, or give what is below it a name of its own.",
        )
    node = inside[0]
    return replace(
        node, start=token.start, end=_last_end(parser), accents=(*node.accents, ACCENTS[token.text]), glued=False
    )


def _font(parser: _Parser, token: Token, nodes: list[Node]) -> None:
    """Letters in another type: one word where the type is upright, else as they would be without."""
    parser.at += 1
    brace = skip_space(parser.tokens, parser.at)
    if brace < len(parser.tokens) and parser.tokens[brace].kind == "open":
        end = matching(parser.tokens, brace)
        inside = parser.tokens[brace + 1 : end]
        word = _upright_word(inside)
        if word and (token.text in WORDS or token.text in PROSE or token.text.startswith("text") or len(word) == 1):
            parser.at = min(end + 1, len(parser.tokens))
            if end >= len(parser.tokens):
                brace_token = parser.tokens[brace]
                raise parser.source.error(
                    "'{' is never closed.", Span(brace_token.start, brace_token.end), "Add the missing '}'."
                )
            bold, script = token.text in BOLD, token.text in SCRIPT
            kind: NodeKind = "number" if word.isdigit() else "symbol"
            nodes.append(Node(kind, token.start, _last_end(parser), word, bold=bold, script=script,
                              upright=len(word) > 1))  # fmt: skip
            return
    inner = [node for node in _argument(parser) if node.kind != "space"]
    bold, script = token.text in BOLD, token.text in SCRIPT
    for n, node in enumerate(inner):
        start = token.start if n == 0 else node.start
        end = _last_end(parser) if n == len(inner) - 1 else node.end
        nodes.append(replace(node, start=start, end=end, bold=node.bold or bold, script=node.script or script,
                             glued=False))  # fmt: skip


def _upright_word(inside: list[Token]) -> str:
    """The one name that upright letters are; empty where they are more than letters."""
    kept = [t for t in inside if t.kind not in ("space", "newline") and t.text not in ("-", "_", "\\", " ", ",", "~")]
    if not kept or not all(t.kind in ("word", "number") for t in kept):
        return ""
    return "".join(t.text for t in kept)


def _root(parser: _Parser, token: Token) -> Node:
    parser.at += 1
    degree: Row = ()
    place = skip_space(parser.tokens, parser.at)
    if place < len(parser.tokens) and parser.tokens[place].text == "[":
        parser.at = place + 1
        degree = tuple(_row(parser, frozenset({"]", "close"})))
        parser.at += 1
    body = _argument(parser)
    return Node("root", token.start, _last_end(parser), "", (body, degree) if degree else (body,))


def _dressed(parser: _Parser, token: Token, nodes: list[Node]) -> None:
    """Thing with something above, below or around it: only the thing itself counts."""
    parser.at += 1
    first = _argument(parser)
    if token.text in ("underbrace", "overbrace", "substack"):
        nodes.extend(first)
        while parser.at < len(parser.tokens) and parser.tokens[parser.at].kind in ("sub", "sup"):
            parser.at += 1
            _argument(parser)
        return
    second = _argument(parser)
    shown = second if token.text in ("overset", "stackrel", "underset", "textcolor", "colorbox") else first
    nodes.extend(shown)


def _environment(parser: _Parser, token: Token) -> Node:
    """A matrix or cases: cells row by row."""
    parser.at += 1
    rows: list[list[Row]] = [[]]
    while parser.at < len(parser.tokens):
        cell = tuple(_row(parser, frozenset({"amp", "break", "end"})))
        rows[-1].append(cell)
        if parser.at >= len(parser.tokens):
            continue  # the text ends before the environment does
        stop = parser.tokens[parser.at]
        parser.at += 1
        if stop.kind == "end":
            break
        if stop.kind == "break":
            rows.append([])
    else:
        raise parser.source.error(
            f"\\begin{{{token.text}}} is never closed.",
            Span(token.start, token.end),
            f"Add the missing \\end{{{token.text}}}.",
        )
    rows = [row for row in rows if any(any(n.kind != "space" for n in cell) for cell in row)]
    width = max((len(row) for row in rows), default=0)
    cells = [cell for row in rows for cell in [*row, *[()] * (width - len(row))]]
    kind: NodeKind = "cases" if "cases" in token.text else "matrix"
    return Node(kind, token.start, _last_end(parser), token.text, tuple(cells), width=width)
