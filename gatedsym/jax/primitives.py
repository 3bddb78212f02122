"""The five maps of a cell → primitives of jax: evaluated, compiled, mapped, differentiated and transposed like its own.

Each primitive has one parameter, a `Form`, and takes and gives flat lists of arrays. Push is linear in its direction,
pull in its cotangents, bend in each of its directions, hess in its cotangents and in its direction; so each is the
transpose of another, and what jax makes of them in any mode is made of them again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import compress
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from gatedsym.errors import ArgumentError
from gatedsym.jax.batching import mapped
from gatedsym.jax.form import Chosen, Form, Sections, those
from gatedsym.jax.third_order import bend_of_lifted, hess_of_lifted


def evaluate(form: Form, *operands: Any) -> list[Any]:
    """Bind a map: jax carries it out, now or when its program runs."""
    return list(PRIMITIVES[form.kind].bind(*operands, form=form))


def _make(kind: str) -> Primitive:
    primitive = Primitive(f"gatedsym_{kind}")
    primitive.multiple_results = True
    primitive.def_impl(_compute_now)
    primitive.def_abstract_eval(_shapes)
    batching.primitive_batchers[primitive] = lambda operands, axes, form: mapped(evaluate, form, operands, axes)
    ad.primitive_jvps[primitive] = _run_jvp if kind == "run" else _jvp
    if kind != "run":
        ad.primitive_transposes[primitive] = _transpose
    mlir.register_lowering(primitive, _refuse_device)
    mlir.register_lowering(primitive, _call_back, platform="cpu")
    return primitive


def _shapes(*_: Any, form: Form) -> list[Any]:
    return [jax.core.ShapedArray(slot.shape, form.signature.numbers) for slot in form.results]


# How they are carried out.


def _compute_now(*operands: Any, form: Form) -> list[Any]:
    """Outside of jit nothing is compiled: the kernels are called here."""
    for operand in operands:
        if isinstance(operand, jax.Array) and any(device.platform != "cpu" for device in operand.devices()):
            raise ArgumentError(_NOT_THERE.format(next(iter(operand.devices())).platform))
    return [jnp.asarray(array) for array in form.compute(_as_typed(form, operands))]


def _as_typed(form: Form, operands: Sequence[Any]) -> list[Any]:
    """Operands as arrays of NumPy, those of floats in the type that jax takes them to have."""
    arrays = [np.asarray(operand) for operand in operands]
    return [a.astype(form.signature.numbers, copy=False) if a.dtype.kind == "f" else a for a in arrays]


def _call_back(ctx: Any, *operands: Any, form: Form) -> Any:
    """Compiled code calls the kernels with its own memory; nothing in between asks jax for anything, or waits for it.

    `jax.pure_callback` would hand arrays of jax to the function, which wait for a thread of jax's pool; where all of
    them wait in functions like this one, they wait for ever.
    """
    devices = getattr(ctx.module_context.axis_context, "num_devices", 1)
    if devices != 1 or isinstance(ctx.module_context.axis_context, mlir.SPMDAxisContext):
        raise ArgumentError(
            "gatedsym.jax computes on one device: the arrays of this call are divided among several; "
            "map it over parts by jax.vmap, or put the arrays on one device."
        )

    def call(*arrays: Any) -> tuple[Any, ...]:
        return tuple(form.compute(_as_typed(form, arrays)))

    results, _, _ = mlir.emit_python_callback(
        ctx, call, None, list(operands), ctx.avals_in, ctx.avals_out, has_side_effect=False, returns_token=False
    )
    return results


_NOT_THERE = (
    "gatedsym.jax computes on the CPU, and this call is for {!r}: put the arrays there, "
    "jax.device_put(…, jax.devices('cpu')[0]), or set JAX_PLATFORMS=cpu."
)


def _refuse_device(ctx: Any, *_: Any, form: Form) -> Any:
    del form
    raise ArgumentError(_NOT_THERE.format(ctx.module_context.platforms[0]))


# Derivatives. Tangents and cotangents that are zero are of a type of their own, and take no part in anything.


def _is_zero(tangent: Any) -> bool:
    return isinstance(tangent, ad.Zero) or tangent.dtype == jax.dtypes.float0


def _moving(tangents: Sequence[Any]) -> tuple[list[Any], Chosen]:
    """The tangents that are not zero, and which they are."""
    return [t for t in tangents if not _is_zero(t)], tuple(not _is_zero(t) for t in tangents)


def _no_tangents(arrays: Sequence[Any]) -> list[Any]:
    return [ad.Zero(jax.typeof(array).to_tangent_aval()) for array in arrays]


def _added(terms: Sequence[Sequence[Any]], like: Sequence[Any]) -> list[Any]:
    """The sums of tangents, one for each result; zero where there are none."""
    if not terms:
        return _no_tangents(like)
    total = list(terms[0])
    for term in terms[1:]:
        total = [a + b for a, b in zip(total, term, strict=True)]
    return total


def _run_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, form: Form) -> Any:
    given, moved = form.split(primals), form.split(tangents)
    keep = not form.signature.ragged
    found = evaluate(replace(form, keep=keep), *primals)
    trajectories = found[: len(form.signature.trajectories)]
    shown = found if form.keep else trajectories
    u, which = _moving(moved.point)
    if not u:
        return shown, _no_tangents(shown)
    push = Form("push", form.signature, keep=keep, u=which)
    along = evaluate(push, *given.point, *given.lengths, *(found if keep else ()), *u)
    # Residuals follow from the point; whoever takes them takes the point too, and differentiates by that.
    return shown, [*along, *_no_tangents(shown[len(along) :])]


_LINEAR = {"push": ("u",), "pull": ("cotangents",), "bend": ("u", "v"), "hess": ("cotangents", "v")}
"""The sections of operands in each of which a map is linear."""


def _jvp(primals: Sequence[Any], tangents: Sequence[Any], *, form: Form) -> Any:
    """The derivative of a map that is linear in some sections: the map itself in each of them, and one more."""
    given, moved = form.split(primals), form.split(tangents)
    found, terms = evaluate(form, *primals), []
    for section in _LINEAR[form.kind]:
        turned, which = _moving(getattr(moved, section))
        if turned:
            terms.append(evaluate(form.among(section, which), *_flat(given, section, turned)))
    v, which = _moving(moved.point)
    if v:
        terms.append(_WHEN_THE_POINT_MOVES[form.kind](form, given, v, which))
    return found, _added(terms, found)


def _flat(given: Sections, section: str, instead: Sequence[Any]) -> list[Any]:
    """The operands in one list, others instead of those of a section."""
    return [one for part in given._replace(**{section: instead}) for one in part]


def _push_moves(form: Form, given: Sections, v: Sequence[Any], which: Chosen) -> list[Any]:
    _require_second(form)
    bend = Form("bend", form.signature, u=form.u, v=which)
    return evaluate(bend, *given.point, *given.lengths, *given.u, *v)


def _pull_moves(form: Form, given: Sections, v: Sequence[Any], which: Chosen) -> list[Any]:
    _require_second(form)
    hess = Form("hess", form.signature, given=form.given, v=which, wanted=form.wanted)
    return evaluate(hess, *given.point, *given.lengths, *given.cotangents, *v)


def _bend_moves(form: Form, given: Sections, v: Sequence[Any], which: Chosen) -> list[Any]:
    return bend_of_lifted(evaluate, form, given, v, which)


def _hess_moves(form: Form, given: Sections, v: Sequence[Any], which: Chosen) -> list[Any]:
    return hess_of_lifted(evaluate, form, given, v, which)


def _require_second(form: Form) -> None:
    """Refuse the second derivative of a cell whose first one is declared: it is not symmetric, as transposes need."""
    from gatedsym.ir.declared import declared_targets

    cell = form.signature.cell
    if declared := declared_targets(cell.recurrence):
        raise ArgumentError(
            f"{cell.name} declares derivatives ({', '.join(declared)}), whose own derivatives are not symmetric: "
            "jax is given none of second order; Cell.hessian_product has them."
        )


# Transposes: of a map that is linear in a section, at what its results get.


def _transpose(cotangents: Sequence[Any], *operands: Any, form: Form) -> list[Any]:
    """Cotangents of the section whose arrays jax does not know, None for the rest."""
    given = form.split(operands)
    section = next(s for s in _LINEAR[form.kind] if any(map(ad.is_undefined_primal, getattr(given, s))))
    c, which = _moving(cotangents)
    if c:
        found = _TRANSPOSED[form.kind, section](form, given, c, which)
    else:
        found = [ad.Zero(operand.aval) for operand in getattr(given, section)]
    return _flat(Sections(*([None] * len(part) for part in given)), section, found)


def _of_push(form: Form, given: Sections, c: Sequence[Any], which: Chosen) -> list[Any]:
    pull = Form("pull", form.signature, keep=form.keep, given=which, wanted=form.u)
    return evaluate(pull, *given.point, *given.lengths, *given.kept, *c)


def _of_pull(form: Form, given: Sections, u: Sequence[Any], which: Chosen) -> list[Any]:
    push = Form("push", form.signature, keep=form.keep, u=those(form.wanted, which))
    return _of_given(form, evaluate(push, *given.point, *given.lengths, *given.kept, *u))


def _of_bend_in_u(form: Form, given: Sections, c: Sequence[Any], which: Chosen) -> list[Any]:
    hess = Form("hess", form.signature, given=which, v=form.v, wanted=form.u)
    return evaluate(hess, *given.point, *given.lengths, *c, *given.v)


def _of_bend_in_v(form: Form, given: Sections, c: Sequence[Any], which: Chosen) -> list[Any]:
    return _of_bend_in_u(replace(form, u=form.v, v=form.u), given._replace(v=given.u), c, which)


def _of_hess_in_v(form: Form, given: Sections, w: Sequence[Any], which: Chosen) -> list[Any]:
    hess = Form("hess", form.signature, given=form.given, v=those(form.wanted, which), wanted=form.v)
    return evaluate(hess, *given.point, *given.lengths, *given.cotangents, *w)


def _of_hess_in_cotangents(form: Form, given: Sections, w: Sequence[Any], which: Chosen) -> list[Any]:
    bend = Form("bend", form.signature, u=form.v, v=those(form.wanted, which))
    return _of_given(form, evaluate(bend, *given.point, *given.lengths, *given.v, *w))


def _of_given(form: Form, trajectories: Sequence[Any]) -> list[Any]:
    """Of derivatives of trajectories those that stand for a cotangent."""
    return [*compress(trajectories, form.given)]


_WHEN_THE_POINT_MOVES = {"push": _push_moves, "pull": _pull_moves, "bend": _bend_moves, "hess": _hess_moves}
_TRANSPOSED = {
    ("push", "u"): _of_push,
    ("pull", "cotangents"): _of_pull,
    ("bend", "u"): _of_bend_in_u,
    ("bend", "v"): _of_bend_in_v,
    ("hess", "v"): _of_hess_in_v,
    ("hess", "cotangents"): _of_hess_in_cotangents,
}
PRIMITIVES = {kind: _make(kind) for kind in ("run", *_LINEAR)}
