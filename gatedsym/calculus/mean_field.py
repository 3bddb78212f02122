"""Program → its mean field: contractions with random weight matrices become normal variables of known variance.

In a layer of many units, ``a[j] = sum_k U[j,k]*h[k]`` with independent entries U[j,k] of variance v is normal over j,
with variance ``v * sum_k h[k]**2``; so is the backward ``sum_j U[j,k]*d_a[j]``, with variance ``v * sum_j d_a[j]**2``.
What is left of a step when these are cut speaks of single units ("sites"): a Program whose sources are normal variables
``z``. Weights are independent from one step to the next ("untied"): the theory of a network that draws them anew.

The adjoint of a site is linear in the cotangents that come from the future and in the normal variables of the backward
pass. Its coefficients, a Program too, are the integrands of the second moments: for one state
``E(dF/ds)**2 + sum_k v_k n E(dF/du_k)**2``, for several a linear map on the matrix E(d_s d_s').
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sympy as sp

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.calculus.names import Names
from gatedsym.ir.functions import sqrt
from gatedsym.ir.program import Contraction, Pointwise, Program, Ref, Statement, Tensor, fresh_indices, pointwise

Coefficients = dict[str, tuple[sp.Expr, tuple[Ref, ...]]]
"""From a cotangent or a normal variable to the factor with which it enters a linear form."""


@dataclass(frozen=True)
class Normal:
    """A normal variable of the forward pass.

    Attributes
    ----------
    name : str
        Of what it makes: a contraction's result, or the sum of several in one pre-activation.
    standard : str
        The source, standard normal.
    variance : str
        The scalar (or tensor over heads) that holds its variance.
    """

    name: str
    standard: str
    variance: str


@dataclass(frozen=True)
class Signal:
    """A part of the backward signal whose second moment is found before it goes on.

    Attributes
    ----------
    name : str
    slopes : mapping of str to str
        Of its linear form: from cotangents and earlier signals to the tensors of `MeanField.slopes` that multiply them.
    weight : str
        It has come back through this weight: a normal variable, of variance v times the sum of the form's square. Where
        empty it is the form itself: the whole adjoint of a next state that the step reads, as c' of an LSTM.
    summed : tuple of str
        Dimensions of the sum.
    """

    name: str
    slopes: Mapping[str, str]
    weight: str = ""
    summed: tuple[str, ...] = ()


@dataclass(frozen=True)
class MeanField:
    """
    Attributes
    ----------
    forward : Program
        One step of the sites: sources are states, inputs, vectors of parameters, an entry variance ``var_U`` for each
        weight matrix, and standard normal variables. Results: the next states.
    normals : tuple of Normal
        In the order in which they are drawn.
    weights : tuple of str
        Matrices that the theory replaces by their entry variances.
    drawn : tuple of str
        Weights that are used in more ways than the theory replaces (a matrix and its transpose, a matrix applied
        twice): they stay in the Programs, to be drawn anew for each step.
    counts : mapping of str to tuple of str
        Sources that are products of sizes: ``n_size`` to ("n",).
    backward : Program
        The adjoint of a step in normal variables of its own; results ``d_s`` for each state (and delay) that is read.
    backward_standard : tuple of str
        Standard normal sources of `backward`.
    slopes : Program or None
        The coefficients of the linear forms; None where sites are coupled by more than weights (normalisation, matrix
        states, attention), so that second moments are only found by sampling.
    signals : tuple of Signal
        In the order in which the backward pass makes them.
    results : mapping of str to (mapping of str to str)
        For each ``d_s`` the slopes of its linear form.
    """

    forward: Program
    normals: tuple[Normal, ...]
    weights: tuple[str, ...]
    drawn: tuple[str, ...]
    counts: Mapping[str, tuple[str, ...]]
    backward: Program
    backward_standard: tuple[str, ...]
    slopes: Program | None
    signals: tuple[Signal, ...]
    results: Mapping[str, Mapping[str, str]]


def derive_mean_field(program: Program) -> MeanField:
    """The mean field of one step.

    Parameters
    ----------
    program : Program
        Of a cell that has a state.
    """
    states = [n for n in program.sources if program[n].role == "state"]
    nexts = [n for n in program.results if program[n].role == "next"]
    step = program.with_results(nexts)
    adjoint = derive_adjoint(step, wrt=[s for s in states if s in step], of=nexts)
    weights = _replaceable(step, adjoint)
    read = {r.name for s in adjoint.statements for r in s.operands}
    forward = _Rewriting(step, weights, keep=read)
    # What the backward pass reads of the forward pass is computed there.
    seen = tuple(dict.fromkeys((*nexts, *sorted(n for n in read if n in step.definitions))))
    site = forward.rewritten(seen, variances=True)
    back = _Rewriting(adjoint, weights, keep=set(), prefix="d_")
    rewritten = back.rewritten(adjoint.results)
    slopes = _Slopes(adjoint, weights, frozenset(nexts))
    local = slopes.sweep()
    return MeanField(
        site,
        tuple(forward.normals),
        tuple(sorted(weights)),
        _drawn(step, weights),
        forward.counts | back.counts,
        rewritten,
        tuple(n.standard for n in back.normals),
        local,
        tuple(slopes.signals) if local is not None else (),
        slopes.results if local is not None else {},
    )


def recurrent_weights(program: Program) -> tuple[str, ...]:
    """Parameters that multiply, summed over an index, what depends on a state, on the way to a next state."""
    program = program.with_results(n for n in program.results if program[n].role == "next")
    found: dict[str, None] = {}
    for statement in program.statements:
        if (
            not isinstance(statement, Pointwise)
            and statement.summed
            and statement.target.name in program.reached_by_states
        ):
            names = [r.name for r in statement.operands]
            found |= dict.fromkeys(p for n in names for p in _parameters_of(program, n, set(statement.summed)))
    return tuple(sorted(found))


def _parameters_of(program: Program, name: str, summed: set[str]) -> list[str]:
    """The parameters of which `name` is made, if it is made of parameters alone and is a matrix."""
    if name in program.batched or len(program[name].dims) < 2:
        return []
    statement = program.definitions.get(name)
    if statement is None:
        return [name] if program[name].role == "parameter" else []
    return [p for r in statement.operands for p in _parameters_of(program, r.name, summed)]


# Which weights can be replaced.


@dataclass(frozen=True)
class _Core:
    """A contraction with a weight, taken apart.

    Attributes
    ----------
    weight : Ref
    inner : tuple of Ref
        Factors under the sum; the normal variable is the weight times their product, summed.
    outer : tuple of Ref
        Factors that only multiply the sum.
    """

    weight: Ref
    inner: tuple[Ref, ...]
    outer: tuple[Ref, ...]
    summed: tuple[str, ...]

    @property
    def free(self) -> tuple[str, ...]:
        return tuple(i for i in self.weight.indices if i not in self.summed)

    @property
    def shared(self) -> tuple[str, ...]:
        """Indices of the weight that its operand carries besides those of the sum, as heads do."""
        return tuple(i for i in self.free if any(i in r.indices for r in self.inner))


def _core(statement: Statement, program: Program, weights: Iterable[str]) -> _Core | None:
    """The contraction as a sum over a weight's indices; None if it is none."""
    if not isinstance(statement, Contraction) or statement.reduction != "sum" or not statement.summed:
        return None
    over = set(statement.summed)
    matrices = [r for r in statement.factors if r.name in weights and over & set(r.indices)]
    if len(matrices) != 1:
        return None
    (weight,) = matrices
    others = [r for r in statement.factors if r is not weight]
    inner = tuple(r for r in others if over & set(r.indices))
    outer = tuple(r for r in others if not over & set(r.indices))
    fits = (
        len(set(weight.indices)) == len(weight.indices)
        and over <= set(weight.indices)
        and inner
        and all(set(r.indices) <= set(weight.indices) for r in inner)
    )
    return _Core(weight, inner, outer, statement.summed) if fits else None


