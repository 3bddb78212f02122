"""Document → a standalone HTML page with MathML: no script, no network, light and dark."""

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
from gatedsym.typesetting.notation import (
    DOTLESS,
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
    inline,
)
from gatedsym.typesetting.plain import formula_text, text_width

say = room("typesetting")

LINE = 74
"""Characters of a formula that fit a line of the page."""

_TIGHT = frozenset("∂/")
_ABOVE = {"bar": "¯", "hat": "^", "tilde": "~", "dot": "˙"}


def formula_mathml(box: Box) -> str:
    """A formula as MathML, without the enclosing math element."""
    match box:
        case Name(text):
            return f'<mi mathvariant="normal">{escape(text)}</mi>' if text == "𝟏" else f"<mi>{escape(text)}</mi>"
        case Number(text):
            return f"<mn>{escape(text)}</mn>"
        case Op(text):
            return _operator(text)
        case Gap():
            return '<mspace width="0.17em"/>'
        case Row(parts):
            return _row(parts)
        case Sum(terms):
            return "<mrow>" + "".join(_term(n, negative, t) for n, (negative, t) in enumerate(terms)) + "</mrow>"
        case Fence(body, kind):
            opening = f'<mo form="prefix"{_stretch(body)}>{kind[0]}</mo>'
            closing = f'<mo form="postfix"{_stretch(body)}>{kind[1]}</mo>'
            return f"<mrow>{opening}{formula_mathml(body)}{closing}</mrow>"
        case Script(base, sub, sup):
            return _script(formula_mathml(base), sub, sup)
        case Accent(kind, body):
            if kind == "line":  # no browser stretches a macron over a formula with every font; a border does it
                return f'<mrow class="line">{formula_mathml(body)}</mrow>'
            letter = Name(DOTLESS.get(body.text, body.text)) if isinstance(body, Name) else body
            return f'<mover>{_single(letter)}<mo stretchy="false">{_ABOVE[kind]}</mo></mover>'
        case Fraction(above, below):
            return f"<mfrac>{_single(above)}{_single(below)}</mfrac>"
        case Root(body):
            return f"<msqrt>{formula_mathml(body)}</msqrt>"
        case Big(sign, under, body, over):
            return f"<mrow>{_bounds(sign, under, over)}{formula_mathml(body)}</mrow>"
        case Grid(rows):
            cells = ("".join(f"<mtd>{formula_mathml(b)}</mtd>" for b in row) for row in rows)
            table = "".join(f"<mtr>{row}</mtr>" for row in cells)
            return f'<mrow><mo form="prefix">[</mo><mtable>{table}</mtable><mo form="postfix">]</mo></mrow>'


def _operator(text: str) -> str:
    if text == ", ":
        return '<mo separator="true">,</mo><mspace width="0.2em"/>'
    if text == ",":
        return '<mo separator="true" lspace="0" rspace="0">,</mo>'
    if text == "‖":  # a norm's bars are all of one height
        return f'<mo stretchy="false">{text}</mo>'
    if text in _TIGHT:
        return f'<mo lspace="0" rspace="0">{text}</mo>'
    return f"<mo>{escape(text)}</mo>"


def _row(parts: tuple[Box, ...]) -> str:
    """Side by side; a named function before its brackets is told apart from a product by an invisible sign."""
    text = ""
    for n, part in enumerate(parts):
        text += formula_mathml(part)
        follows = parts[n + 1] if n + 1 < len(parts) else None
        if isinstance(part, Name | Script) and isinstance(follows, Fence) and follows.kind == "()":
            text += "<mo>&#x2061;</mo>"
    return f"<mrow>{text}</mrow>"


def _stretch(body: Box) -> str:
    """Brackets grow with what is tall."""
    return "" if _tall(body) else ' stretchy="false"'


def _tall(box: Box) -> bool:
    match box:
        case Fraction() | Big() | Grid():
            return True
        case Row(parts):
            return any(map(_tall, parts))
        case Sum(terms):
            return any(_tall(t) for _, t in terms)
        case Fence(body, _):
            return _tall(body)
        case _:
            return False


def _single(box: Box) -> str:
    text = formula_mathml(box)
    return text if text.startswith(("<mrow>", "<mi", "<mn>", "<msub", "<msup")) else f"<mrow>{text}</mrow>"


def _script(base: str, sub: Box | None, sup: Box | None) -> str:
    base = f"<mrow>{base}</mrow>"
    if sub is None and sup == Op("′"):  # the prime of the text font stands high by itself
        return f'<mrow>{base}<mo lspace="0" rspace="0">′</mo></mrow>'
    if sub is None and sup is None:
        return base
    if sub is None:
        return f"<msup>{base}{_single(sup)}</msup>" if sup is not None else base
    if sup is None:
        return f"<msub>{base}{_single(sub)}</msub>"
    return f"<msubsup>{base}{_single(sub)}{_single(sup)}</msubsup>"


