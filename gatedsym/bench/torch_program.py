"""Program → the same cell in torch operations: a peer for every cell, as a person writes it, one step after the other.

A product of a matrix of parameters with a vector is `torch.nn.functional.linear`, other contractions are einsums,
pointwise statements are elementwise operations; autograd does the rest. What parameters alone give is computed once.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch

from gatedsym.bench.answer import Answer
from gatedsym.bench.problem import Problem
from gatedsym.execution.layouts import split_parts
from gatedsym.ir.evaluate import NUMPY, Arithmetic, evaluate_expression, given_array
from gatedsym.ir.program import NUMBERS, Contraction, Pointwise, Program, Ref, Solve, Statement, next_name
from gatedsym.typing import Array

Tensors = Mapping[str, Any]


def _half_step(x: Any) -> Any:
    return torch.heaviside(x, torch.full((), 0.5, dtype=x.dtype))


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "exp": torch.exp,
    "log": torch.log,
    "sqrt": lambda x: torch.sqrt(torch.as_tensor(x)),
    "sin": torch.sin,
    "cos": torch.cos,
    "softplus": torch.nn.functional.softplus,
    "log_sigmoid": torch.nn.functional.logsigmoid,
    "softsign": torch.nn.functional.softsign,
    "normal_cdf": torch.special.ndtr,
    "erf": torch.erf,
    "atan": torch.atan,
    "tan": torch.tan,
    "sinh": torch.sinh,
    "cosh": torch.cosh,
    "log1p": torch.log1p,
    "expm1": torch.expm1,
    "norm_root": lambda x: torch.where(x > 0, torch.sqrt(torch.where(x > 0, x, 1)), x),
    "pivot": lambda x: x.detach(),
    "step": lambda x: (x > 0).to(x.dtype),
    "half_step": _half_step,
    "sign": torch.sign,
    "floor": torch.floor,
    "absolute": torch.abs,
    "relu": torch.relu,
    "maximum": lambda a, b: torch.maximum(*_tensors(a, b)),
    "minimum": lambda a, b: torch.minimum(*_tensors(a, b)),
    "hard_sigmoid": torch.nn.functional.hardsigmoid,
    "hard_sigmoid_02": lambda x: torch.clamp(0.2 * x + 0.5, 0, 1),
    "stop": lambda x: x.detach(),
    "declared": lambda *arguments: _Declared.apply(*_tensors(*arguments)),
    "hard_tanh": torch.nn.functional.hardtanh,
    "leaky_relu": lambda x, slope: torch.where(x > 0, x, slope * x),
    "clip": lambda x, low, high: torch.clamp(*_tensors(x, low, high)),
    "where_above": lambda u, v, a, b: _chosen(torch.gt, u, v, a, b),
    "where_least": lambda u, v, a, b: _chosen(torch.ge, u, v, a, b),
    "elu": torch.nn.functional.elu,
}


def _tensors(*values: Any) -> list[Any]:
    """Numbers among tensors become tensors of their type."""
    like = next(v for v in values if isinstance(v, torch.Tensor))
    return [torch.as_tensor(v, dtype=like.dtype) for v in values]


class _Declared(torch.autograd.Function):  # type: ignore[misc]
    """A value whose derivative by u is another number."""

    @staticmethod
    def forward(context: Any, value: Any, slope: Any, u: Any) -> Any:
        context.save_for_backward(slope, u)
        return (value + torch.zeros_like(u)).clone()

    @staticmethod
    def backward(context: Any, *given: Any) -> Any:
        slope, u = context.saved_tensors
        return None, None, (given[0] * slope).sum_to_size(u.shape)


def _chosen(compare: Callable[..., Any], *values: Any) -> Any:
    u, v, a, b = _tensors(*values)
    return torch.where(compare(u, v), a, b)


TORCH = Arithmetic(number=float, functions=FUNCTIONS, maximum=lambda a, axes: torch.amax(a, dim=axes))


class TorchProgram:
    """A cell's Program, interpreted by torch; the step may be compiled."""

    def __init__(self, problem: Problem, *, compiled: bool = False) -> None:
        recurrence = problem.cell.recurrence
        self._problem, self._program = problem, recurrence.program
        self._leaves = {
            group: {n: torch.from_numpy(v.copy()).requires_grad_() for n, v in arrays.items()}
            for group, arrays in (("params", problem.params), ("inputs", problem.inputs), ("initial", problem.initial))
        }
        self._cotangents = {n: torch.from_numpy(v) for n, v in problem.cotangents.items()}
        self._layouts = {
            layout.name: layout
            for layout in (*recurrence.parameters, *recurrence.inputs, *recurrence.states, *recurrence.outputs)
        }
        self._once, self._every = divide(self._program)
        self._step: Callable[..., Any] = torch.compile(self._take_step) if compiled else self._take_step

    def _parts(self, values: Tensors, lead: int) -> dict[str, Any]:
        """Tensors of the Program from arrays as a person sees them."""
        sizes, found = self._problem.sizes, dict[str, Any]()
        for name, value in values.items():
            found.update(split_parts(self._layouts[name], value, sizes, lead))
        return found

    def _whole(self, name: str, parts: Tensors, lead: int) -> Any:
        """The array as a person sees it from tensors of the Program."""
        layout = self._layouts[name]
        pieces = [parts[p] for p in layout.parts]
        for axis in range(len(layout.axes) - 1, -1, -1):
            count = len(layout.axes[axis])
            pieces = [torch.cat(pieces[k : k + count], dim=lead + axis) if count > 1 else pieces[k]
                      for k in range(0, len(pieces), count)]  # fmt: skip
        return pieces[0]

    def _constants(self) -> dict[str, Any]:
        """Values that are the same at every step."""
        program, dtype = self._program, getattr(torch, self._problem.point.dtype)
        known = self._parts(self._leaves["params"], 0)
        for name in program.sources:
            tensor = program[name]
            if tensor.role == "constant":
                known[name] = torch.tensor(float(tensor.value), dtype=dtype)  # type: ignore[arg-type]
            elif tensor.role in NUMBERS:
                known[name] = torch.tensor(given_array(tensor, self._problem.sizes, NUMPY), dtype=dtype)
        carry_out(self._once, program, known, self._problem.sizes)
        return known

    def _take_step(self, fixed: Tensors, given: Tensors) -> dict[str, Any]:
        known = dict(fixed) | dict(given)
        carry_out(self._every, self._program, known, self._problem.sizes)
        batch = self._problem.point.batch
        # A result may be the same for all sequences, or that of parameters alone.
        program, sizes = self._program, self._problem.sizes
        return {r: known[r].expand(batch, *lengths(program[r].dims, sizes)) for r in program.results}

    def _run(self) -> dict[str, Any]:
        problem, delays = self._problem, self._problem.cell.recurrence.delays
        fixed = self._constants()
        past: dict[str, list[Any]] = {}
        for name, value in self._leaves["initial"].items():
            rows = [value] if delays[name] == 1 else list(value)
            past.update(_columns([self._parts({name: row}, 1) for row in rows]))
        inputs = self._parts(self._leaves["inputs"], 2)
        shown: dict[str, list[Any]] = {r: [] for r in self._program.results}
        for t in range(problem.point.steps):
            new = self._step(fixed, {n: self._source(n, past, inputs, t) for n in self._given()})
            for name, value in new.items():
                shown[name].append(value)
                if self._program[name].role == "next":
                    past[self._program[name].of].append(value)
        return {name: torch.stack(values) for name, values in shown.items()}

    def _given(self) -> list[str]:
        program = self._program
        return [n for n in program.sources if program[n].role in ("state", "input")]

    def _source(self, name: str, past: Mapping[str, Sequence[Any]], inputs: Tensors, t: int) -> Any:
        """A state or an input at step t, so many steps back as the Program's name for it says."""
        tensor = self._program[name]
        base = tensor.of or name
        if tensor.role == "state":
            return past[base][-tensor.lag]
        return inputs[base][t - tensor.lag] if t >= tensor.lag else torch.zeros_like(inputs[base][0])

    def _measured(self) -> dict[str, Any]:
        results = self._run()
        states = self._problem.cell.states
        named = {n: [next_name(p) if n in states else p for p in self._layouts[n].parts] for n in self._cotangents}
        found = {}
        for name, keys in named.items():
            parts = dict(zip(self._layouts[name].parts, (results[k] for k in keys), strict=True))
            found[name] = self._whole(name, parts, 2)
        return found

    def forward(self) -> Any:
        with torch.inference_mode():
            return self._measured()

    def both(self) -> Any:
        for leaf in itertools.chain(*(group.values() for group in self._leaves.values())):
            leaf.grad = None
        values = self._measured()
        torch.autograd.backward([values[n] for n in self._cotangents], list(self._cotangents.values()))
        return values

    def hessian_product(self, direction: Mapping[str, Mapping[str, Array]]) -> dict[str, dict[str, Array]]:
        """The derivative along a direction of the gradients, by torch's double backward; grouped as the leaves are."""
        leaves = {(g, n): leaf for g, group in self._leaves.items() for n, leaf in group.items()}
        values = self._measured()
        loss = sum((values[n] * c).sum() for n, c in self._cotangents.items())
        first = torch.autograd.grad(loss, list(leaves.values()), create_graph=True, materialize_grads=True)
        along = [torch.from_numpy(direction[g][n]) for g, n in leaves]
        slope = sum((d * v).sum() for d, v in zip(first, along, strict=True))
        second = torch.autograd.grad(slope, list(leaves.values()), materialize_grads=True)
        found: dict[str, dict[str, Array]] = {group: {} for group in self._leaves}
        for (group, name), value in zip(leaves, second, strict=True):
            found[group][name] = value.numpy()
        return found

    def answer(self) -> Answer:
        values = self.both()
        grads = {
            group: {n: _gradient(leaf).numpy() for n, leaf in leaves.items()} for group, leaves in self._leaves.items()
        }
        return Answer({n: v.detach().numpy() for n, v in values.items()}, **grads)


