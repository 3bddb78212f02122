"""A readout's numbers and their targets → a loss and its cotangent, by the adjoint of the loss's own equations."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from gatedsym.checking.deviation import SINGLE
from gatedsym.checking.layouts import plain
from gatedsym.checking.operations import Operations
from gatedsym.checking.reference import Adjoint, Probe, proven_adjoint
from gatedsym.equations import read_equations
from gatedsym.typing import Array

_DECLARED = "y in R^v; target in R^v; output loss\n"
TEXTS = {
    "softmax": _DECLARED + "loss = -dot(target, log_softmax(y))",
    "squares": _DECLARED + "miss = y - target\nloss = dot(miss, miss) / 2",
    "logistic": _DECLARED + "loss = sum(softplus(y) - target * y)",
}
"""Losses of one step and sequence, by their names."""
SCALES = ("", "steps", "batch", "batch-steps", "twice", "all", "twice-all", "size", "twice-steps", "twice-batch")
"""Divisors of a loss; the likely first: nothing, the number of steps, …, half of nothing."""


@dataclass(frozen=True)
class Coding:
    """The form of what a pass is given beside arrays, and the loss that it has inside.

    Attributes
    ----------
    index : bool
        The input is a number, that of a one-hot vector's entry.
    loss : str
        Its name; "" for none.
    target : str
        ``index`` or ``vector``.
    last : bool
        The loss counts at the last step alone.
    scale : str
        What the loss is divided by: one of `SCALES`.
    of : str
        The result that it speaks of: a readout, ``h'``.
    """

    index: bool = False
    loss: str = ""
    target: str = "index"
    last: bool = False
    scale: str = ""
    of: str = ""


PLAIN = Coding()


def codings(of: str, words: Collection[str]) -> list[Coding]:
    """Losses that are tried of a result, those first of which the words of a pass speak."""
    spoken = {plain(w) for w in words}
    first = "softmax" if spoken & {"softmax", "exp", "crossentropy", "logsoftmax"} else "squares"
    found = []
    for loss in sorted(TEXTS, key=lambda name: name != first):
        for target in ("index", "vector") if loss == "softmax" else ("vector",):
            found += [Coding(loss=loss, target=target, last=last, of=of) for last in (False, True)]
    return found


def with_index(several: Sequence[Coding]) -> list[Coding]:
    """The same with vectors as inputs, then with numbers."""
    return [replace(c, index=index) for index in (False, True) for c in several]


def divisor(scale: str, probe: Probe) -> float:
    """Divisor of a loss."""
    size = 1 if probe.target is None else probe.target.shape[-1]
    count = 0.5 if scale.startswith("twice") else 1.0
    rest = scale.removeprefix("twice").strip("-")
    factors = {"steps": probe.steps, "batch": probe.batch, "size": size}
    wanted = tuple(factors) if rest == "all" else tuple(rest.split("-")) if rest else ()
    return count * float(np.prod([factors[w] for w in wanted]))


def coded(probe: Probe, coding: Coding) -> Probe:
    """The probe with one-hot inputs and with targets, and with the numbers of both."""
    random = np.random.default_rng([11, probe.steps, probe.batch])
    codes: dict[str, Array] = {}
    inputs = dict(probe.inputs)
    for name, x in probe.inputs.items() if coding.index else ():
        codes[name] = random.integers(x.shape[-1], size=x.shape[:2])
        inputs[name] = np.eye(x.shape[-1])[codes[name]]
    target = None
    if coding.loss:
        size = probe.cotangents[coding.of].shape[-1]
        codes["target"] = random.integers(size, size=(probe.steps, probe.batch))
        target = np.eye(size)[codes["target"]]
        if coding.loss == "squares":
            target = random.standard_normal(target.shape)
    return replace(probe, inputs=inputs, codes=codes, target=target)


@dataclass(frozen=True)
class Judged:
    """A loss and its cotangent.

    Attributes
    ----------
    loss : float
        Of all steps and sequences, not divided by anything.
    cotangent : array, (T, B, v)
    """

    loss: float
    cotangent: Array


def judge(coding: Coding, y: Array, target: Array) -> Judged:
    """The loss of a readout, (T, B, v), and its cotangent."""
    adjoint, operations, backward = _operations(coding.loss, y.shape[-1])
    given = {"y": y.reshape(-1, y.shape[-1]), "target": target.reshape(-1, y.shape[-1])}
    values = {**given, **operations.values(given)}
    seed = {adjoint.cotangents["loss"]: np.ones(len(given["y"]))}
    known = {k: v for k, v in {**values, **seed}.items() if k in adjoint.program}
    found = backward.values(known)[adjoint.results["y"]].reshape(y.shape)
    counts = np.zeros(y.shape[:2])
    counts[-1 if coding.last else slice(None)] = 1
    losses = np.broadcast_to(values["loss"], (len(given["y"]),)).reshape(y.shape[:2])
    return Judged(float((losses * counts).sum()), found * counts[..., None])


def loss_of(coding: Coding, values: Sequence[Mapping[str, Array]], probe: Probe) -> Judged:
    """The loss of a trajectory, and its cotangent, divided as its scale says."""
    assert probe.target is not None
    shape = probe.cotangents[coding.of].shape[1:]
    whole = judge(coding, np.stack([np.broadcast_to(v[coding.of], shape) for v in values]), probe.target)
    count = divisor(coding.scale, probe)
    return Judged(whole.loss / count, whole.cotangent / count)


def judged(probe: Probe, coding: Coding, values: Sequence[Mapping[str, Array]]) -> Probe:
    """The probe with the cotangents that a loss inside the pass gives, beside those that it has."""
    if not coding.loss:
        return probe
    more = loss_of(coding, values, probe).cotangent
    return replace(probe, cotangents={**probe.cotangents, coding.of: probe.cotangents[coding.of] + more})


MISJUDGED = ("target-missing", "sign", "not-squashed", "slope")
"""Slips in the derivative of a loss: the target is not subtracted; the sign; the readout itself in place of what a
softmax or a logistic function makes of it; the derivative of a logistic function as one more factor."""


def misjudged(probe: Probe, coding: Coding, values: Sequence[Mapping[str, Array]], slip: str) -> Probe:
    """A probe of `judged` with the cotangent that a slip in the loss's derivative gives in place of the right one."""
    assert probe.target is not None
    right = loss_of(coding, values, probe).cotangent
    y = np.stack([np.broadcast_to(v[coding.of], right.shape[1:]) for v in values])
    counts = np.zeros((len(values), 1, 1))
    counts[-1 if coding.last else slice(None)] = 1 / divisor(coding.scale, probe)
    target = probe.target * counts
    p = (right + target) / np.where(counts > 0, counts, 1)
    wrong = {
        "target-missing": right + target,
        "sign": -right,
        "not-squashed": y * counts - target,
        "slope": right * p * (1 - p),
    }[slip]
    whole = probe.cotangents[coding.of] - right + wrong
    return replace(probe, cotangents={**probe.cotangents, coding.of: whole})


def scale_of(hers: float, ours: float, probe: Probe) -> str | None:
    """The scale by which a loss of ours is hers; None for nothing known."""
    for scale in SCALES:
        if abs(ours / divisor(scale, probe) - hers) <= SINGLE * abs(hers):
            return scale
    return None


@cache
def _operations(name: str, size: int) -> tuple[Adjoint, Operations, Operations]:
    program = read_equations(TEXTS[name], name=name).program
    adjoint = proven_adjoint(program)
    sizes = {"v": size}
    return adjoint, Operations(program, sizes), Operations(adjoint.program, sizes)
