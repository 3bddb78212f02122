"""Document → a LaTeX file that compiles with plain article and amsmath."""

from __future__ import annotations

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
    GREEK,
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
from gatedsym.version import __version__

say = room("typesetting")

LINE = 72
"""Characters of a formula that fit a line of an article."""

LATIN = 0x180
"""Characters below it are in every text font."""

SMALL_LINE = 80
"""The same in small type, indented."""

_LETTERS = {
    **{letter: rf"\{name}" for name, letter in GREEK.items() if name not in ("eps", "lamda", "lam")},
    "ο": "o", "ℓ": r"\ell", "𝟏": r"\mathbf{1}", "ℝ": r"\mathbb{R}",
}  # fmt: skip
_SIGNS = {
    "⊙": r"\odot ", "−": "-", "∂": r"\partial ", "⊤": r"\top ", "←": r"\leftarrow ", "→": r"\to ", "∈": r"\in ",
    "∑": r"\sum", "∏": r"\prod", "max": r"\max", "∞": r"\infty ", "·": r"\cdot ", "…": r"\dots ", ", ": ",\\, ",
    "≤": r"\le ", "≥": r"\ge ", "≈": r"\approx ", "∘": r"\circ ", "×": r"\times ", "⋅": r"\cdot ", "⋯": r"\cdots ",
    "|": r"\Big\vert ", "′": r"\prime ", "<": r"\lt ", ">": r"\gt ", "≠": r"\ne ", "□": r"\square ", "‖": r"\Vert ",
}  # fmt: skip
_OWN = frozenset({"tanh", "exp", "log", "sin", "cos", "max", "min"})
_DOTTED = (Name("i"), Name("j"))
_ACCENTS = {"bar": r"\bar", "hat": r"\hat", "tilde": r"\tilde", "dot": r"\dot", "line": r"\overline"}
_TEXT = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "–": "--", "—": "---", "…": r"\dots{}", "’": "'",
    "′": "$'$", "²": "$^2$", "³": "$^3$", "“": "``", "”": "''", "·": r"$\cdot$", "−": "$-$",
}  # fmt: skip


def formula_latex(box: Box) -> str:
    """A formula in LaTeX's mathematics (amsmath)."""
    match box:
        case Name(text):
            return _name(text)
        case Number(text):
            return text
        case Op(text):
            return _SIGNS.get(text, text)
        case Gap():
            return r"\, "
        case Row(parts):
            return _side_by_side(parts)
        case Sum(terms):
            return "".join(_term(n, negative, term) for n, (negative, term) in enumerate(terms))
        case Fence(body, kind):
            return _fence(body, kind)
        case Script(base, sub, sup):
            lower = "" if sub is None else f"_{{{formula_latex(sub).strip()}}}"
            upper = "" if sup is None else f"^{{{formula_latex(sup).strip()}}}"
            return f"{_script_base(base)}{lower}{upper}"
        case Accent(kind, body):
            inner = rf"\{body.text}math" if kind != "line" and body in _DOTTED else formula_latex(body).strip()
            return f"{_ACCENTS[kind]}{{{inner}}}"
        case Fraction(above, below):
            return rf"\frac{{{formula_latex(above).strip()}}}{{{formula_latex(below).strip()}}}"
        case Root(body):
            return rf"\sqrt{{{formula_latex(body).strip()}}}"
        case Big(sign, under, body, over):
            upper = "" if over is None else f"^{{{formula_latex(over).strip()}}}"
            return rf"{_SIGNS[sign]}_{{{formula_latex(under).strip()}}}{upper} {formula_latex(body)}"
        case Grid(rows):
            return _grid(rows)


def _grid(rows: tuple[tuple[Box, ...], ...]) -> str:
    r"""A matrix; rows end in ``\cr``, which hosts that read Markdown before mathematics leave alone."""
    body = r" \cr ".join(" & ".join(formula_latex(b).strip() for b in row) for row in rows)
    return rf"\left[\begin{{matrix}} {body} \end{{matrix}}\right]"


