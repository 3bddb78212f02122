"""Wires between two layers: each turns once, on a track of its own, so that no two lie on each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TRACK = 0.09
"""Between neighbouring tracks, in inches."""

_NEAR = 0.03
_OVERLAP = 1000.0


@dataclass(frozen=True)
class Crossing:
    """A wire that crosses a gap: the height at which it comes, and those at which it goes on."""

    net: str
    left: float
    rights: tuple[float, ...]

    @property
    def low(self) -> float:
        return min(self.left, *self.rights)

    @property
    def high(self) -> float:
        return max(self.left, *self.rights)

    @property
    def straight(self) -> bool:
        return self.high - self.low < 1e-6


def assign_tracks(crossings: Sequence[Crossing]) -> dict[str, int]:
    """The track on which each wire turns, 0 being leftmost; straight wires have none."""
    turning = [c for c in crossings if not c.straight]
    order = _improve(sorted(turning, key=lambda c: (c.left, c.net)))
    tracks: dict[str, int] = {}
    for k, c in enumerate(order):
        free = 0
        for before in order[:k]:
            if _beside(before, c):
                free = max(free, tracks[before.net] + 1)
        tracks[c.net] = free
    return tracks


def overlaps(crossings: Sequence[Crossing], tracks: dict[str, int]) -> list[tuple[str, str]]:
    """Wires that lie on each other under these tracks."""
    turning = [c for c in crossings if not c.straight]
    found = []
    for a in turning:
        for b in turning:
            if a.net != b.net and tracks[a.net] <= tracks[b.net] and _cost(a, b) >= _OVERLAP:
                found.append((a.net, b.net))
    return found


def _beside(a: Crossing, b: Crossing) -> bool:
    """True if the two cannot share a track."""
    vertical = a.low - 2 * _NEAR < b.high and b.low - 2 * _NEAR < a.high
    return vertical or _cost(a, b) >= _OVERLAP or _cost(b, a) >= _OVERLAP


def _cost(a: Crossing, b: Crossing) -> float:
    """Crossings if a turns to the left of b; far more if they then lie on each other."""
    total = 0.0
    for y in a.rights:
        if abs(y - b.left) < _NEAR:
            total += _OVERLAP
        elif b.low < y < b.high:
            total += 1
    if a.low < b.left < a.high:
        total += 1
    return total


def _improve(order: list[Crossing]) -> list[Crossing]:
    """Move single wires to the best place among the others until nothing helps."""
    for _ in range(20):
        better = False
        for c in list(order):
            rest = [o for o in order if o is not c]
            scores = [
                sum(_cost(o, c) for o in rest[:k]) + sum(_cost(c, o) for o in rest[k:]) for k in range(len(order))
            ]
            here = order.index(c)
            best = min(range(len(scores)), key=lambda k: (scores[k], k))
            if scores[best] < scores[here] - 1e-9:
                order = [*rest[:best], c, *rest[best:]]
                better = True
        if not better:
            break
    return order
