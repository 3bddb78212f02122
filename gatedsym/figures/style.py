"""How figures look: widths of the venues, colours that the colour-blind tell apart, lines that print in grey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gatedsym.errors import ArgumentError

WIDTHS: Mapping[str, float] = {
    "neurips": 5.5,
    "iclr": 5.5,
    "icml": 6.75,
    "icml-column": 3.25,
    "aaai": 6.975,
    "aaai-column": 3.3,
    "jmlr": 6.0,
    "tmlr": 6.5,
    "ieee": 6.9,
    "ieee-column": 3.3,
}
"""Inches."""
SENSIBLE = (2.0, 30.0)
"""Inches between which panels and their labels find room."""

# Okabe and Ito (2008): told apart under every common colour blindness.
BLACK, ORANGE, SKY, GREEN, BLUE, VERMILLION, PURPLE = (
    "#000000", "#E69F00", "#56B4E9", "#009E73", "#0072B2", "#D55E00", "#CC79A7",
)  # fmt: skip
GREY = "#6b6b6b"

RC: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with Matplotlib, so every machine draws the same
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "font.size": 7.5,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7.5,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.4,
    "axes.axisbelow": True,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.2,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "legend.frameon": False,
    "legend.handlelength": 2.8,
    "savefig.dpi": 300,
    "figure.dpi": 100,
    "pdf.fonttype": 42,  # TrueType, which journals ask for
    "pdf.compression": 6,
    "svg.fonttype": "path",  # outlines: the same in every browser, no font needed
    "svg.hashsalt": "gatedsym",  # else ids are random
    "axes.unicode_minus": True,
}


@dataclass(frozen=True)
class Line:
    """How a line is told from the others: colour, dashes and marker, so that any one of them may fail."""

    color: str
    dashes: str | tuple[int, tuple[float, ...]]
    marker: str

    def options(self) -> dict[str, Any]:
        """Keyword arguments for Matplotlib's plot; markers are hollow, to show what they cover."""
        return {"color": self.color, "linestyle": self.dashes, "marker": self.marker, "markerfacecolor": "white",
                "markeredgewidth": 0.8}  # fmt: skip


PLAIN = (Line(BLACK, (0, (1, 1)), ""), Line(GREY, (0, (4, 1, 1, 1)), ""), Line(PURPLE, (0, (1, 2)), "x"))
"""Cells without a retention bias, drawn for reference."""

SERIES = (
    Line(VERMILLION, "-", "o"),
    Line(ORANGE, (0, (5, 1.5)), "s"),
    Line(SKY, (0, (5, 1.5, 1, 1.5)), "^"),
    Line(BLUE, "-", "D"),
    Line(GREEN, (0, (2, 1)), "v"),
    Line(PURPLE, (0, (7, 2)), "P"),
)
"""Members of a series (retention biases, gains), in order."""


def width_of(venue: str | float) -> float:
    """Inches for a venue's name, or the number itself.

    Raises
    ------
    ArgumentError
        For a name that is not in `WIDTHS`, and for a number that is no width of a page.
    """
    if not isinstance(venue, str):
        low, high = SENSIBLE
        if not low <= venue <= high:
            raise ArgumentError(f"width {venue:g}: give {low:g} to {high:g} inches, or one of {', '.join(WIDTHS)}.")
        return float(venue)
    if venue not in WIDTHS:
        raise ArgumentError(f"width {venue!r}: choose one of {', '.join(WIDTHS)}, or give inches.")
    return WIDTHS[venue]