def _name(text: str) -> str:
    if text in _LETTERS:
        return _LETTERS[text]
    if len(text) == 1:
        return text
    if text == "log σ":
        return r"\log\sigma"
    return rf"\{text}" if text in _OWN else rf"\mathrm{{{text.replace('≤', chr(92) + 'le ')}}}"


def _side_by_side(parts: tuple[Box, ...]) -> str:
    """Joined so that a command never swallows the letter after it."""
    text = ""
    for part in parts:
        piece = formula_latex(part)
        if piece[:1].isalpha() and _ends_in_command(text):
            text += " "
        text += piece
    return text


def _ends_in_command(text: str) -> bool:
    tail = text.rsplit("\\", 1)
    return len(tail) == 2 and tail[1].isalpha()


def _fence(body: Box, kind: str) -> str:
    inner = formula_latex(body).strip()
    tall = r"\frac" in inner or r"\sum" in inner or r"\prod" in inner
    opening, closing = (r"\lvert ", r" \rvert") if kind == "||" else (kind[0], kind[1])
    return rf"\left{opening}{inner}\right{closing}" if tall else f"{opening}{inner}{closing}"


def _script_base(base: Box) -> str:
    text = formula_latex(base).strip()
    return text if isinstance(base, Name | Accent | Fence) else f"{{{text}}}"


def _term(position: int, negative: bool, term: Box) -> str:
    sign = ("-" if negative else "") if position == 0 else (" - " if negative else " + ")
    return sign + formula_latex(term).strip()


def display_latex(formula: Formula, line: int = LINE, newline: str = r"\\") -> str:
    """The inside of a display; long or repeated right sides are aligned under each other."""
    left = formula_latex(formula.left).strip()
    relation = _SIGNS.get(formula.relation, formula.relation).strip()
    rows: list[str] = []
    for n, right in enumerate(formula.right):
        pieces = _broken(right, line - (text_width(formula_text(formula.left)) + 3))
        rows.append(f"{left if n == 0 else ''} &{relation if n == 0 else '='} {pieces[0]}")
        rows += [rf"&\qquad {piece}" for piece in pieces[1:]]
    if len(rows) == 1:
        return rows[0].replace(" &", " ", 1)
    body = f" {newline}\n  ".join(rows)
    return f"\\begin{{aligned}}\n  {body}\n\\end{{aligned}}"


def _broken(box: Box, width: int) -> list[str]:
    if not isinstance(box, Sum) or text_width(formula_text(box)) <= width:
        return [formula_latex(box).strip()]
    lines, current, used = [], "", 0
    for n, (negative, term) in enumerate(box.terms):
        size = text_width(formula_text(term)) + 3
        piece = _term(n, negative, term)
        if n and used + size > width:
            lines.append(current)
            current, used = piece.strip(), size
        else:
            current, used = current + piece, used + size
    return [*lines, current]


def text_latex(text: str) -> str:
    """Words, with LaTeX's own characters escaped and letters that a text font lacks as mathematics."""
    return "".join(map(_character, text))


def _character(ch: str) -> str:
    if ch in _TEXT:
        return _TEXT[ch]
    if ch in _LETTERS or (ch in _SIGNS and not ch.isascii()):
        return f"${(_LETTERS.get(ch) or _SIGNS[ch]).strip()}$"
    return ch if ord(ch) < LATIN else f"[U+{ord(ch):04X}]"


def spans_latex(spans: Spans) -> str:
    return "".join(text_latex(s) if isinstance(s, str) else f"${formula_latex(inline(s)).strip()}$" for s in spans)


