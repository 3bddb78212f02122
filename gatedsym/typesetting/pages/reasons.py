"""Reasons why each line of an adjoint holds, in a student's words, told from the statements that read the quantity."""

from __future__ import annotations

from collections.abc import Sequence

from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.program import Contraction, Pointwise, Solve
from gatedsym.messages import room
from gatedsym.typesetting.document import Span, Spans, listing, sentences
from gatedsym.typesetting.formulas import function_box
from gatedsym.typesetting.notation import Box, Gap, Level, Op, Piece, Row, entry, transpose
from gatedsym.typesetting.pages.linear_systems import reason_of_the_adjoint
from gatedsym.typesetting.pages.local_derivatives import contraction_matrix, derivative_boxes
from gatedsym.typesetting.pages.paths import Edge
from gatedsym.typesetting.pages.step import Numbering, Step

say = room("typesetting")


class Reasons:
    """Sentences for the lines of a page; what has been explained at length once is referred to later."""

    def __init__(self, step: Step, numbering: Numbering) -> None:
        self.step, self.numbering = step, numbering

    def of(self, name: str) -> Spans:
        """Reason of the adjoint of a tensor."""
        step = self.step
        edges = [e for s in step.users[name] for e in step.graph.edges[s.target.name] if e.by == name]
        contracted = [e for e in edges if isinstance(e.statement, Contraction)]
        pointwise = [e for e in edges if isinstance(e.statement, Pointwise)]
        parts: list[Span | Spans] = []
        if name in step.program.results:
            parts.append(self._from_outside(name))
        elif len(edges) > 1:
            parts.append(self._several(name, edges))
        for edge in pointwise:
            parts.append(self._pointwise(edge, len(edges) > 1))
        if contracted:
            parts.append(self._contractions(name, contracted))
        parts += [reason_of_the_adjoint(step, e) for e in edges if isinstance(e.statement, Solve)]
        return sentences(parts)

    def _from_outside(self, name: str) -> Spans:
        step = self.step
        if step.program[name].role == "next":
            back = step.backward.symbols.arriving(name)
            return say.spans("why-arrival", back=back, letter=step.letter(name))
        return say.spans("why-result", letter=step.letter(name))

    def _several(self, name: str, edges: Sequence[Edge]) -> Spans:
        step = self.step
        readers: list[str] = []
        for edge in edges:
            readers += (step.shown_users(edge.of) or [edge.of]) if step.primal.symbols.inlined(edge.of) else [edge.of]
        readers = list(dict.fromkeys(readers))
        letter = step.letter(name)
        if len(readers) == 1:
            return say.spans("why-twice", letter=letter, reader=step.letter(readers[0]))
        return say.spans("why-several", letter=letter, readers=listing([step.letter(n) for n in readers]))

    def _pointwise(self, edge: Edge, several: bool) -> Spans:
        """Chain rule through a function, product rule, or a sum that passes the adjoint on."""
        step = self.step
        statement = edge.statement
        if not isinstance(statement, Pointwise):
            return ()
        of, by = step.letter(edge.of), step.letter(edge.by)
        function = type(statement.expression).__name__
        left, right = derivative_boxes(step, edge)
        derivative = Row((left, Op("="), right))
        if function in FUNCTIONS:
            return self._chain_rule(function, derivative)
        if edge.derivative is not None and edge.derivative.expression.is_number:
            if edge.derivative.expression == 1:
                return say.spans("why-alone", by=by, of=of)
            return say.spans("why-number", of=of, derivative=derivative)
        symbols = statement.expression.diff(edge.ref.symbol).free_symbols
        return say.spans("why-quotient" if edge.ref.symbol in symbols else "why-product", derivative=derivative)

    def _chain_rule(self, function: str, derivative: Box) -> Spans:
        known = self.numbering.lines.get(f"function:{function}")
        spoken = say(f"spoken-{function}") if say.has(f"spoken-{function}") else function_box(function)
        if known:
            return say.spans("why-chain", function=spoken, number=known, derivative=derivative)
        return say.spans("why-chain-unnumbered", function=spoken, derivative=derivative)

    # Contractions.

    def _contractions(self, name: str, edges: Sequence[Edge]) -> Spans:
        products = [(e, m) for e in edges if _vectors(e) and (m := contraction_matrix(self.step, e)) is not None]
        others = [e for e in edges if e not in [p[0] for p in products]]
        parts: list[Span | Spans] = []
        if products:
            parts.append(self._transposed(name, products))
        if others:
            parts.append(self._index_exchange(name, others[0]))
        return sentences(parts)

    def _transposed(self, name: str, products: Sequence[tuple[Edge, Piece]]) -> Spans:
        """Reason why a matrix that acts on a vector appears transposed on the way back: at length the first time."""
        if "why:transposed" in self.numbering.lines:
            before = self.numbering.lines["why:transposed"]
            return (say("why-transposed-again", number=before, count=len(products)),)
        self.numbering.lines["why:transposed"] = self.numbering.used + 1
        edge, matrix = products[0]
        rows, target = self.step.recurrence.rows, self._into(edge)
        j, k = edge.statement.target.indices[0], edge.ref.indices[0]
        matrix = (contraction_matrix(self.step, edge, turned=True) or matrix) if rows else matrix
        u = entry(matrix.at(Level.ATOM), self.step.indices([k, j] if rows else [j, k]))
        v = entry(self.step.letter(name), self.step.indices([k]))
        barred, whole = self.step.primal.adjoint_of(target), transpose(matrix).box
        return say.spans(
            "why-transposed-rows" if rows else "why-transposed",
            result=self.step.at(target, (j,)),
            term=Row((v, Gap(), u) if rows else (u, Gap(), v)),
            entry=v,
            weight=u,
            summand=Row((entry(barred, self.step.indices([j])), Gap(), u)),
            index=self.step.indices([j])[0],
            adjoint=barred,
            matrix=whole,
        )

    def _into(self, edge: Edge) -> str:
        """The lettered tensor whose adjoint multiplies the contraction's."""
        step = self.step
        adjoint = f"d_{edge.of}"
        if adjoint in step.adjoint or not step.primal.symbols.inlined(edge.of):
            return edge.of
        users = step.users[edge.of]
        return users[0].target.name if len(users) == 1 else edge.of

    def _index_exchange(self, name: str, edge: Edge) -> Spans:
        step = self.step
        if isinstance(edge.statement, Contraction) and edge.statement.reduction == "max":
            return (say("why-maximum"),)
        product = step.primal.entries_of(edge.statement).whole()
        return say.spans("why-contraction", sum=product, factor=step.letter(name))

    # Parameters.

    def kind(self, name: str) -> str:
        """Sort of a parameter: "outer" (a matrix on a vector), "bias" (alone in a sum), or "" (other)."""
        edges = [e for s in self.step.users[name] for e in self.step.graph.edges[s.target.name] if e.by == name]
        if len(edges) != 1:
            return ""
        (edge,) = edges
        if isinstance(edge.statement, Contraction):
            return "outer" if _is_matrix_times_vector(edge) else ""
        return "bias" if edge.derivative is not None and edge.derivative.expression == 1 and edge.elementwise else ""

    def of_parameter(self, name: str) -> Spans:
        """Reason of one step's contribution to a parameter's gradient."""
        step = self.step
        edges = [e for s in step.users[name] for e in step.graph.edges[s.target.name] if e.by == name]
        return self._outer(name, edges[0]) if self.kind(name) == "outer" else self.of(name)

    def _outer(self, name: str, edge: Edge) -> Spans:
        step = self.step
        target = self._into(edge)
        statement = edge.statement
        other = next(r for n, r in enumerate(statement.operands) if n != edge.position)
        j = statement.target.indices
        u = step.at(name, edge.ref.indices)
        v = step.at(other.name, other.indices)
        return say.spans(
            "why-outer",
            result=step.at(target, j),
            term=Row((u, Gap(), v)),
            letter=step.letter(target),
            entry=v,
            summand=Row((entry(step.primal.adjoint_of(target), step.indices(j)), Gap(), v)),
        )


def _vectors(edge: Edge) -> bool:
    return len(edge.ref.indices) == 1 and len(edge.statement.target.indices) == 1


def _is_matrix_times_vector(edge: Edge) -> bool:
    statement = edge.statement
    return len(edge.ref.indices) == 2 and len(statement.operands) == 2 and len(statement.target.indices) == 1
