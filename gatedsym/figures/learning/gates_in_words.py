"""Openness of gates under the words of a sentence: a strip a cell, a row a gate, a column a word."""

from __future__ import annotations

from typing import Any, Unpack

import numpy as np
import pandas as pd
import xarray as xr
from matplotlib import colormaps
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from gatedsym.figures.figure import Figure
from gatedsym.figures.learning.captions import gates_in_words_caption, titled
from gatedsym.figures.learning.drawing import gated, labels_of
from gatedsym.figures.look import Look, plate
from gatedsym.figures.panels import MAP_COLOURS
from gatedsym.figures.style import points
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("learn")
WORDS = 18
"""Words of a line, at most."""
INCHES, MARGINS = 0.16, 1.2
"""Inches that a word needs, and what stands beside all of them."""


def gates_in_words(data: xr.Dataset, *, name: str = "gates-in-words", **look: Unpack[Look]) -> Figure:
    """Draw openness after training under each word; words that matter are set in bold.

    Parameters
    ----------
    data : xarray.Dataset
        From `learning.comparison.datasets.gates_in_words`; of the contenders those of the hidden size asked for with
        gates.
    """
    drawn = gated(data)
    after = drawn["openness"].sel(moment="after").median("seed")
    labels, scale = labels_of(drawn), Normalize(0.0, 1.0)
    with plate(name, look) as page:
        lines = _lines(drawn.sizes["step"], page.width)
        axes = page.grid(len(lines) * len(labels), 1, 0.62, sharey=False, sharex=False)
        for number, line in enumerate(lines):
            for row, label in enumerate(labels):
                panel = axes[number * len(labels) + row, 0]
                values = after.sel(contender=label).dropna("gate", how="all")
                _draw(panel, values.isel(step=line).values, scale)
                panel.set_yticks(range(values.sizes["gate"]), [str(g) for g in values["gate"].values])
                panel.set_xlim(-0.5, max(map(len, lines)) - 0.5)
                panel.set_xticks(range(len(line)), [""] * len(line))
                page.name_row(panel, label)
            _write(panel, drawn.isel(step=line))
        page.drawing.colorbar(
            ScalarMappable(scale, colormaps[MAP_COLOURS]), ax=page.beside(list(axes[:, 0])), label=say("axis-openness"),
            fraction=0.03, aspect=12 * len(lines),
        )  # fmt: skip
    return page.figure(titled("gates-in-words", data), data, _table(drawn), gates_in_words_caption(data))


def _lines(steps: int, width: float) -> list[range]:
    """Steps cut into lines of about one length, as long as a figure of so many inches has room for."""
    most = max(4, min(WORDS, int((width - MARGINS) / INCHES)))
    count = -(-steps // most)
    size = -(-steps // count)
    return [range(k, min(k + size, steps)) for k in range(0, steps, size)]


def _draw(panel: Any, values: Array, scale: Normalize) -> None:
    pixels = np.array(colormaps[MAP_COLOURS](scale(np.where(np.isfinite(values), values, 0.0))))
    pixels[~np.isfinite(values)] = 1.0
    panel.imshow(pixels, aspect="auto", interpolation="nearest")
    panel.grid(False)


def _write(panel: Any, part: xr.Dataset) -> None:
    """Every word below its column: as labels of ticks some would be left out."""
    matters = part["is_cue"].values.astype(bool) | part["is_asked"].values.astype(bool)
    for place, (word, is_bold) in enumerate(zip(part["word"].values, matters, strict=True)):
        panel.annotate(
            _shown(str(word)), xy=(place, 0), xycoords=("data", "axes fraction"), xytext=(0, -4),
            textcoords="offset points", rotation=90, ha="center", va="top", fontsize=points(6.5),
            fontweight="bold" if is_bold else "normal",
        )  # fmt: skip


def _shown(word: str) -> str:
    return word if word.strip() and word.isprintable() else repr(word)


def _table(data: xr.Dataset) -> pd.DataFrame:
    frame = data["openness"].to_dataframe().reset_index()
    return frame[["contender", "seed", "moment", "gate", "step", "word", "openness"]].dropna()


__all__ = ["gates_in_words"]
