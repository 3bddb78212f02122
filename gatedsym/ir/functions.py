"""The elementwise functions of the equation language: each with its definition and its derivative, stated once.

Every function is a SymPy Function whose `fdiff` is written in functions of this table that do not cancel: the
derivative of `tanh` is `sech2`, not 1 - tanh², which is 0 from 19.1 on. `prove` shows that each derivative is that of
the definition, which stands in SymPy's own exp, log, tanh and erf.

At a kink one convention holds, torch's: relu, abs, the hard sigmoids and the hard tanh have derivative 0 there, clip
has that of the line, a leaky relu that of its lower side; max and min share it half and half.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import sympy as sp


class _Opaque(sp.Function):  # type: ignore[misc]
    """A function that SymPy never evaluates or rewrites."""

    @classmethod
    def eval(cls, *arguments: sp.Expr) -> None:
        return None


class sigmoid(_Opaque):
    """Logistic function 1 / (1 + exp(-x))."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return sigmoid(x) * sigmoid(-x)


class tanh(_Opaque):
    """Hyperbolic tangent."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sech2(self.args[0])


class sech2(_Opaque):
    """1 - tanh(x)², computed without the difference."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return -2 * tanh(x) * sech2(x)


class exp(_Opaque):
    """Exponential."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return exp(self.args[0])


class log(_Opaque):
    """Natural logarithm."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / self.args[0]


class sqrt(_Opaque):
    """Square root."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / (2 * sqrt(self.args[0]))


class sin(_Opaque):
    """Sine (radians)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return cos(self.args[0])


class cos(_Opaque):
    """Cosine (radians)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return -sin(self.args[0])


class softplus(_Opaque):
    """log(1 + exp(x))."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sigmoid(self.args[0])


class log_sigmoid(_Opaque):
    """log(sigmoid(x)) = -softplus(-x)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sigmoid(-self.args[0])


class softsign(_Opaque):
    """x / (1 + |x|)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / (1 + absolute(self.args[0])) ** 2


class normal_cdf(_Opaque):
    """Distribution function of the standard normal."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return normal_pdf(self.args[0])


class normal_pdf(_Opaque):
    """Density of the standard normal."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return -x * normal_pdf(x)


class erf(_Opaque):
    """Error function."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return erf_slope(self.args[0])


class erf_slope(_Opaque):
    """2 exp(-x²) / sqrt(π)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return -2 * x * erf_slope(x)


class atan(_Opaque):
    """Inverse of the tangent, between -π/2 and π/2."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / (1 + self.args[0] ** 2)


class tan(_Opaque):
    """Tangent (radians)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 + tan(self.args[0]) ** 2


class sinh(_Opaque):
    """Hyperbolic sine."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return cosh(self.args[0])


class cosh(_Opaque):
    """Hyperbolic cosine."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sinh(self.args[0])


class log1p(_Opaque):
    """log(1 + x), which keeps the digits of a small x."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return 1 / (1 + self.args[0])


class expm1(_Opaque):
    """exp(x) - 1, computed without the difference."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return exp(self.args[0])


class norm_root(_Opaque):
    """Square root of a sum of squares; its derivative at 0 is 0, so that a vector of zeros has no gradient."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return norm_root_inverse(self.args[0]) / 2


class norm_root_inverse(_Opaque):
    """1 / sqrt(x) where x > 0, and 0 at 0."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return -(norm_root_inverse(self.args[0]) ** 3) / 2


class pivot(_Opaque):
    """x, where what follows does not depend on it: a softmax is the same for every number subtracted from its entries.

    So its derivative is left out. Only the language's own softmax makes it, and the proof of a cell differentiates
    through x: that the two agree shows that nothing was lost.
    """

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero


class step(_Opaque):
    """1 where x > 0, else 0; its derivative is 0 (off the kink)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero


class half_step(_Opaque):
    """1 where x > 0, 1/2 at 0, else 0; its derivative is 0 (off the kink)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero


class sign(_Opaque):
    """-1, 0 or 1; its derivative is 0 (off the kink)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero


class floor(_Opaque):
    """The largest integer that is not above x; its derivative is 0 (off the kinks, which are the integers)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero


class equal(_Opaque):
    """1 where a = b, else 0; its derivative is 0. Only the engine uses it: it marks where a maximum is attained."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero


class absolute(_Opaque):
    """|x|."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sign(self.args[0])


