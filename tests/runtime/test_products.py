"""The products: right at every edge, one chain per entry, blind to the division of rows, equal on every vector path."""

from __future__ import annotations

import os
import subprocess
import sys
from functools import partial
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatedsym.ir.evaluate import NUMPY
from gatedsym.proofs.specification import specification
from gatedsym.runtime import (
    clear,
    copy,
    kernel,
    multiply,
    multiply_add,
    multiply_add_steps,
    multiply_steps,
    outer_add,
    pack,
    pack_block,
    pack_side_by_side,
    pack_stacked,
    packed_panels,
)
from gatedsym.runtime.jit.processor import PATHS, choose_path, panels_size
from gatedsym.runtime.matmul.products import _NEAR, OUTER_SIZE
from gatedsym.runtime.threads.pool import run_together
from gatedsym.runtime.threads.team import Team

Array = np.ndarray[Any, Any]
DTYPES = (np.float32, np.float64)
MEANT = specification(NUMPY)
sizes = st.integers(0, 40)
settings.register_profile("products", deadline=None, max_examples=60)
settings.load_profile("products")


def _normal(dtype: type, *shape: int, seed: int = 0) -> Array:
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


def _framed(shape: tuple[int, int], dtype: type) -> tuple[Array, Array]:
    """An array of random numbers that lies inside a larger one whose other entries are NaN."""
    whole = np.full((shape[0] + 2, shape[1]), np.nan, dtype)
    inside = whole[1:-1]
    inside[...] = _normal(dtype, *shape, seed=5)
    return whole, inside


def _scratch(dtype: type) -> Array:
    return np.full(OUTER_SIZE, np.nan, dtype)


def _tolerance(dtype: type, steps: int) -> float:
    """Both sums round each step; entries are of size sqrt(steps) with inputs of size 1."""
    return 8 * (steps + 1) * float(np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", DTYPES)
@given(rows=sizes, steps=sizes, columns=st.integers(0, 150))
def test_multiply_add_does_what_it_means(dtype: type, rows: int, steps: int, columns: int) -> None:
    a, b = _normal(dtype, rows, steps), _normal(dtype, steps, columns, seed=1)
    whole, out = _framed((rows, columns), dtype)
    expected = out.copy()
    MEANT["multiply_add"](expected, a, 0, rows, b)
    multiply_add(out, a, 0, rows, pack(b))
    np.testing.assert_allclose(out, expected, rtol=0, atol=_tolerance(dtype, steps))
    assert np.isnan(whole[[0, -1]]).all()


@pytest.mark.parametrize("dtype", DTYPES)
@given(rows=sizes, steps=st.integers(0, 300), columns=st.integers(0, 150), first=st.integers(0, 5))
def test_outer_add_does_what_it_means(dtype: type, rows: int, steps: int, columns: int, first: int) -> None:
    a, b = _normal(dtype, steps, first + rows + 3), _normal(dtype, steps, columns, seed=1)
    whole, out = _framed((rows, columns), dtype)
    expected = out.copy()
    MEANT["outer_add"](expected, first, a, b, None)
    outer_add(out, first, a, b, _scratch(dtype))
    np.testing.assert_allclose(out, expected, rtol=0, atol=_tolerance(dtype, steps))
    assert np.isnan(whole[[0, -1]]).all()


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("transposed", [False, True])
@given(steps=st.integers(1, 40), columns=st.integers(1, 90), data=st.data())
def test_blocks_are_placed_where_a_packed_array_has_them(
    dtype: type, transposed: bool, steps: int, columns: int, data: st.DataObject
) -> None:
    row, column = data.draw(st.integers(0, steps)), data.draw(st.integers(0, columns))
    rows, wide = data.draw(st.integers(0, steps - row)), data.draw(st.integers(0, columns - column))
    block = _normal(dtype, wide, rows).T if transposed else _normal(dtype, rows, wide)
    whole = _normal(dtype, steps, columns, seed=1)
    scratch, beyond = np.full(panels_size(steps, columns) + 3, np.nan, dtype), np.zeros(1, int)
    found = np.zeros_like(pack(whole))
    _fill(found, beyond, scratch, whole, row, column, block)
    assert beyond[0] >= 3
    whole[row : row + rows, column : column + wide] = block
    np.testing.assert_array_equal(found, pack(whole))


@kernel
def _fill(found: Any, beyond: Any, scratch: Any, whole: Any, row: int, column: int, block: Any) -> None:
    packed, rest = packed_panels(whole.shape[0], whole.shape[1], scratch)
    pack_block(packed, 0, 0, whole)
    pack_block(packed, row, column, block)
    beyond[0] = rest.size
    copy(found, packed)


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("together", "axis"), [(pack_side_by_side, 1), (pack_stacked, 0)])
def test_a_family_is_packed_as_the_matrix_that_it_makes(dtype: type, together: Any, axis: int) -> None:
    lengths = (3, 10, 21)
    blocks = tuple(_normal(dtype, *((6, n) if axis else (n, 6)), seed=n) for n in lengths)
    whole = pack(np.concatenate(blocks, axis=axis))
    packed = np.zeros_like(whole)
    together(packed, blocks)
    np.testing.assert_array_equal(packed, whole)
    MEANT[together.__name__](meant := np.zeros((6, 34) if axis else (34, 6), dtype), blocks)
    np.testing.assert_array_equal(meant, np.concatenate(blocks, axis=axis))


