"""Derivatives of derivatives: adjoint and tangent of a Program are Programs, so they are derived again."""

from __future__ import annotations

import random

import numpy as np
import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from literature import CELLS, SHAPES

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.joined import join_primal
from gatedsym.calculus.names import adjoint_name, tangent_name
from gatedsym.calculus.stable import stabilise
from gatedsym.calculus.tangent import derive_tangent
from gatedsym.equations import read_equations
from gatedsym.ir import functions as f
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.ir.program import Contraction, Program, Ref, Tensor, pointwise
from gatedsym.proofs.engine.scalarise import with_sizes

SIZES = {"m": 2, "n": 3, "p": 2, "q": 4, "d": 3, "r": 2, "k": 2, "l": 4, "steps": 2, "up": 3, "b1": 2}
SMOOTH = ["peephole", "cifg", "printed_lstm", "rhn", "lem", "antisymmetric", "heads", "gru", "two_inputs", "glu"]


def draw(program, names, rng):
    return {n: rng.normal(size=[SIZES.get(d) or int(d) for d in program[n].dims]) for n in names}


def moving(program):
    return [n for n in program.sources if program[n].role in ("input", "state", "parameter")]


def value(program, given_values):
    sized, sizes = with_sizes(program, SIZES)
    known = evaluate(sized, {n: given_values[n] for n in program.sources if n in given_values} | sizes, NUMPY)
    return {n: known[n] for n in program.results}


