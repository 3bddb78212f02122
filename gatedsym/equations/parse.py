"""Text to syntax tree: the tokens prepared, the grammar run, its refusals said in words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources
from typing import Any

import lark
from lark import Token

from gatedsym.equations import declared, syntax
from gatedsym.equations.exact import TooLargeError, read_number
from gatedsym.equations.notation import Source, Span, read_notation
from gatedsym.equations.packed import MOST_PARTS, Lines, hand_out, unpacked
from gatedsym.equations.refused_characters import refuse_character
from gatedsym.equations.signs import check_signs
from gatedsym.errors import EquationError

_KEYWORDS = {"in": "IN", "for": "FOR"}
_LEADING_KEYWORDS = {"output": "OUTPUT", "input": "INPUT", "dim": "DIM"}
_HEADS = ("sum", "max", "min", "mean")
_COMPARISONS = {"≥": ">=", "⩾": ">=", "≤": "<=", "⩽": "<="}
_CONTINUING = {
    "STAR", "TIMES", "AT", "DOT", "SLASH", "POW", "COMMA", "PLUS", "MINUS", "EACHPOW", "EACHSLASH", "EACHSTAR", "WITH",
}  # fmt: skip
_BINARY = _CONTINUING | {"EQUALS", "IN"}
_WHOLE = {"EQUALS", "IN", "OUTPUT", "INPUT", "DIM"}
_REFERENCE_END = {"NAME", "PRIME", "SCRIPT", "RINDEX"}
_MAX_LOOPS = 5
_MAX_HEADS = 20


class _LineStructure(lark.lark.PostLex):  # type: ignore[misc]
    """Newlines, blocks and the two meanings of '(' and '[' told apart, so that the grammar needs one token ahead."""

    always_accept = ("NEWLINE", "COLON", "SEMICOLON", "LBRACE", "RBRACE", "LPAR", "LSQB")

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        typed = list(stream)
        check_signs(typed, lambda first, last, *said: _RefusalError(_span(first).to(_span(last)), *said))
        return iter(_structure(list(_mark_brackets(typed))))


def _retype(token: Token, kind: str) -> Token:
    return Token.new_borrow_pos(kind, token.value, token)


def _mark_brackets(tokens: list[Token]) -> Iterator[Token]:
    """Name tokens to keywords; '(' after a name to CALL; '[' glued to a name to INDEX; ';' and newlines to SEP."""
    open_: list[str] = []
    in_space = False
    previous: Token | None = None
    for position, token in enumerate(tokens):
        kind = token.type
        glued = previous is not None and previous.end_pos == token.start_pos
        after_name = previous is not None and previous.type in _REFERENCE_END
        if kind == "NAME":
            kind = _keyword(token, previous, tokens[position + 1 : position + 2])
        elif kind == "LPAR" and after_name:
            kind = "CALL"
        elif kind == "LSQB" and glued and previous is not None and previous.type in (*_REFERENCE_END, "HEAD"):
            kind = "INDEX"
            open_.append("HEAD INDEX" if previous.type == "HEAD" else "INDEX")
        elif kind == "LBRACE" and not (previous is not None and previous.type in ("POW", "EACHPOW")):
            kind = "OPEN"
        elif kind == "COLON" and open_[-1:] == ["INDEX"]:
            kind = "RANGE"
        elif kind == "NUMBER" and in_space and _multiplies(token, tokens[position + 1 : position + 2]):
            kind = "MULTIPLE"
        elif kind == "RSQB" and open_[-1:] == ["INDEX"]:
            kind = "RINDEX"
        elif kind == "RBRACE" and open_[-1:] == ["OPEN"]:
            kind = "CLOSE"
        elif kind == "NEWLINE" or (kind == "SEMICOLON" and open_[-1:] in ([], ["OPEN"])):
            if open_[-1:] not in ([], ["OPEN"]):
                continue
            kind = "NEWLINE" if kind == "NEWLINE" else "SEP"
        if kind in ("LPAR", "CALL", "EACHCALL", "LSQB", "LBRACE", "OPEN"):
            open_.append(kind)
        elif kind in ("RPAR", "RSQB", "RINDEX", "RBRACE", "CLOSE"):
            open_ = open_[:-1]
        in_space = kind == "IN" or (in_space and kind not in ("NEWLINE", "SEP", "COLON"))
        previous = token if kind == token.type else _retype(token, kind)
        yield previous


def _multiplies(number: Token, following: Sequence[Token]) -> bool:
    """Whether a number in a space stands before a size, ``4n``; the x of ``R^(4 x n)`` stands between two."""
    if not following or following[0].type not in ("NAME", "STAR", "DOT"):
        return False
    return str(following[0]) != "x" or following[0].start_pos == number.end_pos


def _keyword(token: Token, previous: Token | None, following: Sequence[Token]) -> str:
    if token == "with" and following and following[0] == "derivative":
        return "WITH"
    if token == "derivative" and previous is not None and previous.type == "WITH":
        return "DERIVATIVE"
    begins = previous is None or previous.type in ("NEWLINE", "SEP", "OPEN", "COLON")
    if token in _KEYWORDS:
        return _KEYWORDS[token]
    if begins and token in _LEADING_KEYWORDS:
        return _LEADING_KEYWORDS[token]
    if token in _HEADS and following and following[0].type == "LSQB" and following[0].start_pos == token.end_pos:
        return "HEAD"
    return "NAME"


def _structure(tokens: list[Token]) -> list[Token]:
    """One SEP between statements, BLOCK and END around the lines of loops; lines that go on are joined."""
    lines = _logical_lines(tokens)
    result: list[Token] = []
    indents: list[int] = []  # the columns of the loops whose indented lines are open
    for line in lines:
        column = line[0].column or 1
        while indents and column <= indents[-1]:
            indents.pop()
            result.append(_retype(line[0], "END"))
        body, opens = _line_blocks(line)
        if body and result and result[-1].type != "BLOCK" and body[0].type not in ("END", "BLOCK"):
            result.append(_retype(line[0], "SEP"))
        result += body
        if opens:
            indents.append(column)
    if tokens:
        result += [_retype(tokens[-1], "END") for _ in indents]
    result = _drop_idle_separators(result)
    _limit(result)
    return result


def _logical_lines(tokens: list[Token]) -> list[list[Token]]:
    """Tokens line by line; a line goes on where the next begins with an operator, and after an operator.

    Not after an operator if the next line has an '=' or 'in' of its own: then the operator lacks its right side.
    """
    typed: list[list[Token]] = [[]]
    for token in tokens:
        if token.type == "NEWLINE":
            typed.append([])
        else:
            typed[-1].append(token)
    lines: list[list[Token]] = []
    for line in filter(None, typed):
        whole = any(token.type in _WHOLE for token in line)
        last = lines[-1][-1].type if lines else ""
        if lines and (line[0].type in _CONTINUING or last == "COMMA" or (last in _BINARY and not whole)):
            lines[-1].extend(line)
        else:
            lines.append(line)
    return lines


def _line_blocks(line: list[Token]) -> tuple[list[Token], bool]:
    """The tokens of a line with its blocks marked, and whether the line leaves an indented block open."""
    colons = [token for token in line if token.type == "COLON"]
    if len(colons) > _MAX_LOOPS:
        raise _RefusalError(_span(colons[-1]), "loops are nested too deeply.", "Write one loop a line.")
    body: list[Token] = []
    for position, token in enumerate(line):
        if token.type == "COLON":
            rest = line[position + 1 :]
            if rest and rest[0].type == "OPEN":
                continue
            body.append(_retype(token, "BLOCK"))
            if not rest:
                return body, True
            inner, opens = _line_blocks(rest)
            return [*body, *inner, _retype(line[-1], "END")], opens
        if token.type == "OPEN":
            body.append(_retype(token, "BLOCK"))
        elif token.type == "CLOSE":
            body.append(_retype(token, "END"))
        else:
            body.append(token)
    return body, False


def _drop_idle_separators(tokens: list[Token]) -> list[Token]:
    """Tokens without separators that separate nothing; a SEP after each END that something follows."""
    result: list[Token] = []
    for token in tokens:
        last = result[-1].type if result else "BLOCK"
        if token.type == "SEP" and last in ("SEP", "BLOCK"):
            continue
        if token.type == "END" and last == "SEP":
            result.pop()
        if last == "END" and token.type not in ("END", "SEP"):
            result.append(_retype(token, "SEP"))
        result.append(_retype(token, "RSQB") if token.type == "RINDEX" else token)
    while result and result[-1].type == "SEP":
        result.pop()
    return result


def _limit(tokens: list[Token]) -> None:
    """Refuse what would nest without brackets: loops in loops, sums of sums."""
    loops = heads = 0
    for token in tokens:
        loops += {"BLOCK": 1, "END": -1}.get(token.type, 0)
        heads = 0 if token.type in ("SEP", "BLOCK", "END") else heads + (token.type == "HEAD")
        if loops > _MAX_LOOPS or heads > _MAX_HEADS:
            raise _RefusalError(
                _span(token), "this is nested too deeply.", "Give the inner part an equation of its own."
            )


class _RefusalError(Exception):
    """A refusal below the place that knows the text."""

    def __init__(self, span: Span, message: str, mend: str) -> None:
        super().__init__(message)
        self.span, self.message, self.mend = span, message, mend


def _span(token: Token) -> Span:
    start = token.start_pos or 0
    return Span(start, max(token.end_pos or start, start + 1))


def _extent(items: Sequence[Any]) -> Span:
    """The span from the first to the last of tokens and nodes."""
    spans = [_span(item) if isinstance(item, Token) else item.span for item in items if item is not None]
    return spans[0].to(spans[-1])


_TIME = re.compile(r"\(?t([-+]\d+)?\)?")
_WORD = re.compile(r"[A-Za-z0-9]+(?:_[A-Za-z0-9]+)*")
_NO_NODES = (Token, type(None))


@dataclass(frozen=True)
class _Each:
    """The exponent of ``U^{⊙2}``: of each entry."""

    exponent: syntax.Node
    span: Span


class _TreeBuilder(lark.Transformer):  # type: ignore[misc]
    """Grammar rules to syntax nodes."""

    def number(self, items: list[Any]) -> syntax.Number:
        try:
            return syntax.Number(read_number(items[0]), _span(items[0]))
        except TooLargeError:
            raise _RefusalError(
                _span(items[0]),
                "this number has more digits than any cell needs.",
                "Write fewer digits, or a smaller exponent: numbers lie between 1e-307 and 1e308.",
            ) from None

    def reference(self, items: list[Any]) -> syntax.Reference:
        name, primes = str(items[0]), 0
        time: int | None = None
        members: tuple[str, ...] = ()
        indices: list[tuple[syntax.Node, ...]] = []
        for item in items[1:]:
            if not isinstance(item, Token):
                indices.append(item[0])
            elif item.type == "PRIME":
                primes += 1
            else:
                name, time, members = _read_script(item, name, time, members)
        end = items[-1] if isinstance(items[-1], Token) else items[-1][1]
        return syntax.Reference(name, _span(items[0]).to(_span(end)), time, members, primes, tuple(indices))

    def index(self, items: list[Any]) -> tuple[tuple[syntax.Node, ...], Token]:
        return tuple(item for item in items if not isinstance(item, Token)), items[-1]

    def slice(self, items: list[Any]) -> syntax.Slice:
        first, _, last = items
        return syntax.Slice(first, last, _extent(items))

    def item(self, items: list[Any]) -> syntax.Node:
        nodes = [item for item in items if not isinstance(item, _NO_NODES)]
        return nodes[0] if len(nodes) == 1 else syntax.Range(nodes[0], nodes[1], _extent(nodes))

    def group(self, items: list[Any]) -> syntax.Node:
        # The brackets belong to the span: an edit replaces them with what they hold.
        node: syntax.Node = replace(items[1], span=_extent(items))
        return node

    def stack(self, items: list[Any]) -> syntax.Stack:
        return syntax.Stack(tuple(item for item in items if not isinstance(item, Token)), _extent(items))

    def application(self, items: list[Any]) -> syntax.Application:
        arguments = tuple(item for item in items[1:] if not isinstance(item, Token))
        return syntax.Application(items[0], arguments, _extent(items), items[1].type == "EACHCALL")

    def postfix(self, items: list[Any]) -> syntax.Node:
        node: syntax.Node = items[0]
        for token in items[1:]:
            node = syntax.Transpose(node, node.span.to(_span(token)), str(token).endswith("H"))
        return node

    def exponent(self, items: list[Any]) -> syntax.Node:
        return _signed(items)

    def power(self, items: list[Any]) -> syntax.Node:
        base, exponent = items[0], items[-1]
        if len(items) == 1 or exponent is None:
            return base  # type: ignore[no-any-return]
        if isinstance(exponent, _Each):
            return syntax.Power(base, exponent.exponent, _extent([base, exponent]), each=True)
        return syntax.Power(base, exponent, _extent([base, exponent]), items[1].type == "EACHPOW")

    def each(self, items: list[Any]) -> _Each:
        return _Each(items[2], _extent(items))

    def juxtaposition(self, items: list[Any]) -> syntax.Node:
        return items[0] if len(items) == 1 else syntax.Juxtaposition(tuple(items), _extent(items))

    def unary(self, items: list[Any]) -> syntax.Node:
        return _signed(items)

    def operator(self, items: list[Any]) -> Token:
        token: Token = items[0]
        return token

    def product(self, items: list[Any]) -> syntax.Node:
        items = [item for item in items if item is not None]
        nodes = tuple(item for item in items if not isinstance(item, Token))
        operators = tuple(str(item).replace(".*", "*") for item in items if isinstance(item, Token))
        return nodes[0] if len(nodes) == 1 else syntax.Product(nodes, operators, _extent(nodes))

    def reduction(self, items: list[Any]) -> syntax.Node:
        head = next(i for i, item in enumerate(items) if isinstance(item, Token) and item.type == "HEAD")
        names = tuple(str(item) for item in items[head + 1 : -1] if item.type == "NAME")
        node = syntax.Reduction(str(items[head]), names, items[-1], _extent(items[head:]))  # type: ignore[arg-type]
        return _signed([*items[:head], node])

    def sum(self, items: list[Any]) -> syntax.Node:
        if len(items) == 1:
            return items[0]  # type: ignore[no-any-return]
        terms = [(1, items[0])]
        for token, item in zip(items[1::2], items[2::2], strict=True):
            terms.append((1 if token.type == "PLUS" else -1, item))
        return syntax.Sum(tuple(terms), _extent([items[0], items[-1]]))

    def axis_atom(self, items: list[Any]) -> list[Token]:
        token: Token = items[0]
        if token.type == "MULTIPLE":
            return [items[-1]] * _multiple(token, items[-1])
        return [self._one_size(token)]

    def _one_size(self, token: Token) -> Token:
        if token.type == "NUMBER" and not (token.isdigit() and len(token) <= 6 and int(token) > 0):
            raise _RefusalError(
                _span(token), f"the size '{token}' is no positive whole number.", "Write a size such as 4."
            )
        if token.type == "NUMBER":
            return token.update(value=str(int(token)))
        return token

    def axis(self, items: list[Any]) -> list[Token]:
        return [size for item in items if isinstance(item, list) for size in item]

    def axes_one(self, items: list[Any]) -> tuple[list[list[Token]], Token]:
        return [items[0]], items[0][-1]

    def axes(self, items: list[Any]) -> tuple[list[list[Token]], Token]:
        for item in items:
            if isinstance(item, Token) and item.type == "NAME" and item != "x":
                raise _RefusalError(_span(item), f"expected ',' between the sizes, found '{item}'.", "Write R^(n, m).")
        return [item for item in items if not isinstance(item, Token)], items[-1]

    def space(self, items: list[Any]) -> syntax.Space:
        if items[0] not in ("R", "C"):
            raise _RefusalError(
                _span(items[0]),
                f"expected a space after 'in', found '{items[0]}'.",
                "Write R^n or R^(n, m). Complex arrays are in C^n.",
            )
        axes, end = items[2] if len(items) > 2 and items[2] is not None else ([], items[0])
        sizes = tuple(tuple(map(str, axis)) for axis in axes)
        return syntax.Space(sizes, _span(items[0]).to(_span(end)), items[0] == "C")

    def names(self, items: list[Any]) -> list[syntax.Reference]:
        return [item for item in items if not isinstance(item, Token)]

    def declaration(self, items: list[Any]) -> syntax.Declaration:
        names, _, space = items
        return syntax.Declaration(tuple(names), space, names[0].span.to(space.span))

    def output(self, items: list[Any]) -> syntax.Declaration:
        return self._marked(items, "output")

    def input(self, items: list[Any]) -> syntax.Declaration:
        return self._marked(items, "input")

    def _marked(self, items: list[Any], keyword: Any) -> syntax.Declaration:
        names, space = items[1], items[-1] if isinstance(items[-1], syntax.Space) else None
        return syntax.Declaration(tuple(names), space, _span(items[0]).to((space or names[-1]).span), keyword)

    def output_equation(self, items: list[Any]) -> Lines | syntax.EquationLine:
        line, start = items[1], _span(items[0])
        if isinstance(line, Lines):
            return Lines(tuple(replace(one, span=start.to(one.span), output=True) for one in line.lines))
        return replace(line, span=start.to(line.span), output=True)  # type: ignore[no-any-return]

    def dimension(self, items: list[Any]) -> syntax.DimensionLine:
        return syntax.DimensionLine(items[1], items[3], _extent([items[0], items[3]]))

    def packed(self, items: list[Any]) -> list[syntax.Reference]:
        return [item for item in items if not isinstance(item, Token)]

    def comparison(self, items: list[Any]) -> syntax.Comparison:
        left, sign, right = items
        return syntax.Comparison(_COMPARISONS.get(str(sign), str(sign)), left, right, _extent([left, right]))

    def equation(self, items: list[Any]) -> Lines | syntax.EquationLine:
        left, _, right, keyword, *surrogate = items
        if keyword is not None:
            right = declared.with_derivative(right, surrogate[-1], _RefusalError)
        if isinstance(left, syntax.Application):
            return syntax.EquationLine(left, right, _extent([left, right]))
        if len(left) == 1:
            return syntax.EquationLine(left[0], right, _extent([left[0], right]))
        return hand_out(tuple(left), right, _extent([left[0], right]))

    def loop(self, items: list[Any]) -> syntax.Loop:
        body = unpacked(item for item in items[6:] if not isinstance(item, _NO_NODES))
        return syntax.Loop(str(items[1]), items[3], items[5], body, _extent(items[:6]))

    def start(self, items: list[Any]) -> tuple[syntax.Statement, ...]:
        return unpacked(item for item in items if not isinstance(item, _NO_NODES))


def _multiple(token: Token, of: Token) -> int:
    """The number of times that a size stands in a sum of sizes."""
    if not (token.isdigit() and 0 < int(token[:6]) <= MOST_PARTS and len(token) <= 6):
        raise _RefusalError(
            _span(token),
            f"'{token}' is no whole number of parts from 1 to {MOST_PARTS}.",
            f"Write R^(4{of}) for four parts; a long axis of one part is a dimension: dim p = {token}*{of}.",
        )
    return int(token)


def _signed(items: list[Any]) -> syntax.Node:
    """A node under the minus before it."""
    node: syntax.Node = items[-1]
    return syntax.Negative(node, _extent(items)) if len(items) > 1 and items[0] is not None else node


def _read_script(
    token: Token, name: str, time: int | None, members: tuple[str, ...]
) -> tuple[str, int | None, tuple[str, ...]]:
    """A sub- or superscript added to what is known of a name: a time, a list of members, or a part of the name."""
    if re.search(r"[A-Za-z0-9] +[A-Za-z0-9]", token):
        raise _RefusalError(
            _span(token),
            f"'{token}' holds two names side by side.",
            "Write ',' between them: W_{i,f}, or glue them: W_{if}.",
        )
    inner = "".join(token.lstrip("_^").split())
    inner = inner[1:-1] if inner[:1] in ("{", "(") else inner
    moment = _TIME.fullmatch(inner)
    if moment and time is None:
        return name, int(moment[1] or 0), members
    parts = tuple(inner.split(","))
    if inner == "*" or len(parts) > 1:
        if members or not all(part == "*" or _WORD.fullmatch(part) for part in parts):
            raise _RefusalError(_span(token), f"'{token}' is no list of suffixes.", "Write W_{i,f,g,o}.")
        return name, time, parts
    if _WORD.fullmatch(inner) and not members:
        return f"{name}_{inner}", time, members
    raise _RefusalError(
        _span(token), f"'{token}' is neither a time, such as _{{t-1}}, nor a name.", "Write a name: letters and digits."
    )


@cache
def _parser() -> lark.Lark:
    grammar = resources.files("gatedsym.equations").joinpath("grammar.lark").read_text(encoding="utf-8")
    return lark.Lark(
        grammar,
        parser="lalr",
        lexer="basic",
        start=["start", "expression"],
        postlex=_LineStructure(),
        transformer=_TreeBuilder(),
        keep_all_tokens=True,
        maybe_placeholders=True,
    )


def parse_equations(text: str) -> tuple[Source, tuple[syntax.Statement, ...]]:
    """A text of equations as a syntax tree.

    Raises
    ------
    EquationError
        Where the text is not in the language.
    """
    source = read_notation(text)
    statements = _parse(source, "start")
    if not statements:
        raise source.error(
            "there are no equations in this text.", mend="Write declarations and equations; `gatedsym new` shows how."
        )
    return source, statements


def parse_expression(text: str) -> tuple[Source, syntax.Node]:
    """A text of one expression as a syntax tree."""
    source = read_notation(text)
    return source, _parse(source, "expression")


def read_part(source: Source, plain: str, span: Span) -> syntax.Node:
    """The tree of an expression that stands in a text at `span`, where `plain` is the text that has it.

    Raises
    ------
    EquationError
        Where it is none.
    """
    blank = re.sub(r"[^\n]", " ", plain[: span.start]).replace("\n", " ")
    node: syntax.Node = _parse(replace(source, plain=blank + plain[span.start : span.end]), "expression")
    return node


def _parse(source: Source, start: str) -> Any:
    try:
        return _parser().parse(source.plain, start=start)
    except lark.exceptions.UnexpectedCharacters as refusal:
        raise refuse_character(source, refusal.pos_in_stream) from None
    except lark.exceptions.UnexpectedToken as refusal:
        raise _explain(source, refusal) from None
    except lark.exceptions.VisitError as refusal:
        raise _from_refusal(source, refusal.orig_exc) from None
    except _RefusalError as refusal:
        raise _from_refusal(source, refusal) from None


def _from_refusal(source: Source, refusal: Exception) -> EquationError:
    if not isinstance(refusal, _RefusalError):
        raise refusal
    return source.error(refusal.message, refusal.span, refusal.mend)


_FOUND = {"SEP": "the end of the equation", "$END": "the end of the text", "END": "the end of a block"}
_OPERAND = {"NAME", "NUMBER", "LPAR", "LSQB"}
_OPERATOR = {"STAR", "AT", "PLUS", "MINUS"}
_AFTER_NAME = {"EQUALS", "IN", "COMMA", "PRIME", "SCRIPT", "INDEX", "CALL", "EACHCALL"}
# What is expected, and what to do, for the sets of tokens that the parser would accept; the first that fits.
_EXPECTATIONS: tuple[tuple[Callable[[set[str]], bool], str, str], ...] = (
    (
        lambda e: e >= _OPERAND,
        "a name, a number or a bracket",
        "Complete the expression, or remove the operator before it.",
    ),
    (lambda e: e == {"IN"}, "'in'", "Write `for l in 1..L:`."),
    (lambda e: e <= _AFTER_NAME, "'=' or 'in'", "An equation is `f = …`, a declaration `f in R^n`."),
    (lambda e: "BLOCK" in e, "':'", "Write `for l in 1..L:` and indent the lines below."),
    (lambda e: "DOTS" in e, "'..'", "Write the range as 1..L."),
    (
        lambda e: e >= _OPERATOR,
        "an operator or the end of the equation",
        "Separate equations by a new line or ';'; one line defines one name with one '='.",
    ),
    (
        lambda e: bool(e & {"NUMBER", "TIMES", "RBRACE"}),
        "a size",
        "A size is a name, a number, or a sum of them: R^n, R^(n, n+m).",
    ),
    (lambda e: "POW" in e, "the end of the declaration", "Write R^n, R^(n, m) or R."),
    (lambda e: "NAME" in e, "a name", "A line begins with the name that it defines or declares."),
    (lambda e: e <= {"SEP", "$END", "END", "WITH"}, "the end of the line", "Separate equations by a new line or ';'."),
)


def _explain(source: Source, refusal: lark.exceptions.UnexpectedToken) -> EquationError:
    """Account of what was found and what was expected, in words, with the likely mend."""
    token, expected = refusal.token, set(refusal.accepts or refusal.expected)
    if expected == {"IN"} and token.type in ("SEP", "$END", "END"):
        expected = {"EQUALS", "IN"}  # a name or a list of names, and nothing behind it
    span = _span(token)
    if token.type == "$END":
        end = len(source.plain.rstrip())
        span = Span(end - 1, end)
    found = _FOUND.get(token.type, f"'{source.excerpt(span).strip() or token}'")
    if token.type in ("SEP", "END"):
        span = _before(source, span)
    wanted, mend = next(
        ((wanted, mend) for fits, wanted, mend in _EXPECTATIONS if fits(expected)),
        ("something else", "Compare this line with the example of `gatedsym new`."),
    )
    return source.error(f"expected {wanted}, found {found}.", span, _special_mend(source, token, span) or mend)


def _special_mend(source: Source, token: Token, span: Span) -> str:
    """The mend for slips that are common enough to have one of their own."""
    before, after = source.plain[: span.start], source.plain[span.end : span.end + 1]
    line = before.rpartition("\n")[2].rpartition(";")[2]
    if token.type == "EQUALS" and before.endswith("="):
        return "Write a single '='."
    if token.type == "POW" and "**" in line.replace("^", "**"):
        return "Write brackets around the inner power."
    if token.type == "END":
        return "Indent the lines of the loop below it."
    if token.type in ("COMMA", "TIMES", "NAME") and re.search(r"\bin\s+R\b", line):
        return "Write R^(n, m) for a matrix; separate declarations by ';' or a new line."
    if token.type == "COMPARISON":
        return "A comparison chooses: write where(u > v, a, b), or where(u > v, 1, 0) for 1 where it holds, else 0."
    if token.type == "COMMA" and line[-1:].isdigit() and after.isdigit():
        return "Decimals have a point: 1.5."
    return ""


def _before(source: Source, span: Span) -> Span:
    """The last character that says something before a span."""
    end = len(source.plain[: span.start].rstrip())
    return Span(max(0, end - 1), max(1, end))
