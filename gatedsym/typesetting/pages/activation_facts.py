"""Facts for a student about each elementwise function: why its derivative has the form that the engine uses."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import sympy as sp

from gatedsym.ir.functions import absolute, cos, exp, log, sech2, sigmoid, sin, softplus, sqrt, tan, tanh

Told = tuple[str | sp.Expr | tuple[sp.Expr, ...], ...]
"""Words, expressions in a and b, and chains of equal expressions."""

_a = sp.Symbol("a")
_up, _down, _small = exp(_a), exp(-_a), exp(-2 * absolute(_a))
_one = sp.S.One

REASONS: Mapping[str, Told] = MappingProxyType(
    {
        "sigmoid": (
            "With ",
            (sigmoid(_a), 1 / (1 + _down)),
            " the quotient rule gives ",
            _down / (1 + _down) ** 2,
            ", which is ",
            sigmoid(_a),
            " times ",
            1 - sigmoid(_a),
            "; and ",
            (1 - sigmoid(_a), _down / (1 + _down), 1 / (1 + _up), sigmoid(-_a)),
            ". The last form is the one to compute: in double precision ",
            1 - sigmoid(_a),
            " is exactly 0 from 37 on, while ",
            sigmoid(-_a),
            " keeps all its digits.",
        ),
        "tanh": (
            "The quotient rule for sinh/cosh. In double precision the difference ",
            1 - tanh(_a) ** 2,
            " is exactly 0 as soon as ",
            absolute(_a),
            " exceeds 19.1; ",
            (sech2(_a), 4 * _small / (1 + _small) ** 2),
            " contains no difference and is computed instead.",
        ),
        "exp": ("The exponential is its own derivative.",),
        "log": ("The derivative of the inverse of the exponential.",),
        "sqrt": ("The power rule with exponent 1/2.",),
        "softplus": (
            "Chain rule through the logarithm in ",
            (softplus(_a), log(1 + _up)),
            ", then divide above and below by ",
            _up,
            ".",
        ),
        "log_sigmoid": ("Chain rule: the derivative of σ divided by σ. No division is left that could overflow.",),
        "relu": ("Slope 1 right of 0, slope 0 left of it; at 0 itself the slope is taken as 0.",),
        "step": ("Constant on either side of 0; at 0, where it jumps, the slope is taken as 0.",),
        "floor": ("Constant between integers; at an integer, where it jumps, the slope is taken as 0.",),
        "absolute": ("Slope 1 right of 0, slope −1 left of it; at 0 itself the slope is taken as 0.",),
        "maximum": (
            "The larger passes its change on, the smaller none; at a tie, where this step is 1/2, each passes half.",
        ),
        "minimum": (
            "The smaller passes its change on, the larger none; at a tie, where this step is 1/2, each passes half.",
        ),
        "hard_sigmoid": ("A line of slope 1/6 between its kinks at −3 and 3, constant outside.",),
        "hard_sigmoid_02": ("A line of slope 1/5 between its kinks at −2.5 and 2.5, constant outside.",),
        "elu": ("Slope 1 right of 0; left of it the derivative of the exponential.",),
        "sin": ("The sine leads the cosine.",),
        "cos": ("The derivative of the cosine is minus the sine.",),
        "stop": ("By declaration: the value passes, no change does. It is not the derivative of the value.",),
        "sign": ("Constant on either side of 0; at 0, where it jumps, the slope is taken as 0.",),
        "hard_tanh": (
            "A line of slope 1 between its kinks at −1 and 1, constant outside; at the kinks the slope is 0.",
        ),
        "leaky_relu": ("Slope 1 right of 0, slope b left of it and at 0 itself; b acts where a is below 0.",),
        "clip": (
            "Between the limits a change passes, the limits included; outside, the limit that holds passes its own. "
            "Where the limits are crossed the upper one holds.",
        ),
        "where_above": (
            "The value that is chosen passes its change on; which one it is does not change but at a tie.",
        ),
        "where_least": (
            "The value that is chosen passes its change on; which one it is does not change but at a tie.",
        ),
        "erf": ("The derivative of the integral that defines it.",),
        "atan": ("The derivative of the inverse of the tangent.",),
        "tan": ("The quotient rule for ", sin(_a) / cos(_a), ": ", (1 / cos(_a) ** 2, 1 + tan(_a) ** 2), "."),
        "sinh": ("Half the difference of two exponentials becomes half their sum.",),
        "cosh": ("Half the sum of two exponentials becomes half their difference.",),
        "log1p": ("The derivative of the logarithm, at ", 1 + _a, "."),
        "expm1": ("The exponential is its own derivative; the constant has none.",),
        "norm_root": (
            "The power rule with exponent 1/2 under a sum of squares; where all of them are 0 the slope is taken as 0, "
            "so a vector of zeros gets no gradient through its norm. There ",
            1 / sqrt(_a),
            " stands for 0.",
        ),
        "softsign": ("Quotient rule, on either side of 0.",),
        "normal_cdf": ("The density is the derivative of the distribution function.",),
    }
)
"""By name of the function; a function that is not listed is differentiated by its definition."""

IN_CONTEXT: Mapping[str, str] = MappingProxyType(
    {
        "pivot": (
            "A softmax subtracts the largest entry so that no exponential overflows. Whatever is subtracted from every "
            "entry, the softmax is the same: its derivative by the number subtracted is 0, and that path is left out. "
            "The proof of this cell does not leave it out: it differentiates through the largest entry, and finds the "
            "same."
        ),
    }
)
"""By name: why the derivative of a function is left out where it stands."""

DEFAULT: Told = ("From the definition of the function.",)