@pytest.mark.parametrize(("row", "column"), [(1, 0), (0, 80), (-1, 0), (0, -1)])
def test_a_block_that_reaches_beyond_the_panels_is_refused(row: int, column: int) -> None:
    packed = pack(np.zeros((4, 80)))
    with pytest.raises(ValueError, match="beyond the panels"):
        pack_block(packed, row, column, np.zeros((4, 3)))


def test_panels_that_do_not_fit_into_their_room_are_refused() -> None:
    whole = np.zeros((4, 80))
    with pytest.raises(ValueError, match="scratch memory is too small"):
        _fill(pack(whole), np.zeros(1, int), np.empty(4 * 79), whole, 0, 0, whole)


@pytest.mark.parametrize("dtype", DTYPES)
@given(steps=st.integers(0, 20), batch=st.integers(1, 30), summed=st.integers(0, 30), data=st.data())
def test_products_over_steps_are_those_of_each_step(
    dtype: type, steps: int, batch: int, summed: int, data: st.DataObject
) -> None:
    b0 = data.draw(st.integers(0, batch))
    b1 = data.draw(st.integers(b0, batch))
    a, out = _normal(dtype, steps, batch, summed), _normal(dtype, steps, batch, 37, seed=1)
    packed, expected = pack(_normal(dtype, summed, 37, seed=2)), out.copy()
    for t in range(steps):
        multiply_add(expected[t], a[t], b0, b1, packed)
    multiply_add_steps(out, a, b0, b1, packed)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("dtype", DTYPES)
@given(steps=st.integers(0, 20), batch=st.integers(1, 30), summed=st.integers(0, 30), data=st.data())
def test_products_may_begin_with_a_row(dtype: type, steps: int, batch: int, summed: int, data: st.DataObject) -> None:
    b0 = data.draw(st.integers(0, batch))
    b1 = data.draw(st.integers(b0, batch))
    a, b, row = _normal(dtype, steps, batch, summed), _normal(dtype, summed, 37, seed=2), _normal(dtype, 37, seed=3)
    out = np.full((steps, batch, 37), np.nan, dtype)
    expected, apart = out.copy(), out.copy()
    expected[:, b0:b1] = row
    multiply_add_steps(expected, a, b0, b1, pack(b))
    multiply_steps(out, row, a, b0, b1, pack(b))
    np.testing.assert_array_equal(out, expected)
    for t in range(steps):
        multiply(apart[t], row, a[t], b0, b1, pack(b))
    np.testing.assert_array_equal(apart, expected)


@pytest.mark.parametrize("dtype", DTYPES)
def test_large_panels_are_read_from_either_end_with_one_result(dtype: type) -> None:
    a, b = _normal(dtype, 6, 3, 700), _normal(dtype, 700, 1003, seed=1)
    row, packed = _normal(dtype, 1003, seed=2), pack(b)
    assert packed.nbytes > _NEAR
    found, expected = np.full((6, 3, 1003), np.nan, dtype), np.full((6, 3, 1003), np.nan, dtype)
    multiply_steps(expected, row, a, 0, 3, packed)
    for t in range(6):
        multiply(found[t], row, a[t], 0, 3, packed)
    np.testing.assert_array_equal(found, expected)


@kernel
def _as_member(out: Any, row: Any, a: Any, b: Any, rounds: int, scratch: Any, team: Any) -> None:
    packed, scratch = packed_panels(b.shape[0], b.shape[1], scratch)
    clear(packed)
    pack_block(packed, 0, 0, b, team)
    for _ in range(rounds):
        multiply(out, row, a, 0, 0, packed, team)
        multiply_add(out, a, 0, 0, packed, team)


