"""The interface of a generated module against the Recurrence it comes from, entry by entry.

Callers lay out arrays, count delays, draw biases and set gates by the interface alone: a wrong entry is a wrong number.
What kernels do with their arguments is run elsewhere (`proofs.emitted`); here stands what each argument must be.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from gatedsym.calculus.names import jacobian_name
from gatedsym.calculus.retention import Gate, find_biases, find_gates
from gatedsym.calculus.stable import stabilise
from gatedsym.codegen.module import FORMAT
from gatedsym.errors import ProofError
from gatedsym.files.write import text_hash
from gatedsym.ir.program import Layout, Program, Recurrence
from gatedsym.proofs.engine.brute_force import require_all

GROUPS = ("inputs", "states", "outputs", "parameters", "locals")
KEYS = {"format", "cell", "equations", "dimensions", *GROUPS, "parts", "delays", "biases", "gates", "kernels",
        "gradients", "members"}  # fmt: skip

ROWS: Mapping[str, frozenset[str]] = {
    "parameter": frozenset({"none"}),
    "input": frozenset({"history"}),
    "state": frozenset({"history"}),
    "output": frozenset({"steps"}),
    "kept": frozenset({"steps"}),
    "local": frozenset({"steps"}),
    "work": frozenset({"steps", "batch", "directions"}),
    "adjoint": frozenset({"history"}),
    "cotangent": frozenset({"steps", "history"}),
    "sum": frozenset({"shares", "none"}),
    "gradient": frozenset({"none"}),
    "exponents": frozenset({"history", "directions"}),
    "squares": frozenset({"history"}),
    "tangent": frozenset({"history directions"}),
    "new_tangent": frozenset({"directions"}),
    "jacobian": frozenset({"steps"}),
    "room": frozenset({"none"}),
}
"""How the arrays of each kind may lie."""


def require_interface(recurrence: Recurrence, interface: Mapping[str, Any]) -> None:
    """Check all that an interface says of a cell.

    Raises
    ------
    ProofError
        Naming the entry that is wrong, what it says and what the equations say.
    """
    if interface.keys() != KEYS:
        raise _wrong("the interface", sorted(interface), sorted(KEYS))
    for name, expected in _expected(recurrence).items():
        if interface[name] != expected:
            raise _wrong(name, interface[name], expected)
    program = stabilise(recurrence.program)  # its names are those that kernels and callers have
    _require_biases(recurrence, find_biases(program), interface["biases"])
    _require_gates(recurrence, find_gates(program), interface["gates"])
    for kernel, spec in interface["kernels"].items():
        if spec.keys() != {"leading", "sizes", "arrays"} or not all(len(a) == 6 for a in spec["arrays"]):
            raise _wrong(f"kernel {kernel}", spec, "leading, sizes and arrays of six entries each")
        for argument in spec["arrays"]:
            _require_argument(program, kernel, argument)
    _require_kernels(recurrence, interface["kernels"])


def require_signatures(module: Any) -> None:
    """Check that every kernel of a module takes what the interface says, in that order.

    Raises
    ------
    ProofError
    """
    for kernel, spec in module.INTERFACE["kernels"].items():
        function = getattr(module, kernel)
        code = getattr(function, "py_func", function).__code__
        taken = list(code.co_varnames[: code.co_argcount])
        numbers = [*spec["leading"], *spec["sizes"]]
        listed = [*numbers, *(a[0] for a in spec["arrays"])]
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
    groups: dict[str, tuple[Layout, ...]] = {name: getattr(recurrence, name) for name in GROUPS}
    program = recurrence.program
    return {
        "format": FORMAT,
        "cell": recurrence.name,
        "equations": text_hash(recurrence.source),
        "dimensions": [[d.name, None if d.size is None else str(d.size), d.fixed] for d in recurrence.dimensions],
        **{k: [[ly.name, [list(a) for a in ly.axes], list(ly.parts)] for ly in v] for k, v in groups.items()},
        "parts": {p: list(_tensor_dims(program, p)) for v in groups.values() for ly in v for p in ly.parts},
        "delays": dict(recurrence.delays),
    }


def _tensor_dims(program: Program, part: str) -> tuple[str, ...]:
    """The dimensions of a part; of a state that nothing reads they are those of its next value."""
    return next(t.dims for t in program.tensors if part in (t.name, t.of))


def _wrong(what: str, found: object, expected: object) -> ProofError:
    return ProofError(
        f"not so: the interface is that of the equations. {what} says {found}, the equations say {expected}. "
        "Run gatedsym generate."
    )


def _require_biases(recurrence: Recurrence, biases: Iterable[str], listed: list[str]) -> None:
    """Every bias is listed by its own name, or by that of the array all of whose parts are biases."""
    found = set(biases)
    parts = {ly.name: set(ly.parts) for ly in recurrence.parameters}
    covered = [p for name in listed for p in sorted(parts.get(name, {name}))]
    if set(covered) != found or len(covered) != len(found):
        raise _wrong("biases", listed, sorted(found))


def _require_gates(recurrence: Recurrence, found: Sequence[Gate], rows: list[list[Any]]) -> None:
    """Every gate of every part of a state is in one row, under its name or the name of the array it is part of."""
    groups = (recurrence.states, recurrence.locals, recurrence.parameters)
    states, values, biases = ({p: ly.name for ly in group for p in ly.parts} for group in groups)
    expected: dict[tuple[str, str, int, str], set[str]] = {}
    for g in found:
        for bias in {g.bias, biases.get(g.bias, g.bias)}:
            names = expected.setdefault((states[g.state], bias, g.sign, g.role), set())
            names |= {g.gate, values.get(g.gate, g.gate)}
    listed = [tuple(row[:1] + row[2:]) for row in rows]
    wanted = {(states[g.state], g.sign, g.role, biases.get(g.bias, g.bias)) for g in found}
    covered = {(state, sign, role, biases.get(bias, bias)) for state, bias, sign, role in listed}
    named = all(key in expected and row[1] in expected[key] for key, row in zip(listed, rows, strict=True))
    if not named or covered != wanted or len({tuple(row) for row in rows}) != len(rows):
        raise _wrong("gates", rows, sorted(map(str, found)))


def _require_argument(program: Program, kernel: str, argument: list[Any]) -> None:
    """An array has a known kind, lies as arrays of that kind do, and has the axes of its tensors."""
    name, kind, tensors, rows, widths, flat = argument
    what = f"argument {name} of the kernel {kernel}"
    if rows not in ROWS.get(kind, ()):
        raise _wrong(what, [kind, rows], {k: sorted(v) for k, v in ROWS.items()})
    if flat is not (kind in ("kept", "work") or "@" in tensors):
        raise _wrong(what, flat, not flat)
    if kind == "room":
        return
    if kind == "kept" and not all(t in program.definitions for t in tensors):
        raise _wrong(what, tensors, sorted(program.definitions))
    dims = [_dims_of(program, tensor) for tensor in tensors]
    if kind != "exponents" and kind != "squares" and None not in dims and widths != [list(d or ()) for d in dims]:
        raise _wrong(what, widths, dims)


def _dims_of(program: Program, tensor: str) -> tuple[str, ...] | None:
    """The dimensions of a tensor that an argument holds, if the cell's own equations say them."""
    if tensor == "@":
        return ("@",)
    plain = tensor.removeprefix("d_").removeprefix("dot_")
    return next((t.dims for n in (tensor, plain) for t in program.tensors if n in (t.name, t.of)), None)


