"""The elementwise functions of `gatedsym.ir.functions`, as scalar arithmetic that LLVM vectorises.

Each is generic over float32 and float64 and computes in its argument's type. There are no branches and, but for sine,
cosine and tangent, no calls: exponentials are polynomials, choices are selections. Errors, in units in the last place
over the whole range, are at most 2 for exp, tanh and sigmoid and at most 4 for the rest; tests hold them against 50
digits. NaN gives NaN, infinities give their limits.

sigmoid(x) and sigmoid(-x) both go through exp(-|x|), tanh(x) and sech2(x) both through expm1(-2|x|): LLVM computes what
they share once.

The polynomials interpolate at Chebyshev nodes, so their error is within a few per cent of the smallest possible.
"""

from __future__ import annotations

import math
from typing import Any

from gatedsym.runtime.jit.compile import inlined
from gatedsym.runtime.numerics.arithmetic import (
    absolute_value,
    by_type,
    copysign,
    fused,
    largest_integer,
    like,
    log_exponent,
    log_mantissa,
    nearest,
    polynomial,
    power_of_two,
    upper_half,
)

# (exp(r) - 1 - r) / r**2 for |r| <= log(2) / 2
_expm1_tail = polynomial(
    single=(
        0.5,
        0.1666666716337204,
        0.04166646674275398,
        0.00833331048488617,
        0.0013933642767369747,
        0.0001989098236663267,
    ),
    double=(
        0.5,
        0.1666666666666667,
        0.04166666666666667,
        0.00833333333332614,
        0.0013888888888883752,
        0.00019841269874804214,
        2.4801587325536023e-05,
        2.7557255421023506e-06,
        2.7557273657975953e-07,
        2.5105208339987698e-08,
        2.0914680780540263e-09,
    ),
)
# (log((1 + s) / (1 - s)) - 2 s) / s**3 as a function of s**2, for |s| <= 0.1716
_log_tail = polynomial(
    single=(0.6666668653488159, 0.39988774061203003, 0.2958027720451355),
    double=(
        0.666666666666667,
        0.3999999999989931,
        0.2857142862606338,
        0.22222211120449298,
        0.1818289017031397,
        0.15331686868638428,
        0.14616878919029822,
    ),
)
# (1 + u) exp(u**2 / 2) * (distribution function of the normal at -u), as a function of t = (u - 4) / (u + 4)
_normal_tail = polynomial(
    single=(
        0.472053200006485,
        -0.09670346975326538,
        0.013999639078974724,
        0.028600163757801056,
        -0.03219795972108841,
        0.017937717959284782,
        -0.0050013717263937,
        -0.00029131938936188817,
        0.0006913216202519834,
        -8.450229506706819e-05,
        -8.149395580403507e-05,
        1.254978542419849e-05,
        7.799736522429157e-06,
    ),
    double=(
        0.47205320650984467,
        -0.09670347732652608,
        0.013999634724424467,
        0.028600364053578804,
        -0.0321978374280282,
        0.017936097478834515,
        -0.005002378592400097,
        -0.0002856230864018645,
        0.0006948971208651091,
        -9.443034215049712e-05,
        -8.78532981753416e-05,
        2.1250457860811776e-05,
        1.3627374958716244e-05,
        -3.4334009324152583e-06,
        -2.61436294231482e-06,
        4.0676642733334854e-07,
        5.547606949893862e-07,
        -1.2919579985812394e-09,
        -1.1439312867331685e-07,
        -1.789372651986133e-08,
        2.0208468930264034e-08,
        5.459373698638991e-09,
        -2.599563802271586e-09,
        -6.736634571009946e-10,
        1.7569787339538164e-10,
    ),
)
# erf(x) / x as a function of x**2, for |x| <= 0.9
_erf_quotient = polynomial(
    single=(
        1.1283791667892225,
        -0.37612635193967825,
        0.11283718049593898,
        -0.02686066479113085,
        0.005204226693752301,
        -0.0008179632180888265,
        8.529401322836862e-05,
    ),
    double=(
        1.1283791670955126,
        -0.3761263890318373,
        0.11283791670953794,
        -0.02686617064482373,
        0.0052239776217703725,
        -0.0008548326764466543,
        0.00012055321382481122,
        -1.492530753550859e-05,
        1.6455328747938096e-06,
        -1.6276526722586205e-07,
        1.4051482766989913e-08,
        -8.493998797080943e-10,
    ),
)
# (atan(r) - r) / r**3 as a function of r**2, for |r| <= tan(pi / 8)
_atan_tail = polynomial(
    single=(
        -0.3333333176000804,
        0.19999540216937534,
        -0.1426394635791234,
        0.10743631627144574,
        -0.06451597258952992,
    ),
    double=(
        -0.3333333333333333,
        0.19999999999995513,
        -0.1428571428466518,
        0.11111111015146714,
        -0.0909090457366906,
        0.07692183087342026,
        -0.06664509989818045,
        0.058581362519061465,
        -0.05085383488842831,
        0.03922974453661223,
        -0.019174543572021332,
    ),
)

