"""Cells written by hand, small enough for quick tests."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture
def cells():
    from plain_cells import plain_cells

    return plain_cells()
