"""Findings to the abstract of a page: the question, what was measured, what was found, and why."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from gatedsym.figures.caption import Text
from gatedsym.messages import room
from gatedsym.report import amounts
from gatedsym.report.findings import Row
from gatedsym.report.sentences import listed, named, valued
from gatedsym.report.subjects import Cast

say = room("report")
STEPS = 100
"""Over which the abstract says what a gate at one half leaves."""


def abstract(
    norms: Mapping[str, Any] | None, cast: Cast, names: Sequence[str], asked: int, reads: str
) -> list[list[Markup]]:
    """The paragraphs of the abstract, each a list of sentences.

    Parameters
    ----------
    norms : mapping, optional
        Findings on the norm of the gradient; None where it was not measured.
    cast : Cast
    names : sequence of str
        Of the cells.
    asked : int
        How many questions of the atlas the page answers.
    reads : str
        The input in words, "" where no cell has one.
    """
    if norms is None:
        return [[say.html("abstract-questions", count=asked, cells=listed(names)), *_reason(cast, zero=True)]]
    zero = any(row["bias"] == 0 for row in norms["highways"])
    results = [*_results(norms), *_own(norms)] or [say.html("abstract-nothing", last=str(norms["last"]))]
    last = [*_reason(cast, zero), *([say.html("abstract-limits")] if cast.drawn else [])]
    return [[say.html("abstract-question"), *_measured(norms, cast, reads)], results, *([last] if last else [])]


def _measured(norms: Mapping[str, Any], cast: Cast, reads: str) -> list[Markup]:
    """The measurement, with which weights and input."""
    own = {s.name for s in cast.given}
    taking = [s for s in cast.flowing if s.compared]
    drawn = listed([s.label for s in taking if s.name not in own]) if norms["rows"] else ""
    given = listed([s.label for s in taking if s.name in own]) if norms["given"] else ""
    what = "input" if reads else "none"
    if drawn:
        schemes, networks = listed([amounts.scheme(s) for s in norms["schemes"]]), norms["seeds"]
        said = [say.html("abstract-measured", cells=drawn, schemes=schemes, networks=networks, reads=what, input=reads)]
        said.append(say.html("abstract-size", size=Text(norms["size"]).html))
        if any(row["gated"] for row in norms["rows"]):
            chrono = "some" if any(row["retention"] == "chrono" for row in norms["rows"]) else "none"
            said.append(say.html("abstract-varied", chrono=chrono))
        return [*said, say.html("abstract-also-given", cells=given)] if given else said
    return [say.html("abstract-measured-given", cells=given, reads=what, input=reads)] if given else []


def _results(norms: Mapping[str, Any]) -> list[Markup]:
    """Gates beside cells in which no bias is set, or, where there are none, the settings that keep most and least."""
    if not norms["wins"]:
        return [_end(end, norms["middle"]) for end in norms["ends"]]
    behind = any(over["behind"] for win in norms["wins"] for over in win["over"])
    ahead = any(over["ahead"] for win in norms["wins"] for over in win["over"])
    said = [_verdict(behind, opens=ahead and norms["opens"])]
    for win in norms["wins"]:
        said += [_beside(over, amounts.scheme(win["scheme"]), norms["middle"]) for over in win["over"]]
        said += _most(win, norms["ends"])
    return said


def _verdict(behind: bool, opens: bool) -> Markup:
    if not behind:
        return say.html("abstract-none-less")
    return say.html("abstract-open") if opens else say.html("abstract-closed")


def _beside(over: Row, scheme: Markup, middle: int) -> Markup:
    """A cell without a retention bias beside all settings of one, under one initialisation."""
    return say.html(
        "abstract-beside", scheme=scheme, cell=over["cell"], value=amounts.power(over["value"]), middle=str(middle),
        behind=len(over["behind"]), settings=over["settings"], listed=valued(over["behind"]),
    )  # fmt: skip


def _most(win: Row, ends: Sequence[Row]) -> list[Markup]:
    """The setting that keeps most under an initialisation, where it keeps clearly more than each plain cell."""
    most = next((end["most"] for end in ends if end["scheme"] == win["scheme"]), None)
    if most is None or not all(_is_among(most, over["ahead"]) for over in win["over"]):
        return []
    return [say.html("abstract-most", setting=named(most), value=amounts.power(most["value"]))]


def _is_among(setting: Row, settings: Sequence[Row]) -> bool:
    return (setting["name"], setting["retention"]) in [(s["name"], s["retention"]) for s in settings]


def _end(end: Row, middle: int) -> Markup:
    """The settings that keep most and least under one initialisation, or the one setting that there is."""
    scheme, steps = amounts.scheme(end["scheme"]), str(middle)
    most, least = ((named(end[k]), amounts.power(end[k]["value"])) for k in ("most", "least"))
    if end["settings"] == 1:
        return say.html("abstract-single", scheme=scheme, setting=most[0], value=most[1], middle=steps)
    return say.html(
        "abstract-ends", scheme=scheme, middle=steps, most=most[0], most_value=most[1], least=least[0],
        least_value=least[1],
    )  # fmt: skip


def _own(norms: Mapping[str, Any]) -> list[Markup]:
    """The rest of the gradient in each network whose parameters are given."""
    middle = str(norms["middle"])
    return [
        say.html("abstract-given", cell=row["cell"], value=amounts.power(row["middle"][0]), middle=middle)
        for row in norms["given"]
    ]


def _reason(cast: Cast, zero: bool) -> list[Markup]:
    """The reason why a bias of zero keeps little, where one is set to logistic gates."""
    if not (cast.logistic and zero):
        return []
    left = amounts.power(STEPS * math.log10(0.5))
    return [say.html("abstract-halves", cells=listed([s.label for s in cast.logistic]), steps=str(STEPS), left=left)]


__all__ = ["abstract"]