@pytest.mark.sampled
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(("rows", "summed", "columns"), [(1, 5, 3), (3, 0, 40), (5, 30, 200), (17, 64, 130)])
@pytest.mark.parametrize("size", [2, 3, 7])
def test_a_team_gives_the_bits_that_one_gives(dtype: type, rows: int, summed: int, columns: int, size: int) -> None:
    a, b, row = _normal(dtype, rows, summed), _normal(dtype, summed, columns, seed=2), _normal(dtype, columns, seed=3)
    expected, out = np.full((rows, columns), np.nan, dtype), np.full((rows, columns), np.nan, dtype)
    multiply(expected, row, a, 0, rows, pack(b))
    multiply_add(expected, a, 0, rows, pack(b))
    team = Team(size, 0, rows)

    def member(number: int) -> None:
        scratch = np.full(panels_size(summed, columns), np.nan, dtype)
        _as_member(out, row, a, b, 20, scratch, team.members[number])

    assert run_together([partial(member, number) for number in range(size)], 0, team.give_up)
    np.testing.assert_array_equal(out, expected)


def test_a_member_that_fails_leaves_nobody_waiting() -> None:
    team, done = Team(3, 0, 4), []
    a, b, row, out = np.ones((4, 5)), np.ones((5, 60)), np.zeros(60), np.zeros((4, 60))

    def member(number: int) -> None:
        if number == 1:
            raise ArithmeticError("on purpose")
        _as_member(out, row, a, b, 20, np.zeros(panels_size(5, 60)), team.members[number])
        done.append(number)

    with pytest.raises(ArithmeticError, match="on purpose"):
        run_together([partial(member, number) for number in range(3)], 0, team.give_up)
    assert sorted(done) == [0, 2]


def test_more_members_than_there_can_be_threads_are_refused() -> None:
    assert not run_together([lambda: None] * 10_000)


@pytest.mark.parametrize("dtype", DTYPES)
def test_slices_of_larger_arrays_are_rows_like_any_other(dtype: type) -> None:
    states, gates = _normal(dtype, 3, 20, 7), _normal(dtype, 3, 20, 50, seed=1)
    b = _normal(dtype, 7, 33, seed=2)
    expected = gates.copy()
    expected[1, 4:17, 10:43] += states[2, 4:17] @ b
    multiply_add(gates[1, :, 10:43], states[2], 4, 17, pack(b))
    np.testing.assert_allclose(gates, expected, rtol=0, atol=_tolerance(dtype, 7))


@pytest.mark.parametrize("dtype", DTYPES)
def test_a_row_does_not_depend_on_the_rows_beside_it(dtype: type) -> None:
    a, panels = _normal(dtype, 23, 37), pack(_normal(dtype, 37, 75, seed=1))
    together = np.zeros((23, 75), dtype)
    multiply_add(together, a, 0, 23, panels)
    for step in (1, 2, 3, 5, 8, 11):
        apart = np.zeros((23, 75), dtype)
        for start in range(0, 23, step):
            multiply_add(apart, a, start, min(start + step, 23), panels)
        np.testing.assert_array_equal(apart, together)


@pytest.mark.parametrize("dtype", DTYPES)
def test_an_outer_product_does_not_depend_on_the_rows_beside_it(dtype: type) -> None:
    a, b = _normal(dtype, 300, 23), _normal(dtype, 300, 75, seed=1)
    together = np.zeros((23, 75), dtype)
    outer_add(together, 0, a, b, _scratch(dtype))
    for step in (1, 3, 8, 11):
        apart = np.zeros((23, 75), dtype)
        for start in range(0, 23, step):
            outer_add(apart[start : start + step], start, a, b, _scratch(dtype))
        np.testing.assert_array_equal(apart, together)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_entry_is_one_chain_upwards_from_the_value_that_was_there(dtype: type) -> None:
    """A large term that the next cancels: only this order keeps the small value."""
    big = 1 / float(np.finfo(dtype).eps) * 4
    out = np.zeros((1, 1), dtype)
    multiply_add(out, np.array([[1, 1, 1]], dtype), 0, 1, pack(np.array([[big], [-big], [1]], dtype)))
    assert out[0, 0] == 1
    out[...] = 1
    multiply_add(out, np.array([[1, 1, 1]], dtype), 0, 1, pack(np.array([[big], [-big], [1]], dtype)))
    assert out[0, 0] == 1


