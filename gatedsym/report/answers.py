"""Findings to the answers with which the chapters of a page close: whole sentences, each under its own predicate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from gatedsym.figures.caption import Text
from gatedsym.figures.words import cell_label, setting_words
from gatedsym.messages import room
from gatedsym.report import amounts
from gatedsym.report.findings import Row
from gatedsym.report.sentences import listed
from gatedsym.report.subjects import Cast, Subject

say = room("report")
Answer = list[Markup]


@dataclass(frozen=True)
class Told:
    """All that answers are computed from.

    Attributes
    ----------
    found : mapping of str to Any
        Findings, by the name of the figure.
    cast : Cast
    costs : mapping of str to int
        The number of parameters of each cell.
    drawn_from : mapping of str to str
        For a cell whose parameters are given one of the page with the same equations whose weights are drawn.
    """

    found: Mapping[str, Any]
    cast: Cast
    costs: Mapping[str, int]
    drawn_from: Mapping[str, str]

    @property
    def norms(self) -> Mapping[str, Any] | None:
        """Findings on the norm of the gradient, for what the report reads, or for noise."""
        return self.found.get("gradient-norm") or self.found.get("gradient-norm-noise")


def find_answers(told: Told) -> dict[str, Answer]:
    """The answers of all chapters, by chapter; each of them has at least one sentence."""
    answers: dict[str, Callable[[Told], Answer]] = {
        "gate": _on_gates,
        "cells": _on_cells,
        "vanish": _on_vanishing,
        "highway": _on_highways,
        "theory": _on_theory,
        "training": _on_training,
        "limits": _on_limits,
    }
    return {chapter: answer(told) for chapter, answer in answers.items()}


def _on_gates(told: Told) -> Answer:
    """Between which openings the gates stand that were measured."""
    gates, said = told.found.get("gate-statistics"), [say.html("gate-answer")]
    if not gates or not gates["lowest"]:
        return said
    low, high, decided = (gates[k] for k in ("lowest", "highest", "decided"))
    if gates["gates"] == 1:
        said.append(say.html("gate-answer-one", gate=_gate(low), mean=amounts.number(low["mean"])))
    else:
        least, most = amounts.number(low["mean"]), amounts.number(high["mean"])
        said.append(say.html("gate-answer-range", low=least, lowest=_gate(low), high=most, highest=_gate(high)))
    some = "some" if decided["share"] else "none"
    share = amounts.share(decided["share"])
    said.append(say.html("gate-answer-decided", decided=some, which=_gate(decided), share=share))
    return said


def _gate(row: Row) -> Markup:
    return say.html("gate-of-cell", gate=row["gate"], cell=_setting(row))


def _setting(row: Row) -> str:
    """LSTM with bias 1: the words for a setting where it stands in parentheses itself."""
    return setting_words(row["cell"], row["retention"])


def _on_cells(told: Told) -> Answer:
    """By which way each cell hands its state on, and which costs most."""
    drawn = told.cast.drawn
    stateless = [s for s in drawn if not s.states]
    matrix = [s for s in drawn if s.states and s.through_matrix]
    retaining = [s for s in drawn if s.states and s.retains]
    other = [s for s in drawn if s not in (*stateless, *matrix, *retaining)]
    said = []
    if retaining:
        said.append(say.html("cells-answer-retained", cells=_labels(retaining), count=len(retaining)))
    if matrix:
        said.append(say.html("cells-answer-matrix", cells=_labels(matrix), count=len(matrix)))
    if other:
        said.append(say.html("cells-answer-other", cells=_labels(other), count=len(other)))
    if stateless:
        said.append(say.html("cells-answer-stateless", cells=_labels(stateless), count=len(stateless)))
    if told.cast.given:
        said.append(say.html("cells-answer-given", cells=_labels(told.cast.given)))
    most, least = (pick(told.costs, key=lambda c: told.costs[c]) for pick in (max, min))
    if told.costs[most] != told.costs[least]:
        many, few = (amounts.grouped(told.costs[cell]) for cell in (most, least))
        ends = cell_label(most), cell_label(least)
        said.append(say.html("cells-answer-cost", most=ends[0], many=many, least=ends[1], few=few))
    return said


def _labels(subjects: Iterable[Subject]) -> str:
    return listed([s.label for s in subjects])


def _on_vanishing(told: Told) -> Answer:
    """In how many settings the factor of a step is below 1, and between which ends it lies."""
    said = [say.html("vanish-answer")]
    if told.norms is None:
        return said
    factors = _factors(told.norms)
    if not factors:
        return [*said, say.html("vanish-answer-no-line")]
    if len(factors) == 1:
        ((setting, factor),) = factors
        return [*said, say.html("vanish-answer-one", factor=amounts.factor(factor), setting=setting)]
    (least, low), (most, high) = (pick(factors, key=lambda f: f[1]) for pick in (min, max))
    below, count = sum(1 for _, f in factors if f < 1), len(factors)
    which = "none" if not below else "all" if below == count else "some"
    answer = say.html(
        "vanish-answer-factors", which=which, below=below, count=count, low=amounts.factor(low), least=least,
        high=amounts.factor(high), most=most,
    )  # fmt: skip
    return [*said, answer]


def _factors(norms: Mapping[str, Any]) -> list[tuple[Markup | str, float]]:
    """Every setting that has a factor of a step, in words, with it."""
    drawn = [
        (say.html("setting-under", setting=_setting(row), scheme=amounts.scheme(scheme)), row["factor"][k])
        for k, scheme in enumerate(norms["schemes"])
        for row in norms["rows"]
    ]
    own = [(_setting(row), row["factor"][0]) for row in norms["given"]]
    return [(setting, factor) for setting, factor in (*drawn, *own) if math.isfinite(factor)]


def _on_highways(told: Told) -> Answer:
    """Settings of a retention bias that keep clearly more, and clearly less, than cells in which none is set."""
    norms, cast = told.norms, told.cast
    halves = [say.html("highway-answer-halves")] if cast.logistic else []
    if not cast.retaining:
        return [say.html("highway-answer-no-bias")]
    if norms is None:
        return [say.html("highway-answer-unmeasured"), *halves]
    said = _beside(norms)
    if norms["opens"]:
        said.append(say.html("highway-answer-opens"))
    elif norms["several"]:
        said.append(say.html("highway-answer-not-opens"))
    return said + halves or [say.html("highway-answer-unmeasured")]


def _beside(norms: Mapping[str, Any]) -> Answer:
    """Settings beside the cells in which no bias is set: ahead of all of them everywhere, or behind one somewhere."""
    overs = [over for win in norms["wins"] for over in win["over"]]
    if not overs:
        return []
    every = {_key(g): g for over in overs for g in (*over["behind"], *over["level"], *over["ahead"])}
    ahead = [g for key, g in every.items() if all(key in map(_key, over["ahead"]) for over in overs)]
    behind = [g for key, g in every.items() if any(key in map(_key, over["behind"]) for over in overs)]
    cells, middle = listed(list(dict.fromkeys(over["cell"] for over in overs))), str(norms["middle"])
    if ahead:
        of = listed([_setting(g) for g in ahead])
        said = [say.html("highway-answer-ahead", settings=of, count=len(ahead), cells=cells, middle=middle)]
    else:
        said = [say.html("highway-answer-none-ahead", cells=cells, middle=middle)]
    if behind:
        of = listed([_setting(g) for g in behind])
        return [*said, say.html("highway-answer-behind", settings=of, count=len(behind), cells=cells)]
    return [*said, say.html("highway-answer-none-behind", cells=cells)]


def _key(setting: Row) -> tuple[str, str]:
    return setting["name"], setting["retention"]


def _on_theory(told: Told) -> Answer:
    """Counts of settings: a bound proves that the gradient vanishes, trajectories part, networks are stable at rest."""
    said = []
    if bound := told.found.get("bound-margins"):
        said.append(say.html("theory-answer-bound", lag=str(bound["lag"]), below=bound["below"], count=bound["count"]))
        if bound["ends"] and bound["ends"][0] != bound["ends"][1]:
            (tight, low), (loose, high) = bound["ends"]
            least, most = amounts.power(low), amounts.power(high)
            ends = Text(tight).html, Text(loose).html
            said.append(say.html("theory-answer-gap", low=least, tight=ends[0], high=most, loose=ends[1]))
    if exponents := told.found.get("lyapunov"):
        said.append(say.html("theory-answer-exponents", above=exponents["above"], count=exponents["count"]))
    if rest := told.found.get("quiescent"):
        said.append(say.html("theory-answer-rest", stable=rest["stable"], count=rest["count"]))
    return said or [say.html("theory-answer")]


def _on_training(told: Told) -> Answer:
    """The gradient of given parameters beside that of drawn ones, and under truncation and clipping."""
    said = _given_beside_drawn(told)
    cut = told.found.get("truncation")
    if cut and cut["least"]:
        few, much = (amounts.share(cut[k]["error"][cut["losses"][0]][-1]) for k in ("least", "most"))
        window, least, most = str(cut["windows"][-1]), _setting(cut["least"]), _setting(cut["most"])
        said.append(say.html("training-answer-truncation", window=window, least=least, few=few, most=most, much=much))
    clips = told.found.get("clipping")
    turned = [row for row in clips["rows"] if math.isfinite(row["cosine"])] if clips else []
    if clips and turned:
        row = min(turned, key=lambda row: row["cosine"])
        setting = say.html("setting-with-gain", cell=row["cell"], gain=amounts.number(row["gain"]))
        threshold, cosine = amounts.number(clips["threshold"]), amounts.number(row["cosine"])
        said.append(say.html("training-answer-clipping", threshold=threshold, cosine=cosine, setting=setting))
    if told.cast.drawn:
        said.append(say.html("training-answer-start"))
    return said or [say.html("training-answer-nothing")]


def _given_beside_drawn(told: Told) -> Answer:
    """For each cell with given parameters what is left, beside what is left with its weights drawn."""
    norms = told.norms
    return [] if norms is None else [said for row in norms["given"] for said in _learnt(row, norms, told.drawn_from)]


def _learnt(row: Row, norms: Mapping[str, Any], drawn_from: Mapping[str, str]) -> Answer:
    base, value = drawn_from.get(row["name"], ""), row["middle"][0]
    drawn = [v for r in norms["rows"] if r["name"] == base for v in r["middle"] if not math.isnan(v)]
    if not drawn or math.isnan(value):
        return []
    said = say.html(
        "training-answer-given", given=row["cell"], value=amounts.power(value), middle=str(norms["middle"]),
        drawn=cell_label(base), low=amounts.power(min(drawn)), high=amounts.power(max(drawn)),
    )  # fmt: skip
    return [said]


def _on_limits(told: Told) -> Answer:
    return [say.html("limits-answer" if told.cast.drawn else "limits-answer-given")]


__all__ = ["Told", "find_answers"]