def _replaceable(step: Program, adjoint: Program) -> frozenset[str]:
    """Weights that the step uses in one contraction, and its adjoint in one."""
    found = set()
    for tensor in step.tensors:
        if tensor.role != "parameter" or not tensor.dims:
            continue
        forward = [s for s in step.statements if any(r.name == tensor.name for r in s.operands)]
        backward = [s for s in adjoint.statements if any(r.name == tensor.name for r in s.operands)]
        cores = [_core(s, step, {tensor.name}) for s in forward]
        turned = [_core(s, adjoint, {tensor.name}) for s in backward]
        if len(cores) == 1 and None not in cores and None not in turned and len({_key(c) for c in turned if c}) <= 1:
            found.add(tensor.name)
    return frozenset(found)


def _key(core: _Core) -> tuple[object, ...]:
    """Equal for two contractions that are the same but for the names of their indices."""
    places = {i: n for n, i in enumerate(core.weight.indices)}
    inner = sorted((r.name, tuple(places[i] for i in r.indices)) for r in core.inner)
    return core.weight.name, tuple(inner), tuple(sorted(places[i] for i in core.summed))


def _drawn(step: Program, weights: frozenset[str]) -> tuple[str, ...]:
    """Parameters that stay in a sum over an index: of matrices that are not replaced, and what these are made of."""
    needed: set[str] = set()
    for statement in reversed(step.statements):
        over = set() if isinstance(statement, Pointwise) else set(statement.summed)
        for ref in statement.operands:
            if ref.name in step.batched or ref.name in weights:
                continue
            if over & set(ref.indices) or statement.target.name in needed:
                needed.add(ref.name)
    return tuple(sorted(n for n in needed if step[n].role == "parameter"))


