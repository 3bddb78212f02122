"""Two kinds of number for `by_hand`: big floats, and floats that carry what one ulp everywhere does to them.

`Exact` is mpmath at a precision of choice. `Shaken` is first-order error propagation in many random trials at once: in
each trial every given number, every product and every sum, and every value of a function is moved by one unit in the
last place of the format under study, up or down at random. The largest movement of an entry over the trials is what the
table calls its one-ulp change. It never exceeds the sum of the absolute first-order changes, so a limit of eight
one-ulp changes is stricter than eight times that sum.
"""

from dataclasses import dataclass

import mpmath
import numpy as np

mp = mpmath.mp


def _elementwise(function):
    return np.frompyfunc(function, 1, 1)


class Exact:
    """mpmath numbers in object arrays; slopes by formulas in which nothing cancels."""

    sigmoid = staticmethod(_elementwise(lambda a: 1 / (1 + mp.exp(-a))))
    tanh = staticmethod(_elementwise(mp.tanh))
    sigmoid_slope = staticmethod(_elementwise(lambda a: 1 / ((1 + mp.exp(a)) * (1 + mp.exp(-a)))))
    tanh_slope = staticmethod(_elementwise(lambda a: 1 / mp.cosh(a) ** 2))

    @staticmethod
    def given(array):
        """An array of floats, exactly."""
        return _elementwise(lambda v: mp.mpf(float(v)))(array)

    @staticmethod
    def times(v, matrix):
        return v @ matrix.T

    @staticmethod
    def times_transposed(v, matrix):
        return v @ matrix

    @staticmethod
    def outer(v, w):
        return v.T @ w

    @staticmethod
    def over_batch(v):
        return v.sum(axis=0)

    @staticmethod
    def total(terms):
        return sum(terms[1:], terms[0])


class Naive(Exact):
    """Float64 with the slopes as texts print them, σ(1 - σ) and 1 - tanh²: what the criteria are there to refuse."""

    sigmoid = staticmethod(lambda a: 0.5 + 0.5 * np.tanh(a / 2))
    tanh = staticmethod(np.tanh)

    @staticmethod
    def given(array):
        return np.asarray(array, np.float64)

    @classmethod
    def sigmoid_slope(cls, a):
        return cls.sigmoid(a) * (1 - cls.sigmoid(a))

    @classmethod
    def tanh_slope(cls, a):
        return 1 - cls.tanh(a) ** 2


@dataclass
class Moved:
    """Values in float64, and in units of the format's epsilon how far each trial has moved them: (trials, *shape)."""

    value: np.ndarray
    shift: np.ndarray
    by: "Shaken"

    def __add__(self, other):
        shift = other.shift if other.value.ndim == self.value.ndim else other.shift[:, None]  # a bias, for every row
        return self.by.rounded(self.value + other.value, self.shift + shift)

    def __sub__(self, other):
        return self.by.rounded(self.value - other.value, self.shift - other.shift)

    def __mul__(self, other):
        return self.by.rounded(self.value * other.value, self.shift * other.value + self.value * other.shift)

    def __neg__(self):
        return Moved(-self.value, -self.shift, self.by)


class Shaken:
    """Arithmetic on `Moved` numbers, for one floating-point format."""

    def __init__(self, dtype, trials=64, seed=0):
        self.least = float(np.finfo(dtype).smallest_normal)  # below it an ulp stays what it is here
        self.trials, self.generator = trials, np.random.default_rng(seed)

    def _ulps(self, value):
        """One ulp up or down for each trial, in units of the format's epsilon."""
        _, exponent = np.frexp(value)
        unit = np.maximum(np.ldexp(1.0, exponent - 1), self.least)
        return unit * (2 * self.generator.integers(0, 2, (self.trials, *np.shape(value))) - 1)

    def rounded(self, value, shift):
        return Moved(value, shift + self._ulps(value), self)

    def given(self, array):
        value = np.asarray(array, np.float64)
        return self.rounded(value, 0)

    def _summed(self, product, shift, axis):
        """A sum of products: each is moved, and then the sum is."""
        moved = (shift + self._ulps(product)).sum(axis=axis)
        return self.rounded(product.sum(axis=axis), moved)

    def times(self, v, matrix):
        left, right = v.value[:, None, :], matrix.value
        shift = v.shift[:, :, None, :] * right + left * matrix.shift[:, None]
        return self._summed(left * right, shift, -1)

    def times_transposed(self, v, matrix):
        return self.times(v, Moved(matrix.value.T, matrix.shift.transpose(0, 2, 1), self))

    def outer(self, v, w):
        left, right = v.value[:, :, None], w.value[:, None, :]
        shift = v.shift[:, :, :, None] * right + left * w.shift[:, :, None, :]
        return self._summed(left * right, shift, -3)

    def over_batch(self, v):
        return self.rounded(v.value.sum(axis=0), v.shift.sum(axis=1))

    @staticmethod
    def total(terms):
        return sum(terms[1:], terms[0])

    def _function(self, a, value, slope):
        return self.rounded(value, a.shift * slope)

    def sigmoid(self, a):
        return self._function(a, _sigmoid(a.value), _sigmoid(a.value) * _sigmoid(-a.value))

    def tanh(self, a):
        return self._function(a, np.tanh(a.value), _sech2(a.value))

    def sigmoid_slope(self, a):
        value = _sigmoid(a.value) * _sigmoid(-a.value)
        return self._function(a, value, value * (_sigmoid(-a.value) - _sigmoid(a.value)))

    def tanh_slope(self, a):
        return self._function(a, _sech2(a.value), -2 * np.tanh(a.value) * _sech2(a.value))


def _sigmoid(a):
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, 1, e) / (1 + e)


def _sech2(a):
    e = np.exp(-2 * np.abs(a))
    return 4 * e / (1 + e) ** 2
