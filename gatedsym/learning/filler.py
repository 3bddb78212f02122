"""A few clauses → filler of an exact number of words, many at once: what stands between a fact and its question.

A clause is a row of kinds of words. A filler is a row of clauses whose words are exactly as many as are asked for;
which clauses, and which word of each kind, is drawn. Some clauses name others of what the question is about.
"""

from __future__ import annotations

from functools import cache

from gatedsym.learning.draws import FIXED, Draws

Clause = tuple[str, ...]

WORDS = {
    "stop": (".",),
    "who": ("she", "he", "we", "they", "friends", "neighbours"),
    "when": ("then", "later", "often", "sometimes"),
    "went": ("walked", "waited", "slept", "sang", "worked", "laughed"),
    "saw": ("saw", "liked", "left", "painted", "found", "remembered"),
    "det": ("the", "a", "this", "that", "every"),
    "adj": ("old", "small", "quiet", "bright", "cold", "green"),
    "noun": ("house", "garden", "river", "train", "school", "market", "bridge", "winter"),
    "prep": ("near", "behind", "without", "after", "before"),
    "visited": ("visited",),
    "heard": ("heard",),
}
PLAIN: tuple[Clause, ...] = (
    ("who", "went", "stop"),
    ("who", "saw", "noun", "stop"),
    ("when", "who", "went", "stop"),
    ("who", "saw", "det", "noun", "stop"),
    ("who", "saw", "det", "adj", "noun", "stop"),
    ("who", "went", "prep", "det", "noun", "stop"),
    ("when", "who", "saw", "det", "adj", "noun", "stop"),
)
"""Their lengths, 3 … 7, add up to every number from 3 on."""
NAMING: tuple[Clause, ...] = (("who", "visited", "country", "stop"), ("who", "heard", "language", "stop"))
"""Distractors."""
SHORTEST = min(map(len, PLAIN))
LAYOUTS = 16
"""Rows of clauses for each number of words, drawn once; the words in them are drawn anew for each sequence."""


@cache
def layouts(length: int, distractors: int) -> tuple[Clause, ...]:
    """Rows of kinds of words, `length` each, with as many naming clauses as are asked for, or as fit."""
    draws = Draws("filler", 0, length << 16 | distractors, FIXED)
    return tuple(_layout(length, distractors, draws) for _ in range(LAYOUTS))


def _layout(length: int, distractors: int, draws: Draws) -> Clause:
    clauses: list[Clause] = []
    left = length
    for _ in range(distractors):
        clause = NAMING[int(draws.below(len(NAMING)))]
        if not _can_follow(left - len(clause)):
            break
        clauses.append(clause)
        left -= len(clause)
    while left:
        fitting = [clause for clause in PLAIN if _can_follow(left - len(clause))]
        clauses.append(fitting[int(draws.below(len(fitting)))])
        left -= len(clauses[-1])
    order = draws.orders(1, len(clauses))[:, 0]
    return tuple(kind for k in order for kind in clauses[k])


def _can_follow(left: int) -> bool:
    """Whether clauses can make up so many further words."""
    return left == 0 or left >= SHORTEST


__all__ = ["LAYOUTS", "NAMING", "PLAIN", "SHORTEST", "WORDS", "layouts"]
