"""The interface of a generated module against the Recurrence it comes from, entry by entry.

Callers lay out arrays, count delays, draw biases and set gates by the interface alone: a wrong entry is a wrong number.
What kernels do with their arguments is run elsewhere (`proofs.emitted`); here stands what each argument must be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatedsym.calculus.fan_in import find_summed_axes
from gatedsym.calculus.names import jacobian_name
from gatedsym.calculus.retention import find_biases, find_gates
from gatedsym.calculus.stable import stabilise
from gatedsym.errors import InterfaceError, ProofError
from gatedsym.files.write import text_hash
from gatedsym.ir.interface import (
    GROUPS,
    ROWS,
    Argument,
    Dimension,
    Dims,
    Gate,
    Interface,
    KernelSignature,
    Kind,
    Layout,
    Role,
    Rows,
)
from gatedsym.ir.interface_table import as_table, read_interface
from gatedsym.ir.program import Program, Recurrence
from gatedsym.proofs.engine.brute_force import require_all


def require_interface(recurrence: Recurrence, table: object) -> Interface:
    """Check all that the table of a module says of a cell.

    Returns
    -------
    Interface
        What was read.

    Raises
    ------
    ProofError
        Naming the entry that is wrong, what it says and what the equations say.
    """
    try:
        interface = read_interface(table)
    except InterfaceError as error:
        raise ProofError(f"not so: the interface is that of the equations. {error}") from error
    for name, expected in _expected(recurrence).items():
        if getattr(interface, name) != expected:
            raise _wrong(name, getattr(interface, name), expected)
    program = stabilise(recurrence.program)  # its names are those that kernels and callers have
    _require_biases(recurrence, find_biases(program), interface.biases)
    _require_gates(recurrence, find_gates(program), interface.gates)
    for kernel, signature in interface.kernels.items():
        for argument in signature.arrays:
            _require_argument(program, kernel, argument)
    _require_kernels(recurrence, interface.kernels)
    return interface


def require_nothing_unread(interface: Interface, table: object) -> None:
    """Check that a table says nothing that no caller reads.

    Raises
    ------
    ProofError
    """
    if as_table(interface) != table:
        raise _wrong("the table", table, as_table(interface))


def require_signatures(module: Any, interface: Interface) -> None:
    """Check that every kernel of a module takes what the interface says, in that order.

    Raises
    ------
    ProofError
    """
    for kernel, signature in interface.kernels.items():
        function = getattr(module, kernel)
        code = getattr(function, "py_func", function).__code__
        taken = list(code.co_varnames[: code.co_argcount])
        numbers = [*map(str, signature.numbers), *signature.sizes]
        scratch = [signature.scratch.name] if signature.scratch is not None else []
        listed = [*numbers, *(a.name for a in signature.arrays), *scratch]
        # A number whose name is an array's as well has another one in the kernel: d_2, team_2.
        for n, (number, word) in enumerate(zip(numbers, taken)):
            listed[n] = word if re.fullmatch(rf"{re.escape(number)}_\d+", word) else number
        if listed != taken:
            raise ProofError(
                f"not so: the interface is that of the module. The kernel {kernel} takes {taken}, listed are {listed}. "
                "Run gatedsym generate."
            )


def _expected(recurrence: Recurrence) -> dict[str, Any]:
    """The entries that are the Recurrence's own, word for word."""
    program = recurrence.program
    groups: dict[str, tuple[Layout, ...]] = {group: getattr(recurrence, group) for group in GROUPS}
    return {
        "cell": recurrence.name,
        "equations": text_hash(recurrence.source),
        "dimensions": tuple(
            Dimension(d.name, None if d.size is None else str(d.size), d.fixed) for d in recurrence.dimensions
        ),
        **groups,
        "part_dims": {p: _tensor_dims(program, p) for layouts in groups.values() for ly in layouts for p in ly.parts},
        "delays": dict(recurrence.delays),
        "domains": dict(recurrence.domains),
        "fan_in": find_summed_axes(program, recurrence.parameters),
    }


def _tensor_dims(program: Program, part: str) -> Dims:
    """The dimensions of a part; of a state that nothing reads they are those of its next value."""
    return next(t.dims for t in program.tensors if part in (t.name, t.of))


def _wrong(what: str, found: object, expected: object) -> ProofError:
    return ProofError(
        f"not so: the interface is that of the equations. {what} says {found}, the equations say {expected}. "
        "Run gatedsym generate."
    )


def _require_biases(recurrence: Recurrence, biases: Iterable[str], listed: Sequence[str]) -> None:
    """Every bias is listed by its own name, or by that of the array all of whose parts are biases."""
    found = set(biases)
    parts = {ly.name: set(ly.parts) for ly in recurrence.parameters}
    covered = [p for name in listed for p in sorted(parts.get(name, {name}))]
    if set(covered) != found or len(covered) != len(found):
        raise _wrong("biases", listed, sorted(found))