def _gradient(leaf: Any) -> Any:
    return torch.zeros_like(leaf) if leaf.grad is None else leaf.grad


def _columns(rows: Sequence[Tensors]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in rows[0]}


def lengths(dims: Sequence[str], sizes: Mapping[str, int]) -> list[int]:
    """The sizes of dimensions; a name of digits is its own size."""
    return [int(d) if d.isdigit() else sizes[d] for d in dims]


def divide(program: Program) -> tuple[list[Statement], list[Statement]]:
    """The statements that parameters and constants alone decide, and the others."""
    batched = program.batched
    once = [s for s in program.statements if s.target.name not in batched]
    return once, [s for s in program.statements if s.target.name in batched]


def carry_out(
    statements: Sequence[Statement], program: Program, known: dict[str, Any], sizes: Mapping[str, int]
) -> None:
    """Compute the targets of statements into `known`; batched tensors have the batch as their first axis."""
    for statement in statements:
        batched = program.batched
        if isinstance(statement, Pointwise):
            operands = {r.symbol: _aligned(r, known[r.name], statement.target.indices, r.name in batched)
                        for r in statement.operands}  # fmt: skip
            value = evaluate_expression(statement.expression, operands, TORCH)
        elif isinstance(statement, Solve):
            value = _solved(statement, known, batched)
        elif statement.reduction == "max":
            value = _largest(statement, known, batched)
        else:
            value = _contracted(statement, known, program, sizes)
        known[statement.target.name] = _shaped(value, statement, program, known, sizes)