# The step with normal variables in place of weights.


@dataclass
class _Rewriting:
    program: Program
    weights: frozenset[str]
    keep: set[str]
    prefix: str = ""
    normals: list[Normal] = field(default_factory=list)
    counts: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def rewritten(self, results: tuple[str, ...], variances: bool = False) -> Program:
        self.names = Names([t.name for t in self.program.tensors])
        self.tensors = {t.name: t for t in self.program.tensors if t.name not in self.weights}
        self.statements: list[Statement] = []
        self.made: dict[tuple[object, ...], str] = {}
        self.squares: dict[tuple[object, ...], str] = {}
        merged = self._merges()
        self.variances: dict[str, tuple[sp.Expr, tuple[Ref, ...]]] = {}
        for statement in self.program.statements:
            core = _core(statement, self.program, self.weights)
            if _is_count(statement, self.program):
                dims = self.program.index_dims(statement)
                self.counts[statement.target.name] = (dims[statement.operands[0].indices[0]],)
            elif core is None:
                self.statements.append(self._with_merged(statement, merged.get(statement.target.name, ())))
            elif any(statement.target.name in group for group in merged.values()):
                self.variances[statement.target.name] = self._variance(core)
            else:
                self._replace(statement, core)
        used = {r.name for s in self.statements for r in (s.target, *s.operands)}
        tensors = tuple(t for t in self.tensors.values() if t.name in used | set(results))
        if variances:
            results = tuple(dict.fromkeys((*results, *(n.variance for n in self.normals))))
        return Program(tensors, tuple(self.statements), results).with_results(results).check()

    def _merges(self) -> dict[str, tuple[str, ...]]:
        """For each pre-activation the normal variables that occur there alone, as summands: their sum is one."""
        users = self.program.users()
        found: dict[str, tuple[str, ...]] = {}
        plain = {}
        for s in self.program.statements:
            core = _core(s, self.program, self.weights)
            if core is not None and not core.outer and s.target.name not in (*self.keep, *self.program.results):
                plain[s.target.name] = core.weight.name
        for s in self.program.statements:
            if not isinstance(s, Pointwise):
                continue
            group = [r.name for r in s.operands if r.name in plain and users[r.name] == [s]
                     and r.indices == s.target.indices and sp.diff(s.expression, r.symbol).is_number]  # fmt: skip
            if len(group) > 1 and len({plain[g] for g in group}) == len(group):
                found[s.target.name] = tuple(group)
        return found

    def _declare(self, name: str, dims: tuple[str, ...], role: str = "local") -> str:
        fresh = self.names.fresh(name)
        self.tensors[fresh] = Tensor(fresh, dims, role)  # type: ignore[arg-type]
        return fresh

    def _dims(self, refs: Iterable[Ref], indices: Iterable[str]) -> tuple[str, ...]:
        of = {i: d for r in refs for i, d in zip(r.indices, self.program[r.name].dims, strict=True)}
        return tuple(of[i] for i in indices)

    def _variance(self, core: _Core) -> tuple[sp.Expr, tuple[Ref, ...]]:
        """v times the sum of squares, under the indices that the operand shares with the weight."""
        places = {i: n for n, i in enumerate((*core.summed, *core.shared))}
        key = len(core.summed), tuple(sorted((r.name, tuple(places[i] for i in r.indices)) for r in core.inner))
        if key not in self.squares:
            wish = f"squares_{'_'.join(r.name for r in core.inner)}"
            self.squares[key] = self._declare(wish, self._dims(core.inner, core.shared))
            target = Ref(self.squares[key], core.shared)
            self.statements.append(Contraction(target, (*core.inner, *core.inner), core.summed))
        squares = Ref(self.squares[key], core.shared)
        name = f"var_{core.weight.name}"
        self.tensors.setdefault(name, Tensor(name, (), "parameter"))
        return Ref(name).symbol * squares.symbol, (Ref(name), squares)

    def _normal(
        self, name: str, dims: tuple[str, ...], indices: tuple[str, ...], variance: sp.Expr, refs: Iterable[Ref]
    ) -> tuple[sp.Expr, tuple[Ref, ...]]:
        """A normal variable of that variance, as an expression in its standard deviation and a standard normal."""
        refs = tuple(refs)
        shared = tuple(i for i in indices if any(i in r.indices for r in refs))
        q = Ref(self._declare(f"q_{name}", tuple(d for d, i in zip(dims, indices, strict=True) if i in shared)), shared)
        self.statements.append(pointwise(q, variance, refs))
        z = Ref(self._declare(f"z_{name}", dims, "input"), indices)
        self.normals.append(Normal(name, z.name, q.name))
        return sqrt(q.symbol) * z.symbol, (q, z)

    def _replace(self, statement: Statement, core: _Core) -> None:
        key, target = _key(core), statement.target
        if key not in self.made:
            variance, refs = self._variance(core)
            dims = self._dims((core.weight,), core.free)
            normal, operands = self._normal(target.name, dims, core.free, variance, refs)
            own = not core.outer and core.free == target.indices
            made = target if own else Ref(self._declare(f"{target.name}_normal", dims), core.free)
            self.statements.append(pointwise(made, normal, operands))
            self.made[key] = made.name
            if own:
                return
        source = Ref(self.made[key], core.free)
        product = sp.Mul(source.symbol, *(r.symbol for r in core.outer))
        self.statements.append(pointwise(target, product, (source, *core.outer)))

    def _with_merged(self, statement: Statement, group: tuple[str, ...]) -> Statement:
        if not group or not isinstance(statement, Pointwise):
            return statement
        total, refs = sp.S.Zero, list[Ref]()
        rest = statement.expression
        for ref in statement.operands:
            if ref.name in group:
                variance, operands = self.variances[ref.name]
                total += sp.diff(statement.expression, ref.symbol) ** 2 * variance
                rest = rest.subs(ref.symbol, 0)
                refs += operands
        target = statement.target
        normal, added = self._normal(target.name, self.program[target.name].dims, target.indices, total, refs)
        return pointwise(target, rest + normal, (*statement.operands, *added))


