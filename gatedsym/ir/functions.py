"""The elementwise functions of the equation language: each with its definition and its derivative, stated once.

Every function is a SymPy Function whose `fdiff` is written in functions of this table that do not cancel: the
derivative of `tanh` is `sech2`, not 1 - tanh², which is 0 from 19.1 on. `prove` shows that each derivative is that of
the definition, which stands in SymPy's own exp, log, tanh and erf.

At a kink one convention holds, torch's: relu, abs and the hard sigmoids have derivative 0 there, max and min share
it half and half.
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
        Arguments to an expression in SymPy's own exp, log, tanh, sqrt, sin, cos, erf, in `step`, `floor` and numbers.
    kinks : bool
        True if the definition has branches: proofs hold off the kinks.
    public : bool
        True if a person may write it in equations.
    latex : str
        How a page prints the function's name.
    """

    function: type[sp.Function]
    definition: Callable[..., sp.Expr]
    kinks: bool = False
    public: bool = True
    latex: str = ""

    @property
    def name(self) -> str:
        return str(self.function.__name__)

    @property
    def arity(self) -> int:
        return 2 if self.name in ("maximum", "minimum", "equal") else 1


_half, _one = sp.Rational(1, 2), sp.S.One


def _clip(line: sp.Expr, low: sp.Expr, high: sp.Expr) -> sp.Expr:
    """A line clipped to [0, 1]: `low` and `high` are positive above the lower and above the upper kink."""
    return step(high) + step(low) * (1 - step(high)) * line


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
    Elementwise(step, lambda x: step(x), kinks=True, latex=r"\operatorname{step}"),
    Elementwise(half_step, lambda x: step(x), kinks=True, public=False, latex=r"\operatorname{step}_{1/2}"),
    Elementwise(sign, lambda x: 2 * step(x) - 1, kinks=True, public=False, latex=r"\operatorname{sign}"),
    Elementwise(floor, lambda x: floor(x), kinks=True, latex=r"\operatorname{floor}"),
    Elementwise(equal, lambda a, b: equal(a, b), kinks=True, public=False, latex=r"\operatorname{equal}"),
    Elementwise(absolute, lambda x: x * (2 * step(x) - 1), kinks=True, public=False, latex=r"\operatorname{abs}"),
    Elementwise(relu, lambda x: x * step(x), kinks=True, latex=r"\operatorname{relu}"),
    Elementwise(maximum, lambda a, b: b + (a - b) * step(a - b), kinks=True, public=False, latex=r"\max"),
    Elementwise(minimum, lambda a, b: a - (a - b) * step(a - b), kinks=True, public=False, latex=r"\min"),
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
        "silu": lambda x: x * sigmoid(x),
        "gelu": lambda x: x * normal_cdf(x),
        "gelu_tanh": lambda x: x * sigmoid(2 * sqrt(2 / sp.pi) * (x + sp.Rational(44715, 1000000) * x**3)),
    }
)
"""Functions of the language that are written in others: silu, and gelu in both forms (erf; tanh approximation)."""

ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "σ": "sigmoid",
        "logistic": "sigmoid",
        "ReLU": "relu",
        "abs": "absolute",
        "√": "sqrt",
        "ln": "log",
        "swish": "silu",
    }
)
"""Other spellings of the language for functions of the table."""


def expand_definitions(expression: sp.Expr) -> sp.Expr:
    """Replace every function of the table by its definition, innermost first."""
    return expression.replace(
        lambda e: isinstance(e, _Opaque) and type(e).__name__ in FUNCTIONS,
        lambda e: FUNCTIONS[type(e).__name__].definition(*e.args),
    )
