"""Find the matrix products in a Program: which contractions are one product, stacked, and where their terms add up.

A contraction of a batchless tensor with one batched vector, ``U_i_h[j] = Σ_k U_i[j,k] h[k]``, is a row of a matrix
product over the batch. Contractions whose results are summands of one pointwise sum (``a_i = W_i_x + U_i_h + b_i``)
accumulate in one place, the slot of that sum. Slots that take the same vectors share a buffer, so that all ``U_*``
stand stacked in one product against h; vectors that feed the same slots share one too, so that the way back,
``d_h = Σ U_*ᵀ d_a_*``, is one product again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import sympy as sp

from gatedsym.calculus.gradients import Outer
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref


@dataclass(frozen=True)
class Term:
    """One contraction as a block of a matrix product: slot += matrix · vector."""

    name: str
    slot: str
    slot_indices: tuple[str, ...]
    matrix: Ref
    vector: Ref


@dataclass(frozen=True)
class Slot:
    """A tensor in which product terms add up.

    Attributes
    ----------
    name : str
    indices : tuple of str
    terms : tuple of Term
    bias : tuple of Ref
        Batchless tensors of the same indices that the slot starts from.
    rest : sympy.Expr
        What else is added, pointwise; 0 if nothing.
    rest_operands : tuple of Ref
    picks : tuple of Ref
        What tokens pick of arrays and the slot adds: the products with one-hot vectors, in the order of these.
    """

    name: str
    indices: tuple[str, ...]
    terms: tuple[Term, ...]
    bias: tuple[Ref, ...] = ()
    rest: sp.Expr = sp.S.Zero
    rest_operands: tuple[Ref, ...] = ()
    picks: tuple[Ref, ...] = ()


def match_term(statement: Contraction, program: Program) -> tuple[Ref, Ref] | None:
    """(matrix, vector) if the statement is a matrix product over the batch, else None."""
    if statement.reduction != "sum" or len(statement.factors) != 2 or not statement.summed:
        return None
    batched = [r for r in statement.factors if r.name in program.batched]
    if len(batched) != 1 or statement.target.name not in program.batched:
        return None
    (vector,) = batched
    (matrix,) = (r for r in statement.factors if r is not vector)
    if program[matrix.name].role == "identity":
        return None
    exact = (
        set(vector.indices) == set(statement.summed)
        and len(set(vector.indices)) == len(vector.indices)
        and sorted(matrix.indices) == sorted((*statement.target.indices, *statement.summed))
    )
    return (matrix, vector) if exact and statement.target.indices else None


def find_slots(
    program: Program,
    exclude: frozenset[str] = frozenset(),
    picks: Collection[str] = (),
    alone: frozenset[str] = frozenset(),
) -> dict[str, Slot]:
    """The slots of a Program, by name, in order of computation.

    Parameters
    ----------
    program : Program
    exclude : frozenset of str
        Contractions that are something else than products here (gradients of parameters).
    picks : collection of str
        Sources that tokens pick of arrays.
    alone : frozenset of str
        Contractions that accumulate in no sum that something else is added to.
    """
    matched: dict[str, tuple[Contraction, Ref, Ref]] = {}
    for statement in program.statements:
        if isinstance(statement, Contraction) and statement.target.name not in exclude:
            found = match_term(statement, program)
            if found:
                matched[statement.target.name] = (statement, *found)
    users = program.users()
    added = {s.target.name: _summands(s) for s in program.statements if isinstance(s, Pointwise)}
    summand_of: dict[str, str] = {}
    for name in matched:
        readers = users[name]
        reader = readers[0] if len(readers) == 1 and name not in program.results else None
        if name in alone and isinstance(reader, Pointwise) and {r.name for r in reader.operands} - alone:
            continue
        if isinstance(reader, Pointwise) and name in added[reader.target.name] and reader.target.name not in summand_of:
            summand_of[name] = reader.target.name
    slots: dict[str, Slot] = {}
    for statement in program.statements:
        name = statement.target.name
        if name in matched and name not in summand_of:
            slots[name] = Slot(name, statement.target.indices, (_term(matched[name], name, statement.target.indices),))
        elif isinstance(statement, Pointwise):
            summands = [r for r in statement.operands if summand_of.get(r.name) == name]
            picked = [r for r in statement.operands if r.name in picks and r.name in added[name]]
            if summands:  # without a product there is no buffer to begin with picks
                slots[name] = _make_slot(statement, summands, picked, matched, program)
    return slots


def _summands(statement: Pointwise) -> set[str]:
    """The tensors that the statement adds, under the result's own indices, once and with factor 1."""
    alone = _bare_terms(statement.expression)
    counts = Counter(r.name for r in statement.operands)
    added = (r for r in statement.operands if r.symbol in alone and r.indices == statement.target.indices)
    return {r.name for r in added if counts[r.name] == 1}