_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,longtable}
\providecommand{\lt}{<}
\providecommand{\gt}{>}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt plus 2pt}
\setlength{\textwidth}{16cm}
\setlength{\oddsidemargin}{0cm}
\setlength{\textheight}{23cm}
\setlength{\topmargin}{-1cm}
\allowdisplaybreaks
\emergencystretch=2em
% \why: the reason for the formula above it; \entries: the same formula in entries
\newcommand{\why}[1]{{\leftskip=1.5em\rightskip=1.5em\small #1\par}}
\newcommand{\entries}[1]{{\leftskip=1.5em\rightskip=1.5em\small IN-ENTRIES $\displaystyle #1$\par}}
"""


def _formula(f: Formula) -> str:
    tag = rf" \tag{{{f.number}}}" if f.number else ""
    parts = [f"\\[\n{display_latex(f)}{tag}\n\\]"]
    if f.reason:
        parts.append(rf"\why{{{spans_latex(f.reason)}}}")
    if f.entries is not None:
        parts.append(rf"\entries{{{display_latex(Formula(f.entries[0], (f.entries[1],)), SMALL_LINE)}}}")
    return "\n".join(parts)


def _group(formulas: tuple[Formula, ...]) -> str:
    """Formulas under each other, aligned; one that has to break stands alone."""
    if any(len(f.right) > 1 or len(_broken(f.right[0], LINE - 10)) > 1 for f in formulas):
        return "\n".join(map(_formula, formulas))
    rows = [
        f"{formula_latex(f.left).strip()} &{_SIGNS.get(f.relation, f.relation).strip()} "
        f"{formula_latex(f.right[0]).strip()} " + (f"\\tag{{{f.number}}}" if f.number else r"\notag")
        for f in formulas
    ]
    return "\\begin{align}\n" + " \\\\\n".join(rows) + "\n\\end{align}"


def _table(table: Table) -> str:
    rows = [" & ".join(spans_latex(c) for c in r) + r" \\" for r in table.rows]
    last = len(table.header) - 1
    widest = max(text_width("".join(s if isinstance(s, str) else formula_text(s) for s in r[last])) for r in table.rows)
    columns = "l" * last + (r"p{7cm}" if widest > 45 else "l")
    head = " & ".join(rf"\textit{{{spans_latex(c)}}}" for c in table.header) + r" \\ \hline"
    opening = rf"{{\renewcommand{{\arraystretch}}{{1.25}}\begin{{longtable}}[l]{{{columns}}}"
    return "\n".join([opening, head + r" \endhead", *rows, r"\end{longtable}}"])


def _block(block: Block) -> str:
    match block:
        case Heading(_, level):
            command = "section" if level <= 2 else "subsection"
            return rf"\{command}*{{{spans_latex(block.spans)}}}"
        case Paragraph(spans):
            return spans_latex(spans)
        case Bullets(items):
            return "\n".join([r"\begin{itemize}", *(rf"\item {spans_latex(i)}" for i in items), r"\end{itemize}"])
        case Formula():
            return _formula(block)
        case Group(formulas):
            return _group(formulas)
        case Table():
            return _table(block)
        case Source(text):
            lines = (text_latex(line).replace(" ", "~") for line in text.splitlines())
            return "{\\ttfamily\\small\n" + "\n".join(rf"\mbox{{{line}}}\\" for line in lines) + "\n}"
        case Fold(label, blocks):
            return "\n\n".join([rf"\paragraph{{{spans_latex(label)}}}", *map(_block, blocks)])


def render_latex(document: Document) -> str:
    """The page as a complete LaTeX file."""
    # The derivation is ours; who wrote the equations is said below it, not as its author.
    author = text_latex(say("derived-by", version=__version__))
    title = [rf"\title{{{text_latex(document.title)}}}", rf"\author{{{author}}}", r"\date{}"]
    after = [text_latex(say("reference", reference=document.reference)), ""] if document.reference else []
    preamble = _PREAMBLE.replace("IN-ENTRIES", text_latex(say("in-entries")))
    body = "\n\n".join(_block(b) for b in document.blocks)
    return "\n".join(
        [preamble, *title, r"\begin{document}", r"\maketitle", "", *after, body, "", r"\end{document}", ""]
    )