_LOG2_E = 1.4426950408889634
# log(2) in two parts, for float32 and float64; products of the first with a small integer are exact.
_LOG2_HIGH = (0.693145751953125, 6.93147180369123816490e-01)
_LOG2_LOW = (1.428606765330187e-06, 1.90821492927058770002e-10)
_SMALLEST_NORMAL = (2.0**-126, 2.0**-1022)
# Below the one even 4 exp(x) is 0, above the other exp(x) is infinite.
_EXP_LOW, _EXP_HIGH = (-108.0, -750.0), (89.0, 710.0)
# Where |x| is larger, exp(-x**2 / 2) is 0.
_GAUSSIAN_END = (16.0, 40.0)
# Where |x| is larger, exp(-x**2) is 0.
_ERF_SLOPE_END = (11.0, 28.0)
# pi / 2 and pi / 4 in two parts each.
_HALF_PI = ((1.5707963705062866, 1.5707963267948966), (-4.371138828673793e-08, 6.123233995736766e-17))
_QUARTER_PI = ((0.7853981852531433, 0.7853981633974483), (-2.1855694143368964e-08, 3.061616997868383e-17))


# Exponentials: x = n log(2) + r, exp(x) = 2**n exp(r)


@inlined
def _limited(x: Any) -> Any:
    """x where exp(x) is neither 0 nor infinite, else a number just beyond."""
    low, high = by_type(x, _EXP_LOW), by_type(x, _EXP_HIGH)
    x = high if x > high else x
    return low if x < low else x


@inlined
def _binades(x: Any) -> Any:
    """n, the integer nearest to x / log(2), as a number."""
    return nearest(x * like(x, _LOG2_E))


@inlined
def _expm1_rest(x: Any, n: Any, more: Any) -> Any:
    """exp(x + more - n log(2)) - 1; `more` is tiny."""
    r = fused(n, -by_type(x, _LOG2_HIGH), x)
    r = fused(n, -by_type(x, _LOG2_LOW), r) + more
    return fused(r * r, _expm1_tail(r), r)


@inlined
def _scaled(value: Any, n: Any) -> Any:
    """value * 2**n, rounded once, for every n that a number can need."""
    half = nearest(n * like(n, 0.5))
    return value * power_of_two(half) * power_of_two(n - half)


@inlined
def exp(x: Any) -> Any:
    """Exponential."""
    x = _limited(x)
    n = _binades(x)
    return _scaled(like(x, 1) + _expm1_rest(x, n, like(x, 0)), n)


@inlined
def _expm1_below(x: Any) -> Any:
    """(e, rest) with e the number nearest to exp(x) - 1, for x <= 0, and e + rest nearer still."""
    x = _limited(x)
    n = _binades(x)
    rest = _expm1_rest(x, n, like(x, 0))
    least = like(x, -64)  # from there on the result is -1 in either type
    power = power_of_two(least if n < least else n)
    e = fused(power, rest, power - like(x, 1))
    return e, fused(power, rest, (power - like(x, 1)) - e)


@inlined
def _quotient(above: Any, above_rest: Any, below: Any, below_rest: Any) -> Any:
    """(above + above_rest) / (below + below_rest): the rests are digits beyond those of a number; `below` is 1 to 2."""
    reciprocal = like(above, 1) / below
    quotient = above * reciprocal
    rest = fused(-quotient, below, above) + fused(-quotient, below_rest, above_rest)
    return fused(rest, reciprocal, quotient)