def _shaped(value: Any, statement: Statement, program: Program, known: Tensors, sizes: Mapping[str, int]) -> Any:
    """Broadcast to the target's own shape: operands may lack some of its indices."""
    shape = lengths(program[statement.target.name].dims, sizes)
    lead = 1 if statement.target.name in program.batched else 0
    if not isinstance(value, torch.Tensor):
        value = torch.as_tensor(float(value), dtype=next(v.dtype for v in known.values()))
    if value.dim() == len(shape) + lead and list(value.shape[lead:]) == shape:
        return value
    return value.expand(*([-1] if value.dim() == len(shape) + 1 else []), *shape)


def _aligned(ref: Ref, value: Any, indices: Sequence[str], batched: bool) -> Any:
    """The operand with its axes in the order of `indices` and an axis of length 1 for each that it lacks."""
    lead = 1 if batched else 0
    order = sorted(range(len(ref.indices)), key=lambda axis: indices.index(ref.indices[axis]))
    if order != list(range(len(order))):
        value = value.permute(*range(lead), *(lead + axis for axis in order))
    for position, index in enumerate(indices):
        if index not in ref.indices:
            value = value.unsqueeze(lead + position)
    return value


def _largest(statement: Contraction, known: Tensors, batched: frozenset[str]) -> Any:
    indices = statement.target.indices + statement.summed
    product: Any = None
    for ref in statement.factors:
        value = _aligned(ref, known[ref.name], indices, ref.name in batched)
        product = value if product is None else product * value
    return torch.amax(product, dim=tuple(range(-len(statement.summed), 0)))


