"""Text: the next character of a text, or the next word, is asked for at every step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_whole, shown
from gatedsym.learning.batches import Batch
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import any_earlier_step
from gatedsym.learning.registry import task
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.flow.inputs.series import Series

words = later("tasks")

HELD_OUT_SHARE = 10
"""The last of so many parts of a text is held out."""


@task
def text(T: int = 100, *, source: str | Path | Series = "text", alphabet: str | Sequence[str] | None = None) -> Task:
    """Foretell the next symbol of a text.

    Parameters
    ----------
    T : int
        Steps of a window.
    source : str, path or Series
        What `gs.flow.read_input` reads as text: ``text`` or ``words`` (the text that ships, 5,591 characters, too few
        for a language model), the path of a text (UTF-8), or ``words:FILE``.
    alphabet : str or sequence of str, optional
        The symbols in the order of their features.

    Returns
    -------
    Task

    Raises
    ------
    DataError
        If the text cannot be read, or is too short for its windows.
    ArgumentError
        If the source is no text.

    References
    ----------
    As Karpathy, Johnson, Fei-Fei 2016, Visualizing and understanding recurrent networks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.tasks.text(T=50).batch(0, 4).tokens.shape
    (50, 4)
    """
    from gatedsym.flow.inputs.series import Series, read_input  # loads all of flow

    T = expect_whole("T", T, 1)
    series = source if isinstance(source, Series) else read_input(source, alphabet)
    if series.kind != "symbols" or series.values is None:
        raise ArgumentError(f"source={shown(source)} holds no text: give a text, or gs.tasks.file for numbers.")
    tokens = series.values
    cut = len(tokens) - len(tokens) // HELD_OUT_SHARE
    if len(tokens) - cut < T + 1:
        raise ArgumentError(
            f"{series.name} has {len(tokens)} symbols, and its held-out tenth no window of T={T} and the symbol behind "
            f"it: take T={max(len(tokens) - cut - 1, 0)} or less, or a longer text."
        )
    training = tokens[:cut]
    symbols = series.symbols or tuple(f"symbol {k}" for k in range(series.features))
    named = Path(source).name if isinstance(source, Path) else source if isinstance(source, str) else series.name
    return Task(
        name="text",
        options={"T": T, "source": str(named), "alphabet": alphabet},
        about=words("text-about", data=series.description),
        steps=T,
        features=series.features,
        symbols=symbols,
        classes=symbols,
        loss="cross-entropy",
        outputs=series.features,
        metric="accuracy",
        baseline=Level(
            entropy(np.bincount(training)),
            words("text-baseline", symbols=series.features),
            words("text-knows-shares"),
        ),
        plateaus=_after_one(training, series.features),
        lags=any_earlier_step(T),
        cues=(),
        definitions=DEFINITIONS,
        generate=_Text(tokens, cut, T, series.features),
        digest=series.digest,
    )


DEFINITIONS = (
    Definition(words("text-defined-karpathy"), words("text-says-karpathy", parts=HELD_OUT_SHARE), "second-hand"),
)


def entropy(counts: Array) -> float:
    """Of the shares, in nats."""
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())


def _after_one(tokens: Array, symbols: int) -> tuple[Level, ...]:
    """Loss of whoever knows which symbol follows which how often in the text to train on."""
    pairs = np.bincount(tokens[:-1] * symbols + tokens[1:], minlength=symbols**2).reshape(symbols, symbols)
    value = entropy(pairs.ravel()) - entropy(pairs.sum(axis=1))
    if not 0 < value < entropy(np.bincount(tokens)):
        return ()
    return (Level(value, words("text-formula-of-pairs"), words("text-knows-the-present")),)


@dataclass(frozen=True, eq=False)
class _Text:
    tokens: Array
    cut: int
    T: int
    symbols: int

    def __call__(self, draws: Draws, count: int, held_out: bool) -> Batch:
        first, end = (self.cut, len(self.tokens)) if held_out else (0, self.cut)
        starts = first + draws.below(end - first - self.T, count)
        windows = self.tokens[starts + np.arange(self.T + 1)[:, None]].astype(np.int64)
        none = np.zeros((0, count), dtype=np.int64)
        return Batch(
            None, windows[:-1], self.symbols, windows[1:], np.ones((self.T, count)), np.full(count, self.T), none, none,
            np.zeros((0, count)),
        )  # fmt: skip
