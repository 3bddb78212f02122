"""Captions: the result, what is shown and a note, symbols by name; printed for the eye, for LaTeX or for a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from unicodedata import name, normalize

from markupsafe import Markup, escape

_SYMBOLS: Mapping[str, tuple[str, str, str]] = {
    # name: (plain text, LaTeX, HTML)
    "dh": ("‖∂L/∂h_t‖", r"$\|\partial L/\partial h_t\|$", "‖∂<i>L</i>/∂<i>h<sub>t</sub></i>‖"),
    "dx": ("‖∂L/∂x_t‖", r"$\|\partial L/\partial x_t\|$", "‖∂<i>L</i>/∂<i>x<sub>t</sub></i>‖"),
    "n": ("n", "$n$", "<i>n</i>"),
    "k": ("k", "$k$", "<i>k</i>"),
    "g": ("g", "$g$", "<i>g</i>"),
    "g_k": ("g_k", "$g_k$", "<i>g<sub>k</sub></i>"),
    "lag": ("T − t", "$T-t$", "<i>T</i> − <i>t</i>"),
    "lambda_1": ("λ₁", r"$\lambda_1$", "<i>λ</i><sub>1</sub>"),
    "lambda_i": ("λ_i", r"$\lambda_i$", "<i>λ<sub>i</sub></i>"),
    "i_over_n": ("i/n", "$i/n$", "<i>i</i>/<i>n</i>"),
    "jacobian": (
        "∂s_T/∂s_t",
        r"$\partial s_T/\partial s_t$",
        "∂<i>s<sub>T</sub></i>/∂<i>s<sub>t</sub></i>",
    ),
    "factor": ("σ^(1/(T − t))", r"$\sigma^{1/(T-t)}$", "<i>σ</i><sup>1/(<i>T</i> − <i>t</i>)</sup>"),
    "chi": ("χ", r"$\chi$", "<i>χ</i>"),
    "half_log_chi": ("½ ln χ", r"$\frac{1}{2}\ln\chi$", "½ ln <i>χ</i>"),
    "sigma": ("σ", r"$\sigma$", "<i>σ</i>"),
    "sigma_b": ("σ_b", r"$\sigma_b$", "<i>σ<sub>b</sub></i>"),
    "b": ("b", "$b$", "<i>b</i>"),
    "spectral": (
        "‖∂s_T/∂s_t‖₂",
        r"$\|\partial s_T/\partial s_t\|_2$",
        "‖∂<i>s<sub>T</sub></i>/∂<i>s<sub>t</sub></i>‖<sub>2</sub>",
    ),
    "ds": ("‖∂L/∂s_t‖", r"$\|\partial L/\partial s_t\|$", "‖∂<i>L</i>/∂<i>s<sub>t</sub></i>‖"),
    "delta_t": ("δ_t", r"$\delta_t$", "<i>δ<sub>t</sub></i>"),
    "theta": ("θ", r"$\theta$", "<i>θ</i>"),
    "gamma": ("γ", r"$\gamma$", "<i>γ</i>"),
    "uniform": ("U(±1/√n)", r"$U(\pm 1/\sqrt{n})$", "U(±1/√<i>n</i>)"),
    "kept": ("κ", r"$\kappa$", "<i>κ</i>"),
    "lt": ("<", r"\textless{}", "&lt;"),
    "error": ("‖g − g_k‖/‖g‖", r"$\|g-g_k\|/\|g\|$", "‖<i>g</i> − <i>g<sub>k</sub></i>‖/‖<i>g</i>‖"),
    "clip": (
        "g ← g θ/‖g‖ where ‖g‖ ≥ θ",
        r"$g \leftarrow g\,\theta/\|g\|$ where $\|g\| \ge \theta$",
        "<i>g</i> ← <i>g θ</i>/‖<i>g</i>‖ where ‖<i>g</i>‖ ≥ <i>θ</i>",
    ),
}
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"} | {
    character: "\\" + character for character in "&%$#_{}"
}
_LETTERS: Mapping[str, str] = {
    # What TeX's own fonts have under another name, or in formulas alone.
    "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}", '"': r"{\char34}", "–": "--", "—": "---",
    "…": r"\ldots{}", "’": "'", "‘": "`", "“": "``", "”": "''", "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,",
    "→": r"$\to$", "←": r"$\leftarrow$", "−": "$-$", "×": r"$\times$", "·": r"$\cdot$", "⊙": r"$\odot$",
    "∘": r"$\circ$", "±": r"$\pm$", "√": r"$\surd$", "∞": r"$\infty$", "≥": r"$\ge$", "≤": r"$\le$", "≈": r"$\approx$",
    "≠": r"$\ne$", "½": r"$\frac{1}{2}$", "∂": r"$\partial$", "‖": r"$\|$", "′": "$'$", "Σ": r"$\Sigma$",
    "Π": r"$\Pi$", "∑": r"$\sum$", "∏": r"$\prod$", "²": "$^2$", "³": "$^3$", "⁻": "$^-$",
    **{letter: rf"$\{name(letter).split()[-1].lower()}$" for letter in "αβγδεζηθικμνξπρστυφχψω"}, "λ": r"$\lambda$",
    **{digit: f"$^{k}$" for k, digit in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{digit: f"$_{k}$" for k, digit in enumerate("₀₁₂₃₄₅₆₇₈₉")},
}  # fmt: skip
_LATIN = "ßæÆøØœŒłŁ¡¿§¶©£"
_ACCENTS = "\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c\u0327"
_SYMBOL = re.compile(rf"<({'|'.join(sorted(_SYMBOLS, key=len, reverse=True))}|10:-?[0-9.]+)>")


def literal(text: str) -> str:
    """Text that a person gave, such as the name of a file, as part of a caption: nothing in it stands for a symbol."""
    return text.replace("<", "<lt>")


@dataclass(frozen=True)
class Text:
    """Sentences in which ``<name>`` stands for a symbol, if one has this name.

    Attributes
    ----------
    text : str
        ``<10:-2.5>`` stands for a power of ten.
    """

    text: str

    @property
    def plain(self) -> str:
        """Plain text, symbols in Unicode."""
        return self._replaced(0, lambda piece: piece)

    @property
    def latex(self) -> str:
        """LaTeX: symbols as formulas, special characters escaped."""
        return self._replaced(1, _latex)

    @property
    def html(self) -> Markup:
        """HTML: symbols in italics, everything else escaped."""
        return Markup(self._replaced(2, lambda piece: str(escape(piece))))

    def __bool__(self) -> bool:
        return bool(self.text)

    def _replaced(self, which: int, quote: Callable[[str], str]) -> str:
        pieces = _SYMBOL.split(self.text)
        return "".join(_symbol(piece)[which] if k % 2 else quote(piece) for k, piece in enumerate(pieces))


def _symbol(called: str) -> tuple[str, str, str]:
    """A symbol, or a power of ten, in plain text, LaTeX and HTML."""
    if not called.startswith("10:"):
        return _SYMBOLS[called]
    exponent = called.removeprefix("10:")
    signed = exponent.replace("-", "−")
    return f"10^{signed}", f"$10^{{{exponent}}}$", f"10<sup>{signed}</sup>"


class Caption:
    """A caption: the result, what is shown, and what else a reader may want to know.

    Parameters
    ----------
    result : str
        What the data say, computed from them: one or two sentences.
    shown : str
        What the panels, the lines and the bands are.
    note : str
        Sizes, settings and reservations, which may stand apart and small.

    Attributes
    ----------
    result, shown, note : Text
        Each has ``plain``, ``latex`` and ``html``; so has the caption, which is the three in this order.
    warnings : tuple of Text
        Sentences of the note that a reader must not miss: a page sets them in red.

    Examples
    --------
    >>> import gatedsym as gs
    >>> caption = gs.figures.bound(gs.flow.bound("rnn", "noise", n=4, seeds=2, lags=10)).caption
    >>> caption.plain.startswith(caption.result.plain)
    True
    """

    def __init__(self, result: str = "", shown: str = "", note: str = "", warnings: Sequence[str] = ()) -> None:
        self.result, self.shown = Text(result.strip()), Text(shown.strip())
        self.note = Text(_joined([note, *warnings]))
        self.warnings = tuple(Text(w.strip()) for w in warnings)

    def __repr__(self) -> str:
        return f"Caption({self.result.text!r}, {self.shown.text!r}, {self.note.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Caption) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    @property
    def _parts(self) -> tuple[Any, ...]:
        return self.result, self.shown, self.note, self.warnings

    @property
    def _whole(self) -> Text:
        return Text(self.text)

    @property
    def text(self) -> str:
        """All of it, with symbols by name."""
        return _joined([self.result.text, self.shown.text, self.note.text])

    @property
    def plain(self) -> str:
        """Plain text, symbols in Unicode."""
        return self._whole.plain

    @property
    def latex(self) -> str:
        """LaTeX: symbols as formulas, special characters escaped."""
        return self._whole.latex

    @property
    def html(self) -> Markup:
        """HTML: symbols in italics, everything else escaped."""
        return self._whole.html


def _joined(sentences: Iterable[str]) -> str:
    return " ".join(s.strip() for s in sentences if s.strip())


def _latex(piece: str) -> str:
    """A piece of plain text in LaTeX that compiles whatever its letters are."""
    runs = groupby(normalize("NFC", piece), _is_strange)
    return "".join(
        _foreign("".join(run)) if strange else "".join(_SPECIAL.get(c, _LETTERS.get(c, c)) for c in run)
        for strange, run in runs
    )


def _is_strange(character: str) -> bool:
    """Whether the fonts of pdfLaTeX may lack a letter: all but ASCII, `_LETTERS` and Latin letters with accents."""
    if character in _LETTERS or character in _LATIN or " " <= character <= "~":
        return False
    letter, *accents = list(normalize("NFD", character))
    return not (character < "\u0180" and letter.isascii() and letter.isalpha() and accents and accents[0] in _ACCENTS)


def _foreign(run: str) -> str:
    """Letters of other scripts where the engine reads them (LuaLaTeX, XeLaTeX), else their numbers."""
    numbers = " ".join(f"U+{ord(c):04X}" for c in run)
    return rf"\ifdefined\Umathchar {run}\else [{numbers}]\fi{{}}" if run.isprintable() else f"[{numbers}]"
