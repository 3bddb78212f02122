"""Gates that retain a state are found in any highway, by the sign of its derivative, and with the right sign."""

import random
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.calculus.retention import find_gates
from gatedsym.calculus.stable import stabilise
from gatedsym.equations import read_equations
from gatedsym.errors import EquationWarning

GATES = ("f", "p", "z")
HEAD = """
x in R^m;  h in R^n
W_{f,p,z,g} in R^(n,m);  U_{f,p,z,g} in R^(n,n);  b_{f,p,z,g} in R^n;  gamma in R^n;  dt = 0.1
f = sigmoid(W_f @ x + U_f @ h + b_f)
p = sigmoid(W_p @ x + U_p @ h + b_p)
z = sigmoid(W_z @ x + U_z @ h + b_z)
g = tanh(W_g @ x + U_g @ h + b_g)
s = gamma + dt * f + p + z
"""


def retaining(lines: str) -> dict[str, int]:
    """The sign of each bias that retains h."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        program = stabilise(read_equations(f"{HEAD}output y\ny = s\n{lines}", name="mine").program)
    return {g.bias: g.sign for g in find_gates(program) if g.role == "retain"}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("h' = f * h + z * g", {"b_f": 1}),
        ("h' = (1 - z) * (gamma * h) + z * g", {"b_z": -1}),
        ("h' = p * h + (1 - p) * (f * h + z * g)", {"b_p": 1, "b_f": 1}),
        ("h' = h + dt * (-h + g)", {}),
        ("h' = h + dt * (-z * h + g)", {"b_z": -1}),
        ("h' = h + z * (g - h)", {"b_z": -1}),
        ("h' = f * p * h + g", {"b_f": 1, "b_p": 1}),
        ("k = f * p\nq = k * h\nh' = q + g", {"b_f": 1, "b_p": 1}),
        ("a = 1 - z\nd = a * h\nh' = d + z * g", {"b_z": -1}),
        ("h' = tanh(f * h + g)", {"b_f": 1}),
        ("h' = -f * h + g", {"b_f": 1}),
        ("h' = f * h / 2 + (1 - f) * h / 2 + g", {}),
        ("h' = (f - z) * h + g", {}),
        ("h' = f * g", {}),
        ("h' = f * (U_g @ h) + g", {}),
    ],
)
def test_gates_that_retain_are_found_in_any_form(lines: str, expected: dict[str, int]) -> None:
    assert retaining(lines) == expected


Values = Mapping[str, float]
Highway = tuple[str, Callable[[Values], float]]


def random_highway(draw: random.Random, depth: int) -> Highway:
    """An expression in gates and constants, as text and as a function of the gates' values."""
    if not depth or draw.random() < 0.2:
        gate = draw.choice(GATES)
        turned = draw.random() < 0.4
        return (f"(1 - {gate})", lambda v: 1 - v[gate]) if turned else (gate, lambda v: v[gate])
    (a, of_a), (b, of_b) = random_highway(draw, depth - 1), random_highway(draw, depth - 1)
    gate = draw.choice(GATES)
    return draw.choice(
        [
            (f"({a} * {b})", lambda v: of_a(v) * of_b(v)),
            (f"({gate} * {a} + (1 - {gate}) * {b})", lambda v: v[gate] * of_a(v) + (1 - v[gate]) * of_b(v)),
            (f"(gamma * {a})", lambda v: v["gamma"] * of_a(v)),
            (f"(1 - dt * {a})", lambda v: 1 - 0.1 * of_a(v)),
            (f"({gate} + (1 - {gate}) * {a})", lambda v: v[gate] + (1 - v[gate]) * of_a(v)),
        ]
    )


def sign_at_points(highway: Callable[[Values], float], gate: str, points: int = 300) -> int | None:
    """The sign of the change of the highway's size as a gate opens, if it is the same at many points; None if not."""
    generator, signs = np.random.default_rng(0), set()
    for _ in range(points):
        values = {name: generator.uniform(0.01, 0.98) for name in GATES} | {"gamma": generator.normal()}
        change = abs(highway(values | {gate: values[gate] + 1e-3})) - abs(highway(values))
        if abs(change) > 1e-12:
            signs.add(int(np.sign(change)))
    return None if len(signs) > 1 else signs.pop() if signs else 0


def test_the_sign_of_a_gate_is_that_of_the_highways_growth() -> None:
    missed = told = 0
    for seed in range(30):
        text, highway = random_highway(random.Random(seed), 2)
        found = retaining(f"h' = {text} * h + g")
        for gate in GATES:
            expected, sign = sign_at_points(highway, gate), found.get(f"b_{gate}", 0)
            if sign:
                assert sign == expected, (text, gate)
            missed += bool(expected) and not sign
            told += bool(sign)
    assert told > 25
    assert missed <= told / 5  # what intervals do not see, such as 1 - f + f² > 0


def test_a_cell_with_a_composite_highway_starts_out_retaining() -> None:
    cell = gs.Cell(f"{HEAD}output y\ny = s\nh' = p * h + (1 - p) * (f * h + (1 - z) * g)", name="mixture")
    params = cell.init(m=2, n=3, retention=2.0)
    assert (params["b_p"] == 2).all()
    assert (params["b_f"] == 2).all()
