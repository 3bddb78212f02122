"""Evidence → the slips that reproduce it, or the first equation that it shows to be wrong."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gatedsym.checking.deviation import deviation
from gatedsym.checking.inner_values import count_explained, first_wrong, inner_values
from gatedsym.checking.losses import MISJUDGED, misjudged
from gatedsym.checking.operations import Operations
from gatedsym.checking.pairs import Pair
from gatedsym.checking.readings import Label, deviations, expected
from gatedsym.checking.reference import RIGHT, Gradient, Probe, Timing, gradient
from gatedsym.checking.session import BATCH, BackwardFound, Evidence, Model, Session
from gatedsym.checking.slips import Slip, Slips
from gatedsym.checking.textbook import as_printed
from gatedsym.checking.truncation import LONG, Truncation, find_truncation
from gatedsym.checking.witnesses import first_wrong_adjoint, witnessed
from gatedsym.ir.program import Program
from gatedsym.typing import Array

BEAM, DEEP, MOST = 6, 3, 12
"""How many of the best partial explanations are taken further, slips are told at once, explanations are compared."""
LARGE = 1e3
OTHER_BATCH = 6


@dataclass(frozen=True)
class Diagnosis:
    """
    Attributes
    ----------
    printed : Program
        The adjoint as textbooks print it.
    explanations : list of tuple of Slip
        Sets of slips that give her numbers on every probe; the likely one first.
    factor : str
        ``batch``, ``steps``, ``batch-steps``: all parameters' adjoints are means, and nothing else differs.
    partial : bool
        True where no set of slips explains all; then the first explains most.
    equation, her_name : str
        Where nothing explains all: the first adjoint that she holds under a name and that is wrong, and that name.
    wrong, right : tuple of Label
        Her arrays that differ and that agree.
    later : bool
        Where nothing explains all: whether a single step comes out right, and several do not.
    """

    printed: Program
    explanations: Sequence[tuple[Slip, ...]]
    factor: str = ""
    partial: bool = False
    equation: str = ""
    her_name: str = ""
    wrong: tuple[Label, ...] = ()
    right: tuple[Label, ...] = ()
    later: bool = False

    @property
    def changed(self) -> int:
        """Equations that the likely explanation changes."""
        return sum(len(s.changes) for s in self.explanations[0]) if self.explanations else 0

    @property
    def wrong_besides(self) -> bool:
        """Whether something differs that a mean does not explain."""
        return bool(self.explanations) or self.partial


class Doctor:
    """Looks for the slip in a backward pass that is not right.

    Parameters
    ----------
    session : Session
    pair : Pair
    model : Model
    way : BackwardFound
    """

    def __init__(self, session: Session, pair: Pair, model: Model, way: BackwardFound) -> None:
        self.session, self.pair, self.model, self.way = session, pair, model, way
        self.level = way.convention.level
        self.printed = as_printed(model.adjoint)
        self.operations = Operations(self.printed, session.sizes)
        self._more: list[Evidence] = []
        self._trace: list[Evidence | None] = []
        self._known: dict[int, tuple[Evidence, Gradient]] = {}
        self.places = {s.target.name: n for n, s in enumerate(self.printed.statements)}
        self.slips = Slips(model.adjoint, self.printed, session.parts)

    def more_evidence(self) -> list[Evidence]:
        """Her adjoints for other probes: one step, two steps, other numbers."""
        if self._more:
            return self._more
        found = self._more
        found.append(self.way.evidence[0])
        steps = (1, 2, 3, LONG) if self.level == "sequence" else (1,)
        for n, count in enumerate(steps):
            batch = BATCH if n else OTHER_BATCH  # of two sequences a mean is a half
            probe = self.session.probe(self.level, count, seed=1 + n, batch=batch)
            evidence = self.session.evidence(self.pair, self.way, probe, self.model)
            if evidence is not None:
                found.append(evidence)
        return found

    def scaled_evidence(self, scale: float) -> Evidence | None:
        """Her adjoints for cotangents that are much larger or smaller: an adjoint is linear in them."""
        probe = self.session.probe(self.level, seed=9, scale=scale)
        return self.session.evidence(self.pair, self.way, probe, self.model)

    def is_right(self) -> bool:
        """Whether everything is right on every probe."""
        large = self.scaled_evidence(LARGE)
        return not any(e.wrong or e.reading.misfits for e in [*self.more_evidence(), *([large] if large else [])])

    def is_truncated(self) -> Truncation | None:
        """The truncation that explains all that differs."""
        several = [e for e in self.more_evidence() if e.reading.found]
        if self.level == "step" or not any(e.wrong for e in several) or any(e.reading.misfits for e in several):
            return None
        return find_truncation(several, self.model)

    def is_clipped_loss(self) -> str:
        """The bound at which gradients of a loss inside the pass are clipped in the end, where nothing else differs."""
        several = [e for e in self.more_evidence() if e.reading.found]
        wrong = [e for e in several if e.wrong]
        if not self.way.convention.coding.loss or not wrong:
            return ""
        bound = min(_largest(e) for e in wrong)
        clipped = all(
            deviation(np.clip(ours, -bound, bound), e.reading.found[label]) <= e.tolerance
            for e in several
            for label, ours in expected(list(e.reading.found), e.right, self.level).items()
        )
        return f"{bound:g}" if clipped else ""

    def diagnose(self) -> Diagnosis:
        """The slips that reproduce her numbers."""
        evidence = [e for e in self.more_evidence() if e.reading.found]
        short = [e for e in evidence if e.probe.steps < LONG]
        if any(e.wrong for e in short):  # a pass that is truncated as well is so in a long probe alone
            evidence = short
        wrong = tuple(dict.fromkeys(label for e in evidence for label in e.wrong))
        right = tuple(label for label in evidence[0].deviations if label not in wrong)
        factor = self._mean_of_all(evidence)
        if factor:
            return Diagnosis(self.printed, (), factor, wrong=wrong, right=right)
        clip = self._clip()
        if clip is not None:
            return Diagnosis(self.printed, [(clip,)], wrong=wrong, right=right)
        factor, evidence = self._without_mean(evidence)
        if factor:
            wrong = tuple(dict.fromkeys(label for e in evidence for label in e.wrong))
            right = tuple(label for label in evidence[0].deviations if label not in wrong)
        found = self._search(evidence)
        if found:
            return Diagnosis(self.printed, self._by_inner_values(found), factor, wrong=wrong, right=right)
        nearest = self._partial(evidence)
        differing = [e for e in evidence if e.wrong] or evidence
        first = min(differing, key=lambda e: e.probe.steps)  # in a longer pass later steps hand on what is wrong
        known = {x[1] for x in first.wrong}, self._cleared(first, wrong)
        equation = first_wrong_adjoint(self.printed, self.model.adjoint.results, *known)
        inside, name = self._first_wrong(witnessed(self.printed, self.model.adjoint.results, *known))
        if name and self.places[inside] < self.places.get(equation, len(self.places)):
            equation = inside
        else:
            name = ""
        later = first.probe.steps > 1 and equation not in self.model.adjoint.results.values()
        return Diagnosis(
            self.printed, nearest, factor, partial=True, wrong=wrong, right=right, equation=equation, her_name=name,
            later=later and any(e.probe.steps == 1 for e in evidence),
        )  # fmt: skip

    def _cleared(self, first: Evidence, wrong: Collection[Label]) -> set[str]:
        """Sources whose adjoints agree, where that says something of what they are made of.

        One that is zero does not; nor does one of several steps that is `wrong` in other passes: a state of zeros hides
        the adjoint of the first step.
        """
        ours = expected([x for x in first.deviations if x not in first.wrong], first.right, self.level)
        return {x[1] for x, a in ours.items() if a.any() and (first.probe.steps == 1 or x not in wrong)}

    def _without_mean(self, evidence: list[Evidence]) -> tuple[str, list[Evidence]]:
        """The mean that most parameters' adjoints are, if they are one, and the evidence without that."""
        best: tuple[int, str, list[Evidence]] = (sum(len(e.deviations) - len(e.wrong) for e in evidence), "", evidence)
        for name in ("batch", "steps", "batch-steps"):
            summed = [self._summed(e, name) for e in evidence]
            count = sum(len(e.deviations) - len(e.wrong) for e in summed)
            if count > best[0] + sum(len(e.deviations) for e in evidence) // 2:
                best = count, name, summed
        return best[1], best[2]

    def _summed(self, e: Evidence, name: str) -> Evidence:
        """Evidence in which means over sequences or steps are sums."""
        count = (e.probe.batch if "batch" in name else 1) * (e.probe.steps if "steps" in name else 1)
        hers = {label: x * (count if label[0] == "param" else 1) for label, x in e.reading.found.items()}
        return replace(e, reading=replace(e.reading, found=hers), deviations=deviations(hers, e.right, self.level))

    # Her own intermediate adjoints.

    def _traced(self) -> Evidence | None:
        """Her adjoints of one step, with what her functions held when they returned."""
        if not self._trace:
            probe = self.session.probe(self.level, 1, seed=1)
            self._trace.append(self.session.evidence(self.pair, self.way, probe, self.model, trace=True))
        return self._trace[0]

    def _by_inner_values(self, found: Sequence[tuple[Slip, ...]]) -> list[tuple[Slip, ...]]:
        """Explanations that leave the same evidence, those first that also give what her functions hold inside."""
        traced = self._traced() if len(found) > 1 else None
        if traced is None:
            return list(found)
        inner = inner_values(traced, self.way)
        counts = {id(some): count_explained(inner, self._gradient(traced, some).steps[0]) for some in found[:MOST]}
        return sorted(found[:MOST], key=lambda some: (len(some), sum(s.rank for s in some), -counts[id(some)]))

    def _first_wrong(self, known: Mapping[str, bool]) -> tuple[str, str]:
        """The first adjoint that she has under a name and that is wrong, and her name of it."""
        traced = self._traced()
        if traced is None:
            return "", ""
        given = {a.name for a in self.pair.backward.arguments}
        inner = [one for one in inner_values(traced, self.way) if one.name not in given]
        return first_wrong(inner, self.printed, traced.right.steps[0], self.session.meanings, known)

    # Conventions.

    def _mean_of_all(self, evidence: Sequence[Evidence]) -> str:
        """A mean in place of a sum in all parameters, or in everything: another loss, not a slip."""
        if not any(e.wrong for e in evidence):  # it is something else that is wrong
            return ""
        for name in ("batch", "steps", "batch-steps"):
            for everything in (False, True):
                if all(self._is_mean(e, name, everything) for e in evidence):
                    return name
        return ""

    def _is_mean(self, e: Evidence, name: str, everything: bool) -> bool:
        count = (e.probe.batch if "batch" in name else 1) * (e.probe.steps if "steps" in name else 1)
        ours = expected(list(e.reading.found), e.right, self.level)
        return all(
            deviation(ours[label] / (count if everything or label[0] == "param" else 1), hers) <= e.tolerance
            for label, hers in e.reading.found.items()
        )

    def _clip(self) -> Slip | None:
        """Clipping: small cotangents give the adjoint, and large ones do not."""
        small, large = self.scaled_evidence(1 / LARGE), self.scaled_evidence(LARGE)
        if small is None or large is None or small.wrong or not large.wrong:
            return None
        bounds = [bound for label in large.wrong if (bound := _plateau(large.reading.found[label]))]
        words = {"bound": f"{min(bounds):g}"} if bounds else {}
        return Slip("clip" if bounds else "not-linear", words=words)

    # Slips.

    def candidates(self) -> list[Slip]:
        """All slips that are tried."""
        single = self.slips.single()
        timed = [s for s in single if not s.changes]
        if self.level == "step":
            timed = [s for s in timed if not s.timing.needs_several]
        placed = [s for s in single if s.changes]
        means = list(self._means())
        judged = MISJUDGED if self.way.convention.coding.loss else ()
        losses = [Slip(f"loss-{slip}", timing=Timing(loss=slip), words={"of": self._judged()}) for slip in judged]
        return [*placed, *timed, *means, *losses, *self.slips.together(placed)]

    def _judged(self) -> str:
        """The result that a loss inside the pass speaks of."""
        return self.way.convention.coding.of

    def _means(self) -> Iterator[Slip]:
        """Means in place of sums, of one parameter or of all of one kind."""
        probe = self.way.evidence[0].probe
        for slip in [s for s in self.slips.single() if s.kind == "batch"]:
            group = tuple(slip.timing.sums)
            yield Slip(
                "mean",
                timing=Timing(factors=dict.fromkeys(group, 1 / probe.batch)),
                words={**slip.words, "over": "batch"},
            )
            yield Slip(
                "scaled",
                timing=Timing(factors=dict.fromkeys(group, float(probe.batch))),
                words={**slip.words, "over": "batch"},
                rank=1,
            )
            if self.level == "sequence":
                yield Slip(
                    "mean",
                    timing=Timing(factors=dict.fromkeys(group, 1 / probe.steps)),
                    words={**slip.words, "over": "steps"},
                )

    def _gradient(self, e: Evidence, slips: Sequence[Slip]) -> Gradient:
        changes = [c for s in slips for c in s.changes]
        timing = RIGHT
        for s in slips:
            timing = timing.joined(_for_probe(s, self.way.evidence[0].probe, e.probe))
        probe = e.probe
        if timing.loss:
            probe, right = misjudged(probe, self.way.convention.coding, e.values, timing.loss), None
        else:
            right = self._right(e)
        return gradient(self.model.adjoint, self.operations, e.values, probe, timing, changes, right)

    def _right(self, e: Evidence) -> Gradient:
        """Our gradient by the printed adjoint, found once for a probe."""
        if id(e) not in self._known:
            self._known[id(e)] = (e, gradient(self.model.adjoint, self.operations, e.values, e.probe))
        return self._known[id(e)][1]

    def _agrees(self, e: Evidence, slips: Sequence[Slip]) -> int:
        """Number of her arrays that slips give."""
        found = deviations(e.reading.found, self._gradient(e, slips), self.level)
        return sum(d <= e.tolerance for d in found.values())

    def _explains(self, e: Evidence, slips: Sequence[Slip]) -> bool:
        return self._agrees(e, slips) == len(e.reading.found)

    def _search(self, evidence: Sequence[Evidence]) -> list[tuple[Slip, ...]]:
        """Single slips, or the same slip in several places, that give her numbers; else two or three together."""
        filters = sorted(evidence, key=lambda e: e.probe.steps)
        if all(not e.wrong for e in filters if e.probe.steps == 1) and self.level == "sequence":
            filters = [e for e in filters if e.probe.steps > 1]
        candidates = self.candidates()
        first = filters[0]
        scores = [(self._agrees(first, (s,)), s) for s in candidates]
        whole = len(first.reading.found)
        exact = [s for score, s in scores if score == whole]
        explaining: list[tuple[Slip, ...]] = [(s,) for s in exact if all(self._explains(e, (s,)) for e in evidence)]
        if explaining:
            return sorted(explaining, key=lambda some: self._likelihood(some))
        return self._several(evidence, first, scores, [s for s in candidates if s.timing != RIGHT])

    def _several(
        self, evidence: Sequence[Evidence], first: Evidence, scores: Sequence[tuple[int, Slip]], timed: Sequence[Slip]
    ) -> list[tuple[Slip, ...]]:
        """Two or three slips together, from those that explain most."""
        whole = len(first.reading.found)
        base = whole - len(first.wrong)
        ordered = sorted(scores, key=lambda item: (-item[0], self._likelihood((item[1],))))
        beam: list[tuple[Slip, ...]] = [(s,) for score, s in ordered[:BEAM] if score > base or base == 0]
        pool = [s for _, s in ordered if s.rank < 2]
        for _ in range(DEEP - 1):
            longer: list[tuple[int, tuple[Slip, ...]]] = []
            for some in beam:
                taken = {t for s in some for t in s.targets}
                for s in (*pool, *timed):
                    if taken.isdisjoint(s.targets):
                        longer.append((self._agrees(first, (*some, s)), (*some, s)))
            done = [some for score, some in longer if score == whole and all(self._explains(e, some) for e in evidence)]
            if done:
                return sorted(done, key=self._likelihood)[:8]
            longer.sort(key=lambda item: (-item[0], self._likelihood(item[1])))
            beam = [some for _, some in longer[:2]]
        return []

    def _partial(self, evidence: Sequence[Evidence]) -> list[tuple[Slip, ...]]:
        """The single slips that explain most of what differs, where nothing explains all."""
        first = min(evidence, key=lambda e: e.probe.steps)
        base = len(first.reading.found) - len(first.wrong)
        scores = [(self._agrees(first, (s,)), s) for s in self.candidates()]
        top = max(score for score, _ in scores)
        if top <= base:
            return []
        best: list[tuple[Slip, ...]] = [(s,) for score, s in scores if score == top]
        return sorted(best, key=self._likelihood)[:4]

    def _likelihood(self, slips: Sequence[Slip]) -> tuple[float, ...]:
        """The order among slips that leave the same evidence: usual ones and small changes first."""
        return (
            len(slips),
            sum(s.rank for s in slips),
            sum(KINDS.index(s.kind) if s.kind in KINDS else len(KINDS) for s in slips),
            sum(len(s.changes) for s in slips),
        )


