"""A Program is carried out as its statements say, by operations that are found once and hold no value."""

import gc
import weakref

import numpy as np
import pytest
import sympy as sp

from gatedsym.equations import read_equations
from gatedsym.ir import evaluate as room
from gatedsym.ir.evaluate import NUMPY, Arithmetic, evaluate, evaluate_expression, nearest_float
from gatedsym.ir.program import Contraction, Program, Ref, Tensor, pointwise

TEXT = """x in R^m; h in R^n; W in R^(n,m); U in R^(n,n); b in R^n
a = W @ x + U @ h + b
h' = tanh(a)^3 / (2 + a^2) + sigmoid(a)"""


def values(seed, n, m, lead=()):
    draw = np.random.default_rng(seed).standard_normal
    shapes = {"x": (*lead, m), "h": (*lead, n), "W": (n, m), "U": (n, n), "b": (n,)}
    return {name: draw(shape) for name, shape in shapes.items()}


def by_hand(v):
    a = v["x"] @ v["W"].T + v["h"] @ v["U"].T + v["b"]
    return np.tanh(a) ** 3 / (2 + a**2) + 1 / (1 + np.exp(-a))


def test_one_program_is_carried_out_on_arrays_of_any_size_and_with_any_leading_axes():
    program = read_equations(TEXT, name="mine").program
    for seed, sizes in enumerate([(3, 2), (5, 5), (1, 4)]):
        for lead in ((), (7,), (2, 3)):
            given = values(seed, *sizes, lead)
            found = evaluate(program, given, NUMPY)["h'"]
            assert found.shape == (*lead, sizes[0])
            np.testing.assert_allclose(found, by_hand(given), rtol=1e-13)


def test_a_program_can_be_carried_out_in_one_arithmetic_after_another():
    x, y = Ref("x", ("j",)), Ref("y", ("j",))
    program = Program(
        (Tensor("x", ("n",), "input"), Tensor("y", ("n",))),
        (pointwise(y, sp.Rational(1, 3) * x.symbol**2 + sp.Rational(1, 7), [x]),),
        ("y",),
    )
    exact = Arithmetic(number=lambda e: e, functions={}, maximum=lambda a, axes: a)
    assert evaluate(program, {"x": np.array([2.0])}, NUMPY)["y"] == pytest.approx(4 / 3 + 1 / 7)
    given = {"x": np.array([sp.Integer(2)], dtype=object)}
    assert evaluate(program, given, exact)["y"][0] == sp.Rational(31, 21)
    assert evaluate(program, {"x": np.array([3.0])}, NUMPY)["y"] == pytest.approx(3 + 1 / 7)


def test_operands_are_brought_to_the_indices_of_the_result():
    a, b, c = Ref("a", ("k", "j")), Ref("b", ("k",)), Ref("c", ("j", "k"))
    tensors = (Tensor("a", ("m", "n"), "input"), Tensor("b", ("m",), "input"), Tensor("c", ("n", "m")))
    program = Program(tensors, (pointwise(c, a.symbol - b.symbol, [a, b]),), ("c",)).check()
    first, second = np.arange(6.0).reshape(2, 3), np.array([10.0, 20.0])
    np.testing.assert_array_equal(evaluate(program, {"a": first, "b": second}, NUMPY)["c"], first.T - second)


def test_a_sum_over_an_index_that_no_factor_has_counts_its_length_and_one_of_the_result_alone_is_filled():
    b, c = Ref("b", ("k",)), Ref("c", ("j", "k"))
    tensors = (Tensor("b", ("m",), "input"), Tensor("size", ("p",), "input"), Tensor("c", ("n", "m")))
    factors = (b, Ref("size", ("p",)))
    program = Program(tensors, (Contraction(c, factors, ("p",)),), ("c",))
    found = evaluate(program, {"b": np.array([1.0, 2.0]), "size": np.ones(4)}, NUMPY, {"n": 3})["c"]
    np.testing.assert_array_equal(found, np.tile([4.0, 8.0], (3, 1)))


def test_a_largest_entry_is_taken_over_the_indices_that_go():
    a, c = Ref("a", ("j", "k")), Ref("c", ("j",))
    tensors = (Tensor("a", ("n", "m"), "input"), Tensor("c", ("n",)))
    program = Program(tensors, (Contraction(c, (a,), ("k",), "max"),), ("c",)).check()
    found = evaluate(program, {"a": np.array([[1.0, 5.0], [-3.0, -4.0]])}, NUMPY)["c"]
    np.testing.assert_array_equal(found, [5.0, -3.0])


def test_what_an_arithmetic_lacks_is_refused_unless_it_is_a_number():
    x = sp.Symbol("x")
    bare = Arithmetic(number=nearest_float, functions={}, maximum=lambda a, axes: a)
    assert evaluate_expression(sp.exp(1) * x, {x: 2.0}, bare) == pytest.approx(2 * np.e)
    with pytest.raises(ValueError, match="cannot evaluate exp"):
        evaluate_expression(sp.exp(x), {x: 2.0}, bare)


def test_a_value_that_is_given_for_a_whole_expression_is_taken():
    x, y = sp.symbols("x y")
    assert evaluate_expression(sp.sin(x) + y, {sp.sin(x): 3.0, y: 1.0}, NUMPY) == 4.0


def test_operations_last_as_long_as_their_program():
    program = read_equations(TEXT, name="mine").program
    evaluate(program, values(0, 3, 2), NUMPY)
    key, gone = id(program), weakref.ref(program)
    assert key in room._schedules
    del program
    gc.collect()
    assert gone() is None
    assert key not in room._schedules