def _solved(statement: Solve, known: Tensors, batched: frozenset[str]) -> Any:
    """The solution of a linear system; columns that share the matrix stand in one axis meanwhile."""
    matrix, right = known[statement.matrix.name], known[statement.right.name]
    if statement.transposed:
        matrix = matrix.transpose(-1, -2)
    lead = 1 if statement.right.name in batched else 0
    found = torch.linalg.solve(matrix, right.reshape((*right.shape[: lead + 1], -1)))
    return found.reshape((*found.shape[:-1], *right.shape[lead + 1 :]))


def _contracted(statement: Contraction, known: Tensors, program: Program, sizes: Mapping[str, int]) -> Any:
    """The sum of a product; an index that no factor carries multiplies by its length, or broadcasts."""
    batched, factors = program.batched, statement.factors
    if (pair := matrix_and_vector(statement, batched)) is not None:
        matrix, vector = pair
        return torch.nn.functional.linear(known[vector.name], known[matrix.name])
    letters: dict[str, str] = {}
    for ref in (statement.target, *factors):
        for index in ref.indices:
            letters.setdefault(index, chr(ord("a") + len(letters)))
    covered = {i for ref in factors for i in ref.indices}
    spelled = [("Z" if r.name in batched else "") + "".join(letters[i] for i in r.indices) for r in factors]
    result = ("Z" if any(r.name in batched for r in factors) else "") + "".join(
        letters[i] for i in statement.target.indices if i in covered
    )
    value = torch.einsum(",".join(spelled) + "->" + result, *(known[r.name] for r in factors))
    dims = program.index_dims(statement)
    for index in statement.summed:
        if index not in covered:
            value = value * lengths([dims[index]], sizes)[0]
    lead = 1 if result.startswith("Z") else 0
    for position, index in enumerate(statement.target.indices):
        if index not in covered:
            value = value.unsqueeze(lead + position)
    return value


def matrix_and_vector(statement: Contraction, batched: frozenset[str]) -> tuple[Ref, Ref] | None:
    """The factors of a product of a matrix of parameters with a vector of the sequence, if it is one."""
    if len(statement.factors) != 2 or len(statement.summed) != 1 or len(statement.target.indices) != 1:
        return None
    matrix, vector = sorted(statement.factors, key=lambda r: r.name in batched)
    fits = matrix.indices == (*statement.target.indices, *statement.summed) and vector.indices == statement.summed
    return (matrix, vector) if fits and matrix.name not in batched and vector.name in batched else None
