"""Second derivatives of a cell → their derivatives: a part of second derivatives of its tangent cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax.numpy as jnp

from gatedsym.execution.tangent_cells import TangentCell
from gatedsym.jax.form import Chosen, Form, Sections
from gatedsym.jax.maps import lift
from gatedsym.jax.signature import Signature

Evaluate = Callable[..., list[Any]]


def bend_of_lifted(evaluate: Evaluate, form: Form, given: Sections, w: Sequence[Any], moved: Chosen) -> list[Any]:
    """The derivative of a bend when the point moves: third derivatives of trajectories along three directions."""
    tangent, signature, point = _lifted(form.signature, given.point, given.u, form.u)
    v, of_v = _of_primal(form.signature, signature, given.v, form.v)
    along, of_w = _of_primal(form.signature, signature, w, moved)
    bend = Form("bend", signature, u=of_v, v=of_w)
    found = evaluate(bend, *point, *given.lengths, *v, *along)
    by_name = {slot.name: array for slot, array in zip(signature.trajectories, found, strict=True)}
    return [by_name[tangent.dots[slot.name]] for slot in form.signature.trajectories]


def hess_of_lifted(evaluate: Evaluate, form: Form, given: Sections, w: Sequence[Any], moved: Chosen) -> list[Any]:
    """The derivative of a Hessian product when the point moves."""
    tangent, signature, point = _lifted(form.signature, given.point, given.v, form.v)
    along, of_w = _of_primal(form.signature, signature, w, moved)
    shown = {tangent.dots[s.name] for s, there in zip(form.signature.trajectories, form.given, strict=True) if there}
    wanted = {(s.group, s.name) for s, there in zip(form.signature.slots, form.wanted, strict=True) if there}
    hess = Form(
        "hess",
        signature,
        given=tuple(slot.name in shown for slot in signature.trajectories),
        v=of_w,
        wanted=tuple((slot.group, slot.name) in wanted for slot in signature.slots),
    )
    found = evaluate(hess, *point, *given.lengths, *given.cotangents, *along)
    by_slot = {(slot.group, slot.name): array for slot, array in zip(hess.results, found, strict=True)}
    return [by_slot[slot.group, slot.name] for slot in form.results]


def _lifted(
    signature: Signature, point: Sequence[Any], u: Sequence[Any], moved: Chosen
) -> tuple[TangentCell, Signature, list[Any]]:
    """The tangent cell for a direction, its signature, and the point at which it is taken."""
    tangent, groups = lift(signature.cell, signature.named(point), signature.named(u, moved), jnp.zeros_like)
    delays = dict(signature.delays)
    for table in (tangent.dots, tangent.dot_parts):
        delays |= {dot: delays[name] for name, dot in table.items() if name in delays}
    of_tangent = replace(signature, cell=tangent, delays=tuple(delays.items()), initial=tuple(groups["initial"]))
    return tangent, of_tangent, [groups[slot.group][slot.name] for slot in of_tangent.slots]


def _of_primal(own: Signature, signature: Signature, arrays: Sequence[Any], moved: Chosen) -> tuple[list[Any], Chosen]:
    """A direction of a cell's own arrays, among those of its tangent cell."""
    found = own.named(arrays, moved)
    which = tuple(slot.name in found[slot.group] for slot in signature.slots)
    return [found[s.group][s.name] for s, there in zip(signature.slots, which, strict=True) if there], which
