"""The arguments of a cell's kernels → the lines that explain them, once for all kernels."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping

from gatedsym.ir.domain import Domain
from gatedsym.ir.interface import Argument, Interface, Kind, Number, Rows

NUMBERS: Mapping[tuple[Number, ...], str] = {
    (Number.STEPS,): "how many steps",
    (Number.B0, Number.B1): "the rows of the batch that are computed, from b0 to b1 - 1",
    (Number.D0, Number.D1): "the directions that are carried along, from d0 to d1 - 1",
    (Number.SEGMENT,): "steps that are taken together where none of them waits for another",
    (Number.SHARE,): "rows whose contributions to gradients are one sum",
    (Number.INPUTS,): "0 if nobody wants the adjoints of inputs",
    (Number.CHUNK, Number.CHUNKS): "which chunk of the gradients' rows is computed, and of how many",
    (Number.TEAM,): "the threads that share every product, or one that works alone",
}
"""What kernels take in front of arrays, in this order."""

KINDS: Mapping[Kind, str] = {
    Kind.INPUT: "input",
    Kind.STATE: "state, its past in front",
    Kind.PARAMETER: "parameter",
    Kind.OUTPUT: "output",
    Kind.RESIDUAL: "residuals of the forward pass",
    Kind.LOCAL: "values that equations define",
    Kind.WORK: "work",
    Kind.ADJOINT: "total adjoint",
    Kind.COTANGENT: "cotangent, given",
    Kind.SUM: "sum over time and batch",
    Kind.GRADIENT: "gradient",
    Kind.EXPONENTS: "powers of two that all adjoints or directions of a row have in common",
    Kind.SQUARES: "sum of squares of all adjoints of a row",
    Kind.TANGENT: "directions",
    Kind.NEW_TANGENT: "directions after a step",
    Kind.JACOBIAN: "block of a step's Jacobian",
}
"""What the arrays of each kind are."""


def legend(interface: Interface, width: int = 118) -> list[str]:
    """One line, folded, for each number and for all arrays of the same kind and shape."""
    kernels = interface.kernels.values()
    delays, domains = _delays(interface), interface.part_domains
    taken = {number for kernel in kernels for number in kernel.numbers}
    rows = [(", ".join(numbers), text) for numbers, text in NUMBERS.items() if taken & {*numbers}]
    alike: dict[str, dict[str, None]] = {}
    for kernel in kernels:
        for argument in kernel.arrays:
            alike.setdefault(_description(argument, delays, domains), {})[argument.name] = None
    rows += [(", ".join(names), text) for text, names in alike.items()]
    scratch = dict.fromkeys(kernel.scratch.name for kernel in kernels if kernel.scratch)
    rows += [(name, "memory for the kernel's own use") for name in scratch]
    return [line for names, text in rows for line in textwrap.wrap(f"{names}: {text}", width, subsequent_indent="    ")]


def _description(argument: Argument, delays: Mapping[str, int], domains: Mapping[str, Domain]) -> str:
    held = argument.tensors
    if argument.columns:
        columns = ", ".join(member.name for member in argument.columns)
        what = f"gradients: each row of {', '.join(held)} times each column of {columns}"
    else:
        domain = domains.get(argument.tensor) if argument.kind is Kind.INPUT else None
        kind = KINDS[argument.kind] + ("" if domain is None else f" in {domain}")
        what = kind + (f" {', '.join(held)} side by side" if len(held) > 1 else "")
    return f"{what}, ({', '.join([*_lead(argument, delays), *_axes(argument)])})"


def _lead(argument: Argument, delays: Mapping[str, int]) -> list[str]:
    """The axes in front of those of tensors."""
    delay = _delay(argument, delays)
    return {
        Rows.NONE: [],
        Rows.STEPS: ["steps", "batch"],
        Rows.HISTORY: [f"{delay} + steps" if delay else "steps", "batch"],
        Rows.BATCH: ["batch"],
        Rows.SHARES: ["shares"],
        Rows.DIRECTIONS: ["batch", "directions"],
        Rows.HISTORY_DIRECTIONS: [str(delay), "batch", "directions"],
    }[argument.rows]


def _delay(argument: Argument, delays: Mapping[str, int]) -> int:
    if not argument.members:
        return 1
    return delays.get(argument.tensor.removesuffix("'"), 0)


def _delays(interface: Interface) -> dict[str, int]:
    """Rows of the past in front of each part of a state or an input."""
    layouts = interface.layouts("states", "inputs")
    return {part: interface.delays.get(ly.name, 0) for ly in reversed(layouts) for part in ly.parts}


def _axes(argument: Argument) -> list[str]:
    if argument.columns:
        return [_sum(member.dims for member in held) for held in (argument.members, argument.columns)]
    if argument.is_flat:
        return [_sum(member.dims for member in argument.members)]
    return [dim for member in argument.members for dim in member.dims]


def _sum(sizes: Iterable[tuple[str, ...]]) -> str:
    """Sizes side by side: 4 n for four that are n."""
    products = [" ".join(dims) or "1" for dims in sizes]
    counts = Counter(products)
    return " + ".join(product if count == 1 else f"{count} {product}" for product, count in counts.items())