def _term(found: tuple[Contraction, Ref, Ref], slot: str, indices: tuple[str, ...]) -> Term:
    statement, matrix, vector = found
    renaming = dict(zip(statement.target.indices, indices, strict=True))
    for number, index in enumerate(statement.summed):
        renaming[index] = f"{index}~{number}"  # never meets an index of the slot
    return Term(statement.target.name, slot, indices, matrix.rename(renaming), vector.rename(renaming))


def _make_slot(
    statement: Pointwise,
    summands: list[Ref],
    picked: list[Ref],
    matched: Mapping[str, tuple[Contraction, Ref, Ref]],
    program: Program,
) -> Slot:
    target = statement.target
    terms = tuple(_term(matched[r.name], target.name, target.indices) for r in summands)
    taken = {*summands, *picked}
    rest = statement.expression - sp.Add(*(r.symbol for r in (*summands, *picked)))
    others = [r for r in statement.operands if r not in taken]
    alone = _bare_terms(rest)
    fixed = (r for r in others if r.name not in program.batched and set(r.indices) <= set(target.indices))
    bias = tuple(r for r in fixed if r.symbol in alone)
    rest -= sp.Add(*(r.symbol for r in bias))
    left = rest.free_symbols
    rest_operands = tuple(r for r in others if r.symbol in left)
    return Slot(target.name, target.indices, terms, bias, rest, rest_operands, tuple(picked))


def _bare_terms(expression: sp.Expr) -> set[sp.Symbol]:
    """The symbols that are a term of a sum with factor 1, and stand in no other term."""
    terms = sp.Add.make_args(expression)
    counts = Counter(s for term in terms for s in term.free_symbols)
    return {term for term in terms if term.is_Symbol and counts[term] == 1}


def cluster_buffers(
    program: Program, slots: Mapping[str, Slot], outers: Iterable[Outer], apart: frozenset[str]
) -> list[tuple[str, ...]]:
    """Group tensors that take the same vectors, feed the same slots and meet the same columns: they stand side by side.

    Parameters
    ----------
    program : Program
    slots : mapping of str to Slot
    outers : iterable of Outer
    apart : frozenset of str
        Tensors that have an array of their own: sources, states, results.
    """
    takes: dict[str, set[str]] = {}
    feeds: dict[str, set[str]] = {}
    meets: dict[str, set[str]] = {}
    for slot in slots.values():
        for term in slot.terms:
            takes.setdefault(slot.name, set()).add(term.vector.name)
            feeds.setdefault(term.vector.name, set()).add(slot.name)
    for outer in outers:
        if outer.token:  # no array holds its one-hot vector
            meets.setdefault(outer.operands[0].name, set()).add(outer.token)
            continue
        meets.setdefault(outer.rows.name, set()).add(outer.columns.name)
        meets.setdefault(outer.columns.name, set()).add(outer.rows.name)
    groups: dict[tuple[object, ...], list[str]] = {}
    order = [s.target.name for s in program.statements]
    for name in order:
        if name in apart or not (name in takes or name in feeds or name in meets):
            continue
        # A product's slots are compared by the vectors they take; a vector that is itself one of a stack of slots
        # stays with them.
        key = (
            tuple(sorted(takes.get(name, ()))),
            tuple(sorted(feeds.get(name, ()))) if name not in takes else (),
            tuple(sorted(meets.get(name, ()))),
            bool(feeds.get(name)),
        )
        groups.setdefault(key, []).append(name)
    return [tuple(members) for members in groups.values()]
