"""The tangent of a cell is a cell: names, roles, and the tangent of that."""

import numpy as np
from literature import CELLS

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.joined import join_primal
from gatedsym.calculus.kinks import lines_with_kinks
from gatedsym.calculus.parameter_parts import name_parameter_parts
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.calculus.tangent_cell import derive_tangent_cell
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.runtime.jit.compile import load_module

RNN = "x in R^m; h in R^n; W in R^(n,m); U in R^(n,n)\nh' = tanh(W @ x + U @ h)"


def names(layouts):
    return [layout.name for layout in layouts]


def test_directions_stand_behind_what_they_are_of_in_the_same_order():
    tangent = derive_tangent_cell(read_equations(CELLS["gru"], name="gru"), inputs=False)
    own = read_equations(CELLS["gru"], name="gru")
    assert names(tangent.parameters) == [*names(own.parameters), *(f"dot_{n}" for n in names(own.parameters))]
    assert (names(tangent.states), names(tangent.inputs)) == (["h", "dot_h"], ["x"])
    assert tangent.program["dot_h"].role == "state"
    assert (tangent.program["dot_h'"].role, tangent.program["dot_h'"].of) == ("next", "dot_h")


def test_a_tangent_cell_of_a_tangent_cell_has_kernels_that_are_proven():
    """Its tangent kernel moves a state called dot_h beside the direction of h: names are found by what they are of."""
    twice = derive_tangent_cell(derive_tangent_cell(read_equations(RNN, name="rnn")), inputs=False)
    assert names(twice.states) == ["h", "dot_h", "dot2_h", "dot_dot_h"]
    prove_emitted(twice, load_module(write_module(twice), twice.name))


def test_a_program_of_zeros_is_evaluated_with_the_sizes_that_no_array_shows():
    """The second derivative of a linear step: nothing is read, and everything is zero."""
    program = read_equations("h in R^n\nh' = h / 2", name="half").program
    gradient = join_primal(derive_adjoint(program, ("h",)), program)
    second = derive_tangent(gradient, ())
    found = evaluate(second, {}, NUMPY, {"n": 3})
    assert np.array_equal(found[second.results[0]], np.zeros(3))


def test_what_parameters_alone_give_is_named_before_derivatives_repeat_it():
    text = "h in R^n; a in R^n; b in R^n\nh' = h * (a * b + a / b) + a * b * h * h"
    program = name_parameter_parts(read_equations(text, name="parts").program)
    (result,) = (s for s in program.statements if s.target.name == "h'")
    assert {r.name for r in result.operands} & {"a", "b"} == {"a", "b"}  # one product is not worth a name
    assert any(r.name.startswith("of_a_b") for r in result.operands)
    values = {n: np.array([0.5, 2.0]) for n in ("h", "a", "b")}
    plain = read_equations(text, name="parts").program
    np.testing.assert_allclose(evaluate(program, values, NUMPY)["h'"], evaluate(plain, values, NUMPY)["h'"])


def test_lines_with_kinks_are_those_whose_functions_have_one():
    text = "h in R^n; a in R^n\nu = relu(h)\nv = tanh(h)\nw = max(a * h)\nh' = u + v + w"
    assert lines_with_kinks(read_equations(text, name="kinks")) == ("u", "w")
