"""Errata as they are shown → lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from gatedsym.errata.erratum import Erratum
from gatedsym.errata.show import Finding, Shown
from gatedsym.messages import room

say = room("errata")

WIDTH = 110
LABEL = 16
"""Room for the label in front of a line."""


def printed(number: int, shown: Shown) -> Iterator[str]:
    """The lines of one erratum."""
    erratum = shown.erratum
    yield f"{number}. {erratum.title}"
    yield from labelled("", erratum.error)
    yield from labelled(say("erratum-repeated"), erratum.repeated)
    for label, lines in differing_lines(erratum):
        for position, line in enumerate(lines):
            yield from labelled("" if position else label, line)
    for finding in shown.findings:
        yield from labelled(finding.label, finding_text(finding))
    yield from labelled(say("erratum-instead"), erratum.remedy)


def count_line(count: int, seconds: float) -> str:
    """The line under all of them."""
    return say("errata-shown", count=count, seconds=f"{seconds:.1f}")


def finding_text(finding: Finding) -> str:
    """A finding in a sentence."""
    formula = f": {finding.formula}" if finding.formula else ""
    return f"{finding.text}{formula} [{finding.detail}]"


def differing_lines(erratum: Erratum) -> list[tuple[str, list[str]]]:
    """The equations in which the first two cells of an erratum differ, under the names of the cells."""
    equations = {label: _equations(source) for label, source in list(erratum.cells.items())[:2]}
    if len(equations) < 2:
        return list(equations.items())
    (first, ours), (second, theirs) = equations.items()
    return [(first, [e for e in ours if e not in theirs]), (second, [e for e in theirs if e not in ours])]


def _equations(source: str) -> list[str]:
    """The lines that define something."""
    return [" ".join(line.split()) for line in source.splitlines() if "=" in line]


def labelled(label: str, text: str) -> Iterator[str]:
    """The lines of a text beside its label."""
    for position, line in enumerate(wrap(text, WIDTH - LABEL - 3, break_long_words=False)):
        yield f"   {'' if position else label:{LABEL}}{line}"
