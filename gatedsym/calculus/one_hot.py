"""Program → Program in which no one-hot vector is multiplied: each product with one is what a token picks of an array.

``Σ_k W[j,k] onehot(token)[k]`` is ``W[j,token]``. Such a pick is given, like a source, to the Program that kernels
carry out. The adjoint is derived of the products; in it a one-hot vector says where a row of the gradient is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gatedsym.calculus.names import Names
from gatedsym.ir.fixed_arrays import FixedArray
from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Statement, Tensor, fresh_indices, pointwise

_PLACES = FixedArray("arange")


@dataclass(frozen=True)
class Pick:
    """The entries of an array at the places that tokens name.

    Attributes
    ----------
    array : str
        The tensor that is picked of: a parameter, or what parameters alone give.
    tokens : tuple of str
        For each of its axes the token that names a place on it; "" of an axis that stays.
    dims : tuple of str
        Of the array.
    """

    array: str
    tokens: tuple[str, ...]
    dims: tuple[str, ...]

    @property
    def kept(self) -> tuple[str, ...]:
        """The dimensions of the axes that stay."""
        return tuple(d for d, token in zip(self.dims, self.tokens, strict=True) if not token)

    @property
    def reads(self) -> tuple[str, ...]:
        """The array and the tokens."""
        return (self.array, *filter(None, self.tokens))

    @property
    def picked_axes(self) -> tuple[int, ...]:
        """The axes that tokens run over."""
        return tuple(n for n, token in enumerate(self.tokens) if token)

    @property
    def is_of_rows(self) -> bool:
        """Whether tokens name places on the first axes alone: what they pick lies together."""
        return self.picked_axes == tuple(range(len(self.picked_axes)))

    def __str__(self) -> str:
        letters = iter(fresh_indices(len(self.kept)))
        return str(Ref(self.array, tuple(token or next(letters) for token in self.tokens)))


def find_one_hots(program: Program) -> dict[str, str]:
    """The one-hot vectors of a Program, each with the token whose place it marks."""
    found = {}
    for statement in program.statements:
        token = _token_of(statement, program)
        if token:
            found[statement.target.name] = token
    return found


def _token_of(statement: Statement, program: Program) -> str:
    """The token of ``v[j] = equal(arange[j], token)``; "" of any other statement."""
    if not isinstance(statement, Pointwise) or type(statement.expression) is not FUNCTIONS["equal"].function:
        return ""
    tensors = {r.symbol: program[r.name] for r in statement.operands}
    places, token = (tensors.get(argument) for argument in statement.expression.args)
    if places is None or token is None or places.array != _PLACES or token.role != "input" or token.dims:
        return ""
    return token.name if places.dims == program[statement.target.name].dims else ""


def multiply_one_hots_first(program: Program) -> Program:
    """Let a product of several factors multiply a one-hot vector and the array that it picks of before the others.

    ``Σ_kl W[j,k,l] onehot(token)[k] h[l]`` becomes ``W_token[j,l] = Σ_k W[j,k,l] onehot(token)[k]`` and
    ``Σ_l W_token[j,l] h[l]``.
    """
    one_hots = find_one_hots(program)
    if not one_hots:
        return program
    names, tensors, statements = Names([t.name for t in program.tensors]), list(program.tensors), list[Statement]()
    picked: set[str] = set()
    for statement in program.statements:
        while isinstance(statement, Contraction) and len(statement.factors) > 2:
            found = _pair(statement, one_hots, program, picked)
            if found is None:
                break
            array, vector = found
            (index,) = vector.indices
            kept = tuple(i for i in array.indices if i != index)
            dims = program.index_dims(statement)
            product = Ref(names.fresh(f"{array.name}_{vector.name}"), kept)
            tensors.append(Tensor(product.name, tuple(dims[i] for i in kept)))
            picked.add(product.name)
            statements.append(Contraction(product, (array, vector), (index,)))
            program = replace(program, tensors=tuple(tensors))
            factors = tuple(product if r is array else r for r in statement.factors if r is not vector)
            summed = tuple(i for i in statement.summed if i != index)
            statement = replace(statement, factors=factors, summed=summed)
        statements.append(statement)
    return replace(program, tensors=tuple(tensors), statements=tuple(statements))


def _pair(
    statement: Contraction, one_hots: Mapping[str, str], program: Program, picked: set[str]
) -> tuple[Ref, Ref] | None:
    """An array and a one-hot vector among the factors that picks of it; None if there are none."""

    def is_picked_of(ref: Ref) -> bool:
        return ref.name not in program.batched or ref.name in picked

    if statement.reduction != "sum":
        return None
    for vector in statement.factors:
        if vector.name not in one_hots or not set(vector.indices) <= set(statement.summed):
            continue
        others = [r for r in statement.factors if r is not vector and set(vector.indices) & set(r.indices)]
        if len(others) == 1 and len(set(others[0].indices)) == len(others[0].indices) and is_picked_of(others[0]):
            return others[0], vector
    return None


def pick_by_tokens(program: Program) -> tuple[Program, dict[str, Pick]]:
    """The Program that takes picks in place of products with one-hot vectors; and what each of them is.

    Parameters
    ----------
    program : Program
        As `multiply_one_hots_first` leaves it.

    Returns
    -------
    Program
        With a pick as a source; a value that has a typed name, or is a result, is a copy of it.
    dict of str to Pick
        By the names of those sources.
    """
    one_hots = find_one_hots(program)
    picks: dict[str, Pick] = {}
    statements: list[Statement] = []
    names, tensors = Names([t.name for t in program.tensors]), list(program.tensors)
    for statement in program.statements:
        found = _as_pick(statement, one_hots, program, picks)
        if found is None:
            statements.append(statement)
            continue
        pick, indices = found
        target = statement.target
        if not program[target.name].named and target.name not in program.results and indices == target.indices:
            picks[target.name] = pick
            continue
        source = Ref(names.fresh(f"{pick.array}_{'_'.join(filter(None, pick.tokens))}"), indices)
        picks[source.name] = pick
        tensors.append(Tensor(source.name, pick.kept))
        statements.append(pointwise(target, source.symbol, (source,)))
    return replace(program, tensors=tuple(tensors), statements=tuple(statements)), picks


def without_idle_one_hots(program: Program) -> Program:
    """The Program without one-hot vectors that nothing reads and nobody named: kernels do not compute them."""
    read = {r.name for s in program.statements for r in s.operands}
    idle = {n for n in find_one_hots(program) if n not in read and n not in program.results and not program[n].named}
    if not idle:
        return program
    return replace(program, statements=tuple(s for s in program.statements if s.target.name not in idle))


def _as_pick(
    statement: Statement, one_hots: Mapping[str, str], program: Program, picks: Mapping[str, Pick]
) -> tuple[Pick, tuple[str, ...]] | None:
    """The pick of a product with a one-hot vector, and the indices of what stays; None of any other statement."""
    if not isinstance(statement, Contraction) or len(statement.factors) != 2 or len(statement.summed) != 1:
        return None
    for vector, array in (statement.factors, statement.factors[::-1]):
        ours = vector.name in one_hots and vector.indices == statement.summed and statement.reduction == "sum"
        if not ours or array.indices.count(vector.indices[0]) != 1 or len(set(array.indices)) != len(array.indices):
            continue
        kept = tuple(i for i in array.indices if i not in vector.indices)
        earlier = picks.get(array.name)
        if earlier is None and (array.name in program.batched or program[array.name].role == "identity"):
            continue
        earlier = earlier or Pick(array.name, ("",) * len(array.indices), program[array.name].dims)
        letters = iter(array.indices)
        tokens = tuple(
            token or (one_hots[vector.name] if next(letters) in vector.indices else "") for token in earlier.tokens
        )
        return replace(earlier, tokens=tokens), kept
    return None
