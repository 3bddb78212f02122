"""Boxes → Matplotlib's mathtext, the part of LaTeX's mathematics that a figure can set without LaTeX."""

from __future__ import annotations

from gatedsym.typesetting.latex import formula_latex
from gatedsym.typesetting.notation import Box, Row, Sum

_INSTEAD = (
    (r"\left\lvert ", r"\left| "), (r" \right\rvert", r" \right|"), (r"\lvert ", "|"), (r" \rvert", "|"),
    (r"\Big\vert ", "|"), (r"\lt ", "<"), (r"\gt ", ">"), (r"\dots ", r"\ldots "),
)  # fmt: skip


def formula_mathtext(box: Box) -> str:
    """A formula, without the dollars."""
    text = formula_latex(box).strip()
    for latex, mathtext in _INSTEAD:
        text = text.replace(latex, mathtext)
    return text


def terms_mathtext(box: Box) -> tuple[str, ...]:
    """A formula in the pieces between which a line may break, each with the sign that stands before it."""
    if isinstance(box, Row) and len(box.parts) == 1:
        box = box.parts[0]
    if not isinstance(box, Sum):
        return (formula_mathtext(box),)
    pieces = []
    for k, (negative, term) in enumerate(box.terms):
        sign = ("-" if negative else "") if k == 0 else ("{} - {}" if negative else "{} + {}")
        pieces.append(f"{sign}{formula_mathtext(term)}")
    return tuple(pieces)
