"""The worked examples of derivations/docs/second-order.md: what each finds is what differences of values give."""

import runpy
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).parents[1] / "derivations" / "docs" / "second-order"


@pytest.mark.long
@pytest.mark.parametrize("script", sorted(p.name for p in FOLDER.glob("*.py")))
def test_an_example_finds_what_differences_find(script):
    found, expected = runpy.run_path(str(FOLDER / script))["main"]()
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_the_page_names_every_example():
    page = (FOLDER.parent / "second-order.md").read_text("utf-8")
    assert all(f"(second-order/{p.name})" in page for p in FOLDER.glob("*.py"))
