"""Her arrays that agree and those that differ → the first adjoint, going backward, that must be wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from gatedsym.ir.program import Program


def is_share(name: str) -> bool:
    """Whether a tensor is one path's share of an adjoint, and no adjoint of its own."""
    return "_through_" in name


def sources_of(printed: Program, name: str) -> set[str]:
    """The adjoints from which one is made, its shares looked through."""
    found = set()
    for ref in printed.definitions[name].operands:
        if is_share(ref.name) and ref.name in printed.definitions:
            found |= sources_of(printed, ref.name)
        elif printed[ref.name].role in ("adjoint", "cotangent"):
            found.add(ref.name)
    return found


def witnessed(
    printed: Program, results: Mapping[str, str], wrong: Collection[str], right: Collection[str]
) -> dict[str, bool]:
    """For adjoints of which her arrays say so, whether they are right.

    One array that agrees says that the adjoints that it is made of are right, whatever else differs; one is wrong where
    the adjoints of all parameters that are made of it alone differ.

    Parameters
    ----------
    printed : Program
    results : mapping of str to str
        For each source of the step its adjoint.
    wrong, right : collection of str
        Sources whose adjoints differ and agree.
    """
    found: dict[str, bool] = {}
    for of, name in results.items():
        if of in right and of not in wrong:
            found |= dict.fromkeys(sources_of(printed, name), True)
    for s in reversed(printed.statements):
        if found.get(s.target.name):
            found |= dict.fromkeys(sources_of(printed, s.target.name), True)
    for of, name in results.items():
        sources = sources_of(printed, name)
        if of in wrong and len(sources) == 1 and printed[of].role == "parameter":
            found.setdefault(sources.pop(), False)
    return found


def first_wrong_adjoint(
    printed: Program, results: Mapping[str, str], wrong: Collection[str], right: Collection[str]
) -> str:
    """The first adjoint that differs while nothing that goes into it is known to; "" where nothing is known."""
    known = witnessed(printed, results, wrong, right)
    result_names = {name for of, name in results.items() if of in wrong and of not in right}
    for s in printed.statements:
        name = s.target.name
        if is_share(name):
            continue
        if known.get(name) is False:
            return name
        if name in result_names and all(known.get(source) is not False for source in sources_of(printed, name)):
            return name
    return ""