@inlined
def sigmoid(x: Any) -> Any:
    """Logistic function 1 / (1 + exp(-x))."""
    one = like(x, 1)
    e = exp(-absolute_value(x))
    below = one + e
    return _quotient(e if x < like(x, 0) else one, like(x, 0), below, e - (below - one))


@inlined
def tanh(x: Any) -> Any:
    """Hyperbolic tangent."""
    e, rest = _expm1_below(like(x, -2) * absolute_value(x))
    below = like(x, 2) + e
    return copysign(_quotient(e, rest, below, e - (below - like(x, 2)) + rest), x)


@inlined
def sech2(x: Any) -> Any:
    """1 - tanh(x)**2, as 4 exp(-2|x|) / (1 + exp(-2|x|))**2."""
    one = like(x, 1)
    y = _limited(like(x, -2) * absolute_value(x))
    n = _binades(y)
    e = one + _expm1_rest(y, n, like(x, 0))
    scaled = _scaled(e, n)
    below = one + scaled
    square = fused(below + below, scaled - (below - one), below * below)
    # The factor 4 goes into the power of two: where exp(-2|x|) has lost digits to underflow, four times it has not.
    return _scaled(e, n + like(x, 2)) / square


@inlined
def elu(x: Any) -> Any:
    """x where x > 0, else exp(x) - 1."""
    zero = like(x, 0)
    below, _ = _expm1_below(zero if x > zero else x)
    return x if x > zero else below


@inlined
def exp_below(x: Any) -> Any:
    """exp(x) where x <= 0, else 0."""
    zero = like(x, 0)
    e = exp(zero if x > zero else x)
    return zero if x > zero else e


@inlined
def expm1(x: Any) -> Any:
    """exp(x) - 1, computed without the difference."""
    x = _limited(x)
    n = _binades(x)
    rest = _expm1_rest(x, n, like(x, 0))
    # Below the one the result is -1, above the other it is exp(x), in either type.
    least, most = like(x, -64), like(x, 60)
    within = most if n > most else n
    power = power_of_two(least if within < least else within)
    small = fused(power, rest, power - like(x, 1))
    return _scaled(like(x, 1) + rest, n) if n > most else small


@inlined
def _half_exp(x: Any) -> Any:
    """exp(x) / 2, finite a little further than exp(x)."""
    limit = by_type(x, (90.0, 711.0))
    x = limit if x > limit else x
    n = _binades(x)
    return _scaled(like(x, 1) + _expm1_rest(x, n, like(x, 0)), n - like(x, 1))


@inlined
def sinh(x: Any) -> Any:
    """Hyperbolic sine."""
    u, half = absolute_value(x), like(x, 0.5)
    e = expm1(like(x, 20) if u > like(x, 20) else u)
    small = half * (e + e / (e + like(x, 1)))
    return copysign(_half_exp(u) if u > like(x, 20) else small, x)


@inlined
def cosh(x: Any) -> Any:
    """Hyperbolic cosine."""
    h = _half_exp(absolute_value(x))
    return h + like(x, 0.25) / h


# Logarithms: x = 2**k (1 + f), log(x) = k log(2) + log(1 + f)


@inlined
def _log_near_one(f: Any, k: Any) -> Any:
    """log(1 + f) + k log(2), for 1 + f between sqrt(1/2) and sqrt(2); the form of Sun's fdlibm."""
    half_square = like(f, 0.5) * f * f
    s = f / (like(f, 2) + f)
    z = s * s
    correction = s * (half_square + z * _log_tail(z)) + k * by_type(f, _LOG2_LOW)
    return k * by_type(f, _LOG2_HIGH) - ((half_square - correction) - f)


@inlined
def log(x: Any) -> Any:
    """Natural logarithm; -inf at 0 and NaN below."""
    zero, infinity = like(x, 0), like(x, math.inf)
    tiny = x < by_type(x, _SMALLEST_NORMAL)
    normal = x * like(x, 2.0**54) if tiny else x
    k = log_exponent(normal)
    value = _log_near_one(log_mantissa(normal) - like(x, 1), k - like(x, 54) if tiny else k)
    value = x if not x < infinity else value
    value = -infinity if x == zero else value
    return like(x, math.nan) if x < zero else value