@pytest.mark.parametrize("name", SMOOTH)
def test_hessian_vector_products_equal_differences_of_the_gradient(name):
    """Central differences with step 1e-5 of gradients of order one: truncation and rounding are each some 1e-10."""
    program = stabilise(read_equations(CELLS[name], name=name).program)
    rng, wrt = np.random.default_rng(0), moving(program)
    gradient = join_primal(derive_adjoint(program, wrt), program)
    point = draw(program, wrt, rng) | draw(gradient, [n for n in gradient.sources if n not in program], rng)
    direction = draw(program, wrt, rng)
    product = derive_tangent(gradient, wrt)
    along = {tangent_name(n): v for n, v in direction.items()}
    found = value(join_primal(product, gradient), point | along)
    ends = [value(gradient, point | {n: point[n] + s * v for n, v in direction.items()}) for s in (1e-5, -1e-5)]
    for result in gradient.results:
        slope = (ends[0][result] - ends[1][result]) / 2e-5
        np.testing.assert_allclose(found[tangent_name(result)], slope, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", SMOOTH)
def test_adjoint_of_the_adjoint_is_the_tangent_of_the_adjoint(name):
    """The Hessian is symmetric: along one vector both give the same product."""
    program = stabilise(read_equations(CELLS[name], name=name).program)
    rng, wrt = np.random.default_rng(1), moving(program)
    gradient = join_primal(derive_adjoint(program, wrt), program)
    point = draw(program, wrt, rng) | draw(gradient, [n for n in gradient.sources if n not in program], rng)
    direction = draw(program, wrt, rng)
    forwards = value(
        join_primal(derive_tangent(gradient, wrt), gradient),
        point | {tangent_name(n): v for n, v in direction.items()},
    )
    twice = derive_adjoint(gradient, wrt)
    seeds = {adjoint_name(adjoint_name(n)): v for n, v in direction.items()}
    backwards = evaluate(join_primal(twice, gradient), point | seeds, NUMPY)
    for n, result in zip(wrt, twice.results, strict=True):
        np.testing.assert_allclose(backwards[result], forwards[tangent_name(adjoint_name(n))], rtol=1e-11, atol=1e-12)


@pytest.mark.filterwarnings("ignore::gatedsym.errors.EquationWarning")
@pytest.mark.parametrize("name", [*CELLS, *SHAPES])
def test_dot_product_of_tangent_and_adjoint(name):
    """⟨J v, w⟩ = ⟨v, Jᵀ w⟩, of every cell's step, to the rounding of some hundred terms."""
    assert_dot_identity(stabilise(read_equations((CELLS | SHAPES)[name], name=name).program), seed=2)


def assert_dot_identity(program, seed):
    rng, wrt = np.random.default_rng(seed), moving(program)
    point, v = draw(program, wrt, rng), draw(program, wrt, rng)
    w = draw(program, program.results, rng)
    forwards = join_primal(derive_tangent(program, wrt), program)
    backwards = join_primal(derive_adjoint(program, wrt), program)
    tangents = value(forwards, point | {tangent_name(n): a for n, a in v.items()})
    adjoints = value(backwards, point | {adjoint_name(n): a for n, a in w.items()})
    terms = [tangents[tangent_name(n)] * a for n, a in w.items()]
    left = sum(float(t.sum()) for t in terms)
    right = sum(float((adjoints[adjoint_name(n)] * a).sum()) for n, a in v.items())
    scale = sum(float(np.abs(t).sum()) for t in terms) + sum(
        float(np.abs(adjoints[adjoint_name(n)] * a).sum()) for n, a in v.items()
    )
    assert left == pytest.approx(right, abs=1e-12 * scale + 1e-300)


def random_program(choice: random.Random) -> Program:
    """A few sources of random shapes over two dimensions, and some statements of either kind."""
    dims = ("m", "n")
    tensors = [
        Tensor(f"u{k}", tuple(choice.choice(dims) for _ in range(choice.randint(0, 2))), "parameter") for k in range(4)
    ]
    statements = []
    for number in range(choice.randint(2, 6)):
        make = random_contraction if choice.random() < 0.5 else random_pointwise
        statement, shape = make(f"v{number}", tensors, choice)
        statements.append(statement)
        tensors.append(Tensor(f"v{number}", shape))
    read = {r.name for s in statements for r in s.operands}
    results = tuple(s.target.name for s in statements if s.target.name not in read)
    return Program(tuple(tensors), tuple(statements), results).check()


def under_indices(tensor, indices, choice):
    """The tensor under some of `indices` (name to dimension), or None if they do not fit."""
    found = []
    for dim in tensor.dims:
        fitting = [i for i, d in indices.items() if d == dim and i not in found]
        if not fitting:
            return None
        found.append(choice.choice(fitting))
    return Ref(tensor.name, tuple(found))


def random_pointwise(name, tensors, choice):
    shape = tuple(choice.choice(("m", "n")) for _ in range(choice.randint(0, 2)))
    indices = dict(zip("jk", shape, strict=False))
    refs = [r for t in tensors if (r := under_indices(t, indices, choice)) is not None]
    expression = sp.Integer(choice.randint(-2, 2))
    for ref in choice.sample(refs, min(len(refs), 3)):
        term = choice.choice([f.tanh, f.sigmoid, f.sin, f.softplus, lambda x: x, lambda x: x**2])(ref.symbol)
        expression = expression * term if choice.random() < 0.4 else expression + term
    return pointwise(Ref(name, tuple(indices)), expression, refs), shape


def random_contraction(name, tensors, choice):
    indices = {"j": choice.choice(("m", "n")), "k": choice.choice(("m", "n")), "l": choice.choice(("m", "n"))}
    refs = [r for t in tensors if (r := under_indices(t, indices, choice)) is not None]
    factors = tuple(choice.choice(refs) for _ in range(choice.randint(1, 3))) if refs else ()
    present = tuple(dict.fromkeys(i for r in factors for i in r.indices))
    kept = tuple(i for i in present if choice.random() < 0.5)
    if not factors:
        return pointwise(Ref(name), sp.Integer(1), ()), ()
    return Contraction(Ref(name, kept), factors, tuple(i for i in present if i not in kept)), tuple(
        indices[i] for i in kept
    )


@settings(max_examples=100, deadline=None)
@given(st.randoms(use_true_random=False))
def test_dot_product_holds_for_random_programs(choice):
    assert_dot_identity(random_program(choice), seed=3)
