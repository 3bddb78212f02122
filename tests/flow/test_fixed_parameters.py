"""Parameters that a derivation file prescribes and no scheme draws, as the matrices of a Legendre memory."""

from types import SimpleNamespace

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.flow import lyapunov, white_noise
from gatedsym.flow.analyses.fixed_point_spectrum import why_no_region
from gatedsym.flow.analyses.mean_field import why_not_applicable
from gatedsym.flow.analyses.phase_diagram import why_not_applicable as why_no_diagram
from gatedsym.library.records import Initialisation
from gatedsym.library.rules import IdentityMatrix, Uniform

EQUATIONS = """
x in R^m; s in R^n; A in R^(n,n); B in R^(n,m)
s' = A @ s + B @ x
"""


@pytest.fixture(scope="module")
def cell():
    made = gs.Cell(EQUATIONS, name="memory")
    assert made.interface.parameters  # read before it has a file, of which only the initialisation is said here
    rules = {"A": IdentityMatrix(0.5), "B": Uniform(-1, 1)}
    made.record = SimpleNamespace(initialisation=Initialisation(rules, source="None.", fixed=("A",)))
    return made


def test_every_scheme_keeps_what_is_prescribed_and_draws_the_rest(cell):
    drawn = [cell.init(m=2, n=3, seed=0, scheme=scheme) for scheme in ("uniform", "xavier", "gaussian", "paper")]
    assert all(np.array_equal(params["A"], 0.5 * np.eye(3)) for params in drawn)
    assert len({params["B"].tobytes() for params in drawn}) == 4


@pytest.mark.long
def test_analyses_measure_the_prescribed_network_and_theories_say_why_not(cell):
    data = lyapunov(cell, white_noise(2), n=3, seeds=1, steps=50, warmup=0, gain=1.0)
    assert np.allclose(data["exponent"], np.log(0.5), atol=1e-12)
    assert "keeps A as prescribed" in why_not_applicable(cell)
    assert "keeps A as prescribed" in why_no_diagram(cell)
    assert "A is prescribed" in why_no_region(cell, "gaussian")
