"""Gradients to many digits by reverse accumulation over single scalar operations: nothing of gatedsym's calculus.

A `Traced` number remembers what it was computed from, and the slope by each operand: the other factor of a product, and
for a function a central difference of the function itself, at a precision at which its error is far below the digits
wanted. So there is no table of derivatives here that could share a mistake with the engine's.
"""

from __future__ import annotations

import numpy as np
import sympy as sp
from transcriptions.arithmetic import EXACT, mp

from gatedsym.ir.evaluate import Arithmetic

DIGITS = 30
"""That must stand still in the reference: with 1e-12 to be judged, 18 digits are to spare."""


def mapped(function, array):
    """A function of one number at every entry; an array without axes stays one."""
    return np.asarray(np.frompyfunc(function, 1, 1)(np.asarray(array, dtype=object)), dtype=object)


def big(point):
    """A point's arrays in big floats, exactly."""
    return {group: {name: mapped(mp.mpf, a) for name, a in v.items()} for group, v in point.items()}


class Traced:
    """A big float with the operations that led to it.

    Attributes
    ----------
    value : mpf
    edges : tuple of (Traced, slope)
    adjoint : mpf
        The derivative of the loss by this number, once `accumulate` has passed.
    """

    __slots__ = ("adjoint", "edges", "tape", "value")

    def __init__(self, value, edges, tape):
        self.value, self.edges, self.tape, self.adjoint = value, edges, tape, 0
        tape.append(self)

    def __add__(self, other):
        if isinstance(other, Traced):
            return Traced(self.value + other.value, ((self, 1), (other, 1)), self.tape)
        if isinstance(other, np.ndarray):
            return NotImplemented  # which then adds this number to its entries
        return Traced(self.value + other, ((self, 1),), self.tape)

    __radd__ = __add__

    def __neg__(self):
        return Traced(-self.value, ((self, -1),), self.tape)

    def __sub__(self, other):
        return self + (-other)

    def __rsub__(self, other):
        return -self + other

    def __mul__(self, other):
        if isinstance(other, Traced):
            return Traced(self.value * other.value, ((self, other.value), (other, self.value)), self.tape)
        if isinstance(other, np.ndarray):
            return NotImplemented
        return Traced(self.value * other, ((self, other),), self.tape)

    __rmul__ = __mul__

    def reciprocal(self):
        inverse = 1 / self.value
        return Traced(inverse, ((self, -inverse * inverse),), self.tape)

    def __truediv__(self, other):
        return self * (other.reciprocal() if isinstance(other, Traced) else mp.one / other)

    def __rtruediv__(self, other):
        return self.reciprocal() * other


def trace(array, tape):
    """An array of numbers as independent variables on a tape."""
    return mapped(lambda v: Traced(mp.mpf(v), (), tape), array)


def accumulate(loss):
    """Give every number on the tape its adjoint."""
    loss.adjoint = mp.one
    for number in reversed(loss.tape):
        carried = number.adjoint
        if carried:
            for operand, slope in number.edges:
                operand.adjoint = operand.adjoint + carried * slope


def adjoints(array):
    """The adjoints of an array of traced numbers."""
    return mapped(lambda v: v.adjoint, array)


def values(array):
    """The big floats of an array of traced numbers, and of those that depend on nothing traced."""
    return mapped(_value, array)


