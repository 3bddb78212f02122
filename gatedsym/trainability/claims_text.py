"""Claims about training → lines for the terminal, as errata of equations are printed: what runs show of each."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import wrap

from gatedsym.errata.text import WIDTH, labelled
from gatedsym.figures.caption import Text
from gatedsym.messages import room
from gatedsym.trainability.claims import claims, committed_runs, committed_times, verdict_words
from gatedsym.trainability.sentences import coverage

say = room("trainability")


def printed_claims(first: int = 1) -> Iterator[str]:
    """The lines of the claims about training, with the runs that are committed; `first` is the number of the first."""
    runs = committed_runs()
    yield ""
    yield from wrap(say("claims-head", coverage=coverage(runs)), WIDTH)
    for number, claim in enumerate(claims(runs, committed_times()), first):
        yield ""
        yield f"{number}. {claim.title}"
        yield from labelled(say("claims-verdict"), f"{verdict_words(claim)}.")
        for position, finding in enumerate(claim.findings):
            yield from labelled("" if position else say("claims-runs"), Text(finding).plain)


__all__ = ["printed_claims"]