def _require_kernels(recurrence: Recurrence, kernels: Mapping[str, Any]) -> None:
    """Every kernel is there, and takes every array that it must hand out."""
    program = recurrence.program
    states, inputs, outputs, parameters = (
        [p for ly in group for p in ly.parts]
        for group in (recurrence.states, recurrence.inputs, recurrence.outputs, recurrence.parameters)
    )
    outputs = [n for n in program.results if program[n].role == "output"]
    following = [n for n in program.results if program[n].role == "next"]
    past = [n for n in program.sources if program[n].role == "state"]
    wanted: dict[str, dict[str, Iterable[str]]] = {
        "forward": {"state": states, "output": outputs},
        "backward": {"adjoint": [*inputs, *states], "cotangent": outputs},
        "flow": {"adjoint": [*inputs, *states], "cotangent": [*following, *outputs], "squares": [""] if states else []},
    }
    if states:
        wanted["tangent"] = {"tangent": states, "new_tangent": states}
        wanted["jacobian"] = {"jacobian": [jacobian_name(r, s) for r in following for s in past]}
    missing = wanted.keys() - kernels.keys()
    if missing:
        raise _wrong("kernels", sorted(kernels), sorted(wanted))
    for kernel, kinds in wanted.items():
        for kind, names in kinds.items():
            require_all(f"the kernel {kernel}", names, _held(kernels[kernel]["arrays"], kind))
    for kernel, spec in kernels.items():
        if not set(_held(spec["arrays"], "parameter")) <= set(parameters):
            raise _wrong(f"kernel {kernel}", list(_held(spec["arrays"], "parameter")), parameters)


def _held(arrays: list[list[Any]], kind: str) -> Iterator[str]:
    """The tensors in arrays of one kind."""
    for argument in arrays:
        if argument[1] == kind:
            yield from argument[2] or [""]
