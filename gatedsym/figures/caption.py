"""Captions: one text with symbols by name, printed for the eye, for LaTeX or for a page."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

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
    "theta": ("θ", r"$\theta$", "<i>θ</i>"),
    "gamma": ("γ", r"$\gamma$", "<i>γ</i>"),
    "uniform": ("U(±1/√n)", r"$U(\pm 1/\sqrt{n})$", "U(±1/√<i>n</i>)"),
    "error": ("‖g − g_k‖/‖g‖", r"$\|g-g_k\|/\|g\|$", "‖<i>g</i> − <i>g<sub>k</sub></i>‖/‖<i>g</i>‖"),
    "clip": (
        "g ← g θ/‖g‖ where ‖g‖ ≥ θ",
        r"$g \leftarrow g\,\theta/\|g\|$ where $\|g\| \ge \theta$",
        "<i>g</i> ← <i>g θ</i>/‖<i>g</i>‖ where ‖<i>g</i>‖ ≥ <i>θ</i>",
    ),
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
    def html(self) -> Markup:
        """HTML: symbols in italics, everything else escaped."""
        return Markup(self._replaced(2, lambda piece: str(escape(piece))))

    def _replaced(self, which: int, quote: Callable[[str], str]) -> str:
        pieces = re.split(r"<(\w+)>", self.text)
        return "".join(_SYMBOLS[piece][which] if k % 2 else quote(piece) for k, piece in enumerate(pieces))