def _bounds(sign: str, under: Box, over: Box | None) -> str:
    mark = f'<mo movablelimits="false">{sign}</mo>' if len(sign) == 1 else f"<mi>{sign}</mi>"
    if over is None:
        return f"<munder>{mark}{_single(under)}</munder>"
    return f"<munderover>{mark}{_single(under)}{_single(over)}</munderover>"


def _term(position: int, negative: bool, term: Box) -> str:
    if position == 0:
        return ('<mo form="prefix">−</mo>' if negative else "") + formula_mathml(term)
    return f'<mo form="infix">{"−" if negative else "+"}</mo>{formula_mathml(term)}'


def _inline(box: Box) -> str:
    return f"<math>{formula_mathml(box)}</math>"


def _inline_equation(left: Box, right: Box) -> str:
    """An equation in a line of text; it may break before a sign."""
    lines = _broken(right, 2 * LINE)
    first = f"<math><mrow>{formula_mathml(left)}<mo>=</mo>{lines[0]}</mrow></math>"
    return " ".join([first, *(f"<math>{line}</math>" for line in lines[1:])])


def _display(f: Formula) -> str:
    """A display; long right sides break before a sign."""
    rows: list[tuple[str, str, str]] = []
    left_over = LINE - text_width(formula_text(f.left)) - 3
    for n, right in enumerate(f.right):
        lines = _broken(right, left_over)
        rows.append((formula_mathml(f.left) if n == 0 else "", f.relation if n == 0 else "=", lines[0]))
        rows += [("", "", '<mspace width="1.2em"/>' + line) for line in lines[1:]]
    if len(rows) == 1:
        left, relation, right_side = rows[0]
        return f'<math display="block"><mrow>{left}<mo>{escape(relation)}</mo>{right_side}</mrow></math>'
    cells = "".join(
        f'<mtr><mtd class="l">{left}</mtd>'
        f'<mtd class="r"><mrow>{f"<mo>{escape(sign)}</mo>" if sign else ""}{right}</mrow></mtd></mtr>'
        for left, sign, right in rows
    )
    return f'<math display="block"><mtable displaystyle="true">{cells}</mtable></math>'


def _broken(box: Box, width: int) -> list[str]:
    if not isinstance(box, Sum) or text_width(formula_text(box)) <= width:
        return [formula_mathml(box)]
    lines, current, used = [], "", 0
    for n, (negative, term) in enumerate(box.terms):
        size = text_width(formula_text(term)) + 3
        piece = _term(n, negative, term)
        if n and used + size > width:
            lines.append(f"<mrow>{current}</mrow>")
            current, used = piece, size
        else:
            current, used = current + piece, used + size
    return [*lines, f"<mrow>{current}</mrow>"]


def spans_html(spans: Spans) -> str:
    return "".join(escape(s, quote=False) if isinstance(s, str) else _inline(inline(s)) for s in spans)


def _formula(f: Formula) -> str:
    number = f'<span class="number">({f.number})</span>' if f.number else ""
    identity = f' id="eq{f.number}"' if f.number else ""
    parts = [f'<div class="display">{_display(f)}{number}</div>']
    if f.reason:
        parts.append(f'<p class="why">{spans_html(f.reason)}</p>')
    if f.entries is not None:
        label = f'<span class="label">{say.html("in-entries-label")}</span>'
        parts.append(f'<p class="why entries">{label} {_inline_equation(*f.entries)}</p>')
    return f'<div class="step"{identity}>' + "\n".join(parts) + "</div>"


def _group(formulas: tuple[Formula, ...]) -> str:
    """Formulas under each other, aligned at their relation."""
    if any(len(f.right) > 1 or len(_broken(f.right[0], LINE - 10)) > 1 for f in formulas):
        return "\n".join(map(_formula, formulas))
    rows = []
    for f in formulas:
        left = f'<math display="block">{formula_mathml(f.left)}</math>'
        right = f'<math display="block"><mrow><mo>{escape(f.relation)}</mo>{formula_mathml(f.right[0])}</mrow></math>'
        number = f'<span class="number">({f.number})</span>' if f.number else "<span></span>"
        identity = f' id="eq{f.number}"' if f.number else ""
        rows.append(f'<div class="left"{identity}>{left}</div><div>{right}</div>{number}')
    return '<div class="group">' + "\n".join(rows) + "</div>"


def _table(table: Table) -> str:
    head = "".join(f"<th>{spans_html(c)}</th>" for c in table.header)
    rows = "\n".join("<tr>" + "".join(f"<td>{spans_html(c)}</td>" for c in r) + "</tr>" for r in table.rows)
    return f'<div class="wide"><table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table></div>'


