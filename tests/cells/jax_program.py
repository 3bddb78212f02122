"""Program → one step of one sequence in jax; it shares expressions with `ir.evaluate`, but adds up by itself."""

import jax
import jax.numpy as jnp

from gatedsym.execution.layouts import split_parts
from gatedsym.ir.evaluate import NUMPY, Arithmetic, evaluate_expression, given_array
from gatedsym.ir.program import NUMBERS, Pointwise, Solve


@jax.custom_jvp
def _declared(value, slope, u):
    return value + jnp.zeros_like(u)


@_declared.defjvp
def _declared_jvp(primals, tangents):
    value, slope, u = primals
    return _declared(value, slope, u), slope * tangents[2]


def _larger(a, b):
    return jnp.where(jnp.asarray(a) > b, a, b)


FUNCTIONS = {
    **{name: getattr(jnp, name) for name in ("tanh", "exp", "log", "sqrt", "sin", "cos", "tan", "sinh", "cosh")},
    **{name: getattr(jnp, name) for name in ("log1p", "expm1", "sign", "floor")},
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
    "log_sigmoid": jax.nn.log_sigmoid,
    "softsign": jax.nn.soft_sign,
    "erf": jax.scipy.special.erf,
    "normal_cdf": jax.scipy.special.ndtr,
    "atan": jnp.arctan,
    "absolute": jnp.abs,
    "relu": jax.nn.relu,
    "elu": jax.nn.elu,
    "maximum": _larger,
    "minimum": lambda a, b: -_larger(-a, -b),
    "norm_root": lambda x: jnp.where(x > 0, jnp.sqrt(jnp.where(x > 0, x, 1)), x),
    "step": lambda x: (x > 0).astype(jnp.float64),
    "stop": jax.lax.stop_gradient,
    "pivot": jax.lax.stop_gradient,
    "declared": _declared,
    "where_above": lambda u, v, a, b: jnp.where(u > v, a, b),
    "where_least": lambda u, v, a, b: jnp.where(u >= v, a, b),
}
JAX = Arithmetic(number=float, functions=FUNCTIONS, maximum=lambda a, axes: jnp.max(a, axis=axes))


class ProgramStep:
    """A cell's Program as a step: new values of states and outputs from parameters, values so far and inputs."""

    def __init__(self, problem):
        self.recurrence, self.sizes = problem.cell.recurrence, problem.sizes
        self._program, found = self.recurrence.program, self.recurrence
        self._layouts = {a.name: a for a in (*found.parameters, *found.inputs, *found.states, *found.outputs)}

    def parts(self, name, value, lead=0):
        """Tensors of the Program from an array as a person sees it."""
        return dict(split_parts(self._layouts[name], value, self.sizes, lead))

    def __call__(self, params, past, inputs, t):
        program, known = self._program, {}
        for name, value in params.items():
            known |= self.parts(name, value)
        for name in program.sources:
            known |= self._source(program[name], past, inputs, t)
        for statement in program.statements:
            known[statement.target.name] = self._value(statement, known)
        return {program[r].of if program[r].role == "next" else r: known[r] for r in program.results}

    def _source(self, tensor, past, inputs, t):
        """The value of what is given at a step, unless it is a parameter."""
        base = tensor.of or tensor.name
        if tensor.role == "constant":
            return {tensor.name: jnp.asarray(float(tensor.value))}
        if tensor.role in NUMBERS:
            return {tensor.name: jnp.asarray(given_array(tensor, self.sizes, NUMPY))}
        if tensor.role == "state":
            return {tensor.name: past[base][-tensor.lag]}
        if tensor.role == "input":
            rows = inputs[base]
            return {tensor.name: rows[t - tensor.lag] if t >= tensor.lag else jnp.zeros_like(rows[0])}
        return {}

    def _value(self, statement, known):
        target = statement.target.indices
        shape = self._lengths(statement, target)
        if isinstance(statement, Pointwise):
            given = {r.symbol: _aligned(r, known[r.name], target) for r in statement.operands}
            return jnp.broadcast_to(evaluate_expression(statement.expression, given, JAX), shape)
        if isinstance(statement, Solve):
            matrix, right = known[statement.matrix.name], known[statement.right.name]
            matrix = matrix.T if statement.transposed else matrix
            return jnp.linalg.solve(matrix, right.reshape(len(right), -1)).reshape(right.shape)
        indices = target + statement.summed
        product = jnp.ones(self._lengths(statement, indices))
        for ref in statement.factors:
            product = product * _aligned(ref, known[ref.name], indices)
        axes = tuple(range(len(target), len(indices)))
        return product.max(axes) if statement.reduction == "max" else product.sum(axes)

    def _lengths(self, statement, indices):
        dims = [self._program.index_dims(statement)[i] for i in indices]
        return tuple(int(d) if d.isdigit() else self.sizes[d] for d in dims)


def _aligned(ref, value, indices):
    """An operand with its axes in the order of `indices`, of length 1 for those that it lacks."""
    order = sorted(range(len(ref.indices)), key=lambda axis: indices.index(ref.indices[axis]))
    value = jnp.transpose(value, order)
    absent = [place for place, index in enumerate(indices) if index not in ref.indices]
    return jnp.expand_dims(value, absent)