@inlined
def _log1p_unit(e: Any) -> Any:
    """log(1 + e) for 0 <= e <= 1."""
    one = like(e, 1)
    upper = e > like(e, 0.41421356)
    # (1 + e) / 2 - 1 is (e - 1) / 2
    return _log_near_one(like(e, 0.5) * (e - one) if upper else e, one if upper else like(e, 0))


@inlined
def log1p(x: Any) -> Any:
    """log(1 + x); -inf at -1 and NaN below."""
    one = like(x, 1)
    u = one + x
    # What u has lost of x goes into the logarithm by its slope.
    value = log(u) + (x - (u - one)) / u
    value = u if u == like(x, math.inf) else value
    value = -like(x, math.inf) if x == -one else value
    return like(x, math.nan) if x < -one else value


@inlined
def softplus(x: Any) -> Any:
    """log(1 + exp(x))."""
    zero = like(x, 0)
    return (x if x > zero else zero) + _log1p_unit(exp(-absolute_value(x)))


@inlined
def log_sigmoid(x: Any) -> Any:
    """log(sigmoid(x)) = -softplus(-x)."""
    zero = like(x, 0)
    return (x if x < zero else zero) - _log1p_unit(exp(-absolute_value(x)))


# The normal distribution


@inlined
def _gaussian_parts(x: Any) -> Any:
    """(p, n) with exp(-x**2 / 2) = p * 2**n; x**2 is carried to twice the digits."""
    u = absolute_value(x)
    limit = by_type(x, _GAUSSIAN_END)  # where the result is 0
    u = limit if u > limit else u
    return _exp_of_square(u, like(x, -0.5))


@inlined
def _exp_of_square(u: Any, factor: Any) -> Any:
    """(p, n) with exp(factor * u**2) = p * 2**n; u**2 is carried to twice the digits."""
    high = upper_half(u)
    y = factor * high * high
    n = _binades(y)
    return like(u, 1) + _expm1_rest(y, n, factor * (u - high) * (u + high)), n


@inlined
def normal_pdf(x: Any) -> Any:
    """Density of the standard normal."""
    p, n = _gaussian_parts(x)
    return _scaled(p * like(x, 0.3989422804014327), n)


@inlined
def normal_cdf(x: Any) -> Any:
    """Distribution function of the standard normal; its lower tail keeps all digits."""
    u, one, four = absolute_value(x), like(x, 1), like(x, 4)
    limit = by_type(x, _GAUSSIAN_END)
    u = limit if u > limit else u
    p, n = _gaussian_parts(x)
    tail = _scaled(p * _normal_tail((u - four) / (u + four)) / (one + u), n)
    return one - tail if x > like(x, 0) else tail


@inlined
def erf(x: Any) -> Any:
    """Error function."""
    u = absolute_value(x)
    tail = normal_cdf(like(x, -1.4142135623730951) * u)
    return x * _erf_quotient(x * x) if u < like(x, 0.9) else copysign(like(x, 1) - like(x, 2) * tail, x)


@inlined
def erf_slope(x: Any) -> Any:
    """2 exp(-x**2) / sqrt(pi)."""
    u = absolute_value(x)
    limit = by_type(x, _ERF_SLOPE_END)
    p, n = _exp_of_square(limit if u > limit else u, like(x, -1))
    return _scaled(p * like(x, 1.1283791670955126), n)


# Angles


@inlined
def atan(x: Any) -> Any:
    """Inverse of the tangent, between -pi/2 and pi/2."""
    u, zero, one = absolute_value(x), like(x, 0), like(x, 1)
    far, middle = u > like(x, 2.414213562373095), u > like(x, 0.41421356)
    above = -one if far else (u - one if middle else u)
    r = above / (u if far else (u + one if middle else one))
    high = by_type(x, _HALF_PI[0]) if far else (by_type(x, _QUARTER_PI[0]) if middle else zero)
    low = by_type(x, _HALF_PI[1]) if far else (by_type(x, _QUARTER_PI[1]) if middle else zero)
    z = r * r
    return copysign(high + (fused(r * z, _atan_tail(z), low) + r), x)


@inlined
def tan(x: Any) -> Any:
    """Tangent (radians)."""
    return math.tan(x)


