"""Ranges of expressions: they hold every value, and are sharp where names are looked at together."""

import numpy as np
import pytest
import sympy as sp

from gatedsym.flow.numerics.intervals import ALL, Interval, value_range
from gatedsym.ir import functions as f
from gatedsym.ir.evaluate import NUMPY, evaluate_expression

a, b, c, d = sp.symbols("a b c d")
INF = np.inf


def limits(expression, **box):
    known = dict.fromkeys(expression.free_symbols, ALL) | {sp.Symbol(k): Interval.of(*v) for k, v in box.items()}
    found = value_range(expression, known)
    return float(found.low), float(found.high)


@pytest.mark.parametrize(
    ("expression", "box", "expected"),
    [
        (f.sigmoid(a) * f.sigmoid(-a), {}, (0, 0.25)),
        (f.sigmoid(a) * (1 - f.sigmoid(a)) * (b - c), {"b": (-1, 1), "c": (-1, 1)}, (-0.5, 0.5)),
        ((1 - f.sigmoid(a)) * b + f.sigmoid(a) * f.tanh(c), {"b": (-1, 1)}, (-1, 1)),
        (f.sigmoid(-a) * b + f.sigmoid(a) * f.tanh(c), {"b": (-1, 1)}, (-1, 1)),
        (f.exp(a - f.maximum(a, b)), {}, (0, 1)),
        (f.exp(a + b - f.maximum(c, a + b)), {}, (0, 1)),
        (f.sech2(a), {"a": (1, 2)}, (1 / np.cosh(2) ** 2, 1 / np.cosh(1) ** 2)),
        (f.step(a), {}, (0, 1)),
        (f.absolute(a), {"a": (-2, 1)}, (0, 2)),
        (a**2, {"a": (-2, 1)}, (0, 4)),
        (1 / a, {"a": (0, 2)}, (0.5, INF)),
        (1 / a, {"a": (-1, 2)}, (-INF, INF)),
        (1 / (a + sp.Rational(1, 2)), {"a": (0, INF)}, (0, 2)),
        (f.sin(a), {"a": (0, 1)}, (0, np.sin(1))),
        (f.cos(a), {"a": (-1, 4)}, (-1, 1)),
        (f.sigmoid(a) * b, {}, (-INF, INF)),
        (f.relu(a) * f.step(-b), {"a": (-3, 2)}, (0, 2)),
        (f.log_sigmoid(a), {}, (-INF, 0)),
    ],
)
def test_ranges_are_sharp(expression, box, expected):
    assert limits(expression, **box) == pytest.approx(expected, rel=1e-14, abs=1e-14)


EXPRESSIONS = [
    a * b - b * c + c * d,
    (a - b) * f.sigmoid(c) * (1 - f.sigmoid(c)) + a * f.sech2(d),
    a / (f.exp(b) + f.absolute(c)) - d**3,
    f.tanh(a * b) * f.tanh(-a * b) + f.softplus(c) * f.elu(d),
    f.maximum(a, b) - f.minimum(a, c) + f.relu(d - a),
    a**2 * b - 2 * a * b + c**2 * d**2,
    f.hard_sigmoid(a) * f.softsign(b) + f.normal_pdf(c) * f.normal_cdf(d),
    f.sin(a + b) * f.cos(c - d) + f.exp_below(a) + f.sqrt(f.absolute(b)),
    f.exp(a - f.maximum(a + b, c)) * d,
    f.erf(a) * f.atan(b) - f.expm1(-f.absolute(c)) + f.log1p(d**2) + f.cosh(a) * f.sinh(b / 4),
    f.clip(a, b, c) + f.hard_tanh(d) * f.leaky_relu(a, b) - f.erf_slope(c) + f.tan(d / 9),
    f.norm_root(a**2 + b**2) * f.norm_root_inverse(c**2) + f.pivot(d),
    f.where_above(a, b, f.exp(-(c**2)), d) * f.where_least(a, d, b, c),
    f.sigmoid(a) + f.sigmoid(-a) * b + f.sigmoid(c) * f.sigmoid(-c) * f.sigmoid(d) ** 2,
]


