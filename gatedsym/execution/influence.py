"""A run → what online learning needs of each step: the Jacobian, and how parameters act on the next states at once.

Real-time recurrent learning carries the influence P of the parameters on the states: P ← J P + ∂s'/∂θ. A weight acts on
a state within a step as a slope times a load, with zeros elsewhere: here they are kept apart, so that nobody has to
hold the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from gatedsym.errors import UnknownNameError
from gatedsym.execution.named_arrays import unknown
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.results import Run, trajectory_values
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.calculus.influence import Factored
    from gatedsym.execution.kernels import CallShape


@dataclass(frozen=True, eq=False)
class Term:
    """One way by which a parameter acts on a next state within a step: a slope times a load.

    Attributes
    ----------
    through : str
        The name of the product in which the parameter stands; its own where it is no product.
    slope : array (T, B, …)
        With the axes of the next state, and behind them those of `through` that do not equal one of these.
    load : array (T, B, …), optional
        The other factor of the product; None where there is none.
    pattern : str
        The derivative in entries: ``slope[j]*x[l] where k = j``.
    spelled : str
        The same as what ``numpy.einsum`` takes: slope, load, and an identity for each pair of indices that are equal.
    identities : tuple of array
        These.
    """

    through: str
    slope: Array
    load: Array | None
    pattern: str
    spelled: str
    identities: tuple[Array, ...]

    def dense(self) -> Array:
        """The derivative in full, (T, B, axes of the state, axes of the parameter)."""
        factors = [self.slope, *([] if self.load is None else [self.load]), *self.identities]
        found: Array = np.einsum(self.spelled, *factors)
        return found


@dataclass(frozen=True, eq=False)
class Immediate:
    """The derivative of a next state by a parameter within each step: a sum of terms; none where it is zero.

    Attributes
    ----------
    of, parameter : str
    terms : tuple of Term
    shape : tuple of int
        (T, B, axes of the state, axes of the parameter), of `dense`.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn = gs.cell("rnn")
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> run = rnn.forward(params, x)
    >>> found = rnn.influence(params, run).immediate["h'", "b"]
    >>> found.pattern, found.shape
    ('slope[j] where k = j', (4, 1, 3, 3))
    >>> int(found.zeros.sum()), found.dense().shape
    (6, (4, 1, 3, 3))
    """

    of: str
    parameter: str
    terms: tuple[Term, ...]
    shape: tuple[int, ...]

    @property
    def pattern(self) -> str:
        """The derivative in entries, with its zeros."""
        return " + ".join(term.pattern for term in self.terms) or "0"

    @property
    def zeros(self) -> Array:
        """The places that are zero whatever the numbers are, of bool, (axes of the state, axes of the parameter)."""
        may = np.zeros(self.shape[2:], bool)
        for term in self.terms:
            ones = [np.ones((1, 1, *a.shape[2:])) for a in (term.slope, term.load) if a is not None]
            may |= np.einsum(term.spelled, *ones, *term.identities)[0, 0] != 0
        return ~may

    def dense(self) -> Array:
        """The derivative in full, (T, B, axes of the state, axes of the parameter)."""
        total = np.zeros(self.shape)
        for term in self.terms:
            total += term.dense()
        return total

    def __repr__(self) -> str:
        return f"<∂{self.of}/∂{self.parameter} = {self.pattern}>"


class _Influences(dict[Any, Immediate]):
    """Influences by (next state, parameter): a wrong pair gets a sentence."""

    def __init__(self, found: Mapping[Any, Immediate], cell: str) -> None:
        super().__init__(found)
        self._cell = cell

    def __missing__(self, pair: object) -> Immediate:
        raise UnknownNameError(unknown(pair, f"influences of {self._cell}", self))


class Influence:
    """The result of `Cell.influence`: what real-time recurrent learning needs of each step of a run.

    Attributes
    ----------
    jacobian : dict of (next state, state) to array
        As `Cell.jacobian` gives it: ``J["h'", "h"]`` is (T, B, n, n).
    immediate : dict of (next state, parameter) to Immediate
        How each parameter acts on each next state within the step; a parameter that is several parts has one for each.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn = gs.cell("rnn")
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> run = rnn.forward(params, x)
    >>> influence = rnn.influence(params, run)
    >>> influence.jacobian["h'", "h"].shape
    (4, 1, 3, 3)
    >>> influence.immediate["h'", "W"].dense().shape
    (4, 1, 3, 3, 2)
    """

    def __init__(self, cell: RecurrentCell, jacobian: dict[Any, Array], immediate: dict[Any, Immediate]) -> None:
        self._cell, self.jacobian = cell, jacobian
        self.immediate = immediate

    def __repr__(self) -> str:
        lines = [f"∂{of}/∂{parameter} = {found.pattern}" for (of, parameter), found in self.immediate.items()]
        return "\n".join([f"influence of the parameters of {self._cell.name} within a step", *lines])

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import table

        rows = [
            (f"∂{of}/∂{parameter}", found.pattern, " × ".join(map(str, found.shape)))
            for (of, parameter), found in self.immediate.items()
        ]
        caption = f"influence of the parameters of {self._cell.name} within a step"
        jacobian: str = self.jacobian._repr_html_()  # type: ignore[attr-defined]
        return table(("", "in entries", "shape in full"), rows, caption) + jacobian


class Along(NamedTuple):
    """The steps along which influences are computed.

    Attributes
    ----------
    sources : dict of str to array
        Those of a cell's Program, (S, R, …), parameters without S and R.
    call_shape : CallShape
        With S steps of R rows.
    shape : tuple of int
        (T, B) of what is shown.
    show : callable
        From arrays (S, R, …) to arrays (T, B, …).
    """

    sources: dict[str, Array]
    call_shape: CallShape
    shape: tuple[int, int]
    show: Callable[[Array], Array]

    @classmethod
    def of_run(cls, run: Run) -> Along:
        """All steps of all sequences."""
        shape = (run.call_shape.steps, run.call_shape.batch)
        sources = trajectory_values(run, run.cell.recurrence.program)
        return cls(sources, run.call_shape, shape, lambda rows: rows)


def influence(cell: RecurrentCell, along: Along, jacobian: dict[Any, Array]) -> Influence:
    """The immediate influence of all parameters along a run, beside its Jacobian."""
    from gatedsym.calculus.influence import derive_influence
    from gatedsym.ir.evaluate import NUMPY, evaluate

    program = cell.recurrence.program
    sources = {n: v for n, v in along.sources.items() if n in program.sources}
    values = evaluate(program, sources, NUMPY, along.call_shape.sizes)
    parameters = [part for layout in cell.interface.parameters for part in layout.parts]
    following = [n for n in program.results if program[n].role == "next"]
    found: dict[tuple[str, str], Immediate] = {}
    for of in following:
        for parameter in parameters:
            key = ("influence", of, parameter)
            factored = cell.memo.of(key, lambda of=of, p=parameter: derive_influence(program, of, p))  # type: ignore[misc]
            dims = (*program[of].dims, *program[parameter].dims)
            shape = (*along.shape, *along.call_shape.lengths(dims))
            terms = tuple(_term(along, part, values) for part in factored)
            found[of, parameter] = Immediate(of, parameter, terms, shape)
    return Influence(cell, jacobian, _Influences(found, cell.name))


def _term(along: Along, part: Factored, values: Mapping[str, Array]) -> Term:
    """A term with its numbers along a run."""
    from gatedsym.ir.evaluate import NUMPY, evaluate

    call_shape, program = along.call_shape, part.program
    given = {n: values[n] for n in program.sources if n in values}
    if part.ones:
        given[part.ones] = np.ones(call_shape.lengths(program[part.ones].dims))
    (result,) = program.results
    lead = (call_shape.steps, call_shape.batch)
    slope = evaluate(program, given, NUMPY, call_shape.sizes)[result]
    slope = np.broadcast_to(slope, (*lead, *call_shape.lengths(program[result].dims)))
    load = None
    if part.load:
        rank = len(part.loads)
        own = values[part.load]
        load = np.broadcast_to(own, (*lead, *own.shape[own.ndim - rank :]))
    sizes = dict(zip((*part.rows, *(() if part.ones else part.columns)), slope.shape[2:], strict=True))
    tied = part.tied if part.ones else {}
    identities = tuple(np.eye(sizes[row]) for row in tied.values())
    slope, load = along.show(slope), None if load is None else along.show(load)
    return Term(part.through, slope, load, _pattern(part, tied), _spelled(part, tied), identities)


def _slope_indices(part: Factored) -> tuple[str, ...]:
    return part.rows if part.ones else (*part.rows, *part.columns)


def _spelled(part: Factored, tied: Mapping[str, str]) -> str:
    """The subscripts for einsum: the indices of slope, load and identities, and of the whole."""
    letters = dict(zip(dict.fromkeys((*part.rows, *part.columns, *part.axes, *part.loads)), _LETTERS, strict=False))

    def spell(indices: tuple[str, ...]) -> str:
        return "".join(letters[i] for i in indices)

    factors = [f"TB{spell(_slope_indices(part))}", *([f"TB{spell(part.loads)}"] if part.load else [])]
    factors += [spell((row, column)) for column, row in tied.items()]
    return f"{','.join(factors)}->TB{spell((*part.rows, *part.axes))}"


_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def _pattern(part: Factored, tied: Mapping[str, str]) -> str:
    """The derivative in entries: the indices of the state come first, then those of the parameter."""
    from gatedsym.ir.program import fresh_indices

    order = tuple(dict.fromkeys((*part.rows, *part.axes)))
    named = dict(zip(order, fresh_indices(len(order)), strict=True))

    def entry(name: str, indices: tuple[str, ...]) -> str:
        return f"{name}[{','.join(named[i] for i in indices)}]" if indices else name

    factors = [entry("slope", _slope_indices(part)), *([entry(part.load, part.loads)] if part.load else [])]
    where = ", ".join(f"{named[column]} = {named[row]}" for column, row in tied.items())
    return "*".join(factors) + (f" where {where}" if where else "")
