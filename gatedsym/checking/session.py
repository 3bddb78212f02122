"""A cell and a pair of a person's functions → the convention that they follow, and evidence: her arrays beside ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product

from gatedsym.checking.calls import Caller, Convention, Sheet, UnknownArgumentError, Upstream, for_upstream
from gatedsym.checking.conventions import (
    Shown,
    Trial,
    conventions,
    levels_of,
    loss_in,
    orders,
    shown_states,
    states_of,
    try_forward,
)
from gatedsym.checking.deviation import EXACT, SINGLE
from gatedsym.checking.forward_slips import ForwardSlip, ForwardSlips
from gatedsym.checking.functions import Function, names_given
from gatedsym.checking.heads import Head
from gatedsym.checking.layouts import Layout, layouts
from gatedsym.checking.losses import PLAIN, SCALES, Coding, coded, codings, judged, loss_of, scale_of, with_index
from gatedsym.checking.meanings import Meanings
from gatedsym.checking.nameless import recognised
from gatedsym.checking.operations import Operations
from gatedsym.checking.pairs import Pair
from gatedsym.checking.process import Failure, Process, Returned
from gatedsym.checking.readings import Label, Reading, deviations, read_gradients
from gatedsym.checking.reference import (
    Adjoint,
    Gradient,
    Probe,
    Values,
    draw_probe,
    gradient,
    proven_adjoint,
    trajectory,
)
from gatedsym.checking.roles import Part, parts_of
from gatedsym.checking.source import Homework
from gatedsym.ir.program import Program, Recurrence
from gatedsym.typing import Array

STEPS, BATCH = 3, 2


@dataclass(frozen=True)
class Model:
    """A cell, or one with a slip in its forward pass, ready to be evaluated.

    Attributes
    ----------
    recurrence : Recurrence
    adjoint : Adjoint
    forward, backward : Operations
    """

    recurrence: Recurrence
    adjoint: Adjoint
    forward: Operations
    backward: Operations


def model_of(recurrence: Recurrence, sizes: Mapping[str, int]) -> Model:
    """The operations of a cell's step and of its proven adjoint."""
    adjoint = proven_adjoint(recurrence.program)
    return Model(recurrence, adjoint, Operations(recurrence.program, sizes), Operations(adjoint.program, sizes))


@dataclass(frozen=True)
class ForwardFound:
    """The way in which a forward pass was called, and how it compares.

    Attributes
    ----------
    convention : Convention
    deviation : float
    slips : list of ForwardSlip
        Those that give her numbers; empty where ours are hers, or nothing gives them.
    others : list of Convention
        Those that give ours as well: a forward pass of one sequence may take several by luck.
    """

    convention: Convention
    deviation: float
    slips: Sequence[ForwardSlip] = ()
    others: Sequence[Convention] = ()


@dataclass(frozen=True)
class Evidence:
    """Her adjoints for one probe, beside what ours need.

    Attributes
    ----------
    probe : Probe
    values : list of mapping
        Our trajectory.
    right : Gradient
    reading : Reading
    deviations : dict of Label to float
    returned : Returned
    convention : Convention
        That of the call, with what a loss inside the pass is divided by.
    loss_agrees : int
        1 if she returns a loss, and it is ours.
    """

    probe: Probe
    values: Sequence[Values]
    right: Gradient
    reading: Reading
    deviations: Mapping[Label, float]
    returned: Returned
    convention: Convention
    loss_agrees: int = 0

    @property
    def tolerance(self) -> float:
        """Relative deviation up to which arrays agree: she may compute in single precision, inside or throughout."""
        return SINGLE

    @property
    def single(self) -> bool:
        """Whether what agrees does so to single precision only."""
        return self.reading.single or any(EXACT < d <= SINGLE for d in self.deviations.values())

    @property
    def wrong(self) -> list[Label]:
        """Labels whose arrays differ from ours."""
        return [label for label, d in self.deviations.items() if d > self.tolerance]


