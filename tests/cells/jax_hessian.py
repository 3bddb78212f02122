"""A step of one sequence in jax → the Hessian–vector product of a batch by jax: jvp of grad."""

import jax
from cells.jax_program import ProgramStep


def hessian_product(problem, direction, loss_of_one):
    """The derivative along a direction of the gradients, grouped as the problem is.

    `loss_of_one` takes parameters, inputs, initial states and cotangents of one sequence.
    """
    delays = problem.cell.recurrence.delays
    lead = {"inputs": dict.fromkeys(problem.inputs, 1), "cotangents": dict.fromkeys(problem.cotangents, 1)}
    past = {name: 1 if delays[name] > 1 else 0 for name in problem.initial}
    each = jax.vmap(loss_of_one, in_axes=(None, lead["inputs"], past, lead["cotangents"]))

    def loss(params, inputs, initial):
        return each(params, inputs, initial, dict(problem.cotangents)).sum()

    at = tuple(dict(group) for group in (problem.params, problem.inputs, problem.initial))
    along = tuple(direction[group] for group in ("params", "inputs", "initial"))
    product = jax.jit(lambda at, along: jax.jvp(jax.grad(loss, argnums=(0, 1, 2)), at, along)[1])
    return dict(zip(("params", "inputs", "initial"), product(at, along), strict=True))


def loss_by_hand(problem, step):
    """The loss of a step that takes the one input and arrays as a person sees them."""
    delays = problem.cell.recurrence.delays

    def loss(params, inputs, initial, cotangents):
        (x,) = inputs.values()
        past = {n: [*v] if delays[n] > 1 else [v] for n, v in initial.items()}
        return _total(step, params, past, x, cotangents)

    return loss


def loss_by_program(problem):
    """The loss of the cell's Program: arrays become the Program's tensors first."""
    step, delays = ProgramStep(problem), problem.cell.recurrence.delays

    def split(values):
        return {k: v for name, value in values.items() for k, v in step.parts(name, value, 1).items()}

    def loss(params, inputs, initial, cotangents):
        rows = {n: v if delays[n] > 1 else v[None] for n, v in initial.items()}
        past = {n: [*v] for n, v in split(rows).items()}
        return _total(step, params, past, split(inputs), split(cotangents))

    return loss


def _total(step, params, past, x, cotangents):
    """The sum over all steps of what is shown, times its cotangents; `past` grows by a value a step."""
    total = 0.0
    for t in range(len(next(iter(cotangents.values())))):
        new = step(params, past, x, t)
        for name in past:
            past[name].append(new[name])
        total += sum((new[n] * c[t]).sum() for n, c in cotangents.items())
    return total