class relu(_Opaque):
    """max(x, 0)."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return step(self.args[0])


class maximum(_Opaque):
    """The larger of two numbers."""

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        """Of a number and itself that number: the shares of a tie add up to 1."""
        return a if a == b else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        a, b = self.args
        return half_step(a - b) if argindex == 1 else half_step(b - a)


class minimum(_Opaque):
    """The smaller of two numbers."""

    @classmethod
    def eval(cls, a: sp.Expr, b: sp.Expr) -> sp.Expr | None:
        """Of a number and itself that number: the shares of a tie add up to 1."""
        return a if a == b else None

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        a, b = self.args
        return half_step(b - a) if argindex == 1 else half_step(a - b)


class hard_sigmoid(_Opaque):
    """clip(x/6 + 1/2, 0, 1): the slope of torch and Keras 3."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return step(x + 3) * step(3 - x) / 6


class hard_sigmoid_02(_Opaque):
    """clip(0.2 x + 0.5, 0, 1): the slope of ONNX and of Keras before 3."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return step(x + sp.Rational(5, 2)) * step(sp.Rational(5, 2) - x) / 5


class hard_tanh(_Opaque):
    """clip(x, -1, 1); its derivative is 0 at both ends."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return step(x + 1) * step(1 - x)


class leaky_relu(_Opaque):
    """x where x > 0, else s x."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, slope = self.args
        return step(x) + slope * (1 - step(x)) if argindex == 1 else -relu(-x)


class clip(_Opaque):
    """x between two limits, min(max(x, a), b); at the limits the derivative by x is 1, as that of torch.clamp."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        x, low, high = self.args
        ordered = sp.Integer(bool(low <= high)) if low.is_Rational and high.is_Rational else 1 - step(low - high)
        if argindex == 1:
            return ordered * (where_least(x, low, sp.S.One, sp.S.Zero) - step(x - high))
        return ordered * step(low - x) if argindex == 2 else 1 - ordered + ordered * step(x - high)


class Choice(_Opaque):
    """One of two values, chosen by two numbers: the derivative is that of the value that is chosen.

    It is written as a choice again, never as a product with 0: what is not chosen may be infinite or no number.
    """

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        one, other = sp.Integer(argindex == 3), sp.Integer(argindex == 4)
        return self.func(*self.args[:2], one, other) if argindex > 2 else sp.S.Zero

    def _eval_derivative(self, symbol: sp.Symbol) -> sp.Expr:
        return self.between(*(value.diff(symbol) for value in self.args[2:]))

    def between(self, one: sp.Expr, other: sp.Expr) -> sp.Expr:
        """The same choice between two other values; 0 between zeros."""
        return sp.S.Zero if one == other == 0 else self.func(*self.args[:2], one, other)


class where_above(Choice):
    """a where u > v, else b (also where u or v is no number)."""


class where_least(Choice):
    """a where u ≥ v, else b (also where u or v is no number)."""


class stop(_Opaque):
    """x, with the derivative 0 by declaration."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return sp.S.Zero


class declared(_Opaque):
    """A value f whose derivative by u is g by declaration, whatever the derivative of f is; by f and by g it is 0."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return self.args[1] if argindex == 3 else sp.S.Zero


class elu(_Opaque):
    """x where x > 0, else exp(x) - 1."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        (x,) = self.args
        return step(x) + exp_below(x)


class exp_below(_Opaque):
    """exp(x) where x <= 0, else 0: the exponential branch of elu's derivative, which cannot overflow."""

    def fdiff(self, argindex: int = 1) -> sp.Expr:
        return exp_below(self.args[0])


@dataclass(frozen=True)
class Elementwise:
    """A function of the table.

    Attributes
    ----------
    function : type
        The SymPy Function.
    definition : callable
        Arguments to an expression in SymPy's own exp, log, tanh, sqrt, sin, cos, atan, erf, in `step`, `floor` and
        numbers.
    kinks : bool
        True if the definition has branches: proofs hold off the kinks.
    public : bool
        True if a person may write it in equations.
    latex : str
        How a page prints the function's name.
    arity : int
        How many arguments it has.
    by_declaration : bool
        True if the derivative is declared: it is not that of the value.
    in_context : bool
        True if the derivative is not that of the definition, and only where the function stands it makes no difference.
    """

    function: type[sp.Function]
    definition: Callable[..., sp.Expr]
    kinks: bool = False
    public: bool = True
    latex: str = ""
    arity: int = 1
    by_declaration: bool = False
    in_context: bool = False

    @property
    def name(self) -> str:
        return str(self.function.__name__)


