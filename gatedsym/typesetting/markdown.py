"""Document → Markdown as code hosts render it: ``$…$`` among words, ``$$`` blocks for displays."""

from __future__ import annotations

from html import escape

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
from gatedsym.typesetting.latex import display_latex, formula_latex
from gatedsym.typesetting.notation import inline
from gatedsym.typesetting.plain import spans_text

say = room("typesetting")

LINE = 90
"""Characters of a formula that fit a line of a page."""

NEW_ROW = r"\cr"

_ESCAPED = frozenset("\\`*_{}[]<>#|$")


def _words(text: str) -> str:
    return "".join("\\" + ch if ch in _ESCAPED else ch for ch in text)


def _protected(formula: str) -> str:
    """The formula in a form that survives hosts which read Markdown before mathematics.

    A backslash before punctuation would be taken for an escape, and two underscores for emphasis; an underscore after a
    space can open emphasis but never close it.
    """
    return formula.replace("\\,", "\\thinspace").replace("_", " _").strip()


def spans_markdown(spans: Spans) -> str:
    """Words and formulas."""
    return "".join(_words(s) if isinstance(s, str) else f"${_protected(formula_latex(inline(s)))}$" for s in spans)


def _html_words(spans: Spans) -> str:
    """Words for a place where hosts read HTML and no Markdown: formulas as text."""
    return escape(spans_text(spans), quote=False)


def _formula(f: Formula) -> str:
    # \cr instead of \\, which some hosts read as an escaped backslash before the mathematics is set
    number = rf" \qquad ({f.number})" if f.number else ""
    parts = [f"$$\n{_protected(display_latex(f, LINE, NEW_ROW))}{number}\n$$"]
    if f.reason:
        parts.append(spans_markdown(f.reason))
    if f.entries is not None:
        left, right = map(formula_latex, f.entries)
        parts.append(f"{_words(say('in-entries'))} ${_protected(left)} = {_protected(right)}$")
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    rows = ["| " + " | ".join(spans_markdown(c) for c in r) + " |" for r in (table.header, *table.rows)]
    return "\n".join([rows[0], "|" + "---|" * len(table.header), *rows[1:]])


def _block(block: Block) -> str:
    match block:
        case Heading(_, level):
            return "#" * level + " " + spans_markdown(block.spans)
        case Paragraph(spans):
            return spans_markdown(spans)
        case Bullets(items):
            return "\n".join(f"- {spans_markdown(i)}" for i in items)
        case Formula():
            return _formula(block)
        case Group(formulas):
            return "\n\n".join(map(_formula, formulas))
        case Table():
            return _table(block)
        case Source(text):
            return f"```text\n{text.rstrip()}\n```"
        case Fold(label, blocks):
            # Hosts that fold read Markdown again after an empty line.
            inner = "\n\n".join(map(_block, blocks))
            return f"<details><summary>{_html_words(label)}</summary>\n\n{inner}\n\n</details>"


def render_markdown(document: Document) -> str:
    """The page as Markdown."""
    head = [f"# {_words(document.title)}"]
    if document.reference:
        head.append(_words(document.reference))
    return "\n\n".join([*head, *(_block(b) for b in document.blocks)]) + "\n"
