"""A cell's Program and its proven adjoint → trajectories and gradients through time, by evaluation in float64.

The adjoint may be another than the proven one, and the pass back may forget or repeat something: so a slip is tried.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.cse import as_source
from gatedsym.checking.operations import Operations
from gatedsym.ir.program import BATCHLESS, Program, Recurrence, Statement
from gatedsym.typing import Array

Values = Mapping[str, Array]


@dataclass(frozen=True)
class Probe:
    """Arguments of one call of a step or a sequence.

    Attributes
    ----------
    steps, batch : int
    sizes : mapping of str to int
    params : mapping of str to array
    inputs : mapping of str to array, (T, B, …)
    initial : mapping of str to array, (B, …)
        For each state.
    cotangents : mapping of str to array, (T, B, …)
        For each result of the step: ``h'``.
    final : mapping of str to array, (B, …)
        Cotangents of the last states, beside those.
    codes : mapping of str to array of int, (T, B)
        For inputs that are one-hot, and for ``target``, the numbers of the entries that are one.
    target : array, (T, B, …), optional
        What a loss inside the pass compares with.
    """

    steps: int
    batch: int
    sizes: Mapping[str, int]
    params: Values
    inputs: Values
    initial: Values
    cotangents: Values
    final: Values
    codes: Values = field(default_factory=dict)
    target: Array | None = None

    def without(self, parameters: Collection[str]) -> Probe:
        """The same with zeros for some parameters."""
        params = {k: np.zeros_like(v) if k in parameters else v for k, v in self.params.items()}
        return replace(self, params=params) if parameters else self

    def with_batch(self, batch: int) -> Probe:
        """The same of the first sequences alone."""
        return replace(
            self,
            batch=batch,
            inputs={k: v[:, :batch] for k, v in self.inputs.items()},
            initial={k: v[:batch] for k, v in self.initial.items()},
            cotangents={k: v[:, :batch] for k, v in self.cotangents.items()},
            final={k: v[:batch] for k, v in self.final.items()},
        )


def draw_probe(
    recurrence: Recurrence, sizes: Mapping[str, int], steps: int, batch: int, seed: int, scale: float = 1.0
) -> Probe:
    """Arguments at random."""
    random = np.random.default_rng([seed, steps, batch])
    program = recurrence.program

    def normal(*shape: int) -> Array:
        return random.standard_normal(shape)

    def shape(name: str) -> tuple[int, ...]:
        return tuple(int(d) if d.isdigit() else sizes[d] for d in program[name].dims)

    params = {t.name: 0.6 * normal(*shape(t.name)) for t in program.tensors if t.role == "parameter"}
    inputs = {t.name: normal(steps, batch, *shape(t.name)) for t in program.tensors if t.role == "input"}
    initial = {t.name: 0.7 * normal(batch, *shape(t.name)) for t in program.tensors if t.role == "state"}
    cotangents = {r: scale * normal(steps, batch, *shape(r)) for r in program.results}
    final = {t.name: np.zeros((batch, *shape(t.name))) for t in program.tensors if t.role == "state"}
    return Probe(steps, batch, sizes, params, inputs, initial, cotangents, final)


def trajectory(operations: Operations, probe: Probe, changes: Sequence[Statement] = ()) -> list[dict[str, Array]]:
    """All values of every step, by a cell's Program, or one with other statements in place of some."""
    program = operations.program
    states = dict(probe.initial)
    found = []
    for t in range(probe.steps):
        given = {**probe.params, **states, **{k: v[t] for k, v in probe.inputs.items()}}
        values = operations.values({k: v for k, v in given.items() if k in program}, changes)
        found.append({**given, **values})
        states = {s: _rows(values[f"{s}'"], program[s].dims, probe.batch) for s in states}
    return found


def _rows(value: Array, dims: tuple[str, ...], batch: int) -> Array:
    return value if value.ndim > len(dims) else np.broadcast_to(value, (batch, *value.shape))


@dataclass(frozen=True)
class Adjoint:
    """An adjoint Program of a step.

    Attributes
    ----------
    program : Program
    primal : Program
    results : mapping of str to str
        For each source of the step the tensor that is its adjoint.
    cotangents : mapping of str to str
        For each result of the step the source that is its cotangent.
    """

    program: Program
    primal: Program
    results: Mapping[str, str]
    cotangents: Mapping[str, str]


def proven_adjoint(primal: Program) -> Adjoint:
    """The adjoint that `gatedsym prove` proves, with all values of the step among its sources."""
    derived = derive_adjoint(primal)
    wrt = [n for n in primal.sources if primal[n].role not in ("constant", "identity", "fixed")]
    known = {t.name for t in derived.tensors}
    more = [as_source(t, primal) for t in primal.tensors if t.name not in known]
    program = replace(derived, tensors=(*more, *derived.tensors))
    cotangents = {t.of: t.name for t in derived.tensors if t.role == "cotangent"}
    return Adjoint(program, primal, dict(zip(wrt, derived.results, strict=True)), cotangents)


