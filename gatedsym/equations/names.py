"""Names that the language knows, names that it refuses, and the known name that a typo was probably meant to be."""

from __future__ import annotations

import builtins
import difflib
import keyword
import re
from collections.abc import Iterable
from textwrap import fill

from gatedsym.equations.customary import customary_definition
from gatedsym.ir.fixed_arrays import LAWS
from gatedsym.ir.functions import ALIASES, FUNCTIONS, SHORTHANDS

ELEMENTWISE: frozenset[str] = frozenset(
    {name for name, entry in FUNCTIONS.items() if entry.public}
    | set(SHORTHANDS)
    | {name for name in ALIASES if name.isascii()}
)
"""Functions of one argument that act on each element."""

ARRAY_FUNCTIONS: frozenset[str] = frozenset(
    {"max", "min", "sum", "mean", "dot", "outer", "softmax", "log_softmax", "norm", "where", "straight_through"}
)
"""Functions that combine elements, or two arrays; max and min of two arguments are elementwise."""

MATRIX_POWERS: frozenset[str] = frozenset({"inv", "matrix_power", "solve"})
"""Functions of a matrix as a whole."""

MATRIX_FUNCTIONS: frozenset[str] = MATRIX_POWERS | {"diag", "eye", "cumsum", "onehot", "roll"}
"""Functions that make matrices, or act as one."""

ARRAYS: frozenset[str] = MATRIX_FUNCTIONS | frozenset(LAWS)
"""Functions that make or act as matrices, and laws of fixed arrays."""

LANGUAGE_FUNCTIONS: frozenset[str] = ELEMENTWISE | ARRAY_FUNCTIONS | ARRAYS

YIELDING: frozenset[str] = (
    ARRAYS
    | {"ELU", "GELU", "Hardtanh", "LeakyReLU", "SiLU", "Sigmoid", "Tanh", "arctan", "atan", "clamp", "clip",
       "cosh", "declared", "detach", "erf", "expm1", "hard_tanh", "hardsigmoid", "hardtanh", "leaky_relu",
       "log1p", "log_softmax", "norm", "sgn", "sigm", "sign", "sinh", "softmax", "square", "stop",
       "stop_gradient", "straight_through", "tan", "where"}
)  # fmt: skip
"""Functions that a text may use as names of its own: they came later than texts that do."""

IDENTITY = "I"
"""The name of the identity matrix in a text that has no such name of its own."""

UNIT_ENTRIES: frozenset[str] = frozenset({IDENTITY, "delta"})
"""Names of the identity and of Kronecker's symbol under two indices, in a text that has no such name of its own."""

OPTIONS: frozenset[str] = frozenset({"self", "seed", "dtype", "scheme", "gain", "retention", "horizon"})
"""What `Cell.init` takes beside sizes: no dimension has such a name."""

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_RESERVED = (
    frozenset(dir(builtins)) | frozenset(keyword.kwlist) | {"np", "numpy", "math", "numba", "pi", "dim", "output"}
)
_SPELLINGS = {"lambda": "lam", "input": "input_gate", "output": "output_gate", "in": "i", "pi": "p"}
_MAX_LENGTH = 60


def refusal_of(name: str, functions: Iterable[str] = LANGUAGE_FUNCTIONS - YIELDING) -> tuple[str, str] | None:
    """Reason why a person may not give this name to a symbol, and the mend; None if it is fine."""
    other = _SPELLINGS.get(name, f"{name.strip('_') or 'a'}_1")
    if not _IDENTIFIER.fullmatch(name):
        return f"'{name}' is no safe name: names begin with a letter and go on with letters, digits and '_'.", (
            f"Write {other.replace('__', '_')}."
        )
    if len(name) > _MAX_LENGTH:
        return f"a name of {len(name)} characters is too long.", f"Use at most {_MAX_LENGTH} characters."
    if name in frozenset(functions):
        return (
            f"'{name}' is a function of the language and cannot be defined.",
            f"Choose another name, such as {name}_1.",
        )
    if name in _RESERVED:
        return f"'{name}' is reserved: generated code needs it.", f"Choose another name, such as {other}."
    if name.startswith(("d_", "dot_")):
        kind = "adjoints" if name.startswith("d_") else "tangents"
        return f"'{name}' is reserved: names of {kind} begin so.", "Choose a name that begins otherwise."
    if "__" in name or name.endswith("_"):
        return f"'{name}' is reserved: no name has '__' or ends in '_'.", "Use single underscores between letters."
    return None


def nearest(name: str, candidates: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The candidate that a typo was probably meant to be."""
    known = sorted(set(candidates) - {name})
    by_case = [candidate for candidate in known if candidate.lower() == name.lower()]
    turned = [candidate for candidate in known if len(name) > 2 and sorted(candidate) == sorted(name)]
    found = by_case or turned or difflib.get_close_matches(name, known, n=1, cutoff=cutoff)
    return found[0] if found else None


def mend_of_call(name: str, arguments: str, functions: frozenset[str]) -> str:
    """Mend where `name` is called and no function has that name: a likely typo, or all there are."""
    customary = customary_definition(name, arguments.count(",") + 1)
    if customary:
        return f"{customary}."
    close = nearest(name, functions, cutoff=0.7)  # not 'sigmoid' for 'mod'
    close = "sigmoid" if name == "sigma" or name.startswith("sigma_") else close
    if close:
        return f"Did you mean {close}? Otherwise a definition makes it: {name}({arguments}) = …."
    again = {alias for alias, meant in ALIASES.items() if meant in functions}
    matrices = sorted(ARRAYS & frozenset(functions))
    listed = fill(
        f"The functions are {', '.join(sorted(frozenset(functions) - again - ARRAYS))}.",
        100,
    )
    if matrices:
        listed += "\n" + fill(f"Matrices and fixed arrays: {', '.join(matrices)}.", 100)
    return f"A definition makes one: {name}({arguments}) = ….\n{listed}"
