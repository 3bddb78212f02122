"""``onehot(token)`` → the vector that is 1 at the token's place and 0 elsewhere.

Its entry j is 1 where j is the token: a comparison, whose derivative is 0. So ``W @ onehot(token)`` is a column of W
(`gatedsym.calculus.one_hot` has it picked), the gradient of W is 0 outside of that column, and a token has none.
"""

from __future__ import annotations

from collections.abc import Mapping

from gatedsym.equations import fixed_arrays, syntax
from gatedsym.equations.builder import Builder
from gatedsym.equations.notation import Source
from gatedsym.equations.scope import Scope, Symbol
from gatedsym.equations.value import Value
from gatedsym.ir.fixed_arrays import FixedArray

ONEHOT = "onehot"


def places(node: syntax.Call, scope: Scope, dimensions: Mapping[str, str], builder: Builder) -> Value:
    """The numbers 0, 1, … of the entries that ``onehot(token)`` has.

    Parameters
    ----------
    node : Call
    scope : Scope
    dimensions : mapping of str to str
        Names of dimensions, with the one that stands for each.
    builder : Builder

    Raises
    ------
    EquationError
        For anything but one input that is declared to be a whole number from 0 on.
    """
    token = _token(node, scope)
    size = size_of(token, scope.source, node)
    size = dimensions.get(size, size)
    return fixed_arrays.value_of(builder, FixedArray("arange"), (size,), f"arange_{size}")


def _token(node: syntax.Call, scope: Scope) -> Symbol:
    """The input that stands in the brackets."""
    match node.arguments:
        case (syntax.Variable(name=name, letters=None),) if name in scope.symbols:
            symbol = scope.symbols[name]
            if symbol.kind == "input" and symbol.axes == () and symbol.domain is not None:
                return symbol
    raise scope.source.error(
        f"'{ONEHOT}' takes one input that is a whole number.",
        node.span,
        f"Declare one, token in {{0..m-1}}, and write {ONEHOT}(token).",
    )


def size_of(token: Symbol, source: Source, node: syntax.Call) -> str:
    """The dimension, or the number, of the values that a token has.

    Raises
    ------
    EquationError
        Where they do not run from 0 to the last place of a vector.
    """
    domain = token.domain
    if domain is not None and domain.whole and domain.low.number == 0 and not domain.low.dimension:
        high = domain.high
        if high.dimension and high.number == -1:
            return high.dimension
        if not high.dimension and high.number is not None and high.number >= 0:
            return str(int(high.number) + 1)
    if domain is not None and domain.values and domain.values == tuple(range(len(domain.values))):
        return str(len(domain.values))
    raise source.error(
        f"the numbers of '{token.name}', {domain}, are not the places 0, 1, … of a vector.",
        node.span,
        f"Declare {token.name} in {{0..m-1}}, or {{0..9}} for ten of them.",
    )