def test_nan_and_infinity_reach_their_entries_and_no_others() -> None:
    a, b = np.ones((3, 4)), np.ones((4, 11))
    a[1, 2], b[0, 10] = np.nan, np.inf
    out = np.zeros((3, 11))
    multiply_add(out, a, 0, 3, pack(b))
    assert np.isnan(out[1]).all()
    assert np.isinf(out[[0, 2], 10]).all()
    assert (out[[0, 2], :10] == 4).all()


def test_shapes_that_do_not_fit_are_refused() -> None:
    scratch = _scratch(np.float64)
    with pytest.raises(ValueError, match="multiply"):
        multiply_add(np.zeros((2, 5)), np.zeros((2, 3)), 0, 2, pack(np.zeros((4, 5))))
    with pytest.raises(ValueError, match="multiply"):
        multiply_add(np.zeros((2, 50)), np.zeros((2, 3)), 0, 2, pack(np.zeros((3, 5))))
    with pytest.raises(ValueError, match="multiply"):
        multiply_add(np.zeros((2, 5)), np.zeros((2, 3)), 0, 3, pack(np.zeros((3, 5))))
    with pytest.raises(ValueError, match="multiply"):
        multiply(np.zeros((2, 5)), np.zeros(6), np.zeros((2, 3)), 0, 2, pack(np.zeros((3, 5))))
    with pytest.raises(ValueError, match="multiply"):
        multiply_add_steps(np.zeros((4, 2, 5)), np.zeros((3, 2, 3)), 0, 2, pack(np.zeros((3, 5))))
    with pytest.raises(ValueError, match="outer_add"):
        outer_add(np.zeros((2, 5)), 2, np.zeros((7, 3)), np.zeros((7, 5)), scratch)
    with pytest.raises(ValueError, match="outer_add"):
        outer_add(np.zeros((2, 5)), 0, np.zeros((7, 3)), np.zeros((6, 5)), scratch)
    with pytest.raises(ValueError, match="scratch"):
        outer_add(np.zeros((2, 5)), 0, np.zeros((7, 3)), np.zeros((7, 5)), scratch[1:])


def test_rows_that_are_not_contiguous_are_refused() -> None:
    spread = np.zeros((4, 8))[:, ::2]
    with pytest.raises(ValueError, match="multiply"):
        multiply_add(spread, np.zeros((4, 4)), 0, 4, pack(np.zeros((4, 4))))
    with pytest.raises(ValueError, match="outer_add"):
        outer_add(np.zeros((4, 4)), 0, spread, np.zeros((4, 4)), _scratch(np.float64))


def test_the_path_follows_the_processor() -> None:
    assert choose_path({"avx512f": True, "avx2": True, "sse2": True}).name == "512"
    assert choose_path({"avx512f": False, "avx2": True, "sse2": True}).name == "256"
    assert choose_path({"sse2": True}).name == "128"
    assert choose_path({"neon": True}).registers == 32
    assert choose_path({}).name == "scalar"
    with pytest.raises(ValueError, match="GATEDSYM_VECTORS"):
        choose_path({}, "1024")


_ON_A_PATH = """
import sys, numpy as np
from gatedsym.runtime import multiply_add, outer_add, pack
from gatedsym.runtime.jit.processor import VECTORS
from gatedsym.runtime.matmul.products import OUTER_SIZE
assert VECTORS.name == sys.argv[1]
random = np.random.default_rng(0)
for dtype in (np.float32, np.float64):
    a, b = random.normal(size=(13, 21)).astype(dtype), random.normal(size=(21, 45)).astype(dtype)
    out = np.ones((13, 45), dtype)
    multiply_add(out, a, 0, 13, pack(b))
    print(out.tobytes().hex())
    turned = np.ones((13, 45), dtype)
    multiply_add(turned, a, 0, 13, pack(np.asfortranarray(b)))
    assert np.array_equal(turned, out)
    out = np.ones((11, 45), dtype)
    outer_add(out, 2, a.T.copy()[:, :13], b, np.empty(OUTER_SIZE, dtype))
    print(out.tobytes().hex())
"""


@pytest.mark.long
def test_every_vector_path_gives_the_same_bits() -> None:
    printed = set()
    for name in sorted(PATHS):
        environment = {**os.environ, "GATEDSYM_VECTORS": name}
        run = subprocess.run(
            [sys.executable, "-c", _ON_A_PATH, name], env=environment, capture_output=True, text=True, check=True
        )
        printed.add(run.stdout)
    assert len(printed) == 1
