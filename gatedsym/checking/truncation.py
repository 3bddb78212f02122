"""A pass over many steps → how far back it lets each loss go: truncated BPTT is another convention, and no slip."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from gatedsym.checking.deviation import deviation
from gatedsym.checking.operations import Operations
from gatedsym.checking.readings import Label
from gatedsym.checking.reference import Adjoint, Probe, gradient
from gatedsym.checking.session import Evidence, Model
from gatedsym.typing import Array

LONG = 8
"""Steps of a pass in which a truncation shows."""


@dataclass(frozen=True)
class Truncation:
    """A truncation of back-propagation through time.

    Attributes
    ----------
    kind : str
        ``each``: every loss goes back so many steps beyond its own; ``blocks``: no adjoint leaves a block of so many
        steps, counted from the first; ``end``: the pass goes through so many last steps alone.
    steps : int
    """

    kind: str
    steps: int

    def mask(self, count: int) -> Array:
        """Whether the loss of a step, a row, reaches a step, a column."""
        t, s = np.arange(count)[:, None], np.arange(count)[None]
        within = {
            "each": t - s <= self.steps, "blocks": t // self.steps == s // self.steps,
            "end": np.broadcast_to(s >= count - self.steps, (count, count)),
        }  # fmt: skip
        reached: Array = (t >= s) & within[self.kind]
        return reached


def truncations(count: int) -> Iterator[Truncation]:
    """Those that differ from the whole pass over so many steps."""
    for steps in range(1, count - 1):
        yield Truncation("each", steps)
    for steps in range(2, count):
        yield Truncation("blocks", steps)
        yield Truncation("end", steps)


def find_truncation(several: list[Evidence], model: Model) -> Truncation | None:
    """The truncation that gives her numbers for every probe, of which the longest differs from ours."""
    longest = max(several, key=lambda e: e.probe.steps)
    shares = {id(e): _Shares(e, model) for e in several}
    for truncation in truncations(longest.probe.steps):
        if all(shares[id(e)].explains(truncation) for e in [longest, *several]):
            return truncation
    return None


class _Shares:
    """Contributions of the loss of each step to the adjoints at each step."""

    def __init__(self, e: Evidence, model: Model) -> None:
        self.e, self.adjoint = e, model.adjoint
        self.steps = [self._of_one(t, model.adjoint, model.backward) for t in range(e.probe.steps)]

    def _of_one(self, t: int, adjoint: Adjoint, backward: Operations) -> list[dict[str, Array]]:
        probe = self.e.probe
        alone = {
            k: v * (np.arange(probe.steps) == t).reshape(-1, *[1] * (v.ndim - 1)) for k, v in probe.cotangents.items()
        }
        final = probe.final if t == probe.steps - 1 else {k: np.zeros_like(v) for k, v in probe.final.items()}
        found = gradient(adjoint, backward, self.e.values, replace(probe, cotangents=alone, final=final))
        return [{name: np.asarray(step[result]) for name, result in adjoint.results.items()} for step in found.steps]

    def explains(self, truncation: Truncation) -> bool:
        mask = truncation.mask(self.e.probe.steps)
        return all(
            deviation(self._ours(label, mask), hers) <= self.e.tolerance for label, hers in self.e.reading.found.items()
        )

    def _ours(self, label: Label, mask: Array) -> Array:
        kind, of, _ = label
        probe: Probe = self.e.probe
        count = probe.steps
        if kind == "param":
            return sum((self._summed(of, t, s) for t in range(count) for s in range(count) if mask[t, s]),
                       start=np.zeros_like(probe.params[of]))  # fmt: skip
        if kind == "input":
            return np.stack(
                [
                    sum((self._rows(of, t, s) for t in range(count) if mask[t, s]), np.zeros_like(probe.inputs[of][s]))
                    for s in range(count)
                ]
            )
        return sum((self._rows(of, t, 0) for t in range(count) if mask[t, 0]), np.zeros_like(probe.initial[of]))

    def _rows(self, of: str, t: int, s: int) -> Array:
        value = self.steps[t][s][of]
        dims = self.adjoint.primal[of].dims
        return value if value.ndim > len(dims) else np.broadcast_to(value, (self.e.probe.batch, *value.shape))

    def _summed(self, of: str, t: int, s: int) -> Array:
        total: Array = self._rows(of, t, s).sum(0)
        return total
