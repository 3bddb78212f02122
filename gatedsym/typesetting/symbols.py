"""Tensors of a Program → the letters that a page prints for them, and which of them it prints at all.

``h`` becomes h_{t-1}, ``h'`` h_t, ``a_i`` a_{i,t}, ``d_i`` ī_t. What the engine introduced on its way, a product with a
matrix or the tanh of a state, has no letter: it stands where it is used, as the formula that it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sympy as sp

from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.program import BATCHLESS, INDEX_LETTERS, Contraction, Pointwise, Program, Solve, Statement, Tensor
from gatedsym.typesetting.fixed_arrays import array_box
from gatedsym.typesetting.notation import (
    ACCENTS,
    GREEK,
    Box,
    Name,
    Number,
    Op,
    Row,
    bar,
    index_box,
    name_box,
    superscript,
    time_box,
)

SHORT_PRODUCT = 3
"""A product of at most so many symbols needs no letter of its own."""

BACK = Op("←")
"""The mark of what a later step sends back."""


class Symbols:
    """The letters of a step and of what has been derived from it.

    Parameters
    ----------
    primal : Program
        One step of the cell.
    derived : iterable of Program
        Programs that name sources and values of the step.
    inline : iterable of str
        Further names that get no letter.
    letters : Letters, optional
        Shared by the Symbols of one page, so that a letter means the same everywhere.

    Attributes
    ----------
    totals : frozenset of str
        Results that the step itself reads: their adjoint is more than what arrives from outside.
    """

    def __init__(
        self,
        primal: Program,
        derived: Iterable[Program] = (),
        inline: Iterable[str] = (),
        letters: Letters | None = None,
    ) -> None:
        self.primal = primal
        self.programs = (primal, *derived)
        self.tensors: dict[str, Tensor] = {}
        self.definitions: dict[str, Statement] = {}
        for program in self.programs:
            for tensor in program.tensors:
                self.tensors.setdefault(tensor.name, tensor)
            self.definitions.update(program.definitions)
        self._inline = frozenset(inline)
        self._inlined: dict[str, bool] = {}
        self._letters = letters or Letters(primal)
        self.rows = self._letters.rows
        self._parts = self._find_parts()
        self.totals = frozenset(t.of for t in self.tensors.values() if t.role == "adjoint" and t.of in primal.results)

    def _find_parts(self) -> frozenset[str]:
        """Adjoints that only collect one share of another adjoint of the same tensor."""
        found = set()
        for statement in self.definitions.values():
            whole = self.tensors[statement.target.name]
            if whole.role not in ("adjoint", "jacobian"):
                continue
            for ref in statement.operands:
                part = self.tensors[ref.name]
                if (
                    part.role == whole.role
                    and part.of == whole.of
                    and isinstance(self.definitions.get(ref.name), Contraction)
                ):
                    found.add(ref.name)
        return frozenset(found)

    def inlined(self, name: str) -> bool:
        """True if the tensor is printed as the formula that defines it."""
        if name not in self._inlined:
            self._inlined[name] = self._is_inlined(name)
        return self._inlined[name]

    def _is_inlined(self, name: str) -> bool:
        if name in self._inline or name in self._parts:
            return True
        definition, tensor = self.definitions.get(name), self.tensors[name]
        if definition is None or tensor.named or tensor.role not in ("local", "parameter"):
            return False
        if isinstance(definition, Contraction):
            return definition.reduction == "sum" or len(definition.target.indices) == 0
        if isinstance(definition, Solve):
            return True
        short = is_application(definition.expression) or _is_short_product(definition)
        return short or self._belongs_to_a_system(definition)

    def passed_silently(self, name: str) -> bool:
        """True for a product or a solution without a letter: its readers speak of what it is made of."""
        return not isinstance(self.definitions.get(name), Pointwise | None) and self.inlined(name)

    def _belongs_to_a_system(self, definition: Pointwise) -> bool:
        """True for a matrix or a right side that nobody named, and for what is the opposite of a solution."""
        readers = [s for s in self.definitions.values() if any(r.name == definition.target.name for r in s.operands)]
        given = all(isinstance(self.definitions.get(r.name), Solve) for r in definition.operands)
        return bool(readers) and (
            all(isinstance(s, Solve) for s in readers) or (given and (-definition.expression).is_Symbol)
        )

    def named(self, name: str) -> bool:
        return not self.inlined(name)

    def box(self, name: str) -> Box:
        """The letter of a tensor."""
        tensor = self.tensors[name]
        if tensor.role == "identity":
            return Name("I")
        if tensor.role == "fixed":
            return array_box(tensor)
        if tensor.role in ("cotangent", "adjoint"):
            return self._adjoint_box(tensor)
        return name_box(self._base(tensor), self.time(name))

    def time(self, name: str) -> Box | None:
        """Time at which the tensor is taken, None if it is the same at every step."""
        tensor = self.tensors[name]
        if tensor.role in ("input", "state"):
            return time_box(tensor.lag)
        if tensor.role in BATCHLESS:
            return None
        if name in self.primal and name not in self.primal.batched:
            return None
        return time_box(0)

    def free(self, *wishes: str) -> Name:
        """The first of some letters that the cell does not use itself."""
        return self._letters.free(*wishes)

    def index(self, index: str) -> Box:
        """The box of an index, in a letter that no vector of the cell has."""
        return index_box(self._letters.index(index))

    def _base(self, tensor: Tensor) -> str:
        if tensor.role in ("input", "state", "next") and tensor.of:
            return tensor.of
        name = tensor.name.replace("'", "")
        if (
            tensor.named
            or all(is_letter(part) for part in name.split("_"))
            or tensor.role not in ("local", "parameter")
        ):
            return name
        return self._letters.engine(tensor.name)

    def _adjoint_box(self, tensor: Tensor) -> Box:
        """ā of a; of a state's previous value what this step sends back to it."""
        primal = self.primal[tensor.of]
        if primal.role == "state" or (primal.role == "input" and len(self.delays(primal.of or primal.name)) > 1):
            return self.sent_back(tensor.of)
        if tensor.role == "cotangent" and tensor.of in self.totals:
            return self.arriving(tensor.of)
        return self.adjoint_of(tensor.of)

    def adjoint_of(self, name: str) -> Box:
        """The bar over a letter (tensors without a letter never come here)."""
        return bar(self.box(name))

    def sent_back(self, name: str) -> Box:
        """h̄^←_{t-1}: what step t sends back to a state's previous value."""
        several = len(self.delays(self.tensors[name].of or name)) > 1
        return superscript(bar(self.box(name)), lag_mark(self.tensors[name].lag) if several else BACK)

    def arriving(self, name: str) -> Box:
        """Symbol of what comes from outside the step to a result: all its delays' shares are one symbol here."""
        return superscript(bar(self.box(name)), BACK if self.primal[name].role == "next" else Op("∘"))

    def delays(self, name: str) -> list[int]:
        """The delays at which the step reads a state or an input."""
        return sorted(t.lag for t in self.primal.tensors if t.role in ("state", "input") and (t.of or t.name) == name)

    def leaves(self, name: str) -> list[str]:
        """The lettered tensors that the formula of an inlined tensor ends in."""
        if not self.inlined(name):
            return [name]
        found = [leaf for ref in self.definitions[name].operands for leaf in self.leaves(ref.name)]
        return list(dict.fromkeys(found))


