"""Rows that are added where tokens say: the bits of a product with one-hot vectors, in any division of the rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import specification
from gatedsym.runtime import add_to_columns, add_to_rows, copy_columns, kernel, outer_add, place
from gatedsym.runtime.matmul.products import OUTER_SIZE

MEANT = specification(NUMPY)
STEPS, ROWS, PLACES = 300, 37, 11


@kernel
def _columns(out, first, a, tokens, beside):
    add_to_columns(out, first, a, tokens, beside)


@kernel
def _rows(out, first, tokens, b):
    add_to_rows(out, first, tokens, b)


@kernel
def _product(out, a, b, scratch):
    outer_add(out, 0, a, b, scratch)


@kernel
def _copied(out, matrix):
    copy_columns(out, matrix)


@kernel
def _place(token, size):
    return place(token[0], size)


def _operands(places: int = PLACES) -> tuple[Any, Any, Any]:
    draw = np.random.default_rng(0)
    a, tokens = draw.standard_normal((STEPS, ROWS)), draw.integers(0, places, STEPS).astype(float)
    product = np.zeros((ROWS, places))
    _product(product, a, np.eye(places)[tokens.astype(int)], np.empty(OUTER_SIZE))
    return a, tokens, product


@pytest.mark.parametrize("places", [PLACES, STEPS + 1])
def test_columns_have_the_bits_of_the_one_hot_product(places: int) -> None:
    """Also where there are more places than steps, and in chunks that are no multiples of sixteen rows."""
    a, tokens, product = _operands(places)
    for chunks in (1, 3):
        out, meant = np.zeros_like(product), np.zeros_like(product)
        for chunk in range(chunks):
            first, last = ROWS * chunk // chunks, ROWS * (chunk + 1) // chunks
            _columns(out[first:last], first, a, tokens, np.empty((places, 16)))
        MEANT["add_to_columns"](meant, 0, a, tokens, np.empty((places, 16)))
        assert np.array_equal(out, product)
        assert np.array_equal(out, meant)


def test_rows_have_the_bits_of_the_one_hot_product() -> None:
    a, tokens, product = _operands()
    out, meant = np.zeros((PLACES, ROWS)), np.zeros((PLACES, ROWS))
    for first, last in ((0, 4), (4, 5), (5, PLACES)):
        _rows(out[first:last], first, tokens, a)
    MEANT["add_to_rows"](meant, 0, tokens, a)
    assert np.array_equal(out, product.T)
    assert np.array_equal(out, meant)


def test_columns_are_copied_across_blocks() -> None:
    matrix, out = np.random.default_rng(1).standard_normal((35, 20)), np.empty((20, 35))
    _copied(out, matrix)
    assert np.array_equal(out, matrix.T)


@pytest.mark.parametrize(("token", "meant"), [(0.0, 0), (4.0, 4), (7.0, 4), (-2.0, 0), (np.nan, 0)])
def test_no_token_names_a_place_outside(token: float, meant: int) -> None:
    """Calls refuse such tokens; a kernel that is called by hand reads no memory that is not its own."""
    assert _place(np.array([token]), 5) == meant


def test_shapes_that_do_not_fit_are_refused() -> None:
    a, tokens, product = _operands()
    with pytest.raises(ValueError, match="add_to_columns"):
        _columns(product, 1, a, tokens, np.empty((PLACES, 16)))
    with pytest.raises(ValueError, match="add_to_rows"):
        _rows(product, 0, tokens[1:], a)
