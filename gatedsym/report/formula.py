"""MathML to what a PDF can hold: a line of text with raised and lowered parts, or a drawn formula."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape

from gatedsym.report.tree import Element, Node

_TEX: Mapping[str, str] = {
    "∂": r"\partial ", "‖": r"\Vert ", "−": "-", "⋯": r"\cdots ", "⊤": r"\top ", "σ": r"\sigma ", "θ": r"\theta ",
    "←": r"\leftarrow ", "≥": r"\geq ", "≤": r"\leq ", "⊙": r"\odot ", "·": r"\cdot ", "∑": r"\sum ", "∏": r"\prod ",
    "′": r"^\prime ", "∈": r"\in ", "×": r"\times ", "√": r"\surd ", "{": r"\{", "}": r"\}", "%": r"\%", "#": r"\#",
    "&": r"\&", "_": r"\_", "$": r"\$", "\u2061": "", "\u2062": "",
}  # fmt: skip


def inline_formula(node: Element) -> str:
    """A formula as a line with the tags of a paragraph: i, sub, super."""
    return _inline(node)


def _inline(node: Node) -> str:
    if isinstance(node, str):
        return escape(node.strip(), quote=False)
    parts = [c for c in node.children if isinstance(c, Element)]
    if node.tag == "mi":
        text = node.text().strip()
        return (
            f"<i>{escape(text)}</i>" if len(text) == 1 and node.attrs.get("mathvariant") != "normal" else escape(text)
        )
    if node.tag in {"mo", "mn", "mtext", "ms"}:
        return escape(node.text().strip() if node.tag != "mtext" else node.text())
    if node.tag == "mspace":
        return " "
    scripts: Mapping[str, Callable[[Sequence[str]], str]] = {
        "msub": lambda p: f"{p[0]}<sub>{p[1]}</sub>",
        "munder": lambda p: f"{p[0]}<sub>{p[1]}</sub>",
        "msup": lambda p: f"{p[0]}<super>{p[1]}</super>",
        "mover": lambda p: f"{p[0]}<super>{p[1]}</super>",
        "msubsup": lambda p: f"{p[0]}<sub>{p[1]}</sub><super>{p[2]}</super>",
        "munderover": lambda p: f"{p[0]}<sub>{p[1]}</sub><super>{p[2]}</super>",
        "mfrac": lambda p: f"{p[0]}/{p[1]}",
        "msqrt": lambda p: f"√({''.join(p)})",
    }
    done = [_inline(p) for p in parts]
    return scripts[node.tag](done) if node.tag in scripts else "".join(done)


def mathtext(node: Element) -> str:
    """A formula as Matplotlib's mathtext, without the dollars."""
    return _tex(node)


def _tex(node: Node) -> str:
    if isinstance(node, str):
        return _letters(node.strip())
    parts = [c for c in node.children if isinstance(c, Element)]
    if node.tag in {"mi", "mo", "mn", "mtext", "ms"}:
        text = node.text() if node.tag == "mtext" else node.text().strip()
        upright = node.tag in {"mtext", "ms"} or (node.tag == "mi" and len(text) > 1)
        return rf"\mathrm{{{_letters(text)}}}" if upright else _letters(text)
    if node.tag == "mspace":
        return r"\quad "
    templates = {
        "msub": "{{{0}}}_{{{1}}}", "munder": "{{{0}}}_{{{1}}}", "msup": "{{{0}}}^{{{1}}}", "mover": "{{{0}}}^{{{1}}}",
        "msubsup": "{{{0}}}_{{{1}}}^{{{2}}}", "munderover": "{{{0}}}_{{{1}}}^{{{2}}}",
        "mfrac": r"\frac{{{0}}}{{{1}}}",
    }  # fmt: skip
    done = [_tex(p) for p in parts]
    if node.tag == "msqrt":
        return rf"\sqrt{{{''.join(done)}}}"
    return templates[node.tag].format(*done) if node.tag in templates else "".join(done)


def _letters(text: str) -> str:
    return "".join(_TEX.get(c, c) for c in text)
