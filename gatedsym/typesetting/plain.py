"""Document → text for a terminal: Unicode formulas, lines of at most a given width."""

from __future__ import annotations

import textwrap
import unicodedata

from gatedsym.messages import room
from gatedsym.typesetting.document import (
    Block,
    Bullets,
    Document,
    Fold,
    Formula,
    Group,
    Heading,
    Paragraph,
    Source,
    Spans,
    Table,
)
from gatedsym.typesetting.notation import (
    Accent,
    Big,
    Box,
    Fence,
    Fraction,
    Gap,
    Grid,
    Name,
    Number,
    Op,
    Root,
    Row,
    Script,
    Sum,
    tight,
)

say = room("typesetting")

WIDTH = 100
_ABOVE = {"bar": "\u0304", "hat": "\u0302", "tilde": "\u0303", "dot": "\u0307"}
_POWERS = {"2": "²", "3": "³"}
_SPACED = frozenset("=≤≥<>∈→⊙+−≈")


def formula_text(box: Box) -> str:
    """A formula on one line."""
    match box:
        case Name(text) | Number(text):
            return text
        case Op(text):
            return f" {text} " if text in _SPACED else text
        case Gap():
            return " "
        case Row(parts):
            return "".join(_factor(part, len(parts)) for part in parts)
        case Sum(terms):
            return "".join(_term(n, negative, term) for n, (negative, term) in enumerate(terms))
        case Fence(body, kind):
            return f"{kind[0]}{formula_text(body)}{kind[1]}"
        case Script():
            return _script(box)
        case Accent(kind, body):
            inner = formula_text(body)
            return f"bar({inner})" if kind == "line" else unicodedata.normalize("NFC", inner + _ABOVE[kind])
        case Fraction(above, below):
            return f"{_operand(above)}/{_operand(below)}"
        case Root(body):
            return f"√({formula_text(body)})"
        case Big(sign, under, body, over):
            bounds = f"_{_braced(under)}" + (f"^{_braced(over)}" if over is not None else "")
            return f"{sign}{bounds} {formula_text(body)}"
        case Grid(rows):
            return "[" + "; ".join("  ".join(map(formula_text, row)) for row in rows) + "]"


def _factor(part: Box, siblings: int) -> str:
    """One of several boxes side by side: a quotient stands in brackets, unless it is a derivative."""
    text = formula_text(part)
    loose = isinstance(part, Fraction) and siblings > 1 and not _is_differential(part.above)
    return f"({text})" if loose else text


def text_width(text: str) -> int:
    """Columns that a text takes: combining accents take none."""
    return sum(not unicodedata.combining(ch) for ch in text)


def _tight(box: Box) -> str:
    return formula_text(box).replace(" ", "")


def _braced(box: Box) -> str:
    text = _tight(box)
    return text if len(text) == 1 else f"{{{text}}}"


def _script(box: Script) -> str:
    text = formula_text(box.base)
    if box.sub is not None:
        text += f"_{_braced(box.sub)}"
    if box.sup is not None:
        sup = _tight(box.sup)
        text += "ᵀ" if sup == "⊤" else "′" if sup == "′" else _POWERS.get(sup) or f"^{_braced(box.sup)}"
    return text


def _term(position: int, negative: bool, term: Box) -> str:
    sign = ("−" if negative else "") if position == 0 else (" − " if negative else " + ")
    return sign + formula_text(term)


def _operand(box: Box) -> str:
    """Above or below a stroke: in brackets if it is more than one factor."""
    text = formula_text(box)
    return f"({text})" if tight(box) != box and not _is_differential(box) else text


def _is_differential(box: Box) -> bool:
    """∂v needs no brackets in a fraction."""
    return isinstance(box, Row) and box.parts[0] == Op("∂")


def formula_lines(formula: Formula, width: int) -> list[str]:
    """A displayed formula, broken before signs where it is too long."""
    left = formula_text(formula.left)
    indent = " " * (text_width(left) + 3)
    lines: list[str] = []
    for n, right in enumerate(formula.right):
        lead = f"{left} {formula.relation} " if n == 0 else " " * (text_width(left) + 1) + "= "
        whole = lead + formula_text(right)
        if text_width(whole) <= width or not isinstance(right, Sum):
            lines.append(whole)
            continue
        line = lead
        for k, (negative, term) in enumerate(right.terms):
            piece = _term(k, negative, term)
            if k and text_width(line + piece) > width:
                lines.append(line)
                line = indent + piece.lstrip()
            else:
                line += piece
        lines.append(line)
    return lines


def spans_text(spans: Spans) -> str:
    return "".join(s if isinstance(s, str) else formula_text(s) for s in spans)


def _wrap(text: str, width: int, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, width, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    )


def _table(table: Table, width: int) -> list[str]:
    """A table; one that is too wide for the page becomes a list, each row under its first cell."""
    rows = [tuple(spans_text(c) for c in r) for r in (table.header, *table.rows)]
    widths = [max(text_width(r[n]) for r in rows) for n in range(len(table.header))]
    if sum(widths) + 2 * len(widths) > width:
        return [line for r in rows[1:] for line in (r[0], *("    " + "  ".join(c for c in r[1:] if c)).splitlines())]
    rule = "  ".join("─" * w for w in widths)
    lines = ["  ".join(c + " " * (w - text_width(c)) for c, w in zip(r, widths, strict=True)).rstrip() for r in rows]
    return [lines[0], rule, *lines[1:]]


def _formula_block(f: Formula, width: int, margin: int = 0) -> list[str]:
    """A displayed formula, its number at the right and its reason below; `margin` is the width of its left side."""
    number = f"({f.number})" if f.number else ""
    shift = " " * (4 + max(0, margin - text_width(formula_text(f.left))))
    lines = [shift + line for line in formula_lines(f, width - 12)]
    lines[0] += " " * max(1, width - text_width(lines[0]) - len(number)) + number if number else ""
    if f.reason:
        lines += _wrap(spans_text(f.reason), width, "      ", "      ")
    if f.entries is not None:
        label = f"      {say('in-entries')} "
        inner = formula_lines(Formula(f.entries[0], (f.entries[1],)), width - text_width(label))
        lines += [(label if n == 0 else " " * text_width(label)) + line for n, line in enumerate(inner)]
    return lines


def _block(block: Block, width: int) -> list[str]:
    match block:
        case Heading(_, level):
            text = spans_text(block.spans)
            return [text, ("═" if level <= 2 else "─") * text_width(text)]
        case Paragraph(spans):
            return _wrap(spans_text(spans), width)
        case Bullets(items):
            return [line for item in items for line in _wrap(spans_text(item), width, "• ", "  ")]
        case Formula():
            return _formula_block(block, width)
        case Group(formulas):
            margin = max(text_width(formula_text(f.left)) for f in formulas)
            return [line for f in formulas for line in _formula_block(f, width, margin)]
        case Table():
            return _table(block, width)
        case Source(text):
            return ["    " + line for line in text.splitlines()]
        case Fold(label, blocks):
            inner = [line for b in blocks for line in ("", *_block(b, width))]
            return [*_wrap(spans_text(label), width), *inner]


def render_text(document: Document, width: int = WIDTH) -> str:
    """The page as text."""
    lines = [document.title, "═" * text_width(document.title)]
    if document.reference:
        lines += _wrap(document.reference, width)
    for block in document.blocks:
        lines += ["", *_block(block, width)]
    return "\n".join(line.rstrip() for line in lines) + "\n"
