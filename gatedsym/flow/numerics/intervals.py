"""Interval arithmetic on pointwise expressions: from the ranges of names to a range of what is made of them.

An interval is two arrays, of anything that broadcasts: one number for all units, or one for each. Bounds may be
infinite. Ranges are sharper than interval arithmetic by itself gives, because names that stand in an expression more
than once are looked at together: an expression that is affine in each name has its extremes at corners of the box, one
that is quadratic in one of them at corners or at a vertex, and factors without a common name are independent.

Ends are rounded outward wherever an operation rounds (sums and products that are exact stay as they are, so that
(1 - z) h + z g maps [-1, 1] into itself), and those of functions by more than NumPy errs: an interval holds every value
of the expression, not only every value but for rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import numpy as np
import sympy as sp

from gatedsym.ir import functions as f
from gatedsym.ir.evaluate import NUMPY, Arithmetic, evaluate_expression
from gatedsym.typing import Array

MOST_CORNERS = 10
"""An expression in more names than this is not looked at corner by corner."""


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`, ends included where they are finite."""

    low: Array
    high: Array

    @classmethod
    def of(cls, low: Any, high: Any) -> Interval:
        """From numbers or arrays."""
        return cls(np.asarray(low, np.float64), np.asarray(high, np.float64))

    @property
    def finite(self) -> bool:
        return bool(np.isfinite(self.low).all() and np.isfinite(self.high).all())

    @property
    def point(self) -> bool:
        """True if every interval is one number."""
        return self.low is self.high or bool(np.array_equal(self.low, self.high))

    @property
    def magnitude(self) -> Array:
        """The largest absolute value."""
        return np.asarray(np.maximum(np.abs(self.low), np.abs(self.high)))

    def __add__(self, other: Interval) -> Interval:
        return Interval(_sum(self.low, other.low)[0], _sum(self.high, other.high)[1])

    def __mul__(self, other: Interval) -> Interval:
        if self.point and other.point:
            return Interval(*_product(self.low, other.low))
        ends = [_product(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval.of(_reduced(np.minimum, [e[0] for e in ends]), _reduced(np.maximum, [e[1] for e in ends]))

    def __truediv__(self, other: Interval) -> Interval:
        return self * _power(other, -1)

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        return Interval.of(np.minimum(self.low, other.low), np.maximum(self.high, other.high))

    def meet(self, other: Interval) -> Interval:
        """The numbers that both allow."""
        low, high = np.maximum(self.low, other.low), np.minimum(self.high, other.high)
        # Both are right, so they overlap; where what is put in does not, as a measured range may, they touch.
        return Interval.of(np.minimum(low, high), np.maximum(low, high))


ALL = Interval.of(-np.inf, np.inf)


def number(value: Any) -> Interval:
    """The interval of one number, or of one for each unit."""
    array = np.asarray(value, np.float64)
    return Interval(array, array)


def value_range(expression: sp.Expr, box: Mapping[sp.Symbol, Interval]) -> Interval:
    """Bounds of an expression over a box.

    Parameters
    ----------
    expression : sympy.Expr
        In symbols of the box, numbers and functions of `functions.FUNCTIONS`.
    box : mapping of sympy.Symbol to Interval

    Returns
    -------
    Interval
        Holds every value of the expression; where the expression is affine or quadratic in each name by itself, no
        more than the values and what rounding adds.
    """
    return _Ranges(box).of(expression)


def _times(a: Array, b: Array) -> Array:
    """Product of ends: 0 times infinity is 0, for infinity is no value, only the lack of a bound."""
    with np.errstate(invalid="ignore", over="ignore", under="ignore"):
        found = a * b
    return np.where(np.isnan(found) & ((a == 0) | (b == 0)), 0.0, found)


# Rounding outward.


def _sum(a: Array, b: Array) -> tuple[Array, Array]:
    """The nearest numbers below and above a + b, both a + b where that is exact (Knuth's two-sum tells)."""
    with np.errstate(invalid="ignore", over="ignore"):
        found = a + b
        part = found - a
        error = (a - (found - part)) + (b - part)
        # An error that is no number: the sum overflowed, or is infinite as one of the two is.
        lost = np.isnan(error) & np.isfinite(a) & np.isfinite(b)
    return _below(found, (error < 0) | lost), _above(found, (error > 0) | lost)


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """Numbers next to a b below and above, both a b where a factor is 0 or a power of 2."""
    found = _times(a, b)
    rounds = ~(_power_of_two(a) | _power_of_two(b)) | ((np.abs(found) < _SMALLEST) & (a != 0) & (b != 0))
    return _below(found, rounds), _above(found, rounds)


def _power_of_two(a: Array) -> Array:
    """True for what multiplies without rounding: 0, infinity, powers of 2 and their negatives."""
    return np.asarray((a == 0) | np.isinf(a) | (np.abs(np.frexp(a)[0]) == 0.5))


def _below(value: Array, where: Array) -> Array:
    return np.where(where, np.nextafter(value, -np.inf), value)


def _above(value: Array, where: Array) -> Array:
    return np.where(where, np.nextafter(value, np.inf), value)


@cache
def _enclosed(value: sp.Expr) -> Interval:
    """The interval around an exact number: one number where that is a float."""
    nearest = float(value)
    if value.is_Rational and sp.Rational(nearest) == value:
        return number(nearest)
    return Interval.of(np.nextafter(nearest, -np.inf), np.nextafter(nearest, np.inf))


def _reduced(choose: Callable[[Array, Array], Array], arrays: list[Array]) -> Array:
    found = arrays[0]
    for array in arrays[1:]:
        found = choose(found, array)
    return found


class _Ranges:
    """Ranges over one box; what functions give becomes a name of its own."""

    def __init__(self, box: Mapping[sp.Symbol, Interval]) -> None:
        self.box: dict[sp.Symbol, Interval] = dict(box)
        self.made: dict[sp.Expr, sp.Symbol] = {}

    def of(self, expression: sp.Expr) -> Interval:
        return self._rational(self._named(expression))

    def _named(self, e: sp.Expr) -> sp.Expr:
        """The expression with a symbol for every application of a function."""
        if e.is_Function:
            return self._application(e)
        if e.args and not e.is_number:
            rebuilt = e.func(*(self._named(a) for a in e.args))
            return self._without_maximum(rebuilt) if rebuilt.is_Add else rebuilt
        return e

    def _application(self, e: sp.Expr) -> sp.Expr:
        (first, *_) = e.args
        if e.func is f.sigmoid and first.could_extract_minus_sign():
            return 1 - self._application(f.sigmoid(-first))
        if e.func in (f.sech2, f.cos) and first.could_extract_minus_sign():
            return self._application(e.func(-first))
        if e.func is f.tanh and first.could_extract_minus_sign():
            return -self._application(f.tanh(-first))
        inner = e.func(*(self._named(a) for a in e.args))
        if inner not in self.made:
            symbol = sp.Symbol(f"value {len(self.made)} of {type(e).__name__}")
            self.made[inner] = symbol
            self.box[symbol] = apply(type(e).__name__, [self._rational(a) for a in inner.args])
        return self.made[inner]

    def _without_maximum(self, e: sp.Expr) -> sp.Expr:
        """a - max(a, b) is -relu(b - a), which is not positive whatever a and b are."""
        for inner, symbol in list(self.made.items()):
            if inner.func is f.maximum and e.coeff(symbol) == -1:
                rest = e + symbol
                for one, other in (inner.args, inner.args[::-1]):
                    left = sp.expand(rest - one)
                    if len(left.free_symbols) < len(rest.free_symbols):
                        return left - self._application(f.relu(other - one))
        return e

    def _rational(self, e: sp.Expr) -> Interval:
        """Sums, products and powers of names."""
        if e.is_Symbol:
            return self.box[e]
        if e.is_number:
            return _enclosed(e)
        naive = self._piecewise(e)
        variables = [s for s in sorted(e.free_symbols, key=str) if not self.box[s].point]
        if len(variables) > MOST_CORNERS or not all(self.box[s].finite for s in variables):
            return naive
        exact = self._polynomial(e, variables)
        return naive if exact is None else exact.meet(naive)

    def _piecewise(self, e: sp.Expr) -> Interval:
        """Operation by operation; factors that share a name are taken together."""
        if e.is_Add:
            terms = [self._rational(a) for a in e.args]
            found = terms[0]
            for term in terms[1:]:
                found = found + term
            return found
        if e.is_Mul:
            found = number(1.0)
            groups = self._groups(e)
            for group in groups:
                if len(groups) > 1:
                    found = found * self._rational(sp.Mul(*group))
                else:
                    for factor in group:
                        found = found * self._rational(factor)
            return found
        if e.is_Pow and e.exp.is_Integer:
            return _power(self._rational(e.base), int(e.exp))
        raise ValueError(f"no range is known for {e} ({type(e).__name__})")

    def _groups(self, e: sp.Expr) -> list[list[sp.Expr]]:
        """Factors, those together that share a name."""
        groups: list[tuple[set[sp.Symbol], list[sp.Expr]]] = []
        for factor in e.args:
            names, members = set(factor.free_symbols), [factor]
            apart = []
            for group in groups:
                if group[0] & names:
                    names |= group[0]
                    members = group[1] + members
                else:
                    apart.append(group)
            groups = [*apart, (names, members)]
        return [members for _, members in groups]

    def _polynomial(self, e: sp.Expr, variables: list[sp.Symbol]) -> Interval | None:
        """The exact range of what is affine in all names but one, and quadratic at most in that one."""
        if not variables or not e.is_polynomial(*variables):
            return self._at_point(e) if not variables else None
        polynomial = sp.Poly(e, *variables)
        bent = [v for v in variables if polynomial.degree(v) > 1]
        if len(bent) > 1 or (bent and polynomial.degree(bent[0]) > 2):
            return None
        affine = [v for v in variables if v not in bent]
        found: Interval | None = None
        for ends in product((False, True), repeat=len(affine)):
            values = {s: number(self.box[s].low) for s in e.free_symbols}
            values |= {s: number(self.box[s].high if top else self.box[s].low) for s, top in zip(affine, ends)}
            for value in self._extremes(e, bent, values):
                found = value if found is None else found.hull(value)
        return found

    def _at_point(self, e: sp.Expr) -> Interval:
        return _evaluated(e, {s: number(self.box[s].low) for s in e.free_symbols})

    def _extremes(self, e: sp.Expr, bent: list[sp.Symbol], values: dict[sp.Symbol, Interval]) -> list[Interval]:
        if not bent:
            return [_evaluated(e, values)]
        (x,) = bent
        ends = [_evaluated(e, {**values, x: number(at)}) for at in (self.box[x].low, self.box[x].high)]
        return [*ends, self._vertex(e, x, values).hull(ends[0])]

    def _vertex(self, e: sp.Expr, x: sp.Symbol, values: dict[sp.Symbol, Interval]) -> Interval:
        """The value c - b² / (4 a) of a x² + b x + c at its vertex; at the lower end where there is none inside."""
        c, b = (_evaluated(d.subs(x, 0), values) for d in (e, sp.diff(e, x)))
        a = _evaluated(sp.diff(e, x, 2) / 2, values)
        with np.errstate(all="ignore"):
            place = -b.low / (2 * a.low)
            near = 4 * np.spacing(np.abs(place))
        inside = (place >= self.box[x].low - near) & (place <= self.box[x].high + near)
        top = c + number(-0.25) * b * b * _power(a, -1)
        low = _evaluated(e, {**values, x: number(self.box[x].low)})
        return Interval.of(np.where(inside, top.low, low.low), np.where(inside, top.high, low.high))


def _evaluated(e: sp.Expr, values: Mapping[sp.Symbol, Interval]) -> Interval:
    found: Interval = evaluate_expression(e, values, _INTERVALS)
    return found


_INTERVALS = Arithmetic(number=_enclosed, functions={}, maximum=np.max)


def _power(base: Interval, exponent: int) -> Interval:
    if exponent < 0:
        inner = _power(base, -exponent)
        crosses = (inner.low < 0) & (inner.high > 0)
        rounds = [~_power_of_two(end) for end in (inner.high, inner.low)]
        with np.errstate(divide="ignore", over="ignore"):
            # An end of 0 is the end of one side alone, the inside of the interval.
            low = np.where(inner.high == 0, -np.inf, _below(1 / inner.high, rounds[0]))
            high = np.where(inner.low == 0, np.inf, _above(1 / inner.low, rounds[1]))
        return Interval.of(np.where(crosses, -np.inf, low), np.where(crosses, np.inf, high))
    if exponent == 0:
        return number(1.0)
    ends = [_repeated(end, exponent) for end in (base.low, base.high)]
    low, high = np.minimum(ends[0].low, ends[1].low), np.maximum(ends[0].high, ends[1].high)
    if exponent % 2 == 0:
        low = np.where((base.low < 0) & (base.high > 0), 0.0, np.maximum(low, 0.0))
    return Interval.of(low, high)


def _repeated(end: Array, exponent: int) -> Interval:
    """A number times itself, so many factors."""
    found = point = number(end)
    for _ in range(exponent - 1):
        found = found * point
    return found


# Functions.

_RISING = frozenset(
    {"sigmoid", "tanh", "exp", "log", "sqrt", "softplus", "log_sigmoid", "softsign", "normal_cdf", "step", "half_step",
     "sign", "floor", "relu", "hard_sigmoid", "hard_sigmoid_02", "elu", "maximum", "minimum", "erf", "atan", "sinh",
     "log1p", "expm1", "norm_root", "pivot", "stop", "hard_tanh", "clip"}
)  # fmt: skip
_PEAKED = frozenset({"sech2", "normal_pdf", "erf_slope"})
"""Even, falling on both sides of 0."""
_BOWLS = frozenset({"absolute", "cosh"})
"""Even, rising on both sides of 0."""
_EXACT = frozenset(
    {"step", "half_step", "sign", "floor", "equal", "relu", "absolute", "maximum", "minimum", "pivot", "stop",
     "hard_tanh", "clip"}
)  # fmt: skip
"""Functions that do not round."""
_RANGES: Mapping[str, tuple[float, float]] = {
    # name: (below all values, above all values); a rising function comes as near to them as can be at the ends
    "sigmoid": (0.0, 1.0),
    "tanh": (-1.0, 1.0),
    "sech2": (0.0, 1.0),
    "exp": (0.0, np.inf),
    "sqrt": (0.0, np.inf),
    "softplus": (0.0, np.inf),
    "log_sigmoid": (-np.inf, 0.0),
    "softsign": (-1.0, 1.0),
    "normal_cdf": (0.0, 1.0),
    "normal_pdf": (0.0, np.inf),
    "hard_sigmoid": (0.0, 1.0),
    "hard_sigmoid_02": (0.0, 1.0),
    "elu": (-1.0, np.inf),
    "exp_below": (0.0, 1.0),
    "erf": (-1.0, 1.0),
    "erf_slope": (0.0, np.inf),
    "atan": (-1.5707963267948968, 1.5707963267948968),
    "cosh": (1.0, np.inf),
    "expm1": (-1.0, np.inf),
    "norm_root": (0.0, np.inf),
    "norm_root_inverse": (0.0, np.inf),
    "sin": (-1.0, 1.0),
    "cos": (-1.0, 1.0),
}
_ULPS = 8
"""No function of the table errs by more units in the last place, where its argument is not squared first."""
_SMALLEST = float(np.finfo(np.float64).tiny)


def apply(name: str, arguments: list[Interval]) -> Interval:
    """The range of a function of the table."""
    if name in _RISING:
        lows, highs = [a.low for a in arguments], [a.high for a in arguments]
        return Interval.of(_value(name, lows)[0], _value(name, highs)[1])
    if name == "declared":
        return arguments[0]
    if name in ("where_above", "where_least"):
        return _chosen(name, *arguments)
    if name == "leaky_relu":
        x, slope = arguments
        return _chosen("where_above", x, number(0.0), apply("relu", [x]), slope * apply("minimum", [x, number(0.0)]))
    (x,) = arguments[:1]
    if name in _PEAKED or name in _BOWLS:
        return _even(name, x)
    if name == "norm_root_inverse":
        falling = _value(name, [np.maximum(x.high, 0)])[0], _value(name, [np.maximum(x.low, 0)])[1]
        reaches = x.low <= 0  # 0 at 0, and without bound above it
        low = np.where(reaches, 0.0, falling[0])
        return Interval.of(low, np.where(x.high <= 0, 0.0, np.where(reaches, np.inf, falling[1])))
    if name == "tan":
        whole = np.floor(x.low / np.pi + 0.5), np.floor(x.high / np.pi + 0.5)
        low, high = _value(name, [x.low])[0], _value(name, [x.high])[1]
        # Next to a pole the branch is in doubt: rounding may have put an end on its other side.
        one = (whole[0] == whole[1]) & (np.maximum(np.abs(low), np.abs(high)) < 1e12)
        return Interval.of(np.where(one, low, -np.inf), np.where(one, high, np.inf))
    if name in ("sin", "cos"):
        return _wave(x, 0.5 if name == "sin" else 0.0)
    if name == "exp_below":
        # It rises to 1 at 0 and is 0 above.
        below, above = (_value("exp", [np.minimum(end, 0)]) for end in (x.low, x.high))
        high = np.where(x.low > 0, 0.0, np.minimum(above[1], 1.0))
        return Interval.of(np.where(x.high > 0, 0.0, below[0]), high)
    if name == "equal":
        return Interval.of(0.0, 1.0)
    raise ValueError(f"no range is known for {name}")


def _even(name: str, x: Interval) -> Interval:
    """The range of an even function that rises, or falls, on both sides of 0."""
    inside = (x.low <= 0) & (x.high >= 0)
    ends = _value(name, [x.low]), _value(name, [x.high])
    low, high = np.minimum(ends[0][0], ends[1][0]), np.maximum(ends[0][1], ends[1][1])
    at_zero = _value(name, [np.asarray(0.0)])
    if name in _BOWLS:
        return Interval.of(np.where(inside, at_zero[0], low), high)
    return Interval.of(low, np.where(inside, at_zero[1], high))


def _chosen(name: str, u: Interval, v: Interval, a: Interval, b: Interval) -> Interval:
    """The range of a choice: that of the one value where the ranges compared leave no choice, else both."""
    always, never = (u.low > v.high, u.high <= v.low) if name == "where_above" else (u.low >= v.high, u.high < v.low)
    both = a.hull(b)
    low = np.where(always, a.low, np.where(never, b.low, both.low))
    return Interval.of(low, np.where(always, a.high, np.where(never, b.high, both.high)))


def _value(name: str, arguments: list[Array]) -> tuple[Array, Array]:
    """Numbers below and above the value of a function."""
    with np.errstate(all="ignore"):
        found = np.asarray(NUMPY.functions[name](*arguments), np.float64)
    least, most = _RANGES.get(name, (-np.inf, np.inf))
    if name in _RISING and len(arguments) == 1:
        at_minus, at_plus = np.isneginf(arguments[0]), np.isposinf(arguments[0])
        if name in _RANGES:
            found = np.where(at_minus, least, np.where(at_plus, most, found))
    # What has no value below 0 has none to count there: a root begins at 0, a logarithm has no lower bound.
    found = np.where(np.isnan(found), 0.0 if name in ("sqrt", "norm_root") else -np.inf, found)
    if name in _EXACT:
        return found, found
    with np.errstate(invalid="ignore"):
        room = _ULPS * np.spacing(np.abs(found))
        if name in (
            "normal_pdf",
            "normal_cdf",
            "erf_slope",
        ):  # the exponent is half of a square: its rounding counts, too
            room = room * (1 + np.minimum(arguments[0] ** 2, 1600))
        if name in ("hard_sigmoid", "hard_sigmoid_02"):  # a difference
            room = room + _ULPS * np.finfo(np.float64).eps
        low, high = (np.where(np.isfinite(found), found + sign * room, found) for sign in (-1, 1))
    return np.maximum(low, least), np.minimum(high, most)


def _wave(x: Interval, shift: float) -> Interval:
    """sin or cos: peaks where (x / π - shift) is an even number, troughs where it is odd."""
    if not x.finite:
        return Interval.of(-1.0, 1.0)
    low, high = x.low / np.pi - shift, x.high / np.pi - shift
    ends = np.cos(np.pi * low), np.cos(np.pi * high)
    room = _ULPS * np.finfo(np.float64).eps * (1 + x.magnitude)
    peak = 2 * np.floor(high / 2) >= low
    trough = 2 * np.floor((high - 1) / 2) + 1 >= low
    least, most = np.maximum(np.minimum(*ends) - room, -1.0), np.minimum(np.maximum(*ends) + room, 1.0)
    return Interval.of(np.where(trough, -1.0, least), np.where(peak, 1.0, most))
