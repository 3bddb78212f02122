"""Openness of gates under the words of a sentence: a strip a cell, a row a gate, a column a word."""

from __future__ import annotations

from typing import Unpack

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
from gatedsym.messages import room
from gatedsym.typing import Array

say = room("learn")
WORDS = 18
"""Words of a line, at most."""


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
    labels, lines = labels_of(drawn), _lines(drawn.sizes["step"])
    scale = Normalize(0.0, 1.0)
    with plate(name, look) as page:
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


def _lines(steps: int) -> list[range]:
    """Steps cut into lines of about one length."""
    count = -(-steps // WORDS)
    size = -(-steps // count)
    return [range(k, min(k + size, steps)) for k in range(0, steps, size)]


def _draw(panel: object, values: Array, scale: Normalize) -> None:
    pixels = np.array(colormaps[MAP_COLOURS](scale(np.where(np.isfinite(values), values, 0.0))))
    pixels[~np.isfinite(values)] = 1.0
    panel.imshow(pixels, aspect="auto", interpolation="nearest")  # type: ignore[attr-defined]
    panel.grid(False)  # type: ignore[attr-defined]


def _write(panel: object, part: xr.Dataset) -> None:
    words = [_shown(str(word)) for word in part["word"].values]
    panel.set_xticks(range(len(words)), words, rotation=55, ha="right", rotation_mode="anchor")  # type: ignore[attr-defined]
    matters = part["is_cue"].values.astype(bool) | part["is_asked"].values.astype(bool)
    for label, bold in zip(panel.get_xticklabels(), matters):  # type: ignore[attr-defined]
        label.set_fontweight("bold" if bold else "normal")


def _shown(word: str) -> str:
    return word if word.strip() and word.isprintable() else repr(word)


def _table(data: xr.Dataset) -> pd.DataFrame:
    frame = data["openness"].to_dataframe().reset_index()
    return frame[["contender", "seed", "moment", "gate", "step", "word", "openness"]].dropna()


__all__ = ["gates_in_words"]
