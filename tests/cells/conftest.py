"""One problem for each cell of the library; its kernels compiled for a dozen, run uncompiled for the others."""

import pytest
from cells.particulars import COMPILED
from cells.problem import of_library

from gatedsym.library import load as library


@pytest.fixture(scope="module", params=library.names())
def problem(request):
    """A problem of every cell."""
    name = request.param
    return of_library(name, compiled=name in COMPILED or request.config.getoption("--every-kernel"))