def is_application(expression: sp.Expr) -> bool:
    """True for one function of symbols and numbers: tanh(c), sigmoid(-a), step(a - 1)."""
    return (
        bool(expression.is_Function)
        and type(expression).__name__ in FUNCTIONS
        and all(
            a.is_polynomial() and len(a.free_symbols) <= a.count_ops() + 1 <= SHORT_PRODUCT for a in expression.args
        )
    )


def is_letter(part: str) -> bool:
    """True for what a page prints as one letter, with an accent or a number at most."""
    return len(part.rstrip("0123456789")) <= 1 or part in GREEK or part in ACCENTS


def lag_mark(lag: int) -> Box:
    """←2: sent back by the step that reads the value two steps later."""
    return Row((BACK, Number(str(lag))))


class Letters:
    """Letters that a cell uses, and those that a page may use beside them; `rows`: its vectors are rows."""

    def __init__(self, program: Program, rows: bool = False) -> None:
        self.rows = rows
        typed = [t.of or t.name for t in program.tensors if t.named or t.role != "local"]
        self._used = {name.split("_")[0].rstrip("0123456789'") for name in typed}
        self._indices: dict[str, str] = {}
        self._engine: dict[str, int] = {}

    def free(self, *wishes: str) -> Name:
        """The first letter that is not used; the last one if all are."""
        return Name(next((w for w in wishes if w not in self._used), wishes[-1]))

    def index(self, index: str) -> str:
        """The index itself, or another letter where a vector of the cell has it."""
        letter, digits = index[:1], index[1:]
        if letter not in self._used:
            return index
        if letter not in self._indices:
            # No letter that a formula with five indices, a product of two matrices at most, has besides.
            taken = self._used | set(self._indices.values()) | set(INDEX_LETTERS[:5])
            spare = [c for c in "rsuvwabcde" if c not in taken]
            self._indices[letter] = spare[0] if spare else letter
        return self._indices[letter] + digits

    def engine(self, name: str) -> str:
        """u_1, u_2, …: letters for what the engine named."""
        number = self._engine.setdefault(name, len(self._engine) + 1)
        return f"{self.free('u', 'e', 'w', 'y', 'v').text}_{number}"


def _is_short_product(statement: Pointwise) -> bool:
    expression = statement.expression
    factors: Sequence[sp.Expr] = expression.args if expression.is_Mul else (expression,)
    return len(factors) <= SHORT_PRODUCT and all(f.is_Symbol for f in factors)