@pytest.mark.sampled
@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_ranges_hold_every_value(expression):
    generator = np.random.default_rng(0)
    for _ in range(20):
        ends = np.sort(generator.normal(scale=3, size=(4, 2)), axis=1)
        box = {s: Interval.of(*e) for s, e in zip((a, b, c, d), ends)}
        points = {s: generator.uniform(*e, size=400) for s, e in zip((a, b, c, d), ends)}
        for s, e in zip((a, b, c, d), ends):
            points[s][:40] = generator.choice(e, size=40)
        values = evaluate_expression(expression, points, NUMPY)
        found = value_range(expression, box)
        room = 1e-12 * (1 + np.max(np.abs(values)))  # of the values, not of the range: they are rounded, too
        assert np.all(values >= found.low - room)
        assert np.all(values <= found.high + room)


JUMPS = {
    f.stop: lambda x: x,
    f.step: lambda x: sp.Integer(bool(x > 0)),
    f.half_step: lambda x: (1 + sp.sign(x)) / 2,
    f.sign: sp.sign,
    f.floor: sp.floor,
    f.equal: lambda x, y: sp.Integer(bool(x == y)),
}


def exactly(expression, point):
    """The value in 60 digits, floats taken as what they are."""
    exact = f.expand_definitions(expression).subs({s: sp.Rational(float(v)) for s, v in point.items()})
    for function, rule in JUMPS.items():
        exact = exact.replace(function, rule)
    return sp.N(exact, 60, maxn=5000)


@pytest.mark.parametrize("expression", EXPRESSIONS, ids=str)
def test_a_range_holds_the_exact_value_though_it_is_computed_in_floating_point(expression):
    """Boxes of one point: the range is a few units in the last place wide, and the exact value is inside."""
    generator = np.random.default_rng(1)
    for scale in (1e-3, 1.0, 20.0):
        point = dict(zip((a, b, c, d), scale * generator.normal(size=4)))
        found = value_range(expression, {s: Interval.of(v, v) for s, v in point.items()})
        value = exactly(expression, point)
        assert sp.Rational(float(found.low)) <= value <= sp.Rational(float(found.high))
        assert float(found.high - found.low) <= 1e-10 * (1 + abs(float(value)))


@pytest.mark.sampled
@pytest.mark.parametrize("name", sorted(f.FUNCTIONS))
def test_every_function_of_the_language_has_a_range_that_holds_its_exact_values(name):
    entry, generator = f.FUNCTIONS[name], np.random.default_rng(2)
    for scale in (1e-8, 0.5, 4.0, 30.0):
        values = scale * generator.normal(size=(8, entry.arity))
        values = np.abs(values) if name in ("log", "sqrt", "log1p", "norm_root", "norm_root_inverse") else values
        symbols = (a, b, c, d)[: entry.arity]
        ends = [Interval.of(column.min(), column.max()) for column in values.T]
        whole = value_range(entry.function(*symbols), dict(zip(symbols, ends)))
        for row in values:
            exact = exactly(entry.function(*symbols), dict(zip(symbols, row)))
            point = value_range(entry.function(*symbols), {s: Interval.of(v, v) for s, v in zip(symbols, row)})
            for found in (whole, point):
                low, high = (v * sp.oo if np.isinf(v) else sp.Rational(float(v)) for v in (found.low, found.high))
                assert low <= exact <= high


def test_sums_and_products_are_rounded_outward_and_only_where_they_round():
    tenth = Interval.of(0.1, 0.1)
    third = tenth + tenth + tenth
    assert sp.Rational(float(third.low)) < 3 * sp.Rational(0.1) < sp.Rational(float(third.high))
    square = tenth * tenth
    assert sp.Rational(float(square.low)) < sp.Rational(0.1) ** 2 < sp.Rational(float(square.high))
    half = Interval.of(0.5, 0.5)
    assert (half * third).point == third.point
    assert (half + half).point
    assert (Interval.of(1e308, 1e308) + Interval.of(1e308, 1e308)).low == np.finfo(float).max
    assert (Interval.of(-5e-324, -5e-324) * half).low == -5e-324


def test_a_box_may_hold_a_number_for_each_unit():
    found = value_range(a * b, {a: Interval.of([1.0, 2.0], [1.0, 2.0]), b: Interval.of(-1, 3)})
    assert found.low.tolist() == [-1, -2]
    assert found.high.tolist() == [3, 6]
