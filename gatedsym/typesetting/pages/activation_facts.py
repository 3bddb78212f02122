"""Formulas in the sentences on elementwise functions: why a derivative has the form that the engine uses.

The sentences are the messages ``activation-NAME``; here stands what their variables are.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeAlias

import sympy as sp

from gatedsym.ir.functions import absolute, cos, exp, log, sech2, sigmoid, sin, softplus, sqrt, tan, tanh

Shown: TypeAlias = sp.Expr | tuple[sp.Expr, ...]
"""An expression in a, or a chain of equal ones."""

_a = sp.Symbol("a")
_up, _down, _small = exp(_a), exp(-_a), exp(-2 * absolute(_a))

FORMULAS: Mapping[str, Mapping[str, Shown]] = MappingProxyType(
    {
        "sigmoid": {
            "definition": (sigmoid(_a), 1 / (1 + _down)),
            "derivative": _down / (1 + _down) ** 2,
            "gate": sigmoid(_a),
            "complement": 1 - sigmoid(_a),
            "forms": (1 - sigmoid(_a), _down / (1 + _down), 1 / (1 + _up), sigmoid(-_a)),
            "stable": sigmoid(-_a),
        },
        "tanh": {
            "naive": 1 - tanh(_a) ** 2,
            "size": absolute(_a),
            "stable": (sech2(_a), 4 * _small / (1 + _small) ** 2),
        },
        "softplus": {"definition": (softplus(_a), log(1 + _up)), "factor": _up},
        "tan": {"quotient": sin(_a) / cos(_a), "forms": (1 / cos(_a) ** 2, 1 + tan(_a) ** 2)},
        "log1p": {"place": 1 + _a},
        "norm_root": {"slope": 1 / sqrt(_a)},
    }
)
"""By name of the function: the variables of its sentence. A sentence without formulas is not listed."""
