"""One problem for each cell of the library; its kernels compiled for a handful, run uncompiled for the others."""

import pytest
from cells.particulars import COMPILED, TANGENTS_COMPILED
from cells.problem import of_library

from gatedsym.library import load as library


@pytest.fixture(scope="module", params=library.names())
def problem(request):
    """A problem of every cell; a dozen are compiled with `--every-case`, all with `--every-kernel`."""
    name, option = request.param, request.config.option
    compiled = option.every_kernel or name in (COMPILED if option.every_case else TANGENTS_COMPILED)
    return of_library(name, compiled=compiled)
