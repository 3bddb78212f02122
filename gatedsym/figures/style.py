"""The style of figures: widths of the venues, colours that the colour-blind tell apart, lines that print in grey."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from numbers import Real
from typing import Any

import matplotlib
from matplotlib import font_manager

from gatedsym.errors import ArgumentError
from gatedsym.expect import shown

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
PALETTE = {
    "vermillion": VERMILLION, "orange": ORANGE, "sky": SKY, "blue": BLUE, "green": GREEN, "purple": PURPLE,
}  # fmt: skip
"""The colours of a series, in order."""

FONT_SIZE = 7.5
"""Points; every other size of type stands in a fixed proportion to it."""

RC: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with Matplotlib, so every machine draws the same
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "font.size": FONT_SIZE,
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

OTHER_SCRIPTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans CJK KR", "Source Han Sans SC", "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei", "Droid Sans Fallback",
    "Arial Unicode MS",
)  # fmt: skip
"""Fonts for letters that ours lacks, where one is installed: names of cells and files have any."""

OF_FILES = ("pdf.fonttype", "svg.fonttype", "svg.hashsalt", "savefig.dpi", "figure.dpi", "pdf.compression")
"""Settings that a file needs, not a look: ours where a person's are Matplotlib's defaults."""


@contextmanager
def drawing_style(settings: Any = None) -> Iterator[None]:
    """Matplotlib's settings for the time of a drawing: ours, and those given over them; the caller's come back."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC | {"font.sans-serif": [*RC["font.sans-serif"], *_installed()]})
        if settings is not None:
            matplotlib.rcParams.update(dict(settings))
        yield


@cache
def _installed() -> tuple[str, ...]:
    """Those of `OTHER_SCRIPTS` that this machine has; the first will do."""
    known = set(font_manager.get_font_names())
    return tuple(name for name in OTHER_SCRIPTS if name in known)[:1]


def type_sizes(base: float) -> dict[str, float]:
    """Our settings of type when ordinary text has `base` points."""
    kept = ("font.size", "axes.titlesize", "axes.labelsize", "xtick.labelsize", "ytick.labelsize", "legend.fontsize")
    return {name: RC[name] * base / FONT_SIZE for name in kept}


def setting(name: str) -> Any:
    """The value of one of Matplotlib's settings that is in force."""
    settings: Any = matplotlib.rcParams
    return settings[name]


def points(size: float) -> float:
    """The size of a text that has `size` points in our own settings, under those that are in force."""
    return size * float(setting("font.size")) / FONT_SIZE


@dataclass(frozen=True)
class Line:
    """Marks that tell a line from the others: colour, dashes and marker, so that any one of them may fail."""

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
        if isinstance(venue, bool) or not isinstance(venue, Real):
            raise ArgumentError(f"width is {shown(venue)}: give inches, or one of {', '.join(WIDTHS)}.")
        if not low <= venue <= high:
            raise ArgumentError(f"width {venue:g}: give {low:g} to {high:g} inches, or one of {', '.join(WIDTHS)}.")
        return float(venue)
    if venue not in WIDTHS:
        raise ArgumentError(f"width {venue!r}: choose one of {', '.join(WIDTHS)}, or give inches.")
    return WIDTHS[venue]
