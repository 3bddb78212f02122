"""Every cell against a scalar transcription of its paper or its code, by someone who had not seen the cell's file."""

import ast

import numpy as np
import pytest
from cells.exact import big
from cells.held import HeldFunctions
from cells.particulars import PENDING
from cells.problem import inner
from cells.transcribed import FOLDER, Transcription, load, transcribed_names
from transcriptions.arithmetic import EXACT, FLOAT, mp

from gatedsym.library import load as library


@pytest.fixture
def transcription(problem):
    """The transcription of the problem's cell."""
    if problem.cell.name not in transcribed_names():
        pytest.skip("nobody has transcribed it yet")
    return Transcription(load(problem.cell.name), problem.sizes)


@pytest.mark.sampled
def test_a_transcription_has_the_cells_interface(problem, transcription):
    cell = problem.cell
    assert transcription.sources("PARAMETERS") == set(cell.parameters)
    assert transcription.sources("INPUTS") == set(cell.inputs)
    computed = transcription.sources("STATES") | transcription.sources("OUTPUTS")
    assert computed == {*cell.states, *cell.outputs}


@pytest.mark.sampled
def test_a_transcription_has_the_cells_constants(problem, transcription):
    """A number that a paper leaves open is the same in both."""
    mine = {transcription.of_cell(n): v for n, v in getattr(transcription.module, "CONSTANTS", {}).items()}
    its = {name: float(value) for name, value in problem.cell.recurrence.constants.items() if name in mine}
    assert mine == its


@pytest.mark.sampled
def test_trajectories_are_those_of_the_transcription(problem, transcription):
    """T = 20 with `--every-step`, every state and output: within 1e-12 of the largest value of each."""
    for name, rows in transcription.run(FLOAT, problem.point).items():
        other = transcription.of_cell(name)
        if other is None:
            continue
        expected = np.swapaxes(np.array(rows), 0, 1)
        found = problem.after(problem.run, other)
        np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max(), err_msg=other)


@pytest.mark.sampled
def test_gradients_are_the_difference_quotient_of_the_transcription(problem, transcription):
    """Along a random direction of parameters, inputs and initial rows; 60 digits, step 1e-20."""
    direction = problem.direction(5)
    with mp.workdps(60):
        point, moving, step = big(problem.point), big(direction), mp.mpf(10) ** -20

        functions = HeldFunctions.of(EXACT)
        transcription.loss(functions, point, problem.cotangents)

        def loss(shift):
            at = {g: {n: a + shift * moving[g][n] for n, a in v.items()} for g, v in point.items()}
            functions.held.again()
            return transcription.loss(functions, at, problem.cotangents)

        quotient = float((loss(step) - loss(-step)) / (2 * step))
    assert inner(problem.gradients, direction) == pytest.approx(quotient, rel=1e-11)


@pytest.mark.parametrize("name", library.names())
def test_a_cell_has_a_transcription(name):
    assert (name in transcribed_names()) != (name in PENDING), (
        f"tests/transcriptions/{name}.py, or PENDING: one of both"
    )


def test_transcriptions_belong_to_cells():
    assert sorted({*transcribed_names(), *PENDING} - set(library.names())) == []


@pytest.mark.parametrize("name", transcribed_names())
def test_a_transcription_says_its_source_and_imports_nothing(name):
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    assert ast.get_docstring(tree)
    assert not [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom)]
