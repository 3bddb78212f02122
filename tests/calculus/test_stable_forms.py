"""Forms that do not cancel: found in equations and through names, proven equal, accurate where typed forms are lost."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from literature import CELLS

from gatedsym.calculus.stable import stabilise
from gatedsym.equations import read_equations
from gatedsym.ir.evaluate import NUMPY, evaluate
from gatedsym.proofs.emitted import prove_stable

mp = mpmath.mp.clone()
mp.prec = 4000  # bits: 1 - σ(800) needs some 1,200


def logistic(x):
    return 1 / (1 + mp.exp(-x))


FORMS = {
    "1 - sigmoid(x)": (800, 0, lambda x, y: 1 - logistic(x)),
    "3 - 3*sigmoid(x)": (300, 0, lambda x, y: 3 - 3 * logistic(x)),
    "sigmoid(x) - 1": (300, 0, lambda x, y: logistic(x) - 1),
    "1 - tanh(x)**2": (300, 0, lambda x, y: 1 - mp.tanh(x) ** 2),
    "1 - tanh(x)": (300, 0, lambda x, y: 1 - mp.tanh(x)),
    "1 + tanh(x)": (-300, 0, lambda x, y: 1 + mp.tanh(x)),
    "2*sigmoid(x) - 1": (1e-30, 0, lambda x, y: 2 * logistic(x) - 1),
    "log(sigmoid(x))": (-900, 0, lambda x, y: mp.log(logistic(x))),
    "log(1 + exp(x))": (900, 0, lambda x, y: mp.log(1 + mp.exp(x))),
    "log(exp(x))": (900, 0, lambda x, y: mp.mpf(x)),
    "exp(x) / (exp(x) + exp(y))": (900, 901, lambda x, y: 1 / (1 + mp.exp(y - x))),
    "exp(x) / (1 + exp(x))": (900, 0, lambda x, y: logistic(x)),
    "exp(x) / (exp(x) + 1)": (750, 0, lambda x, y: logistic(x)),
    "exp(-x) / (1 + exp(-x))": (-900, 0, lambda x, y: logistic(-x)),
    "3 * exp(x) / (2 + 2*exp(x))": (900, 0, lambda x, y: 1.5 * logistic(x)),
    "x * exp(x) / (1 + exp(x))": (900, 0, lambda x, y: x * logistic(x)),
    "exp(x + y) / (1 + exp(x + y))": (900, 5, lambda x, y: logistic(x + y)),
    "exp(x) / (1 + exp(x))**2": (800 / 2, 0, lambda x, y: logistic(x) * logistic(-x)),
    "exp(2*x) / (1 + exp(2*x))": (900, 0, lambda x, y: logistic(2 * x)),
    "1 / (1 + 1/exp(x)) - 1": (900, 0, lambda x, y: logistic(x) - 1),
    "1 - 1/(1 + exp(-x))": (300, 0, lambda x, y: 1 - logistic(x)),
    "(1 + exp(-x))**-1 - 1": (300, 0, lambda x, y: logistic(x) - 1),
    "log(1 / (1 + exp(-x)))": (-900, 0, lambda x, y: mp.log(logistic(x))),
    "log((1 + exp(-x))**-1)": (-900, 0, lambda x, y: mp.log(logistic(x))),
    "-log(1 + exp(-x))": (-900, 0, lambda x, y: mp.log(logistic(x))),
    "(exp(x) - exp(-x)) / (exp(x) + exp(-x))": (900, 0, lambda x, y: mp.tanh(x)),
    "(exp(2*x) - 1) / (exp(2*x) + 1)": (900, 0, lambda x, y: mp.tanh(x)),
    "(1 - exp(-2*x)) / (1 + exp(-2*x))": (-900, 0, lambda x, y: mp.tanh(x)),
    "2 / (1 + exp(-2*x)) - 1": (1e-30, 0, lambda x, y: mp.tanh(x)),
    "(exp(x) - exp(y)) / (exp(x) + exp(y))": (900, 901, lambda x, y: mp.tanh((mp.mpf(x) - y) / 2)),
    "exp(x) / (exp(x) + exp(-x))": (900, 0, lambda x, y: logistic(2 * x)),
    "sigmoid(x) / (sigmoid(x) + sigmoid(y))": (-900, -899, lambda x, y: logistic(x) / (logistic(x) + logistic(y))),
    "sigmoid(y) / (sigmoid(x) + sigmoid(y))": (-900, -899, lambda x, y: logistic(y) / (logistic(x) + logistic(y))),
}
"""Typed form: arguments where it is lost, and its value by many digits."""


def step_of(form, named=False):
    """A cell whose one output is the form; its functions are given names of their own where `named`."""
    lines = ["input x in R; input y in R; output z", "u = y"]
    for function in ("sigmoid", "tanh", "exp"):
        if named:
            for argument in ("x", "y"):
                name = f"{function[0]}{argument}"
                if f"{function}({argument})" in form:
                    lines.append(f"{name} = {function}({argument})")
                    form = form.replace(f"{function}({argument})", name)
    return read_equations("\n".join([*lines, f"z = {form} + 0*u"]), name="form")


def value(program, x, y):
    given = {n: np.array(float(v)) for n, v in (("x", x), ("y", y)) if n in program}
    with np.errstate(all="ignore"):
        return float(evaluate(program, given, NUMPY)["z"])


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("form", FORMS)
def test_stable_form_keeps_all_digits_where_the_typed_form_has_none(form, named):
    """Within 4 ulp of 4,000 bits, in double precision; the typed form is off by more than half its value."""
    x, y, exact = FORMS[form]
    recurrence = step_of(form, named)
    wanted = float(exact(mp.mpf(x), mp.mpf(y)))
    typed, stable = (value(p, x, y) for p in (recurrence.program, stabilise(recurrence.program)))
    assert not abs(typed - wanted) < 0.5 * abs(wanted)
    assert stable == pytest.approx(wanted, rel=4 * 2.0**-52, abs=0)


@pytest.mark.parametrize("form", FORMS)
def test_stable_form_is_proven_equal(form):
    assert prove_stable(step_of(form)).entries == 2  # z, and u, which has a name too


def test_what_does_not_cancel_stays():
    program = read_equations("input x in R; output z\nz = 2 - sigmoid(x) + 3*tanh(x)", name="plain").program
    assert stabilise(program) == program


@pytest.mark.parametrize("name", CELLS)
def test_every_value_keeps_its_name_and_a_second_pass_finds_nothing(name):
    program = read_equations(CELLS[name], name=name).program
    stable = stabilise(program)
    assert set(program.sources) == set(stable.sources)
    assert program.results == stable.results
    assert {t.name for t in program.tensors if t.named} <= {t.name for t in stable.tensors}
    assert stabilise(stable) == stable
