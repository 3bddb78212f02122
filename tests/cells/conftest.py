"""One problem for each cell of the library; its kernels compiled for a dozen, run uncompiled for the others."""

import warnings

import pytest
from cells.particulars import COMPILED
from cells.problem import off_kinks

import gatedsym as gs
from gatedsym import library
from gatedsym.evaluate import NUMPY
from gatedsym.runtime.call import Kernels
from gatedsym.runtime.specification import uncompiled


def make_problem(name, compiled):
    """A cell's problem; all its tests share the values that it keeps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gs.errors.EquationWarning)  # a test of its own looks at these
        cell = gs.cell(name)
        if not compiled:
            cell.kernels = Kernels(uncompiled(cell.kernels.module, NUMPY))
        return off_kinks(cell)


@pytest.fixture(scope="module", params=library.names())
def problem(request):
    """A problem of every cell."""
    name = request.param
    return make_problem(name, name in COMPILED or request.config.getoption("--every-kernel"))
