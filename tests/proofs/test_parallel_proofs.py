"""Proofs in several processes are the proofs of one."""

from dataclasses import replace

import pytest

import gatedsym as gs
from gatedsym.library.claims import Claim
from gatedsym.proofs.parallel import prove_cells

MINE = "x in R^n; h in R^n; b in R^n\nh' = tanh(h + b) * alpha + x\nalpha = 0.5"


def replaced(verdicts):
    """Verdicts without the time that they took."""
    return [replace(v, proof=replace(v.proof, seconds=0.0)) for v in verdicts]


@pytest.mark.long
def test_processes_prove_what_one_process_proves_in_the_same_order():
    cells = [gs.cell("rnn"), gs.Cell(MINE, "mine", alpha=0.25), gs.cell("glu")]
    found = [[(name, list(verdicts)) for name, verdicts in prove_cells(cells, count)] for count in (1, 2)]
    assert [name for name, _ in found[0]] == ["rnn", "mine", "glu"]
    alone, together = ([replaced(verdicts) for _, verdicts in group] for group in found)
    assert alone == together


def test_a_false_claim_fails_in_one_process():
    cell = gs.cell("rnn")
    assert cell.record is not None
    cell.record = replace(cell.record, claims=(Claim("wrong", of="h'", wrt="h", equals="U"),))
    ((_, verdicts),) = prove_cells([cell])
    assert [v.statement for v in verdicts if v.proof is None] == ["wrong"]
