"""Captions: one text with symbols by name, printed for the eye, for LaTeX or for a page."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_SYMBOLS: Mapping[str, tuple[str, str]] = {
    "dh": ("‖∂L/∂h_t‖", r"$\|\partial L/\partial h_t\|$"),
    "dx": ("‖∂L/∂x_t‖", r"$\|\partial L/\partial x_t\|$"),
    "n": ("n", "$n$"),
    "T": ("T", "$T$"),
    "k": ("k", "$k$"),
    "g": ("g", "$g$"),
    "g_k": ("g_k", "$g_k$"),
    "b": ("b", "$b$"),
    "lag": ("T − t", "$T-t$"),
    "theta": ("θ", r"$\theta$"),
    "gamma": ("γ", r"$\gamma$"),
    "uniform": ("U(±1/√n)", r"$U(\pm 1/\sqrt{n})$"),
    "error": ("‖g − g_k‖/‖g‖", r"$\|g-g_k\|/\|g\|$"),
    "clip": ("g ← g θ/‖g‖ where ‖g‖ ≥ θ", r"$g \leftarrow g\,\theta/\|g\|$ where $\|g\| \ge \theta$"),
    "minus": ("−", "$-$"),
    "tenth": ("10⁰", "$10^0$"),
}
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "→": r"$\to$"} | {
    character: "\\" + character for character in "&%$#_{}"
}


@dataclass(frozen=True)
class Caption:
    """Text in which ``<name>`` stands for a symbol.

    Attributes
    ----------
    text : str
    """

    text: str

    @property
    def plain(self) -> str:
        """Plain text, symbols in Unicode."""
        return self._replaced(0, lambda piece: piece)

    @property
    def latex(self) -> str:
        """LaTeX: symbols as formulas, special characters escaped."""
        return self._replaced(1, lambda piece: "".join(_SPECIAL.get(c, c) for c in piece))

    @property
    def html(self) -> str:
        """The plain text, escaped for a page."""
        return html.escape(self.plain)

    def _replaced(self, which: int, escape: Callable[[str], str]) -> str:
        pieces = re.split(r"<(\w+)>", self.text)
        return "".join(_SYMBOLS[piece][which] if k % 2 else escape(piece) for k, piece in enumerate(pieces))
