"""``where(u > v, a, b)`` → one statement that holds both values whole, so that the one not chosen spoils nothing.

A value that is not chosen may be infinite or no number: the logarithm of what is negative. As long as it stands inside
the choice, its derivative is chosen there as well, and is never multiplied by 0. So whatever the engine would name
inside a branch is written out, and what is computed outside of the choice must be finite whatever its arguments are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import sympy as sp

from gatedsym.equations import syntax
from gatedsym.equations.builder import Builder, label
from gatedsym.equations.notation import Source
from gatedsym.equations.syntax import Call, Comparison, Node
from gatedsym.equations.value import Value
from gatedsym.equations.vector_functions import Steps
from gatedsym.ir import functions as f
from gatedsym.ir.program import Pointwise
from gatedsym.ir.ranges import range_of

WHERE = "where"
_SHORT = "Write where(u > v, a, b): a where u > v, else b."
_GROWING = (f.exp, f.expm1, f.sinh, f.cosh)
_LONGEST = 2_000  # operations of a formula that is written out: beyond it names stay
_OF_POSITIVE = (f.log, f.sqrt, f.norm_root_inverse)


def lowered(
    node: Call,
    source: Source,
    lower: Callable[[Node], Value],
    elementwise: Callable[[list[Value], Callable[..., sp.Expr]], Value],
    builder: Builder,
    steps: Steps,
) -> Value:
    """The value of a choice.

    Raises
    ------
    EquationError
        For a condition that is no comparison, and for a value that no choice can shield.
    """
    match node.arguments:
        case (Comparison(sign=sign, left=left, right=right), one, other):
            pass
        case _:
            raise source.error(f"'{WHERE}' takes a comparison and two values.", node.span, _SHORT)
    sides = [steps.named(lower(side), "a") for side in (left, right)]
    if sign.startswith("<"):
        sides.reverse()
    branches = []
    for branch in (one, other):
        before = len(builder.made)
        value = lower(branch)
        if value.is_complex or any(side.is_complex for side in sides):
            raise _of_complex(node, source)
        parts = tuple(_written_out(part, builder) for part in value.parts)
        builder.forget(before, parts)
        branches.append(Value(value.axes, parts, value.letters, row=value.row, gated=value.gated))
    _require_finite(branches, (one, other), builder, source)
    function = f.where_least if sign.endswith("=") else f.where_above
    return steps.computed(elementwise([*sides, *branches], function), WHERE)


def _written_out(expression: sp.Expr, builder: Builder, *, named: bool = False) -> sp.Expr:
    """An expression with every name that nobody typed replaced by the formula behind it, down to products and sums.

    With `named` those that somebody typed are replaced as well.
    """
    while expression.count_ops() < _LONGEST:
        found = {}
        for ref in builder.refs(expression):
            statement = builder.statement_of(ref.name)
            if isinstance(statement, Pointwise) and (named or not builder.tensors[ref.name].named):
                renaming = dict(zip(statement.target.indices, ref.indices, strict=True))
                found[ref.symbol] = builder.rename_indices(statement.expression, renaming)
        if not found:
            break
        expression = expression.xreplace(found)
    return expression


def _require_finite(branches: list[Value], nodes: tuple[Node, Node], builder: Builder, source: Source) -> None:
    """Raise EquationError if one value alone rests on something outside of the choice that may be no finite number.

    What both rest on is in the value that is chosen, whichever that is.
    """
    first, second = (_open_names(branch.parts, builder) for branch in branches)
    for names, others, node in ((first, second, nodes[0]), (second, first, nodes[1])):
        name = next((n for n in names if n not in others), None)
        if name is not None:
            raise source.error(
                f"no choice can shield '{label(name)}', which is computed before it and may be infinite or no number.",
                node.span,
                f"Put what {label(name)} stands for into {WHERE}(…) itself, below any product with a matrix: "
                "W @ where(x > 0, log(x), 0).",
            )


def _open_names(parts: Iterable[sp.Expr], builder: Builder) -> dict[str, None]:
    """Names outside of the choice, below these expressions, that may be infinite or no number."""
    waiting = [ref.name for part in parts for ref in builder.refs(part)]
    seen: set[str] = set()
    found: dict[str, None] = {}
    while waiting:
        name = waiting.pop(0)
        statement = builder.statement_of(name)
        if name in seen or statement is None:
            continue
        seen.add(name)
        if isinstance(statement, Pointwise) and _unsafe(_written_out(statement.expression, builder, named=True)):
            found[name] = None
        waiting += [ref.name for ref in statement.operands]
    return found


def _of_complex(node: Call, source: Source) -> Exception:
    return source.error(
        f"'{WHERE}' chooses between real numbers, this is complex.",
        node.span,
        f"Write {WHERE}(u > v, re(a), re(b)) + i * {WHERE}(u > v, im(a), im(b)).",
    )


def _unsafe(expression: sp.Expr) -> bool:
    """Whether an expression is infinite or no number for some arguments; what a choice holds is shielded."""
    if isinstance(expression, (f.where_above, f.where_least)):
        return False
    if expression.is_Pow and expression.exp.is_negative:
        low, high = range_of(expression.base)
        alone = not (low > 0 or high < 0)
    elif isinstance(expression, _GROWING):
        low, high = range_of(expression.args[0])
        alone = bool(high.is_infinite or (low.is_infinite and isinstance(expression, (f.sinh, f.cosh))))
    elif isinstance(expression, _OF_POSITIVE):
        alone = not range_of(expression.args[0])[0] > 0
    elif isinstance(expression, f.log1p):
        alone = not range_of(expression.args[0])[0] > -1
    else:
        alone = isinstance(expression, f.tan)
    return alone or any(map(_unsafe, expression.args))


def refuse_alone(node: syntax.Comparison, source: Source) -> Exception:
    """The refusal of a comparison that chooses nothing."""
    return source.error(
        "a comparison stands only where it chooses.",
        node.span,
        f"Write where({source.excerpt(node.span)}, 1, 0) for a number that is 1 where it holds.",
    )
