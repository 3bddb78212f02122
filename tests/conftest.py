"""Tests of several rooms share what lies in this folder: pytest puts the folder of a conftest on the path."""

import pytest
from hypothesis import settings

# The same examples in every run: what fails here fails everywhere. (`--hypothesis-profile=default` explores.)
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")


def pytest_addoption(parser):
    parser.addoption("--every-kernel", action="store_true", help="compile the kernels of every cell of the library")
    parser.addoption("--every-point", action="store_true", help="hold activations against mpmath at a million points")
    parser.addoption("--every-width", action="store_true", help="look for texts that overlap in every figure")
    parser.addoption("--proof-pairs", type=int, help="decide so many random pairs of each kind with branches")
    parser.addoption(
        "--every-random-cell",
        type=int,
        default=0,
        help="hold so many random cells against NumPy, and compile and prove a twentieth of them",
    )
    parser.addoption("--every-page", action="store_true", help="render pages over the whole space of requests")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """Share out work (--dist loadgroup) by file, and the checks of every cell by cell: both keep what they computed."""
    for item in items:
        cell = item.callspec.params.get("problem") if hasattr(item, "callspec") else None
        item.add_marker(pytest.mark.xdist_group(cell if isinstance(cell, str) else item.path.stem))