def _block(block: Block) -> str:
    match block:
        case Heading(_, level):
            return f"<h{level}>{spans_html(block.spans)}</h{level}>"
        case Paragraph(spans):
            return f"<p>{spans_html(spans)}</p>"
        case Bullets(items):
            return "<ul>\n" + "\n".join(f"<li>{spans_html(i)}</li>" for i in items) + "\n</ul>"
        case Formula():
            return _formula(block)
        case Group(formulas):
            return _group(formulas)
        case Table():
            return _table(block)
        case Source(text):
            return f"<pre>{escape(text)}</pre>"
        case Fold(label, blocks):
            body = "\n".join(map(_block, blocks))
            return f"<details><summary>{spans_html(label)}</summary>\n{body}\n</details>"


STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #565c64; --rule: #d5d8dc; --paper: #fdfdfb; --tint: #f3f4f1; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e4e0; --soft: #a3a9b1; --rule: #3a3e44; --paper: #16181b; --tint: #1f2226; }
}
body { max-width: 52rem; margin: 2.5rem auto 5rem; padding: 0 1.2rem; background: var(--paper); color: var(--ink);
  font: 1.06rem/1.6 Charter, "Bitstream Charter", "Iowan Old Style", Georgia, "DejaVu Serif", serif; }
h1 { font-size: 1.9rem; line-height: 1.2; margin-bottom: .2rem; }
h2 { font-size: 1.35rem; margin: 2.8rem 0 .6rem; padding-top: .9rem; border-top: 1px solid var(--rule); }
h3 { font-size: 1.08rem; margin: 1.8rem 0 .4rem; }
.reference { color: var(--soft); margin-top: 0; }
math { font-family: "Latin Modern Math", "STIX Two Math", "Cambria Math", "Libertinus Math", math; }
math[display="block"] { margin: 0; }
mtd.l { text-align: right; padding-right: 0; }
mtd.r { text-align: left; padding-left: 0; }
.step { margin: 1.1rem 0 1.3rem; }
.display { display: grid; grid-template-columns: 1fr auto; align-items: center; overflow-x: auto; overflow-y: hidden;
  padding: .3rem 0; }
.group { display: grid; grid-template-columns: minmax(max-content, 1fr) minmax(max-content, 1.6fr) auto;
  align-items: center; gap: .55rem .3rem; margin: 1rem 0; overflow-x: auto; overflow-y: hidden; }
.group .number { justify-self: end; }
mrow.line { border-top: 1px solid currentColor; padding-top: 1px; }
.left { justify-self: end; }
.group math { text-align: left; width: fit-content; }
.number { color: var(--soft); padding-left: 1rem; font-variant-numeric: tabular-nums; }
.why { margin: .2rem 0 0; padding-left: 1rem; border-left: 3px solid var(--rule);
  color: var(--soft); font-size: .95rem; }
.entries { overflow-x: auto; overflow-y: hidden; }
.label { font-style: italic; margin-right: .4rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; margin: .8rem 0; font-size: .97rem; }
th { text-align: left; font-weight: 600; border-bottom: 1px solid var(--soft); padding: .25rem 1.2rem .25rem 0; }
td { border-bottom: 1px solid var(--rule); padding: .35rem 1.2rem .35rem 0; vertical-align: baseline; }
details { margin: .6rem 0 1.4rem; padding-left: 1rem; border-left: 3px solid var(--rule); }
summary { cursor: pointer; color: var(--soft); }
pre { background: var(--tint); padding: .8rem 1rem; overflow-x: auto; font-size: .9rem; line-height: 1.45; }
@media print { body { max-width: none; margin: 0; } .step { break-inside: avoid; } }
"""
SCROLL_HINT = """SELECTORS { background:
    linear-gradient(to right, var(--cover, var(--paper)) 40%, transparent) left / 2.5rem 100% no-repeat local,
    linear-gradient(to left, var(--cover, var(--paper)) 40%, transparent) right / 2.5rem 100% no-repeat local,
    linear-gradient(to right, var(--soft), transparent) left / 0.7rem 100% no-repeat scroll,
    linear-gradient(to left, var(--soft), transparent) right / 0.7rem 100% no-repeat scroll,
    var(--cover, var(--paper)); }
"""
"""A shade at the side where a box goes on out of sight: covers that move with what it holds, shades that stay."""
BOXES = ".display, .group, .entries, .wide, pre"
STYLE += SCROLL_HINT.replace("SELECTORS", BOXES) + "pre { --cover: var(--tint); }\n"


def render_html(document: Document) -> str:
    """The page as one HTML file."""
    reference = f'<p class="reference">{escape(document.reference)}</p>\n' if document.reference else ""
    body = "\n".join(_block(b) for b in document.blocks)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(document.title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(document.title)}</h1>\n{reference}{body}\n</main>\n</body>\n</html>\n"
    )
