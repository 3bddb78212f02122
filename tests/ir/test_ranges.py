"""A range told from the equations holds every value, and what is bounded by 1 is seen to be."""

import random

import numpy as np
import pytest
import sympy as sp

from gatedsym.ir import functions as f
from gatedsym.ir.evaluate import NUMPY, evaluate_expression
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.ranges import range_of

a, b, c = sp.symbols("a b c")


def random_expression(draw: random.Random, depth: int) -> sp.Expr:
    if not depth:
        return draw.choice([a, b, c, sp.Rational(1, 2), sp.Integer(-2), sp.Integer(3)])
    without = ("equal", "log", "sqrt", "log1p", "norm_root", "norm_root_inverse")
    name = draw.choice([n for n in FUNCTIONS if n not in without])
    inner = [random_expression(draw, depth - 1) for _ in range(max(2, FUNCTIONS[name].arity))]
    function = FUNCTIONS[name].function(*inner[: FUNCTIONS[name].arity])
    return draw.choice([function, function, inner[0] + inner[1], inner[0] * inner[1], 1 - inner[0], inner[0] ** 2])


def test_a_range_holds_every_value() -> None:
    generator = np.random.default_rng(0)
    points = generator.normal(size=(3, 400)) * generator.choice([0.1, 1.0, 8.0], size=400)
    for seed in range(300):
        expression = random_expression(random.Random(seed), 3)
        low, high = (float(end) for end in range_of(expression))
        with np.errstate(all="ignore"):
            values = evaluate_expression(expression, dict(zip((a, b, c), points, strict=True)), NUMPY)
        values = np.asarray(values, dtype=float)
        values = values[np.isfinite(values)]
        slack = 1e-12 * (1 + np.abs(values))
        assert (values >= low - slack).all(), expression
        assert (values <= high + slack).all(), expression


@pytest.mark.parametrize(
    "factor",
    [
        f.half_step(a - b),
        f.exp(a + b - f.maximum(a + b, c)),
        f.exp(f.log_sigmoid(a) + b - f.maximum(f.log_sigmoid(a) + b, c)),
        f.exp(f.minimum(a, b) - a),
        f.sigmoid(a) + (1 - f.sigmoid(a)) * f.sigmoid(b),
        f.sigmoid(a) + f.sigmoid(-a) * f.sigmoid(b),
        1 - f.sigmoid(a) * f.sech2(b),
        1 - f.tanh(a) ** 2,
        f.exp(-f.softplus(a)),
        f.tanh(a) * f.sin(b) * f.normal_cdf(c),
        1 / (1 + f.exp(a)),
    ],
)
def test_what_is_bounded_by_one_is_seen_to_be(factor: sp.Expr) -> None:
    low, high = range_of(factor)
    assert max(abs(low), abs(high)) == 1


@pytest.mark.parametrize("factor", [a * f.sigmoid(b), f.exp(a - b), 1 + f.sigmoid(a), 2 * f.tanh(a), f.relu(a)])
def test_what_may_exceed_one_is_not_bounded_by_it(factor: sp.Expr) -> None:
    low, high = range_of(factor)
    assert max(abs(low), abs(high)) > 1