def _is_count(statement: Statement, program: Program) -> bool:
    """Whether a statement adds up an identity: the size of a dimension."""
    return (
        isinstance(statement, Contraction)
        and len(statement.factors) == 1
        and program[statement.factors[0].name].role == "identity"
        and len(statement.summed) == 2
    )


# The coefficients of the adjoint's linear forms.


class _Slopes:
    """One sweep over an adjoint Program that carries, for each adjoint, its coefficients."""

    def __init__(self, adjoint: Program, weights: frozenset[str], nexts: frozenset[str]) -> None:
        self.adjoint, self.weights, self.nexts = adjoint, weights, nexts
        self.names = Names([t.name for t in adjoint.tensors])
        self.tensors = {t.name: t for t in adjoint.tensors}
        self.statements: list[Statement] = []
        self.signals: list[Signal] = []
        self.results: dict[str, dict[str, str]] = {}
        self.forms: dict[str, Coefficients] = {}
        self.drawn: dict[tuple[object, ...], str] = {}

    def sweep(self) -> Program | None:
        """The Program of all slopes; None where an adjoint is summed over sites without a weight."""
        for name in self.adjoint.sources:
            if self.adjoint[name].role == "cotangent":
                self.forms[name] = {name: (sp.S.One, ())}
        for statement in self.adjoint.statements:
            core = _core(statement, self.adjoint, self.weights)
            linear = [r for r in statement.operands if r.name in self.forms]
            if not linear:
                self.statements.append(statement)
                continue
            if core is not None:
                done = self._through_weight(statement, core)
            else:
                done = isinstance(statement, Pointwise) and self._through_site(statement, linear)
            if not done:
                return None
        for name in self.adjoint.results:
            self.results[name] = self._written(name, self.forms.get(name, {}))
        wanted = tuple(
            dict.fromkeys(
                t for form in (*(n.slopes for n in self.signals), *self.results.values()) for t in form.values()
            )
        )
        used = {r.name for s in self.statements for r in (s.target, *s.operands)}
        tensors = tuple(t for t in self.tensors.values() if t.name in used | set(wanted) and t.role != "cotangent")
        return Program(tensors, tuple(self.statements), wanted).with_results(wanted).check()

    def _through_site(self, statement: Pointwise, linear: list[Ref]) -> bool:
        form: dict[str, list[tuple[sp.Expr, tuple[Ref, ...]]]] = {}
        for ref in linear:
            if ref.indices != statement.target.indices:
                return False
            slope = sp.diff(statement.expression, ref.symbol)
            others = tuple(r for r in statement.operands if r.name not in self.forms)
            for basis, (factor, refs) in self._named(ref, self.forms[ref.name]).items():
                form.setdefault(basis, []).append((slope * factor, (*others, *refs)))
        self.forms[statement.target.name] = {
            basis: self._settled(statement.target, basis, terms) for basis, terms in form.items()
        }
        if self.adjoint[statement.target.name].of in self.nexts:
            name = statement.target.name
            self.signals.append(Signal(name, self._written(name, self.forms[name])))
            self.forms[name] = {name: (sp.S.One, ())}
        return True

    def _named(self, ref: Ref, form: Coefficients) -> Coefficients:
        """The form under the indices of `ref`; a slope carries all of them or none."""
        renamed: Coefficients = {}
        for basis, (factor, refs) in form.items():
            if refs and refs[0].indices:
                here = Ref(refs[0].name, ref.indices)
                renamed[basis] = here.symbol, (here,)
            else:
                renamed[basis] = factor, refs
        return renamed

    def _settled(
        self, target: Ref, basis: str, terms: list[tuple[sp.Expr, tuple[Ref, ...]]]
    ) -> tuple[sp.Expr, tuple[Ref, ...]]:
        """A number, or one tensor that holds the sum of the terms."""
        total = sp.Add(*(e for e, _ in terms))
        if total.is_number:
            return total, ()
        refs = tuple(r for _, found in terms for r in found if r.symbol in total.free_symbols)
        present = {i for r in refs for i in r.indices}
        if total.is_Symbol and refs[0].indices in ((), target.indices):
            return total, (refs[0],)
        slope = Ref(self.names.fresh(f"slope[{target.name},{basis}]"), target.indices if present else ())
        dims = self.adjoint[target.name].dims if present else ()
        if present and present != set(target.indices):
            # What heads have in common is spread over them: all slopes of a site have its shape.
            ones = Ref(f"ones_{'_'.join(dims)}", target.indices)
            self.tensors.setdefault(ones.name, Tensor(ones.name, dims, "input"))
            total, refs = total * ones.symbol, (*refs, ones)
        self.tensors[slope.name] = Tensor(slope.name, dims, "adjoint", of=target.name)
        self.statements.append(pointwise(slope, total, refs))
        return slope.symbol, (slope,)

    def _through_weight(self, statement: Statement, core: _Core) -> bool:
        linear = [r for r in core.inner if r.name in self.forms]
        if len(linear) != 1 or any(r.name in self.forms for r in core.outer):
            return False
        (operand,) = linear
        if set(operand.indices) != set(core.summed) | set(core.shared):
            return False
        key = _key(core)
        if key not in self.drawn:
            others = tuple(r for r in core.inner if r is not operand)
            if any(r.indices != operand.indices for r in others):
                return False
            product = sp.Mul(*(r.symbol for r in others))
            form = {
                basis: self._settled(operand, basis, [(factor * product, (*refs, *others))])
                for basis, (factor, refs) in self._named(operand, self.forms[operand.name]).items()
            }
            name = self.names.fresh(f"normal_{statement.target.name}")
            dims = dict(zip(core.weight.indices, self.adjoint[core.weight.name].dims, strict=True))
            slopes = self._written(f"{operand.name} before {core.weight.name}", form)
            self.signals.append(Signal(name, slopes, core.weight.name, tuple(dims[i] for i in core.summed)))
            self.drawn[key] = name
        if set(core.free) != set(statement.target.indices):
            return False
        outer = [(sp.Mul(*(r.symbol for r in core.outer)), core.outer)]
        self.forms[statement.target.name] = {
            self.drawn[key]: self._settled(statement.target, self.drawn[key], outer) if core.outer else (sp.S.One, ())
        }
        return True

    def _written(self, name: str, form: Coefficients) -> dict[str, str]:
        """Every coefficient as a tensor, numbers too."""
        found = {}
        for basis, (factor, refs) in form.items():
            if refs:
                found[basis] = refs[0].name
                continue
            slope = Ref(self.names.fresh(f"slope[{name},{basis}]"))
            self.tensors[slope.name] = Tensor(slope.name, (), "adjoint", of=name)
            self.statements.append(pointwise(slope, factor, ()))
            found[basis] = slope.name
        return found


def integrands(theory: MeanField) -> dict[tuple[str, str], sp.Expr]:
    """The slopes in terms of the forward pass, for people: (linear form, what enters it) to an expression.

    Returns
    -------
    dict
        Keys are (``d_c``, ``d_c'_total``) for the way along a site, (``U_f``, ``d_c'_total``) for that
        through a weight.
        The mean of the square is what the theory adds up.
    """
    if theory.slopes is None:
        return {}
    definitions = theory.slopes.definitions
    found: dict[tuple[str, str], sp.Expr] = {}
    forms = [(n.weight or n.name, n.slopes) for n in theory.signals] + list(theory.results.items())
    for name, form in forms:
        for basis, slope in form.items():
            indices = fresh_indices(len(theory.slopes[slope].dims))
            found[name, basis] = _inlined(Ref(slope, indices), definitions)
    return found


def _inlined(ref: Ref, definitions: Mapping[str, Statement]) -> sp.Expr:
    statement = definitions.get(ref.name)
    if not isinstance(statement, Pointwise):
        return ref.symbol
    renaming = dict(zip(statement.target.indices, ref.indices, strict=True))
    values = {r.symbol: _inlined(r.rename(renaming), definitions) for r in statement.operands}
    return statement.expression.xreplace(values)
