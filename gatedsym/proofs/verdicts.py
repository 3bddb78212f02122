"""A cell → the verdicts on all that is to be proven of it, as a list that shows itself as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload

from gatedsym.cells import Cell
from gatedsym.execution.notebook import table
from gatedsym.offers import offer
from gatedsym.proofs.cell import Verdict, prove_cell


class Verdicts(Sequence[Verdict]):
    """Verdicts on a cell, in the order of `gatedsym prove`.

    Parameters
    ----------
    name : str
        The cell's.
    verdicts : sequence of Verdict

    Examples
    --------
    >>> import gatedsym as gs
    >>> found = gs.Cell("x, h in R^n; U in R^(n x n)\\nh' = tanh(U @ h + x)", "mine").prove()
    >>> found.proven
    True
    >>> found[1].statement
    'the adjoint'
    """

    def __init__(self, name: str, verdicts: Sequence[Verdict]) -> None:
        self.name, self._verdicts = name, tuple(verdicts)

    @property
    def proven(self) -> bool:
        """Whether every statement is proven: none is refuted, none undecided."""
        return all(verdict.proof is not None for verdict in self)

    @overload
    def __getitem__(self, index: int) -> Verdict: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Verdict]: ...
    def __getitem__(self, index: int | slice) -> Verdict | Sequence[Verdict]:
        return self._verdicts[index]

    def __len__(self) -> int:
        return len(self._verdicts)

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self._verdicts)

    def __eq__(self, other: object) -> bool:
        """Whether both have the same words on the same statements of a cell of that name."""
        if not isinstance(other, Verdicts):
            return NotImplemented
        return self.name == other.name and [(v.word, v.statement) for v in self] == [
            (v.word, v.statement) for v in other
        ]

    def __hash__(self) -> int:
        return hash((self.name, len(self)))

    def __repr__(self) -> str:
        return "\n".join([self._summary, *(f"  {v.word}  {v.statement}: {how(v)}" for v in self)])

    @property
    def _summary(self) -> str:
        words = [verdict.word for verdict in self]
        counts = [f"{words.count(word)} {word}" for word in ("proven", "undecided", "FAILED") if word in words]
        return f"{self.name}: {', '.join(counts)}"

    def _repr_html_(self) -> str:
        rows = [(verdict.word, verdict.statement, how(verdict)) for verdict in self]
        return table(("", "statement", "by"), rows, self._summary)


def how(verdict: Verdict) -> str:
    """Manner of a proof in words, or why there is none."""
    return ", ".join(verdict.proof.notes) if verdict.proof is not None else verdict.failure


@offer("Cell.prove")
def verdicts_on(cell: Cell) -> Verdicts:
    """Prove all that is to be proven of a cell."""
    return Verdicts(cell.name, list(prove_cell(cell)))
