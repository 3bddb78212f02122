"""`prove` fails where something is false: a claim, or what a committed module computes."""

from dataclasses import replace

import gatedsym as gs
from gatedsym.claims import Claim
from gatedsym.library import generated_folder
from gatedsym.proofs.cell import Verdict, prove_cell, prove_functions
from gatedsym.runtime.call import Kernels
from gatedsym.runtime.compile import load_module


def failures(verdicts: list[Verdict]) -> list[Verdict]:
    return [v for v in verdicts if v.proof is None]


def test_every_function_is_proven() -> None:
    assert not failures(list(prove_functions()))


def test_a_false_claim_fails_with_the_entry_that_differs() -> None:
    cell = gs.cell("rnn")
    assert cell.derivation is not None
    false = Claim("the slope is forgotten", of="h'", wrt="h", equals="U")
    cell.derivation = replace(cell.derivation, claims=(false,))
    (failed,) = failures(list(prove_cell(cell)))
    assert failed.statement == "the slope is forgotten"
    assert "not so" in failed.failure


def test_a_fault_in_a_committed_module_fails() -> None:
    cell = gs.cell("rnn")
    text = (generated_folder() / "rnn.py").read_text(encoding="utf-8")
    right, wrong = "for t in range(steps - 1, -1, -1):", "for t in range(steps - 1, 0, -1):"
    assert right in text
    cell.kernels = Kernels(load_module(text.replace(right, wrong, 1), "rnn"))
    (failed,) = failures(list(prove_cell(cell)))
    assert failed.statement == "the emitted kernels"
