"""Looks of diagrams: the colours and letters of the figures, told apart in grey by lightness and by shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import matplotlib

RC: Any = {
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],  # ships with Matplotlib, so every machine draws the same
    "mathtext.fontset": "dejavusans",
    "text.usetex": False,
    "savefig.dpi": 300,
    "pdf.fonttype": 42,
    "pdf.compression": 6,
    "svg.fonttype": "path",
    "svg.hashsalt": "gatedsym",
    "axes.unicode_minus": True,
}

INK, FAINT = "#1a1a1a", "#b9b9b9"
HIGHWAY, GATE_WIRE = "#0072B2", "#8f5f00"  # the blue of Okabe and Ito; a dark shade of their orange
GATE, GATE_BOX, FUNCTION_BOX, GIVEN = "#E69F00", "#F2C96B", "#E4EFF8", "#ECECEC"
BODY = "#F6F6F4"

WIRE_WIDTH, HIGHWAY_WIDTH, EDGE_WIDTH = 0.9, 2.8, 0.8


@dataclass(frozen=True)
class Inks:
    """The colours of one part of a diagram: in full, or dimmed where it takes no part in a step."""

    ink: str = INK
    highway: str = HIGHWAY
    gate_wire: str = GATE_WIRE
    gate: str = GATE
    gate_box: str = GATE_BOX
    function_box: str = FUNCTION_BOX
    given: str = GIVEN


LIT = Inks()
DIM = Inks(FAINT, "#d2d2d2", FAINT, "#e3e3e3", "#f7f7f7", "#f7f7f7", "#f4f4f4")


@contextmanager
def diagram_style() -> Iterator[None]:
    """Matplotlib's settings for diagrams, for the time of a drawing; the caller's come back afterwards."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(RC)
        yield