def slope(function, a):
    """The derivative of a function of one number, to about two thirds of the working digits.

    With h = 10^(-d/3) at d digits the truncation h² and the rounding 10^-d / h are both 10^(-2d/3).
    """
    h = mp.mpf(10) ** -(mp.dps // 3)
    return (function(a + h) - function(a - h)) / (2 * h)


FUNCTIONS = {
    "sigmoid": EXACT.sigmoid,
    "tanh": EXACT.tanh,
    "exp": EXACT.exp,
    "log": EXACT.log,
    "sqrt": EXACT.sqrt,
    "norm_root": EXACT.sqrt,
    "sin": EXACT.sin,
    "cos": EXACT.cos,
    "softplus": EXACT.softplus,
    "log_sigmoid": EXACT.log_sigmoid,
    "softsign": EXACT.softsign,
    "normal_cdf": EXACT.normal_cdf,
    "tan": mp.tan,
    "atan": mp.atan,
    "sinh": mp.sinh,
    "cosh": mp.cosh,
    "expm1": mp.expm1,
    "log1p": mp.log1p,
    "erf": mp.erf,
    "hard_tanh": lambda a: max(-mp.one, min(mp.one, a)),
    "absolute": EXACT.abs,
    "relu": EXACT.relu,
    "hard_sigmoid": EXACT.hard_sigmoid,
    "hard_sigmoid_02": EXACT.hard_sigmoid_02,
    "elu": EXACT.elu,
    "step": lambda a: mp.mpf(int(a > 0)),
    "sign": lambda a: mp.sign(a),
    "floor": lambda a: mp.floor(a),
    "pivot": lambda a: +a,  # differentiated through: that a softmax does not depend on it is to be seen, not assumed
}
"""What typed equations can hold, by the name a Program has for it."""


def _value(a):
    return a.value if isinstance(a, Traced) else a


def _traced(function):
    def apply(a):
        if not isinstance(a, Traced):
            return function(a)
        return Traced(function(a.value), ((a, slope(function, a.value)),), a.tape)

    return np.frompyfunc(apply, 1, 1)


def _larger(a, b):
    return a if _value(a) > _value(b) else b


def _smaller(a, b):
    return a if _value(a) < _value(b) else b


def _number(number):
    return +mp.pi if number is sp.pi else mp.mpf(int(number.p)) / int(number.q)


MAXIMUM = np.frompyfunc(_larger, 2, 1)


def _largest(array, axes):
    kept = [a for a in range(array.ndim) if a - array.ndim not in axes]
    moved = array.transpose(*kept, *(a for a in range(array.ndim) if a not in kept))
    flat = moved.reshape(*moved.shape[: len(kept)], -1)
    return np.asarray(MAXIMUM.reduce(flat, axis=-1), dtype=object)


ARITHMETIC = Arithmetic(
    number=_number,
    functions={
        **{name: _traced(function) for name, function in FUNCTIONS.items()},
        "maximum": MAXIMUM,
        "minimum": np.frompyfunc(_smaller, 2, 1),
        "equal": np.frompyfunc(lambda a, b: mp.mpf(int(_value(a) == _value(b))), 2, 1),
        "clip": np.frompyfunc(lambda a, low, high: _smaller(_larger(a, low), high), 3, 1),
        "leaky_relu": np.frompyfunc(lambda a, slope: a if _value(a) > 0 else a * slope, 2, 1),
        "where_above": np.frompyfunc(lambda u, v, a, b: a if _value(u) > _value(v) else b, 4, 1),
        "where_least": np.frompyfunc(lambda u, v, a, b: a if _value(u) >= _value(v) else b, 4, 1),
    },
    maximum=_largest,
)
"""Traced numbers, and plain big floats too, for `evaluate`."""


# The reference


def reference(problem):
    """Values and gradients of a problem's typed equations, grouped as its point is, with ``values`` beside.

    The working precision is raised until `DIGITS` of every block stand still.
    """
    digits, before = 50, None
    while True:
        found = _computed(problem, digits)
        if before is not None and _moved(before, found) < mp.mpf(10) ** -DIGITS:
            return found
        digits, before = digits + 20, found


def _computed(problem, digits):
    with mp.workdps(digits):
        tape = []
        point = {g: {n: trace(a, tape) for n, a in v.items()} for g, v in problem.point.items()}
        typed = problem.trajectory(ARITHMETIC, point)
        terms = [(typed[name] * c.astype(object)).sum() for name, c in problem.cotangents.items()]
        accumulate(sum(terms[1:], terms[0]))
        found = {name: values(typed[name]) for name in problem.cotangents}
        return {"values": found, **{g: {n: adjoints(a) for n, a in v.items()} for g, v in point.items()}}


def _moved(before, after):
    """The largest movement of a block, divided by the block's norm."""
    with mp.workdps(60):
        return max(distance(before[g][n], block) for g, v in after.items() for n, block in v.items())


def distance(block, other):
    """The norm of the difference of two blocks over the norm of the second; where that is 0, of the first alone."""
    error = mp.norm([mp.mpf(a) - b for a, b in zip(block.ravel(), other.ravel(), strict=True)])
    return error / (mp.norm(list(other.ravel())) or 1)
