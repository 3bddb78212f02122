"""Ranges of expressions: they hold every value, and are sharp where names are looked at together."""

import numpy as np
import pytest
import sympy as sp

from gatedsym import functions as f
from gatedsym.evaluate import NUMPY, evaluate_expression
from gatedsym.flow.intervals import ALL, Interval, value_range

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
    f.sigmoid(a) + f.sigmoid(-a) * b + f.sigmoid(c) * f.sigmoid(-c) * f.sigmoid(d) ** 2,
]


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
        room = 1e-12 * (1 + np.max(np.abs(values)))
        assert np.all(values >= found.low - room)
        assert np.all(values <= found.high + room)


def test_a_box_may_hold_a_number_for_each_unit():
    found = value_range(a * b, {a: Interval.of([1.0, 2.0], [1.0, 2.0]), b: Interval.of(-1, 3)})
    assert found.low.tolist() == [-1, -2]
    assert found.high.tolist() == [3, 6]