_half, _one = sp.Rational(1, 2), sp.S.One


def _clip(line: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """A line clipped to [0, 1]: `low` and `high` are positive above the lower and above the upper kink."""
    return step(high) + step(low) * (1 - step(high)) * line


def _clipped(x: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """min(max(x, low), high): if the limits are in their order, x is below the one or above the other, never both."""
    ordered = 1 - step(low - high)
    return high + ordered * (x + (low - x) * step(low - x) + (high - x) * step(x - high) - high)


def _logistic(x: sp.Expr) -> sp.Expr:
    return 1 / (1 + sp.exp(-x))


_TABLE = (
    Elementwise(sigmoid, _logistic, latex=r"\sigma"),
    Elementwise(tanh, lambda x: sp.tanh(x), latex=r"\tanh"),
    Elementwise(sech2, lambda x: 1 - sp.tanh(x) ** 2, public=False, latex=r"\operatorname{sech}^2"),
    Elementwise(exp, lambda x: sp.exp(x), latex=r"\exp"),
    Elementwise(log, lambda x: sp.log(x), latex=r"\log"),
    Elementwise(sqrt, lambda x: sp.sqrt(x), latex=r"\sqrt"),
    Elementwise(sin, lambda x: sp.sin(x), latex=r"\sin"),
    Elementwise(cos, lambda x: sp.cos(x), latex=r"\cos"),
    Elementwise(softplus, lambda x: sp.log(1 + sp.exp(x)), latex=r"\operatorname{softplus}"),
    Elementwise(log_sigmoid, lambda x: sp.log(_logistic(x)), latex=r"\log\sigma"),
    Elementwise(softsign, lambda x: x / (1 + x * (2 * step(x) - 1)), kinks=True, latex=r"\operatorname{softsign}"),
    Elementwise(normal_cdf, lambda x: (1 + sp.erf(x / sp.sqrt(2))) / 2, public=False, latex=r"\Phi"),
    Elementwise(normal_pdf, lambda x: sp.exp(-(x**2) / 2) / sp.sqrt(2 * sp.pi), public=False, latex=r"\varphi"),
    Elementwise(erf, lambda x: sp.erf(x), latex=r"\operatorname{erf}"),
    Elementwise(
        erf_slope, lambda x: 2 * sp.exp(-(x**2)) / sp.sqrt(sp.pi), public=False, latex=r"\operatorname{erf}^{\prime}"
    ),
    Elementwise(atan, lambda x: sp.atan(x), latex=r"\arctan"),
    Elementwise(tan, lambda x: sp.sin(x) / sp.cos(x), latex=r"\tan"),
    Elementwise(sinh, lambda x: (sp.exp(x) - sp.exp(-x)) / 2, latex=r"\sinh"),
    Elementwise(cosh, lambda x: (sp.exp(x) + sp.exp(-x)) / 2, latex=r"\cosh"),
    Elementwise(log1p, lambda x: sp.log(1 + x), latex=r"\operatorname{log1p}"),
    Elementwise(expm1, lambda x: sp.exp(x) - 1, latex=r"\operatorname{expm1}"),
    Elementwise(norm_root, lambda x: sp.sqrt(x), public=False, kinks=True, latex=r"\sqrt"),
    Elementwise(norm_root_inverse, lambda x: 1 / sp.sqrt(x), public=False, kinks=True, latex=r"\operatorname{rsqrt}"),
    Elementwise(pivot, lambda x: x, public=False, in_context=True, latex=r"\operatorname{pivot}"),
    Elementwise(step, lambda x: step(x), kinks=True, latex=r"\operatorname{step}"),
    Elementwise(half_step, lambda x: step(x), kinks=True, public=False, latex=r"\operatorname{step}_{1/2}"),
    Elementwise(sign, lambda x: 2 * step(x) - 1, kinks=True, latex=r"\operatorname{sign}"),
    Elementwise(floor, lambda x: floor(x), kinks=True, latex=r"\operatorname{floor}"),
    Elementwise(equal, lambda a, b: equal(a, b), kinks=True, public=False, latex=r"\operatorname{equal}", arity=2),
    Elementwise(absolute, lambda x: x * (2 * step(x) - 1), kinks=True, public=False, latex=r"\operatorname{abs}"),
    Elementwise(relu, lambda x: x * step(x), kinks=True, latex=r"\operatorname{relu}"),
    Elementwise(maximum, lambda a, b: b + (a - b) * step(a - b), kinks=True, public=False, latex=r"\max", arity=2),
    Elementwise(minimum, lambda a, b: a - (a - b) * step(a - b), kinks=True, public=False, latex=r"\min", arity=2),
    Elementwise(
        hard_sigmoid,
        lambda x: _clip(x / 6 + _half, x + 3, x - 3),
        kinks=True,
        latex=r"\operatorname{hard\,sigmoid}",
    ),
    Elementwise(
        hard_sigmoid_02,
        lambda x: _clip(x / 5 + _half, x + sp.Rational(5, 2), x - sp.Rational(5, 2)),
        kinks=True,
        latex=r"\operatorname{hard\,sigmoid}_{0.2}",
    ),
    Elementwise(
        hard_tanh, lambda x: 2 * _clip((x + 1) / 2, x + 1, x - 1) - 1, kinks=True, latex=r"\operatorname{hardtanh}"
    ),
    Elementwise(
        leaky_relu,
        lambda x, s: s * x + (1 - s) * x * step(x),
        kinks=True,
        latex=r"\operatorname{leaky\,relu}",
        arity=2,
    ),
    Elementwise(clip, _clipped, kinks=True, latex=r"\operatorname{clip}", arity=3),
    Elementwise(
        where_above,
        lambda u, v, a, b: b + step(u - v) * (a - b),
        kinks=True,
        public=False,
        latex=r"\operatorname{where}",
        arity=4,
    ),
    Elementwise(
        where_least,
        lambda u, v, a, b: a + step(v - u) * (b - a),
        kinks=True,
        public=False,
        latex=r"\operatorname{where}",
        arity=4,
    ),
    Elementwise(stop, lambda x: stop(x), by_declaration=True, latex=r"\operatorname{stop}"),
    Elementwise(
        declared,
        # In a stopped f, g and u nothing moves: the value is f, and what u carries beyond is g times its change.
        lambda value, slope, u: stop(value) + stop(slope) * (u - stop(u)),
        by_declaration=True,
        latex=r"\operatorname{declared}",
        arity=3,
    ),
    Elementwise(
        elu,
        lambda x: x * step(x) + (1 - step(x)) * (sp.exp(x) - 1),
        kinks=True,
        latex=r"\operatorname{elu}",
    ),
    Elementwise(
        exp_below,
        lambda x: (1 - step(x)) * sp.exp(x),
        kinks=True,
        public=False,
        latex=r"\exp_{\le 0}",
    ),
)

FUNCTIONS: Mapping[str, Elementwise] = MappingProxyType({f.name: f for f in _TABLE})
"""Every elementwise function by name."""

SHORTHANDS: Mapping[str, Callable[[sp.Expr], sp.Expr]] = MappingProxyType(
    {
        "square": lambda x: x**2,
        "silu": lambda x: x * sigmoid(x),
        "gelu": lambda x: x * normal_cdf(x),
        "gelu_tanh": lambda x: x * sigmoid(2 * sqrt(2 / sp.pi) * (x + sp.Rational(44715, 1000000) * x**3)),
    }
)
"""Functions of the language that are written in others: square, silu, gelu in both forms (erf; tanh approximation)."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "σ": "sigmoid",
        "logistic": "sigmoid",
        "Sigmoid": "sigmoid",
        "sigm": "sigmoid",
        "Tanh": "tanh",
        "ReLU": "relu",
        "LeakyReLU": "leaky_relu",
        "ELU": "elu",
        "SiLU": "silu",
        "GELU": "gelu",
        "abs": "absolute",
        "√": "sqrt",
        "ln": "log",
        "swish": "silu",
        "arctan": "atan",
        "sgn": "sign",
        "hardtanh": "hard_tanh",
        "Hardtanh": "hard_tanh",
        "hardsigmoid": "hard_sigmoid",
        "clamp": "clip",
        "detach": "stop",
        "stop_gradient": "stop",
    }
)
"""Other spellings of the language for functions of the table."""


def expand_definitions(expression: sp.Expr) -> sp.Expr:
    """Replace every function of the table by its definition, innermost first."""
    return expression.replace(
        lambda e: isinstance(e, _Opaque) and type(e).__name__ in FUNCTIONS,
        lambda e: FUNCTIONS[type(e).__name__].definition(*e.args),
    )
