"""The five maps of a cell → primitives of jax: evaluated, compiled, mapped, differentiated and transposed like its own.

Each primitive has one parameter, a `Form`, and takes and gives flat lists of arrays. Push is linear in its direction,
pull in its cotangents, bend in each of its directions, hess in its cotangents and in its direction; so each is the
transpose of another, and what jax makes of them in any mode is made of them again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from gatedsym.errors import ArgumentError
from gatedsym.jax.batching import mapped
from gatedsym.jax.form import Chosen, Form, Sections
from gatedsym.jax.third_order import bend_of_lifted, hess_of_lifted

Rule = Callable[..., Any]


def evaluate(form: Form, *operands: Any) -> list[Any]:
    """Bind a map: jax carries it out, now or when its program runs."""
    return list(PRIMITIVES[form.kind].bind(*operands, form=form))


def _make(kind: str) -> Primitive:
    primitive = Primitive(f"gatedsym_{kind}")
    primitive.multiple_results = True
    primitive.def_impl(_compute_now)
    primitive.def_abstract_eval(_shapes)
    batching.primitive_batchers[primitive] = lambda operands, axes, form: mapped(evaluate, form, operands, axes)
    ad.primitive_jvps[primitive] = _JVPS[kind]
    if kind in _TRANSPOSES:
        ad.primitive_transposes[primitive] = _TRANSPOSES[kind]
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


def _push_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, form: Form) -> Any:
    given, moved = form.split(primals), form.split(tangents)
    found, terms = evaluate(form, *primals), []
    turned, which = _moving(moved.u)
    if turned:
        own = replace(form, u=_those(form.u, which))
        terms.append(evaluate(own, *given.point, *given.lengths, *given.kept, *turned))
    v, which = _moving(moved.point)
    if v:
        _require_second(form)
        bend = Form("bend", form.signature, u=form.u, v=which)
        terms.append(evaluate(bend, *given.point, *given.lengths, *given.u, *v))
    return found, _added(terms, found)


def _pull_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, form: Form) -> Any:
    given, moved = form.split(primals), form.split(tangents)
    found, terms = evaluate(form, *primals), []
    turned, which = _moving(moved.cotangents)
    if turned:
        own = replace(form, given=_those(form.given, which))
        terms.append(evaluate(own, *given.point, *given.lengths, *given.kept, *turned))
    v, which = _moving(moved.point)
    if v:
        _require_second(form)
        hess = Form("hess", form.signature, given=form.given, v=which, wanted=form.wanted)
        terms.append(evaluate(hess, *given.point, *given.lengths, *given.cotangents, *v))
    return found, _added(terms, found)


def _bend_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, form: Form) -> Any:
    given, moved = form.split(primals), form.split(tangents)
    found, terms = evaluate(form, *primals), []
    turned, which = _moving(moved.u)
    if turned:
        own = replace(form, u=_those(form.u, which))
        terms.append(evaluate(own, *given.point, *given.lengths, *turned, *given.v))
    turned, which = _moving(moved.v)
    if turned:
        own = replace(form, v=_those(form.v, which))
        terms.append(evaluate(own, *given.point, *given.lengths, *given.u, *turned))
    w, which = _moving(moved.point)
    if w:
        terms.append(bend_of_lifted(evaluate, form, given, w, which))
    return found, _added(terms, found)


def _hess_jvp(primals: Sequence[Any], tangents: Sequence[Any], *, form: Form) -> Any:
    given, moved = form.split(primals), form.split(tangents)
    found, terms = evaluate(form, *primals), []
    turned, which = _moving(moved.cotangents)
    if turned:
        own = replace(form, given=_those(form.given, which))
        terms.append(evaluate(own, *given.point, *given.lengths, *turned, *given.v))
    turned, which = _moving(moved.v)
    if turned:
        own = replace(form, v=_those(form.v, which))
        terms.append(evaluate(own, *given.point, *given.lengths, *given.cotangents, *turned))
    w, which = _moving(moved.point)
    if w:
        terms.append(hess_of_lifted(evaluate, form, given, w, which))
    return found, _added(terms, found)


def _those(chosen: Chosen, of_them: Chosen) -> Chosen:
    """Of what is chosen those that are chosen again."""
    again = iter(of_them)
    return tuple(there and next(again) for there in chosen)


def _require_second(form: Form) -> None:
    """Refuse the second derivative of a cell whose first one is declared: it is not symmetric, as transposes need."""
    from gatedsym.ir.declared import declared_targets

    cell = form.signature.cell
    if declared := declared_targets(cell.recurrence):
        raise ArgumentError(
            f"{cell.name} declares derivatives ({', '.join(declared)}), whose own derivatives are not symmetric: "
            "jax is given none of second order; Cell.hessian_product has them."
        )


def _transposed(form: Form, operands: Sequence[Any], section: str, found: Sequence[Any]) -> list[Any]:
    """Cotangents for all operands: those found for a section that is linear, None for the rest."""
    split = form.split(operands)
    given: Sections = split._replace(**{name: [None] * len(part) for name, part in split._asdict().items()})
    return [one for part in given._replace(**{section: list(found)}) for one in part]


def _is_linear(section: Sequence[Any]) -> bool:
    return any(ad.is_undefined_primal(one) for one in section)


def _push_transpose(cotangents: Sequence[Any], *operands: Any, form: Form) -> list[Any]:
    given = form.split(operands)
    c, which = _moving(cotangents)
    if not c:
        return _transposed(form, operands, "u", _no_cotangents(given.u))
    pull = Form("pull", form.signature, keep=form.keep, given=which, wanted=form.u)
    return _transposed(form, operands, "u", evaluate(pull, *given.point, *given.lengths, *given.kept, *c))


def _pull_transpose(cotangents: Sequence[Any], *operands: Any, form: Form) -> list[Any]:
    given = form.split(operands)
    u, which = _moving(cotangents)
    if not u:
        return _transposed(form, operands, "cotangents", _no_cotangents(given.cotangents))
    push = Form("push", form.signature, keep=form.keep, u=_those(form.wanted, which))
    found = evaluate(push, *given.point, *given.lengths, *given.kept, *u)
    return _transposed(form, operands, "cotangents", _of_given(form, found))


def _bend_transpose(cotangents: Sequence[Any], *operands: Any, form: Form) -> list[Any]:
    given = form.split(operands)
    side, other = ("u", "v") if _is_linear(given.u) else ("v", "u")
    c, which = _moving(cotangents)
    if not c:
        return _transposed(form, operands, side, _no_cotangents(getattr(given, side)))
    hess = Form("hess", form.signature, given=which, v=getattr(form, other), wanted=getattr(form, side))
    return _transposed(form, operands, side, evaluate(hess, *given.point, *given.lengths, *c, *getattr(given, other)))


def _hess_transpose(cotangents: Sequence[Any], *operands: Any, form: Form) -> list[Any]:
    given = form.split(operands)
    side = "cotangents" if _is_linear(given.cotangents) else "v"
    w, which = _moving(cotangents)
    if not w:
        return _transposed(form, operands, side, _no_cotangents(getattr(given, side)))
    wanted = _those(form.wanted, which)
    if side == "v":
        hess = Form("hess", form.signature, given=form.given, v=wanted, wanted=form.v)
        found = evaluate(hess, *given.point, *given.lengths, *given.cotangents, *w)
    else:
        bend = Form("bend", form.signature, u=form.v, v=wanted)
        found = _of_given(form, evaluate(bend, *given.point, *given.lengths, *given.v, *w))
    return _transposed(form, operands, side, found)


def _of_given(form: Form, trajectories: Sequence[Any]) -> list[Any]:
    """Of derivatives of trajectories those that stand for a cotangent."""
    return [one for one, there in zip(trajectories, form.given, strict=True) if there]


def _no_cotangents(operands: Sequence[Any]) -> list[Any]:
    return [ad.Zero(operand.aval) for operand in operands]


_JVPS: dict[str, Rule] = {
    "run": _run_jvp,
    "push": _push_jvp,
    "pull": _pull_jvp,
    "bend": _bend_jvp,
    "hess": _hess_jvp,
}
_TRANSPOSES: dict[str, Rule] = {
    "push": _push_transpose,
    "pull": _pull_transpose,
    "bend": _bend_transpose,
    "hess": _hess_transpose,
}
PRIMITIVES = {kind: _make(kind) for kind in _JVPS}
