"""France: "I grew up in France …", a filler of some words, "… I speak fluent": the language is asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_whole, is_whole, shown
from gatedsym.learning import filler as grammar
from gatedsym.learning.batches import Batch, at_the_end
from gatedsym.learning.division import DividedSymbols, require_many
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LagLaw, lag_range
from gatedsym.learning.registry import task
from gatedsym.learning.skill import Cue
from gatedsym.learning.task import Definition, Level, Task
from gatedsym.messages.later import later
from gatedsym.typing import Array

words = later("tasks")

NAMES = (
    ("France", "French"), ("Spain", "Spanish"), ("Italy", "Italian"), ("Germany", "German"), ("Japan", "Japanese"),
    ("Korea", "Korean"), ("China", "Chinese"), ("Greece", "Greek"), ("Poland", "Polish"), ("Turkey", "Turkish"),
    ("Sweden", "Swedish"), ("Finland", "Finnish"),
)  # fmt: skip
BEGIN = ("I", "grew", "up", "in", "country", "stop")
END = ("I", "speak", "fluent")
_CUE = BEGIN.index("country")


@task
def france(
    filler: Sequence[int] | int = (5, 50), *, languages: int = 8, distractors: int = 2, lags: str = "uniform"
) -> Task:
    """Name the language of the country that a text began with.

    Parameters
    ----------
    filler : two integers, or one
        Words between the fact and the question, from … to; one number is a filler of just so many.
    languages : int
        Countries, each with its language, 2 … 12.
    distractors : int
        Clauses of the filler that name a country or a language, any of them: "she visited Spain .", "they heard
        French ."; fewer where so many do not fit.
    lags : {"uniform", "fixed", "geometric"}
        By which law a filler has its length: any in the range, always the longest, or geometric from the shortest.

    Returns
    -------
    Task

    Raises
    ------
    ArgumentError
        For a filler that clauses cannot make up (3 words are the fewest), or languages that there are not.

    References
    ----------
    The sentence is of Olah 2015, Understanding LSTM networks; the grammar is our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> task = gs.tasks.france(filler=(5, 50))
    >>> task.classes[0], task.lags.longest
    ('French', 54)
    """
    least, most = _range(filler)
    distractors = expect_whole("distractors", distractors)
    if not 2 <= expect_whole("languages", languages) <= len(NAMES):
        raise ArgumentError(f"languages={languages} must be 2 … {len(NAMES)}.")
    law = LagLaw(lags, least, most)
    generate = _France(law, languages, distractors)
    require_many("france", generate.kinds, "take a longer filler.")
    answers = tuple(language for _, language in NAMES[:languages])
    return Task(
        name="france",
        options={"filler": (least, most), "languages": languages, "distractors": distractors, "lags": lags},
        about=words("france-about"),
        steps=generate.steps,
        features=len(generate.symbols),
        symbols=generate.symbols,
        loss="cross-entropy",
        outputs=languages,
        classes=answers,
        metric="accuracy",
        baseline=Level(math.log(languages), f"ln {languages}", words("france-knows-nothing")),
        lags=lag_range([law.shifted(len(BEGIN) + len(END) - 1 - _CUE)]),
        cues=(Cue("country", tuple(range(languages))),),
        definitions=DEFINITIONS,
        generate=generate,
    )


def _range(filler: Sequence[int] | int) -> tuple[int, int]:
    found = (filler, filler) if is_whole(filler) else filler
    if not isinstance(found, Sequence) or isinstance(found, str) or len(found) != 2 or not all(map(is_whole, found)):
        raise ArgumentError(f"filler={shown(filler)} must be a number of words, or two: from, to.")
    least, most = int(found[0]), int(found[1])
    if not grammar.SHORTEST <= least <= most:
        raise ArgumentError(
            f"filler={shown(filler)} must be at least {grammar.SHORTEST} words, and not more at first than at last."
        )
    return least, most


DEFINITIONS = (Definition(words("france-defined-olah"), words("france-says-olah"), "second-hand"),)


@dataclass(frozen=True)
class _France(DividedSymbols):
    law: LagLaw
    languages: int
    distractors: int

    @cached_property
    def _kinds(self) -> dict[str, tuple[str, ...]]:
        """Words by kind, in the order of the symbols; the first is what stands behind the end."""
        named = {
            "country": tuple(country for country, _ in NAMES[: self.languages]),
            "language": tuple(language for _, language in NAMES[: self.languages]),
        }
        fixed = {word: (word,) for word in (*BEGIN, *END) if word not in ("country", "stop")}
        return grammar.WORDS | named | fixed

    @property
    def symbols(self) -> tuple[str, ...]:
        return tuple(chain.from_iterable(self._kinds.values()))

    @property
    def steps(self) -> int:
        return len(BEGIN) + self.law.most + len(END)

    @cached_property
    def _sizes(self) -> Array:
        """Words of each kind."""
        return np.array([len(words) for words in self._kinds.values()])

    @cached_property
    def _layouts(self) -> Array:
        """Numbers of kinds, (number of filler words, layout, step); behind the end the kind of the first symbol."""
        place = {kind: k for k, kind in enumerate(self._kinds)}
        lengths = range(self.law.least, self.law.most + 1)
        table = np.zeros((len(lengths), grammar.LAYOUTS, self.steps), dtype=np.int64)
        for row, length in enumerate(lengths):
            for column, layout in enumerate(grammar.layouts(length, self.distractors)):
                kinds = [place[kind] for kind in (*BEGIN, *layout, *END)]
                table[row, column, : len(kinds)] = kinds
        return table

    @property
    def kinds(self) -> float:
        """Different sequences of the shortest filler, or of the longest where only that comes: those of one layout."""
        row = -1 if self.law.law == "fixed" else 0
        return float(np.prod(self._sizes[self._layouts[row]].astype(float), axis=1).max())

    def draw(self, draws: Draws, count: int) -> Batch:
        words = self.law.draw(draws, count)
        layout = draws.below(grammar.LAYOUTS, count)
        kinds = np.ascontiguousarray(self._layouts[words - self.law.least, layout].T)
        starts = np.cumsum(self._sizes) - self._sizes
        tokens = starts[kinds] + draws.below(self._sizes[kinds], self.steps, count)
        country = list(self._kinds).index("country")
        answer = tokens[_CUE] - starts[country]
        cues = np.full((1, count), _CUE)
        lengths = words + len(BEGIN) + len(END)
        return at_the_end(lengths, self.steps, answer, cues, tokens=tokens, symbols=int(self._sizes.sum()))
