"""jax: the three cells as a person writes them for speed: stacked weights, the input's products before the scan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from gatedsym.bench.answer import Answer, require_cell
from gatedsym.bench.problem import Problem
from gatedsym.bench.torch_names import gradients_by_name
from gatedsym.conventions import export_parameters

jax.config.update("jax_enable_x64", True)
State = tuple[Any, ...]


def _rnn(p: Mapping[str, Any], state: State, a: Any) -> State:
    (h,) = state
    return (jnp.tanh(a + h @ p["U"].T),)


def _lstm(p: Mapping[str, Any], state: State, a: Any) -> State:
    h, c = state
    i, f, g, o = jnp.split(a + h @ p["U"].T, 4, axis=-1)
    c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
    return jax.nn.sigmoid(o) * jnp.tanh(c), c


def _gru_torch(p: Mapping[str, Any], state: State, a: Any) -> State:
    (h,) = state
    a_r, a_z, a_g = jnp.split(a, 3, axis=-1)
    u_r, u_z, u_g = jnp.split(h @ p["U"].T, 3, axis=-1)
    z = jax.nn.sigmoid(a_z + u_z)
    g = jnp.tanh(a_g + jax.nn.sigmoid(a_r + u_r) * (u_g + p["v"]))
    return ((1 - z) * g + z * h,)


STEPS = {"rnn": _rnn, "lstm": _lstm, "gru_torch": _gru_torch}


def _done(value: Any) -> Any:
    """jax returns before it has computed."""
    return jax.block_until_ready(value)


def stacked_parameters(problem: Problem) -> dict[str, Any]:
    """W, U and b of all gates as one array each; v is the candidate's second bias."""
    arrays = export_parameters(problem.point.cell, problem.params, "pytorch")
    found = {"W": arrays["weight_ih_l0"], "U": arrays["weight_hh_l0"], "b": arrays["bias_ih_l0"]}
    if problem.point.cell == "gru_torch":
        found["v"] = arrays["bias_hh_l0"][-problem.point.hidden :]
    return {k: jnp.asarray(v) for k, v in found.items()}


class JaxScan:
    """jit of a scan, and of its vector-Jacobian product with respect to everything."""

    def __init__(self, problem: Problem) -> None:
        require_cell(problem.point.cell, STEPS)
        step = STEPS[problem.point.cell]

        def run(params: Any, x: Any, initial: Any) -> Any:
            def advance(state: State, a: Any) -> tuple[State, Any]:
                new = step(params, state, a)
                return new, new[0]

            return jax.lax.scan(advance, initial, x @ params["W"].T + params["b"])[1]

        def gradients(params: Any, x: Any, initial: Any, cotangent: Any) -> Any:
            h, pull = jax.vjp(run, params, x, initial)
            return h, *pull(cotangent)

        self._problem = problem
        self._run, self._gradients = jax.jit(run), jax.jit(gradients)
        initial = tuple(jnp.asarray(v) for v in problem.initial.values())
        self._given = (stacked_parameters(problem), jnp.asarray(problem.x), initial)
        self._cotangent = jnp.asarray(problem.cotangents["h"])

    def forward(self) -> Any:
        return _done(self._run(*self._given))

    def both(self) -> Any:
        return _done(self._gradients(*self._given, self._cotangent))

    def answer(self) -> Answer:
        _, params, x, initial = self.both()
        h = np.asarray(self.forward())
        names = list(self._problem.initial)
        arrays = {"weight_ih_l0": params["W"], "weight_hh_l0": params["U"], "bias_ih_l0": params["b"]}
        second = np.zeros_like(params["b"])
        if "v" in params:
            second[-self._problem.point.hidden :] = params["v"]
        arrays["bias_hh_l0"] = second
        found = gradients_by_name(self._problem.point.cell, {k: np.asarray(v) for k, v in arrays.items()})
        return Answer({"h": h}, found, {"x": np.asarray(x)}, dict(zip(names, map(np.asarray, initial), strict=True)))


def tangents_by_jax(problem: Problem) -> Callable[[], Any]:
    """A jitted scan over the given states: the step's jvp for n directions at once. (n, B, n) for each state.

    As the peer's trajectory counts no more than ours, states are given and each step is differentiated where it is.
    """
    step, n = STEPS[problem.point.cell], problem.point.hidden
    params = stacked_parameters(problem)
    x = jnp.asarray(problem.x)
    initial = tuple(jnp.asarray(v) for v in problem.initial.values())

    @jax.jit  # type: ignore[untyped-decorator]
    def trajectory(params: Any, x: Any, initial: Any) -> Any:
        def advance(state: State, a: Any) -> tuple[State, Any]:
            return step(params, state, a), (state, a)

        return jax.lax.scan(advance, initial, x @ params["W"].T + params["b"])[1]

    @jax.jit  # type: ignore[untyped-decorator]
    def carry(params: Any, along: Any, directions: Any) -> Any:
        def advance(directions: State, here: Any) -> tuple[State, None]:
            state, a = here
            _, push = jax.linearize(lambda *s: step(params, s, a), *state)
            return jax.vmap(push)(*directions), None

        return jax.lax.scan(advance, directions, along)[0]

    along = trajectory(params, x, initial)
    units = jnp.repeat(jnp.eye(n, dtype=x.dtype)[:, None], problem.point.batch, axis=1)
    directions = (units, *(jnp.zeros_like(units) for _ in initial[1:]))
    return lambda: _done(carry(params, along, directions))
