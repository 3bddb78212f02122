"""Fixed arrays: the exact entries of laws, and the floats that kernels fill in."""

from __future__ import annotations

import numpy as np
import pytest
import sympy as sp

from gatedsym import runtime
from gatedsym.ir.evaluate import NUMPY, evaluate, given_array
from gatedsym.ir.fixed_arrays import LAWS, VALUES, WHOLE, FixedArray
from gatedsym.ir.program import Program, Ref, Tensor, pointwise


def entries(law: str, *shape: int, numbers: tuple[int, ...] = ()) -> np.ndarray:
    dims = tuple(f"d{k}" for k in range(len(shape)))
    tensor = Tensor("a", dims, "fixed", array=FixedArray(law, numbers))
    return given_array(tensor, dict(zip(dims, shape, strict=True)), NUMPY)


def test_triangles_and_shifts_are_those_of_numpy():
    ones = np.ones((4, 4))
    for law, expected in (
        ("lower", np.tril(ones)), ("upper", np.triu(ones)),
        ("strictly_lower", np.tril(ones, -1)), ("strictly_upper", np.triu(ones, 1)),
    ):  # fmt: skip
        assert np.array_equal(entries(law, 4, 4), expected)
    v = np.arange(5.0)
    for places in (0, 1, 2, -1, 7):
        assert np.array_equal(entries("shift", 5, 5, numbers=(places,)) @ v, np.roll(v, places))
    assert np.array_equal(entries("arange", 5), v)
    assert np.array_equal(entries("ones", 2, 3), np.ones((2, 3)))
    assert np.array_equal(entries("zeros", 2), np.zeros(2))


def test_hippo_remembers_the_mean_of_all_it_has_seen():
    """Of LegS the first coefficient is the running mean: c_0' = (-c_0 + x) / t."""
    a, b = entries("hippo_a", 4, 4), entries("hippo_b", 4)
    assert np.array_equal(a[0], [-1, 0, 0, 0])
    assert b[0] == 1
    assert np.allclose(sorted(np.linalg.eigvals(a).real), [-4, -3, -2, -1])
    # All but -1/2 of the identity and -1/2 of B Bᵀ is skew.
    assert np.allclose(a + a.T + np.outer(b, b), -np.eye(4))


def test_the_legendre_memory_delays_by_its_window():
    """With q coefficients the Padé approximation of a delay: its poles lie left, and its gain at rest is 1."""
    q = 6
    a, b = entries("lmu_a", q, q), entries("lmu_b", q)
    assert (np.linalg.eigvals(a).real < 0).all()
    settled = -np.linalg.solve(a, b)  # of a constant input 1
    assert np.isclose(settled[0], 1)
    assert np.allclose(settled[1:], 0, atol=1e-12)


def test_random_numbers_follow_from_seed_and_place():
    one, again, other = (entries("uniform", 40, 50, numbers=(s,)) for s in (3, 3, 4))
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)
    assert (np.abs(one) < 1).all()
    assert abs(one.mean()) < 0.05
    assert abs(one.var() - 1 / 3) < 0.03
    assert np.array_equal(one[:7, :5], entries("uniform", 7, 5, numbers=(3,))), "a larger array goes on"


@pytest.mark.sampled
@pytest.mark.parametrize("law", sorted(set(LAWS) - {"zeros"}))
def test_kernels_fill_in_the_floats_next_to_the_law(law):
    numbers = (3,) if LAWS[law].numbers else ()
    for dtype, ulps in ((np.float64, 2), (np.float32, 1)):
        for size in (1, 2, 5, 9):
            shape = (size, size) if LAWS[law].square or 2 in LAWS[law].ranks else (size,)
            out = np.full(shape, np.nan, dtype) if law in WHOLE else np.zeros(shape, dtype)
            getattr(runtime, f"fill_{law}")(out, *numbers)
            exact = [sp.N(e.replace(_is_root, lambda f: sp.sqrt(*f.args)), 40)
                     for _, e in FixedArray(law, numbers).entries(shape)]  # fmt: skip
            expected = np.array([float(e) for e in exact]).reshape(shape).astype(dtype)
            assert (np.abs(out - expected) <= ulps * np.spacing(np.abs(expected))).all()


def _is_root(e: sp.Basic) -> bool:
    return type(e).__name__ == "sqrt"


def test_values_are_entries_in_row_major_order():
    array = FixedArray(VALUES, values=tuple(map(sp.Integer, range(6))))
    j, k = "j", "k"
    given = Tensor("a", ("2", "3"), "fixed", array=array)
    program = Program(
        (given, Tensor("y", ("2", "3"))),
        (pointwise(Ref("y", (j, k)), 2 * Ref("a", (j, k)).symbol, [Ref("a", (j, k))]),),
        ("y",),
    )
    assert np.array_equal(evaluate(program.check(), {}, NUMPY)["y"], 2 * np.arange(6.0).reshape(2, 3))
    assert "y" not in program.batched, "nothing moves it"


def test_floats_at_once_are_the_entries_one_by_one():
    for law in ("lower", "hippo_a"):
        shape = (7, 7)
        exact = [sp.N(e.replace(_is_root, lambda f: sp.sqrt(*f.args)), 40) for _, e in FixedArray(law).entries(shape)]
        expected = np.array([float(e) for e in exact]).reshape(shape)
        assert LAWS[law].floats is not None
        assert np.allclose(LAWS[law].floats(shape), expected, rtol=4e-16, atol=0)