# Algebra and steps


@inlined
def sqrt(x: Any) -> Any:
    """Square root; NaN below 0."""
    return math.sqrt(x)


@inlined
def norm_root(x: Any) -> Any:
    """Square root of a sum of squares."""
    return math.sqrt(x)


@inlined
def norm_root_inverse(x: Any) -> Any:
    """1 / sqrt(x), and 0 at 0."""
    zero, one = like(x, 0), like(x, 1)
    return zero if x == zero else one / math.sqrt(x)


@inlined
def pivot(x: Any) -> Any:
    """x."""
    return x


@inlined
def stop(x: Any) -> Any:
    """x."""
    return x


@inlined
def declared(value: Any, slope: Any, u: Any) -> Any:
    """value: the slope is what derivatives take."""
    return value


@inlined
def sin(x: Any) -> Any:
    """Sine (radians)."""
    return math.sin(x)


@inlined
def cos(x: Any) -> Any:
    """Cosine (radians)."""
    return math.cos(x)


@inlined
def softsign(x: Any) -> Any:
    """x / (1 + |x|)."""
    one = like(x, 1)
    size = absolute_value(x)
    return copysign(one, x) if size == like(x, math.inf) else x / (one + size)


@inlined
def step(x: Any) -> Any:
    """1 where x > 0, else 0."""
    zero = like(x, 0)
    value = like(x, 1) if x > zero else zero
    return value if x == x else x


@inlined
def half_step(x: Any) -> Any:
    """1 where x > 0, 1/2 at 0, else 0."""
    zero = like(x, 0)
    value = like(x, 0.5) if x == zero else zero
    value = like(x, 1) if x > zero else value
    return value if x == x else x


@inlined
def floor(x: Any) -> Any:
    """The largest integer that is not above x."""
    return largest_integer(x)


@inlined
def sign(x: Any) -> Any:
    """-1, 0 or 1."""
    zero = like(x, 0)
    value = like(x, -1) if x < zero else zero
    value = like(x, 1) if x > zero else value
    return value if x == x else x


@inlined
def equal(a: Any, b: Any) -> Any:
    """1 where a = b, else 0."""
    return like(a, 1) if a == b else like(a, 0)


@inlined
def absolute(x: Any) -> Any:
    """|x|."""
    return absolute_value(x)


@inlined
def relu(x: Any) -> Any:
    """max(x, 0)."""
    zero = like(x, 0)
    return zero if x < zero else x


@inlined
def maximum(a: Any, b: Any) -> Any:
    """The larger of two numbers; NaN if either is."""
    larger = a if a > b else b
    return larger if a == a else a


@inlined
def minimum(a: Any, b: Any) -> Any:
    """The smaller of two numbers; NaN if either is."""
    smaller = a if a < b else b
    return smaller if a == a else a


@inlined
def _clipped(x: Any) -> Any:
    zero, one = like(x, 0), like(x, 1)
    x = zero if x < zero else x
    return one if x > one else x


@inlined
def hard_sigmoid(x: Any) -> Any:
    """clip(x/6 + 1/2, 0, 1), as (x + 3) / 6, which does not cancel near -3."""
    return _clipped((x + like(x, 3)) / like(x, 6))


@inlined
def hard_sigmoid_02(x: Any) -> Any:
    """clip(0.2 x + 0.5, 0, 1), as (x + 2.5) / 5, which does not cancel near -2.5."""
    return _clipped((x + like(x, 2.5)) / like(x, 5))


@inlined
def clip(x: Any, low: Any, high: Any) -> Any:
    """min(max(x, low), high)."""
    x = low if x < low else x
    return high if x > high else x


@inlined
def hard_tanh(x: Any) -> Any:
    """clip(x, -1, 1)."""
    return clip(x, like(x, -1), like(x, 1))


@inlined
def leaky_relu(x: Any, slope: Any) -> Any:
    """x where x > 0, else slope * x."""
    return x if x > like(x, 0) else slope * x


@inlined
def where_above(u: Any, v: Any, a: Any, b: Any) -> Any:
    """a where u > v, else b."""
    return a if u > v else b


@inlined
def where_least(u: Any, v: Any, a: Any, b: Any) -> Any:
    """a where u >= v, else b."""
    return a if u >= v else b