KINDS = (
    "derivative-missing", "derivative-argument", "future-missing", "future-twice", "loss-missing", "arriving-missing",
    "accumulation", "highway", "path-missing", "total", "factor-missing", "wrong-time", "complement", "transpose",
    "mean", "bias-doubled", "batch", "derivative-other", "derivative-half", "derivative-bracket", "derivative-sign",
    "sign", "gate-order", "step-left-out", "doubled", "halved", "derivative-twice", "zero", "order-of-steps",
    "reversed", "carried-sign", "scaled", "wrong-operand",
)  # fmt: skip
"""Slips from the usual ones to the rare ones."""


def _plateau(array: Array) -> float:
    """The largest absolute entry, where several have it; else 0."""
    sizes = np.abs(array)
    top = float(sizes.max(initial=0.0))
    return top if np.count_nonzero(sizes == top) > 1 else 0.0


def _largest(e: Evidence) -> float:
    """The largest absolute entry of what differs."""
    return max(float(np.max(np.abs(e.reading.found[label]), initial=0.0)) for label in e.wrong)


def _for_probe(slip: Slip, first: Probe, probe: Probe) -> Timing:
    """The timing of a slip for another probe: a mean over steps divides by their number."""
    over = slip.words.get("over")
    if slip.kind not in ("mean", "scaled") or over is None:
        return slip.timing
    before, now = (first.batch, probe.batch) if over == "batch" else (first.steps, probe.steps)
    power = -1 if slip.kind == "mean" else 1
    factors = {k: v * (now / before) ** power for k, v in slip.timing.factors.items()}
    return replace(slip.timing, factors=factors)