@dataclass(frozen=True)
class Timing:
    """Deviations of a pass back through time; by default there is none.

    Attributes
    ----------
    carried : mapping of str to float
        Factor of what reaches a step from the one behind it, by state.
    cut : tuple of str
        Results whose cotangent counts at the last step alone.
    sums : mapping of str to str
        For parameters: ``first`` or ``last`` step alone, ``one`` sequence alone, ``not-first``, ``not-last``.
    factors : mapping of str to float
        For sources: a factor of their gradient.
    clip : float
        Bound of every entry at the end; 0 for none.
    clip_inside : float
        Bound of every entry that is handed from step to step.
    forwards : bool
        Steps are passed in their own order.
    skipped : str
        ``first`` or ``last``: a step that the pass leaves out.
    turned : tuple of str
        Inputs whose adjoints stand in the reversed order of steps.
    kept : tuple of str
        States of which what is handed on is added to what was handed on before.
    loss : str
        A slip in the derivative of a loss inside the pass: one of `gatedsym.checking.losses.MISJUDGED`.
    """

    carried: Mapping[str, float] = field(default_factory=dict)
    cut: tuple[str, ...] = ()
    sums: Mapping[str, str] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)
    clip: float = 0.0
    clip_inside: float = 0.0
    forwards: bool = False
    skipped: str = ""
    turned: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    loss: str = ""

    @property
    def needs_several(self) -> bool:
        """Whether it shows in a pass over several steps alone."""
        return bool(self.carried or self.kept or self.turned or self.cut or self.forwards or self.skipped)

    def joined(self, other: Timing) -> Timing:
        """Both."""
        return Timing(
            {**self.carried, **other.carried},
            (*self.cut, *other.cut),
            {**self.sums, **other.sums},
            {k: self.factors.get(k, 1.0) * other.factors.get(k, 1.0) for k in {**self.factors, **other.factors}},
            self.clip or other.clip,
            self.clip_inside or other.clip_inside,
            self.forwards or other.forwards,
            self.skipped or other.skipped,
            (*self.turned, *other.turned),
            (*self.kept, *other.kept),
            self.loss or other.loss,
        )


RIGHT = Timing()


@dataclass(frozen=True)
class Gradient:
    """A gradient through time.

    Attributes
    ----------
    params : mapping of str to array
    inputs : mapping of str to array, (T, B, …)
    initial : mapping of str to array, (B, …)
    steps : list of mapping
        Everything that each step of the pass computed, by the names of the adjoint Program.
    """

    params: Values
    inputs: Values
    initial: Values
    steps: Sequence[Values]


def gradient(
    adjoint: Adjoint, operations: Operations, values: Sequence[Values], probe: Probe, timing: Timing = RIGHT,
    changes: Sequence[Statement] = (), right: Gradient | None = None,
) -> Gradient:  # fmt: skip
    """The gradient of the probe's cotangents, by the operations of an adjoint Program, or with some of them changed.

    Where there is one step, and `right` is the gradient without changes, only what follows from them is computed.
    """
    program = operations.program
    states, steps = list(probe.initial), probe.steps
    handed = {s: probe.final[s] for s in states}
    inputs = {name: [np.zeros_like(x[0])] * steps for name, x in probe.inputs.items()}
    passed: list[Values] = [{}] * steps
    sums = {name: np.zeros_like(p) for name, p in probe.params.items()}
    left_out = {"first": 0, "last": steps - 1}.get(timing.skipped)
    for t in range(steps) if timing.forwards else reversed(range(steps)):
        if t == left_out:
            continue
        given = {adjoint.cotangents[r]: c[t] for r, c in probe.cotangents.items() if r in adjoint.cotangents}
        for r in timing.cut:
            given[adjoint.cotangents[r]] = given[adjoint.cotangents[r]] * (t == steps - 1)
        for s in states:
            name = adjoint.cotangents[f"{s}'"]
            given[name] = given[name] + handed[s] * (timing.carried.get(s, 1.0) if any(passed) else 1.0)
        if right is not None and steps == 1 and timing == RIGHT:
            found = operations.again(right.steps[0], changes)
        else:
            found = operations.values({**{k: v for k, v in values[t].items() if k in program}, **given}, changes)
        passed[t] = found
        for s in states:
            back = _rows(found[adjoint.results[s]], adjoint.primal[s].dims, probe.batch)
            back = handed[s] + back if s in timing.kept and t < steps - 1 else back
            handed[s] = np.clip(back, -timing.clip_inside, timing.clip_inside) if timing.clip_inside else back
        for name in inputs:
            inputs[name][t] = _rows(found[adjoint.results[name]], adjoint.primal[name].dims, probe.batch)
        for name in probe.params:
            _add(sums, name, found[adjoint.results[name]], adjoint.primal, probe, timing.sums.get(name, ""), t)
    whole = {name: np.stack(rows[::-1] if name in timing.turned else rows) for name, rows in inputs.items()}
    return _scaled(Gradient(sums, whole, dict(handed), passed), timing)


def _add(sums: dict[str, Array], name: str, found: Array, primal: Program, probe: Probe, policy: str, t: int) -> None:
    """Add what a step contributes to a parameter's adjoint."""
    batched = found.ndim > len(primal[name].dims)
    rows = found if batched else np.broadcast_to(found, (probe.batch, *found.shape))
    part = rows[0] if policy == "one" else rows.sum(0)
    left_out = {"first": t != 0, "last": t != probe.steps - 1, "not-first": t == 0, "not-last": t == probe.steps - 1}
    part = part * (not left_out.get(policy, False))
    sums[name] = sums[name] + part


def _scaled(found: Gradient, timing: Timing) -> Gradient:
    if not timing.factors and not timing.clip:
        return found

    def end(values: Values) -> dict[str, Array]:
        scaled = {k: v * timing.factors.get(k, 1.0) for k, v in values.items()}
        return {k: np.clip(v, -timing.clip, timing.clip) for k, v in scaled.items()} if timing.clip else scaled

    inputs = {k: v * timing.factors.get(k, 1.0) for k, v in found.inputs.items()}
    initial = {k: v * timing.factors.get(k, 1.0) for k, v in found.initial.items()}
    return Gradient(end(found.params), inputs, initial, found.steps)


def is_batchless(program: Program, name: str) -> bool:
    """Whether a tensor is the same for every sequence."""
    return program[name].role in BATCHLESS
