"""Program and what is derived from it → one Program of sources alone, which can be derived again.

A derived Program reads computed values of its primal as given. To differentiate an adjoint once more (Hessian–vector
products, gradients of gradients) these values must move with the sources, so the primal's statements come first.
"""

from __future__ import annotations

from gatedsym.ir.program import Program, Tensor


def join_primal(derived: Program, primal: Program) -> Program:
    """The Program that computes `primal` and then `derived`, with the results of `derived`.

    Parameters
    ----------
    derived : Program
        An adjoint, a tangent or a Jacobian of `primal`.
    primal : Program

    Returns
    -------
    Program
        Its sources are those of `primal` and the cotangents or tangents of `derived`.

    Examples
    --------
    ``derive_tangent(join_primal(derive_adjoint(p), p))`` gives Hessian–vector products of a weighted sum of results.
    """
    tensors: dict[str, Tensor] = {t.name: t for t in primal.tensors}
    for tensor in derived.tensors:
        tensors.setdefault(tensor.name, tensor)
    computed = {s.target.name for s in primal.statements}
    later = tuple(s for s in derived.statements if s.target.name not in computed)
    joined = Program(tuple(tensors.values()), (*primal.statements, *later), derived.results)
    return joined.with_results(derived.results).check()