def _require_gates(recurrence: Recurrence, found: Sequence[Gate], rows: Sequence[Gate]) -> None:
    """Every gate of every part of a state is in one row, under its name or the name of the array it is part of."""
    groups = (recurrence.states, recurrence.locals, recurrence.parameters)
    states, values, biases = ({p: ly.name for ly in group for p in ly.parts} for group in groups)
    expected: dict[tuple[str, str, int, Role], set[str]] = {}
    for g in found:
        for bias in {g.bias, biases.get(g.bias, g.bias)}:
            names = expected.setdefault((states[g.state], bias, g.sign, g.role), set())
            names |= {g.gate, values.get(g.gate, g.gate)}
    listed = [(row.state, row.bias, row.sign, row.role) for row in rows]
    wanted = {(states[g.state], g.sign, g.role, biases.get(g.bias, g.bias)) for g in found}
    covered = {(state, sign, role, biases.get(bias, bias)) for state, bias, sign, role in listed}
    named = all(key in expected and row.gate in expected[key] for key, row in zip(listed, rows, strict=True))
    if not named or covered != wanted or len({*rows}) != len(rows):
        raise _wrong("gates", rows, sorted(map(str, found)))


def _require_argument(program: Program, kernel: str, argument: Argument) -> None:
    """An array holds what arrays of its kind do, with the axes of its tensors."""
    what = f"argument {argument.name} of the kernel {kernel}"
    if argument.rows not in _rows(kernel, argument):
        raise _wrong(what, argument.rows, _rows(kernel, argument))
    if argument.kind is Kind.RESIDUAL and not all(t in program.definitions for t in argument.tensors):
        raise _wrong(what, argument.tensors, sorted(program.definitions))
    for member in (*argument.members, *argument.columns):
        dims = _dims_of(program, member.name)
        if dims is not None and member.dims != dims:
            raise _wrong(f"{what}, tensor {member.name}", member.dims, dims)


def _rows(kernel: str, argument: Argument) -> tuple[Rows, ...]:
    """The ways in which an array may lie in a kernel."""
    inner = kernel == "tangent"
    match argument.kind:
        case Kind.EXPONENTS:
            return (Rows.DIRECTIONS if inner else Rows.HISTORY,)
        case Kind.WORK:
            return (Rows.DIRECTIONS,) if inner else (Rows.STEPS, Rows.BATCH)
        case Kind.COTANGENT:
            return (Rows.HISTORY if argument.tensor.endswith("'") else Rows.STEPS,)
        case Kind.SUM:
            return (Rows.NONE if kernel == "finish" else Rows.SHARES,)
        case _:
            return ROWS[argument.kind]


def _dims_of(program: Program, tensor: str) -> Dims | None:
    """The dimensions of a tensor that an argument holds, if the cell's own equations say them."""
    plain = tensor.removeprefix("d_").removeprefix("dot_")
    return next((t.dims for n in (tensor, plain) for t in program.tensors if n in (t.name, t.of)), None)


def _require_kernels(recurrence: Recurrence, kernels: Mapping[str, KernelSignature]) -> None:
    """Every kernel is there, and takes every array that it must hand out."""
    program = recurrence.program
    states, inputs, outputs, parameters = (
        [p for ly in group for p in ly.parts]
        for group in (recurrence.states, recurrence.inputs, recurrence.outputs, recurrence.parameters)
    )
    outputs = [n for n in program.results if program[n].role == "output"]
    following = [n for n in program.results if program[n].role == "next"]
    past = [n for n in program.sources if program[n].role == "state"]
    wanted: dict[str, dict[Kind, Iterable[str]]] = {
        "forward": {Kind.STATE: states, Kind.OUTPUT: outputs},
        "backward": {Kind.ADJOINT: [*inputs, *states], Kind.COTANGENT: outputs},
        "flow": {
            Kind.ADJOINT: [*inputs, *states],
            Kind.COTANGENT: [*following, *outputs],
            Kind.SQUARES: [""] if states else [],
        },
    }
    if states:
        wanted["tangent"] = {Kind.TANGENT: states, Kind.NEW_TANGENT: states}
        wanted["jacobian"] = {Kind.JACOBIAN: [jacobian_name(r, s) for r in following for s in past]}
    missing = wanted.keys() - kernels.keys()
    if missing:
        raise _wrong("kernels", sorted(kernels), sorted(wanted))
    for kernel, kinds in wanted.items():
        for kind, names in kinds.items():
            require_all(f"the kernel {kernel}", names, _tensors_of(kernels[kernel], kind))
    for kernel, signature in kernels.items():
        if not set(_tensors_of(signature, Kind.PARAMETER)) <= set(parameters):
            raise _wrong(f"kernel {kernel}", list(_tensors_of(signature, Kind.PARAMETER)), parameters)


def _tensors_of(signature: KernelSignature, kind: Kind) -> Iterator[str]:
    """The tensors in arrays of one kind."""
    for argument in signature.of_kind(kind):
        yield from argument.tensors or [""]