@dataclass(frozen=True)
class BackwardFound:
    """The way in which a backward pass was called.

    Attributes
    ----------
    convention : Convention
    upstream : tuple of Upstream
    whole : bool
    evidence : list of Evidence
        Of one or more probes, the first that of the trial.
    """

    convention: Convention
    upstream: tuple[Upstream, ...]
    whole: bool
    evidence: list[Evidence] = field(default_factory=list)

    @property
    def evidence_scaled(self) -> bool:
        """Whether it is known what a loss inside the pass is divided by."""
        return bool(self.evidence)


class Session:
    """A process with her functions, and a cell.

    Parameters
    ----------
    process : Process
    homework : Homework
    recurrence : Recurrence
    sizes : mapping of str to int
    told : mapping of str to str
        Meanings of her arguments.
    names : sequence of str
        Of what her backward pass returns, in order.
    head : Head, optional
        A readout, or a loss, that her pass has inside.
    """

    def __init__(
        self, process: Process, homework: Homework, recurrence: Recurrence, sizes: Mapping[str, int],
        told: Mapping[str, str], names: Sequence[str], head: Head | None = None,
    ) -> None:  # fmt: skip
        self.process, self.homework, self.recurrence = process, homework, recurrence
        self.sizes, self.names, self.head = sizes, names, head
        self.meanings = Meanings(recurrence, told, head is not None)
        readout = head.parts if head is not None else ()
        own = {p.name for p in readout}
        self.parts: tuple[Part, ...] = (*(p for p in parts_of(recurrence) if p.name not in own), *readout)
        self.words = sorted({w for f in homework.functions.values() for w in f.words})
        self.caller = Caller(self.meanings, self.words, homework.plain, names_given(tuple(homework.functions.values())))
        self.model = model_of(recurrence, sizes)
        self.failure: Failure | None = None
        self.unknown: UnknownArgumentError | None = None

    def layouts(self, pair: Pair) -> list[Layout]:
        """Layouts that the words of a pair's functions allow, or those of the whole file."""
        functions = [f for f in (pair.backward, pair.forward) if f is not None]
        own = names_given(functions)
        told = self.meanings.told
        return layouts(self.parts, own, told) or layouts(self.parts, self.words, told)

    # Forward.

    def find_forward(self, function: Function, several: Sequence[Layout]) -> ForwardFound | None:
        """The convention of a forward pass, or None where it cannot be called."""
        trials: list[Trial] = []
        for level, coding in product(levels_of(function), self.codings_of(function)):
            found = self._forward_trials(function, level, several, coding)
            exact = [t for t in found if self._forward_deviation(t, function) <= SINGLE]
            if exact:
                first, *others = (t.convention for t in exact)
                return ForwardFound(first, self._forward_deviation(exact[0], function), others=others)
            trials += found
            if self.failure is not None and self.failure.kind != "raised":
                break
        return self._slipped(trials, function)

    def codings_of(self, function: Function) -> list[Coding]:
        """Forms of inputs and targets that are tried of a function."""
        head = self.head
        if head is None:
            return with_index([PLAIN])
        targets = any((m := self.meanings.of_argument(a.name)) and m.kind == "target" for a in function.arguments)
        return with_index(codings(head.result, function.words) if targets else [PLAIN])

    def _forward_trials(self, function: Function, level: str, several: Sequence[Layout], coding: Coding) -> list[Trial]:
        probe = self.probe(level)
        tried = list(conventions(several, level, self.homework.torch, (coding,)))
        try:
            first, last = try_forward(self.process, self.caller, function, tried, probe)
            self._note(last)
            first = [t for t in first if self._shown(t, function)]
            if any(self._forward_deviation(t, function) <= SINGLE for t in first):
                return first
            more = [o for t in first for o in orders(t.convention, several)[1:]]
            second, _ = try_forward(self.process, self.caller, function, more, probe)
        except UnknownArgumentError as unknown:
            self.unknown = unknown
            return []
        return [*first, *(t for t in second if self._shown(t, function))]

    def _note(self, failure: Failure | None) -> None:
        """Keep the failure that says most: one that is no exception, else the one that came furthest."""
        if failure is not None and (self.failure is None or _weight(failure) > _weight(self.failure)):
            self.failure = failure

    def _shown(self, trial: Trial, function: Function) -> Shown | None:
        shown = shown_states(trial, self.meanings, function)
        return shown if shown.named or shown.others or self._judges(trial, shown) else None

    def _judges(self, trial: Trial, shown: Shown) -> bool:
        return shown.loss is not None and bool(trial.convention.coding.loss)

    def _forward_deviation(self, trial: Trial, function: Function) -> float:
        shown = shown_states(trial, self.meanings, function)
        values = trajectory(self.model.forward, trial.probe)
        return shown.deviation(*self._ours(trial, values))

    def _ours(self, trial: Trial, values: Sequence[Values]) -> tuple[Mapping[str, Array], float | None]:
        """Our states, and our loss where the pass has one inside."""
        coding = trial.convention.coding
        loss = loss_of(coding, values, trial.probe).loss if coding.loss else None
        return states_of(values, trial.probe, trial.convention.level), loss

    def _slipped(self, trials: Sequence[Trial], function: Function) -> ForwardFound | None:
        """The slip that gives her numbers under one of the conventions that can be called."""
        if not trials:
            return None
        slips = ForwardSlips(self.recurrence, self.parts).single()
        best: tuple[float, Trial] = (float("inf"), trials[0])
        shown = [(t, shown_states(t, self.meanings, function)) for t in trials]
        matches: dict[int, list[ForwardSlip]] = {}
        ours: dict[tuple[object, ...], tuple[Mapping[str, Array], float | None]] = {}
        for n, slip in enumerate([None, *slips]):
            for k, (trial, states) in enumerate(shown):
                own = trial.convention  # of one function: it takes the same states
                key = (n, own.axes.batched, trial.probe.steps, own.coding, own.layout.missing)
                if key not in ours:
                    changes = () if slip is None else slip.changes
                    found = trajectory(self.model.forward, trial.probe, changes)
                    ours[key] = self._ours(trial, found)
                d = states.deviation(*ours[key])
                if slip is None and d < best[0]:
                    best = (d, trial)
                if slip is not None and d <= SINGLE:
                    matches.setdefault(k, []).append(slip)
        if not matches:
            return ForwardFound(best[1].convention, best[0])
        place = min(matches, key=lambda k: min((s.rank, len(s.changes)) for s in matches[k]))
        found_slips = sorted(matches[place], key=lambda s: s.rank)
        return ForwardFound(shown[place][0].convention, 1.0, found_slips)

    # Backward.

    def probe(self, level: str, steps: int = STEPS, seed: int = 0, scale: float = 1.0, batch: int = BATCH) -> Probe:
        """Arguments at random."""
        return draw_probe(self.recurrence, self.sizes, 1 if level == "step" else steps, batch, seed, scale)

    def find_backward(self, pair: Pair, conventions_: Sequence[Convention], model: Model) -> BackwardFound | None:
        """The way to call a backward pass under which most of it is right; None where none works."""
        best: tuple[tuple[int, int, int], BackwardFound] | None = None
        for way in self._ways(pair, conventions_):
            if way.convention.axes.alone and best is not None and not way.convention.coding.index:
                break  # a mean over one sequence is a sum
            # Without a forward pass to go by, one step tells more of what is right.
            steps = STEPS if pair.forward is not None or way.convention.coding.loss else 1
            evidence = self.evidence(pair, way, self.probe(way.convention.level, steps), model)
            if self.failure is not None and self.failure.kind != "raised":
                return None
            if evidence is None or not (evidence.reading.found or evidence.reading.misfits):
                continue
            wrong = len(evidence.wrong) + len(evidence.reading.misfits)
            # An array that a way of calling makes unreadable is none that it makes right.
            agreeing = len(evidence.deviations) - len(evidence.wrong)
            score = (evidence.loss_agrees, agreeing, -wrong - len(evidence.reading.unknown))
            way = replace(way, convention=evidence.convention)
            if best is None or score > best[0]:
                best = score, replace(way, evidence=[evidence])
            if not wrong:
                break
        return None if best is None else best[1]

    def _ways(self, pair: Pair, conventions_: Sequence[Convention]) -> Iterator[BackwardFound]:
        """The ways to call a backward pass under some conventions; last with one sequence alone."""
        alone = [replace(c, axes=replace(c.axes, alone=True)) for c in conventions_ if c.axes.batched]
        alone = [] if any(c.axes.alone for c in conventions_) else alone
        for convention in (*conventions_, *alone):
            for upstream in self.caller.upstreams(pair.backward, convention.level):
                for whole in (False, True) if pair.forward and not pair.forward.single else (False,):
                    yield BackwardFound(convention, upstream, whole)

    def evidence(
        self, pair: Pair, way: BackwardFound, probe: Probe, model: Model, trace: bool = False
    ) -> Evidence | None:
        """Her adjoints for a probe; None where the call fails (`failure` says how)."""
        probe = self.caller.starting(
            pair.forward or pair.backward, probe if way.convention.axes.batched else probe.with_batch(1)
        )
        coding = way.convention.coding
        probe = for_upstream(probe.without(way.convention.layout.missing), way.upstream, probe.steps)
        probe = coded(probe, coding)
        values = trajectory(model.forward, probe)
        sheet, jobs = Sheet(), []
        try:
            if pair.forward is not None:
                job = self.caller.forward(pair.forward, way.convention, probe, sheet)
                jobs.append({**job, "keep": "forward", "trace": trace})
            job = self.caller.backward(
                pair.backward, way.convention, probe, sheet, forward=pair.forward, kept="forward",
                upstream=way.upstream, whole=way.whole, values=values,
            )  # fmt: skip
        except UnknownArgumentError as unknown:
            self.unknown = unknown
            return None
        jobs.append({**job, "trace": trace})
        returned = self.process.call(jobs, sheet.arrays)[-1]
        if returned.failure is not None:
            self._note(returned.failure)
            return None
        reading = read_gradients(returned, pair.backward, way.convention, probe, self.meanings, self.names)
        return self._compared(pair, way, probe, model, values, reading, returned)

    def _compared(
        self, pair: Pair, way: BackwardFound, probe: Probe, model: Model, values: Sequence[Values], reading: Reading,
        returned: Returned,
    ) -> Evidence:  # fmt: skip
        """Her adjoints beside ours; what a loss is divided by, where it is not known, makes most of them right."""
        level, coding = way.convention.level, way.convention.coding
        given = judged(probe, coding, values)
        right = gradient(model.adjoint, model.backward, values, given)
        reading = recognised(reading, way.convention, given, values, right)
        found = deviations(reading.found, right, level)
        loss = loss_in(returned, pair.backward) if coding.loss else None
        told = None if loss is None else scale_of(loss, loss_of(replace(coding, scale=""), values, probe).loss, probe)
        best = Evidence(given, values, right, reading, found, returned, way.convention, int(told is not None))
        if not coding.loss or way.evidence_scaled or not best.wrong:
            return best
        for scale in dict.fromkeys((told or "", *SCALES)):
            other = replace(coding, scale=scale)
            given = judged(probe, other, values)
            right = gradient(model.adjoint, model.backward, values, given)
            found = deviations(reading.found, right, level)
            convention = replace(way.convention, coding=other)
            one = replace(best, probe=given, right=right, deviations=found, convention=convention)
            if len(one.wrong) < len(best.wrong):
                best = one
        return best


def _weight(failure: Failure) -> tuple[bool, int]:
    return failure.kind != "raised", failure.line or 0


def slipped_model(model: Model, slip: ForwardSlip, sizes: Mapping[str, int]) -> Model:
    """A cell with a slip in its forward pass, and the adjoint of that."""
    program: Program = slip.program(model.recurrence.program)
    return model_of(replace(model.recurrence, program=program), sizes)
