"""Starts of adjoints and truncation, as the derivation page tells them: held against numbers of worked examples."""

from __future__ import annotations

import warnings
from functools import cache

import numpy as np
import pytest
from literature import CELLS

import gatedsym as gs
from gatedsym.course import worked_example
from gatedsym.course.example import WorkedExample
from gatedsym.equations import read_equations
from gatedsym.errors import EquationWarning
from gatedsym.typesetting.document import Document
from gatedsym.typesetting.pages.derivation import derivation, read_by_loss, render
from gatedsym.typesetting.pages.starts import starts_at_zero
from gatedsym.typesetting.pages.step import Numbering, Step
from gatedsym.typesetting.pages.truncation import EXAMPLE, acting_parameters, truncation_section

TWO_STATES = """
x in R^m; h, s, q in R^n
W in R^(n,m); U, V, P in R^(n,n); b, d in R^n
s' = tanh(W @ x + U @ s + b)
q' = s' * q + s
h' = tanh(V @ h + s')
output y in R^n
y = P @ h' + d
"""
"""A loss on y reads h' and s' on the way, q' neither at its own step nor ever; P and d act on no state."""

ALL = {**CELLS, "two_states": TWO_STATES}


@cache
def example(name: str) -> WorkedExample:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        return worked_example(read_equations(ALL[name], name=name), steps=3)


def adjoint_at(found: WorkedExample, t: int, result: str) -> np.ndarray:
    """The whole adjoint of a result at a step."""
    names = [n.name for n in found.step.adjoint.tensors if n.of == result]
    total = [n for n in names if found.step.adjoint[n].role == "adjoint"] or names
    return found.adjoints[t - 1][total[-1]] if total else np.zeros(1)


def page(text: str) -> str:
    return " ".join(render(Document("", "", derivation(read_equations(text, name="cell")).blocks)).split())


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.sampled
def test_adjoints_that_are_said_to_start_at_zero_do_and_others_do_not(name):
    found = example(name)
    for result in found.step.nexts:
        at_last = adjoint_at(found, found.steps, result)
        assert not (starts_at_zero(found.step, result) and np.any(at_last)), result
        # A maximum may let nothing through at these numbers, and does in the mLSTM: a term is there that is 0.
        assert starts_at_zero(found.step, result) or np.any(at_last) or name == "mlstm", result


def test_what_starts_where_is_told():
    text = page(TWO_STATES)
    assert "q̄_T is 0: neither the loss nor anything else in the last step reads q_T" in text
    assert "s̄_T has a term, although the loss does not read s_T" in text
    assert "The loss enters through ∂ℓ_t/∂y_t and nowhere else" in text
    assert "q̄_t 0 q̄_t^←" in text


@pytest.mark.parametrize("name", sorted(ALL))
@pytest.mark.sampled
def test_gradients_that_are_said_to_stay_do_and_others_change(name):
    found = example(name)
    cut = found.truncated(1)
    acting, free = acting_parameters(found.step)
    for parameter in free:
        np.testing.assert_array_equal(cut.gradients[parameter], found.gradients[parameter])
    changed = [p for p in acting if not np.array_equal(cut.gradients[p], found.gradients[p])]
    assert bool(changed) == any(np.any(adjoints) for t in found.arrived for adjoints in t.values())


def test_parameters_of_an_output_alone_are_told_apart():
    text = page(TWO_STATES)
    assert "P̄ and d̄ do not change: the parameters act on no later step." in text


def test_terms_are_counted_as_they_are():
    steps, chunk = EXAMPLE
    kept = sum(loss - (loss - 1) // chunk * chunk for loss in range(1, steps + 1))
    assert 2 * kept == steps * (chunk + 1)
    assert f"{100 * kept / sum(range(1, steps + 1)):.0f} %" in page(gs.cell("lstm").source)


def test_a_cell_without_state_has_nothing_to_cut():
    recurrence = gs.cell("glu").recurrence
    step = Step(recurrence, read_by_loss(recurrence))
    assert list(truncation_section(step, Numbering())) == []
