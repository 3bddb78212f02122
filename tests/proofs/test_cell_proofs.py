"""`prove` fails where something is false: a claim, or what a committed module computes."""

from dataclasses import replace

import pytest

import gatedsym as gs
from gatedsym.execution.kernels import Kernels
from gatedsym.library.claims import Claim, Equivalence, Identity, Limit
from gatedsym.library.load import generated_folder
from gatedsym.proofs.cell import Verdict, prove_cell, prove_functions, verdict_of
from gatedsym.proofs.engine.claims import prove_identity
from gatedsym.proofs.equivalences import prove_relations
from gatedsym.runtime.jit.compile import load_module


def failures(verdicts: list[Verdict]) -> list[Verdict]:
    return [v for v in verdicts if v.proof is None]


def test_every_function_is_proven() -> None:
    assert not failures(list(prove_functions()))


def test_a_false_claim_fails_with_the_entry_that_differs() -> None:
    cell = gs.cell("rnn")
    assert cell.record is not None
    false = Claim("the slope is forgotten", of="h'", wrt="h", equals="U")
    cell.record = replace(cell.record, claims=(false,))
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


def test_a_claim_that_cannot_be_read_fails_and_the_other_proofs_go_on() -> None:
    cell = gs.cell("rnn")
    assert cell.record is not None
    cell.record = replace(cell.record, claims=(Claim("nonsense", of="h'", wrt="h", equals="diag("),))
    verdicts = list(prove_cell(cell))
    (failed,) = failures(verdicts)
    assert failed.statement == "nonsense"
    assert verdicts[-1].statement == "the emitted kernels"


def test_relations_are_told_in_a_line_each_and_a_false_one_fails_with_equation_and_residual() -> None:
    cell = gs.cell("gru")
    assert cell.record is not None
    forced = {"z": "1", "r": "1"}
    candidate = {"W_g": "W", "U_g": "U", "b_g": "b"}
    true = Equivalence("gates forced open", "rnn", candidate, where=forced)
    false = Equivalence("one gate forced open", "rnn", candidate, where={"z": "1", "r": "0"})
    limit = Limit("z opens", "h'", "b_z", "oo", "g")
    cell.record = replace(cell.record, claims=(true, false, limit))
    (told, proven), (_, refuted), (as_limit, open_z) = prove_relations(cell)
    assert told == "gru [z = 1, r = 1] = rnn, where W_g is W, U_g is U, b_g is b"
    assert as_limit == "gru: h' → g as b_z → ∞"
    assert proven.proof is not None
    assert open_z.proof is not None
    assert refuted.proof is None
    assert "the residual" in refuted.failure
    assert "The equation is: h' = (1 - z) * h + z * g" in refuted.failure


def test_an_equivalence_with_a_cell_that_is_not_there_says_so() -> None:
    cell = gs.cell("rnn")
    assert cell.record is not None
    nowhere = Equivalence("it is another", other="lstmm")
    cell.record = replace(cell.record, claims=(nowhere,))
    (failed,) = failures(list(prove_cell(cell)))
    assert "the library has no cell 'lstmm': did you mean 'lstm'?" in failed.failure


@pytest.mark.parametrize(
    ("left", "right", "word"),
    [("sqrt(a^2)", "abs(a)", "proven"), ("sqrt(a^2)", "a", "FAILED"), ("log(a^2)", "2*log(a)", "undecided")],
)
def test_undecided_is_a_word_of_its_own(left: str, right: str, word: str) -> None:
    claim = Identity("of a square", left, right, "a in R^n")
    assert verdict_of("mine", claim.text, lambda: prove_identity(claim)).word == word
