"""The claims about training as `gatedsym cells --errata` prints them."""

from gatedsym.errata.text import WIDTH
from gatedsym.trainability.claims import claims, committed_runs, committed_times
from gatedsym.trainability.claims_text import printed_claims


def test_every_claim_is_printed_with_its_verdict_and_its_number():
    lines = list(printed_claims(11))
    for number, claim in enumerate(claims(committed_runs(), committed_times()), 11):
        at = lines.index(f"{number}. {claim.title}")
        assert lines[at + 1].split()[0] == "verdict"
        assert lines[at + 2].split()[0] == "runs"
    assert len(claims(committed_runs())) == 5
    assert max(map(len, lines)) <= WIDTH
