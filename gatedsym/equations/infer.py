"""Equations whose names are settled to the shapes that their operations decide, and to what they leave open.

Shapes are unknowns; every operation is a constraint between them. What all constraints say together is decided. Where
they are silent, what a reader takes for granted is asked next, one thing at a time: ``W @ x`` has a matrix on the left
and a vector on the right, a stack has vectors in it, a weight that is added to a vector is one. The rest stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace

from gatedsym.equations import syntax
from gatedsym.equations.constraints import (
    Assignment,
    Constraint,
    Contraction,
    Elementwise,
    Outer,
    Term,
    Transposition,
)
from gatedsym.equations.names import ELEMENTWISE, IDENTITY, MATRIX_POWERS
from gatedsym.equations.scope import Scope, ScopedEquation
from gatedsym.equations.source import Span
from gatedsym.equations.syntax import Node
from gatedsym.equations.tokens import ONEHOT, size_of
from gatedsym.equations.transposed import (
    columns_stand_before_rows,
    factors_keep_matrices,
    rows_are_vectors,
    terms_keep_states,
)
from gatedsym.equations.unify import Axis, MisfitError, Shape, blocks_of, matrix, scalar, unify, vector

_CONTRACTING = ("@", "·")
_EACH_SIGNS = frozenset("⊙∘◦") | {r"\odot", r"\circ"}
"""Signs that stand between things of equal size and nothing else, as typed."""

_MAX_CALLS = 20


@dataclass(frozen=True)
class _Place:
    """Place of an expression: in which equation, and within which calls of definitions, with what arguments."""

    equation: ScopedEquation
    bound: Mapping[str, Term] = field(default_factory=dict)
    calls: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Added:
    """A weight that stands in a sum, or beside ⊙, by itself; the result, and what else is there but typed numbers."""

    weight: Term
    result: Shape
    others: tuple[Term, ...]


@dataclass
class Inference:
    """The shapes of a text as far as it decides them.

    Attributes
    ----------
    scope : Scope
    sought : frozenset of str
        Parameters whose shape nothing declares.
    steps : tuple of tuple of str
        Names that are one, typed with an index: ``R[1]`` and ``R[2]``.
    shapes : dict of str to Shape
        Of every symbol.
    vague : list of (Contraction, str)
        Products of which the text does not say whether they contract, and why.
    """

    scope: Scope
    sought: frozenset[str]
    steps: tuple[tuple[str, ...], ...] = ()
    shapes: dict[str, Shape] = field(default_factory=dict)
    constraints: list[Constraint] = field(default_factory=list)
    vague: dict[str, str] = field(default_factory=dict)
    _added: list[_Added] = field(default_factory=list)
    _sizes: dict[str, Axis] = field(default_factory=dict)
    _parts: dict[Span, tuple[Axis, ...]] = field(default_factory=dict)
    _letters: dict[str, Axis] = field(default_factory=dict)
    _beside_rows: list[Contraction] = field(default_factory=list)
    _own_terms: list[Contraction] = field(default_factory=list)
    _asked: bool = False

    def run(self) -> Inference:
        """Everything that the text decides.

        Raises
        ------
        EquationError
            For equations whose shapes cannot fit, however their symbols are declared.
        """
        for symbol in self.scope.symbols.values():
            axes = symbol.axes
            if symbol.kind == "constant":
                axes = ()
            self.shapes[symbol.name] = Shape() if axes is None else Shape(tuple(self._declared(axis) for axis in axes))
        for equation in self.scope.equations:
            self._read_equation(equation)
        self._settle()
        return self

    def _declared(self, axis: tuple[str, ...]) -> Axis:
        atoms = tuple(self._sizes.setdefault(size, Axis(size)) for size in axis)
        return atoms[0] if len(atoms) == 1 else Axis(blocks=atoms)

    # --- constraints of an equation --------------------------------------------------------------------------------

    def _read_equation(self, equation: ScopedEquation) -> None:
        target, self._letters = equation.target, {}
        symbol = self.scope.symbols[target.name]
        right = self._term(equation.right, _Place(equation))
        if target.letters is not None:
            axes = tuple(self._letters.setdefault(letter, Axis()) for letter in target.letters)
            self._unify(self.shapes[target.name], Shape(axes), equation.right)
            self._unify(right.shape, scalar(), equation.right)
            return
        self._add(Assignment(self.shapes[target.name], right, symbol.axes is not None, equation.line.span))

    def _add(self, constraint: Constraint) -> None:
        self.constraints.append(constraint)

    def _unify(self, one: Shape, other: Shape, node: Node) -> None:
        try:
            unify(one, other)
        except MisfitError as misfit:
            raise self._misfit(misfit, node.span) from None

    def _misfit(self, misfit: MisfitError, span: Span) -> Exception:
        if self._asked:
            return self.scope.source.error(
                f"with vectors and matrices where they usually stand, shapes do not fit here: {misfit} at once.",
                span,
                "Declare what is more than a vector, such as x in R^(m,p); the rest is proposed."
                + (" Where a matrix meets a vector write @: W @ h." if "*" in self.scope.source.excerpt(span) else ""),
            )
        return self.scope.source.error(
            f"whatever is declared, shapes do not fit here: this asks for {misfit} at once.",
            span,
            "Correct the equation, or give names that mean two things two names.",
        )

    def _term(self, node: Node, place: _Place) -> Term:
        """The shape of an expression, its constraints noted."""

        def term(inner: Node) -> Term:
            return self._term(inner, place)

        match node:
            case syntax.Number():
                return Term(scalar())
            case syntax.Variable():
                return self._variable(node, place.bound)
            case syntax.Negative(operand=operand):
                return replace(term(operand), name="")
            case syntax.Power(base=base, exponent=syntax.Number()):
                return replace(term(base), name="")
            case syntax.Power(base=base, exponent=exponent):
                result = Term(Shape())
                self._add(Elementwise(result.shape, (term(base), term(exponent)), node.span))
                return result
            case syntax.Sum(terms=terms):
                numbers = [isinstance(inner, syntax.Number) for _, inner in terms]
                return self._sum([(sign, term(inner)) for sign, inner in terms], numbers, node)
            case syntax.Product():
                return self._product(node, term, place.equation)
            case syntax.Juxtaposition(items=items):
                return self._chain([(term(item), "") for item in items], list(items), place.equation)
            case syntax.Transpose(operand=operand):
                inner = term(operand)
                result = Term(Shape(), not inner.flipped)
                self._add(Transposition(inner, result.shape, node.span))
                return result
            case syntax.Stack(items=items) if _is_fixed(node):
                return Term(_fixed_shape(items))
            case syntax.Stack(items=items):
                return self._stack([term(item) for item in items])
            case syntax.Reduction(body=body, indices=indices):
                self._letters |= {letter: Axis() for letter in indices}  # `sum[q]` twice: two sums
                return term(body)
            case syntax.Call():
                return self._call(node, [term(argument) for argument in node.arguments], place)
            case syntax.Comparison(left=left, right=right):
                result = Term(Shape())
                self._add(Elementwise(result.shape, (term(left), term(right)), node.span))
                return result
            case syntax.FunctionColumn(argument=argument):
                return replace(term(argument), name="")
            case syntax.Part():
                return self._part(node, term)
            case _:
                return Term(Shape())

    def _part(self, node: syntax.Part, term: Callable[[Node], Term]) -> Term:
        """A part that a line hands out: all of them, one above the other, are its right side."""
        if node.operand.span not in self._parts:
            parts = tuple(Axis() for _ in node.names)
            self._parts[node.operand.span] = parts
            self._asked = True  # parts of a vector, not of a matrix
            self._unify(term(node.operand).shape, Shape((Axis(blocks=parts),)), node)
        return Term(Shape((self._parts[node.operand.span][node.position],)))

    def _variable(self, node: syntax.Variable, bound: Mapping[str, Term]) -> Term:
        if node.name in bound:
            return bound[node.name]
        if node.name not in self.scope.symbols:
            side = Axis()
            if node.letters is not None:  # an entry of the identity: both indices run over one axis
                first, second = (self._letters.setdefault(letter, Axis()) for letter in node.letters)
                self._unify(Shape((first,)), Shape((second,)), node)
                return Term(scalar())
            return Term(Shape((side, side)) if node.name == IDENTITY else scalar())
        shape = self.shapes[node.name]
        if node.letters is None:
            return Term(shape, name=node.name)
        axes = tuple(self._letters.setdefault(letter, Axis()) for letter in node.letters)
        self._unify(shape, Shape(axes), node)
        return Term(scalar())

    def _sum(self, terms: list[tuple[int, Term]], numbers: list[bool], node: Node) -> Term:
        result = Term(Shape(), terms[0][1].flipped)
        self._add(Elementwise(result.shape, tuple(term for _, term in terms), node.span))
        for sign, term in terms:
            if sign > 0 and term.name in self.sought:
                beside = [t for (_, t), typed in zip(terms, numbers, strict=True) if t is not term and not typed]
                self._added.append(_Added(term, result.shape, tuple(beside)))
        return result

    def _stack(self, terms: list[Term]) -> Term:
        blocks = []
        for term in terms:
            if term.shape.known is None:
                unify(term.shape, vector())
            blocks.append((term.shape.known or (Axis("1"),))[0])
        return Term(Shape((Axis(blocks=tuple(blocks)),)) if len(blocks) > 1 else Shape((blocks[0],)))

    def _product(self, node: syntax.Product, term: Callable[[Node], Term], equation: ScopedEquation) -> Term:
        """Runs of contractions, combined entry by entry."""
        runs: list[tuple[list[tuple[Term, str]], list[Node]]] = [([], [])]
        for position, item in enumerate(node.items):
            sign = node.operators[position - 1] if position else ""
            if position and sign not in _CONTRACTING:
                runs.append(([], []))
            runs[-1][0].append((term(item), sign))
            runs[-1][1].append(item)
        factors = [self._chain(run, nodes, equation) for run, nodes in runs]
        if len(factors) == 1:
            return factors[0]
        result = Term(Shape(), factors[0].flipped)
        self._add(Elementwise(result.shape, tuple(factors), node.span))
        self._read_signs(node, factors, result)
        return result

    def _read_signs(self, node: syntax.Product, factors: list[Term], result: Term) -> None:
        """⊙ stands between things of one shape: no number is meant by what stands beside it."""
        if len(factors) != len(node.items):
            return
        for before, after, left, right in zip(node.items, node.items[1:], factors, factors[1:], strict=False):
            typed = self.scope.source.excerpt(Span(before.span.end, after.span.start)).strip(" {}&$~\n")
            if typed in _EACH_SIGNS:
                self._added += [_Added(t, result.shape, ()) for t in (left, right) if t.name in self.sought]

    def _chain(self, terms: list[tuple[Term, str]], nodes: list[Node], equation: ScopedEquation) -> Term:
        """A run of products, contracted from the right."""
        total, last = terms[-1][0], nodes[-1]
        for at in range(len(terms) - 2, -1, -1):
            left, sign = terms[at][0], terms[at + 1][1]
            result = Term(Shape(), left.flipped)
            contraction = Contraction(left, total, result.shape, sign, nodes[at].span.to(last.span))
            reason = self._why_vague(contraction, nodes[at + 1 :], equation)
            if reason and left.name not in self.vague:
                self.vague[left.name] = reason
            self._add(contraction)
            if total.flipped and not left.flipped:
                self._beside_rows.append(contraction)
            if total.name == equation.target.name and _is_a_term(nodes, equation.right):
                self._own_terms.append(contraction)
            total = result
        return total

    def _why_vague(self, product: Contraction, behind: list[Node], equation: ScopedEquation) -> str:
        """Reason for which a product of a sought name is not that of a matrix; "" if there is none."""
        name = product.left.name
        if product.sign == "@" or name not in self.sought or isinstance(behind[-1], syntax.Stack):
            return ""
        if not name[0].isupper() or name.startswith("Delta"):
            return "lower case"
        return "peephole" if is_peephole(behind, equation, self.scope) else ""

    def _call(self, node: syntax.Call, terms: list[Term], place: _Place) -> Term:
        name, definition = node.function, self.scope.definitions.get(node.function)
        if definition is not None:
            if len(place.calls) > _MAX_CALLS or len(terms) != len(definition.parameters):
                return Term(Shape())
            bound = dict(zip(definition.parameters, terms, strict=True))
            return self._term(definition.body, _Place(place.equation, bound, (*place.calls, name)))
        if name == "dot" and len(terms) == 2:
            self._unify(terms[0].shape, terms[1].shape, node)
            return Term(scalar())
        result = Term(Shape())
        if name == "outer" and len(terms) == 2:
            self._add(Outer(terms[0], terms[1], result.shape, node.span))
        elif name in ("sum", "mean", "max", "min", "norm") and len(terms) == 1:
            return Term(scalar())
        elif name in ("softmax", "log_softmax", "cumsum", "roll", "stop"):
            return replace(terms[0], name="")
        elif name == ONEHOT:
            return self._places(node)
        elif name in MATRIX_POWERS and terms:
            return self._matrix_power(node, terms)
        elif name == "diag" and len(terms) == 1:
            side = Axis()
            self._unify(terms[0].shape, Shape((side,)), node)
            return Term(Shape((side, side)))
        elif name in ELEMENTWISE or name in ("max", "min", "where"):
            self._add(Elementwise(result.shape, tuple(terms), node.span))
        return result

    def _matrix_power(self, node: syntax.Call, terms: list[Term]) -> Term:
        """``inv(A)`` is as A is, a square matrix; ``solve(A, b)`` as its product with b."""
        side = Axis()
        self._unify(terms[0].shape, Shape((side, side)), node)
        square = Term(Shape((side, side)))
        if node.function != "solve" or len(terms) != 2:
            return square
        result = Term(Shape())
        self._add(Contraction(square, terms[1], result.shape, "@", node.span))
        return result

    def _places(self, node: syntax.Call) -> Term:
        """The vector that ``onehot(token)`` is; of unknown size where the token is not declared."""
        match node.arguments:
            case (syntax.Variable(name=name),) if name in self.scope.symbols:
                token = self.scope.symbols[name]
                if token.domain is not None:
                    return Term(Shape((self._declared((size_of(token, self.scope.source, node),)),)))
        return Term(Shape((Axis(),)))

    # --- what follows ----------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        """Let the constraints speak; where they are silent ask what a reader takes for granted, one thing at a time."""
        questions: tuple[Callable[[], bool], ...] = (
            lambda: rows_are_vectors(self.constraints),
            lambda: columns_stand_before_rows(self._beside_rows),
            lambda: factors_keep_matrices(self._contractions(), self._beside_rows),
            lambda: terms_keep_states(self._own_terms),
            self._matrix_before,
            self._vector_behind,
            self._matrix_behind,
            self._bias,
            self._vector_before,
            self._number_for_a_state,
            self._alike,
        )
        while True:
            self._propagate()
            if not any(question() for question in questions):
                return
            self._asked = True

    def _propagate(self) -> None:
        moved = True
        while moved:
            moved, left = False, []
            for constraint in self.constraints:
                before = _unknowns(constraint)
                try:
                    done = constraint.advance()
                except MisfitError as misfit:
                    raise self._misfit(misfit, constraint.span) from None
                moved = moved or _unknowns(constraint) != before
                if not done:
                    left.append(constraint)
            self.constraints = left

    def _contractions(self) -> list[Contraction]:
        return [c for c in self.constraints if isinstance(c, Contraction)]

    def _is_sought(self, term: Term) -> bool:
        return term.name in self.sought and term.shape.known is None and term.name not in self.vague

    def _is_given(self, term: Term) -> bool:
        """Whether a term is an input or a state of which nothing is known."""
        if term.shape.known is not None:
            return False
        kinds = ("input", "state")
        return any(
            self.shapes[name].root is term.shape.root
            for name, symbol in self.scope.symbols.items()
            if symbol.kind in kinds
        )

    def _matrix_before(self) -> bool:
        """``W @ x``: a weight on the left is a matrix."""
        found = [c for c in self._contractions() if not c.left.flipped]
        weights = [c for c in found if self._is_sought(c.left) or (c.sign == "@" and not c.left.name)]
        vectors = [c for c in weights if c.left.name or c.right.shape.rank == 1]
        return _make((c.left.shape for c in vectors), matrix)

    def _vector_behind(self) -> bool:
        """``W @ x``: an input or a state that a matrix multiplies is a vector unless something makes it more."""
        found = [c for c in self._contractions() if c.left.shape.rank == 2 and self._is_given(c.right)]
        return _make((c.right.shape for c in found), vector)

    def _matrix_behind(self) -> bool:
        """``x @ W``: a weight behind a vector is a matrix, and the vector a row."""
        found = [c for c in self._contractions() if self._is_sought(c.right) and c.left.shape.rank]
        return _make((c.right.shape for c in found if _names_a_matrix(c)), matrix)

    def _vector_before(self) -> bool:
        """``x @ W``: an input or a state before a matrix is a vector where nothing says more of it."""
        found = [
            c
            for c in self._contractions()
            if self._is_given(c.left)
            and c.result.rank != 2
            and (c.right.shape.rank == 2 or (self._is_sought(c.right) and _names_a_matrix(c)))
        ]
        return _make((c.left.shape for c in found), vector)

    def _bias(self) -> bool:
        """A weight that is added to a vector, or stands beside ⊙, is a vector; added to a number it is one."""
        found = False
        for added in self._added:
            if not self._is_sought(added.weight) or added.weight.name.lower().startswith("eps"):
                continue
            numbers = bool(added.others) and all(term.shape.rank == 0 for term in added.others)
            if added.result.rank or numbers:
                found = unify(added.weight.shape, scalar() if numbers else added.result)
        return found

    def _number_for_a_state(self) -> bool:
        """A state that only numbers enter is a number."""
        states = [s.name for s in self.scope.symbols.values() if s.kind == "state"]
        silent = [name for name in states if self.shapes[name].known is None]
        if not silent or any(self.shapes[name].known is None for name in self.sought):
            return False
        return unify(self.shapes[silent[0]], scalar())

    def _alike(self) -> bool:
        """The steps of one symbol have one shape, unless the text makes them different."""
        found = False
        for first, *others in self.steps:
            for other in others:
                one, two = self.shapes[first], self.shapes[other]
                if one.root is not two.root and (None in (one.rank, two.rank) or one.rank == two.rank):
                    with suppress(MisfitError):
                        found = unify(one, two) or found
        return found

    # --- what stays open -------------------------------------------------------------------------------------------

    def met_by(self, name: str) -> Shape | None:
        """The array that a name of unknown shape goes into entry by entry; None where none is known."""
        seen, pending = set(), [self.shapes[name].root]
        while pending:
            shape = pending.pop(0)
            seen.add(id(shape))
            for constraint in self.constraints:
                inside, result = _operands(constraint), _result(constraint).root
                if not any(operand.root is shape for operand in inside):
                    continue
                known = [other for other in (result, *inside) if other.rank]
                if known and not isinstance(constraint, Contraction):
                    return known[0].root
                if id(result) not in seen:
                    pending.append(result)
        return None


def _is_a_term(nodes: list[Node], right: Node) -> bool:
    """Whether two factors side by side are a whole term of a right side."""
    terms = [term for _, term in right.terms] if isinstance(right, syntax.Sum) else [right]
    products = [t for t in terms if isinstance(t, syntax.Juxtaposition | syntax.Product)]
    return len(nodes) == 2 and any(list(product.items) == nodes for product in products)


def _make(shapes: Iterable[Shape], new: Callable[[], Shape]) -> bool:
    """Give shapes that are unknown a rank; returns whether there was one."""
    found = False
    for shape in shapes:
        if shape.known is None:
            found = unify(shape, new())
    return found


def _is_fixed(node: Node) -> bool:
    """Whether a stack is an array of numbers."""
    match node:
        case syntax.Stack(items=items):
            return all(_is_fixed(item) for item in items)
        case syntax.Number() | syntax.Negative(operand=syntax.Number()):
            return True
        case _:
            return False


def _fixed_shape(items: tuple[Node, ...]) -> Shape:
    """The shape of an array of numbers: a list of them, or a list of rows."""
    inner = [item.items for item in items if isinstance(item, syntax.Stack)]
    if not inner:
        return Shape((Axis(str(len(items))),))
    return Shape((Axis(str(len(items))), Axis(str(len(inner[0])))))


def _names_a_matrix(product: Contraction) -> bool:
    """Whether what stands behind is named as matrices are, or contracted by '@'."""
    return product.sign == "@" or product.right.name[:1].isupper()


def _unknowns(constraint: Constraint) -> int:
    """Count the unknown shapes of a constraint."""
    return sum(shape.known is None for shape in (*_operands(constraint), _result(constraint)))


def _operands(constraint: Constraint) -> tuple[Shape, ...]:
    match constraint:
        case Elementwise(operands=operands):
            return tuple(term.shape for term in operands)
        case Contraction(left=left, right=right) | Outer(left=left, right=right):
            return (left.shape, right.shape)
        case Transposition(operand=operand):
            return (operand.shape,)
        case Assignment(right=right):
            return (right.shape,)
        case _:
            return ()


def _result(constraint: Constraint) -> Shape:
    return constraint.target if isinstance(constraint, Assignment) else constraint.result


def is_peephole(behind: list[Node], equation: ScopedEquation, scope: Scope) -> bool:
    """Whether a product looks like that of a peephole: with a state that is kept entry by entry, beside another's.

    Papers print the diagonal weights of peepholes as matrices before the cell state.
    """
    match behind:
        case [syntax.Variable(name=name)] if scope.symbols.get(name) is not None:
            if scope.symbols[name].kind != "state" or not _is_kept(name, scope):
                return False
            return any(other != name for other in _states_beside(equation, scope))
        case _:
            return False


def _is_kept(name: str, scope: Scope) -> bool:
    """Whether a state's next value has its old one as a factor of a product of entries."""
    update = next((e for e in scope.equations if e.target.name == name and e.target.next), None)
    if update is None:
        return False
    tops = [update.right] if not isinstance(update.right, syntax.Sum) else [t for _, t in update.right.terms]
    return any(
        isinstance(top, syntax.Product | syntax.Juxtaposition) and any(_is_old(item, name) for item in top.items)
        for top in tops
    )


def _is_old(node: Node, name: str) -> bool:
    match node:
        case syntax.Variable(name=found, next=False, letters=None):
            return found == name
        case _:
            return False


def _states_beside(equation: ScopedEquation, scope: Scope) -> set[str]:
    """States that a weight multiplies in an equation."""
    found = set()
    for node in syntax.walk(equation.right):
        if isinstance(node, syntax.Product | syntax.Juxtaposition):
            for item in node.items[1:]:
                inside = [item, *(item.items if isinstance(item, syntax.Stack) else ())]
                found |= {v.name for v in inside if isinstance(v, syntax.Variable) and v.name in scope.symbols
                          and scope.symbols[v.name].kind == "state"}  # fmt: skip
    return found


def atoms_of(shape: Shape) -> list[Axis]:
    """Every axis of a shape without further blocks, in order."""
    return [block for axis in shape.known or () for block in blocks_of(axis)]
