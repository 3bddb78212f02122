"""Cells and a count → a hidden size for each, at which it has as many parameters or operations as another."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.execution.layouts import axes_shape
from gatedsym.expect import expect_choice, expect_whole
from gatedsym.flow.ensemble import Cells, read_cells
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.sizes import asked_sizes, free_sizes

if TYPE_CHECKING:
    import sympy as sp
    import xarray as xr

COUNTS: Mapping[str, str] = {"parameters": "parameters", "operations": "operations in a step"}
"""By what cells are matched, and what that is in words."""
LARGEST = 1 << 24
"""Hidden sizes beyond this are not looked at."""
_GAP = 4096
"""Sizes in a row that equations may exclude."""


class Matched(int):
    """A hidden size, to be given as ``n=``, that remembers what it was chosen by.

    Attributes
    ----------
    cell, like : str
        Names.
    like_n : int
        Hidden size of `like`.
    by : {"parameters", "operations"}
    count, target : int
        Of the cell at this size, and of `like`.
    sizes : dict of str to int
        Of all dimensions of the cell.

    Examples
    --------
    >>> import gatedsym as gs
    >>> n = gs.match("gru", like="lstm", n=8, m=2)
    >>> n + 0, n.by, n.count - n.target
    (9, 'parameters', -28)
    """

    cell: str
    like: str
    like_n: int
    by: str
    count: int
    target: int
    sizes: dict[str, int]

    def __new__(cls, n: int, **told: Any) -> Matched:
        self = super().__new__(cls, n)
        self.__dict__.update(told)
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _matched, (int(self), self.__dict__)

    @property
    def difference(self) -> float:
        """The share by which the cell is larger than `like`: -0.01 where it has one part in a hundred less."""
        return self.count / self.target - 1

    def __str__(self) -> str:
        return str(int(self))

    def __repr__(self) -> str:
        return (
            f"{int(self)} ({self.by}: {self.cell} {self.count:,}, {self.like} at n = {self.like_n} {self.target:,}, "
            f"{100 * self.difference:+.2g} %)"
        )


def _matched(n: int, told: Mapping[str, Any]) -> Matched:
    return Matched(n, **told)


def match(
    cell: Cell | str, *, like: Cell | str, n: int, m: int | None = None, by: str = "parameters", **dimensions: int
) -> Matched:
    """Choose the hidden size at which a cell has as many parameters, or operations, as another cell.

    Parameters
    ----------
    cell : Cell or str
        The cell whose size is chosen: a cell, a name of the library, or equations.
    like : Cell or str
        The cell that it is to be as large as.
    n : int
        Hidden size of `like`.
    m : int, optional
        Size of what both read; `n` where it is not given, as in a layer that reads another one.
    by : {"parameters", "operations"}
        Numbers in all parameters; or operations of one step of one sequence: multiplications, additions and calls of
        functions, without what parameters alone give.
    **dimensions : int
        Sizes of further dimensions, of whichever cell has them. Those that are not given follow from the equations
        (``p = n/2`` grows with the hidden size); of those that are open, the ones that only inputs have are `m`, the
        others grow as the hidden size does.

    Returns
    -------
    Matched
        An int: the size, 1 at least, whose count is nearest, the smaller one of two that are as near. It shows both
        counts and has them as attributes.

    Raises
    ------
    ArgumentError
        If a size cannot be used, or the count does not grow with the hidden size.

    Examples
    --------
    >>> import gatedsym as gs
    >>> n = gs.match("gru", like="lstm", n=64, m=32)
    >>> n
    76 (parameters: gru 24,852, lstm at n = 64 24,832, +0.081 %)
    >>> gs.cell("gru").init(m=32, n=n)["U_r"].shape
    (76, 76)
    """
    expect_choice("by", by, COUNTS)
    n, mine, theirs = expect_whole("n", n, 1), read_one("cell", cell), read_one("like", like)
    m = n if m is None else expect_whole("m", m, 1)
    known = {d.name for one in (mine, theirs) for d in one.interface.dimensions}
    for name in dimensions:
        if name not in known:
            raise ArgumentError(
                f"neither {mine.name} nor {theirs.name} has a dimension {name!r}; they have {', '.join(sorted(known))}."
            )
    count, target = Count(mine, by, m, dimensions), _target(Count(theirs, by, m, dimensions), n)
    chosen = _nearest(count, target)
    return Matched(
        chosen, cell=mine.name, like=theirs.name, like_n=n, by=by, count=count(chosen), target=target,
        sizes=count.sizes(chosen),
    )  # fmt: skip


def read_one(name: str, given: Cell | str) -> Cell:
    """A cell from a cell, a name of the library, or equations."""
    from gatedsym.cells import cell as from_library

    if isinstance(given, Cell):
        return given
    if not isinstance(given, str):
        raise ArgumentError(f"{name} is {type(given).__name__}: give a cell, a name of the library, or equations.")
    # Equations hold a sign or a space at least: a bare word is a name, perhaps a wrong one.
    return from_library(given) if given.strip().isidentifier() else Cell(given, name)


class SizedCell(Cell):
    """A cell with a hidden size of its own, which an analysis gives it in place of the one that is asked for.

    Attributes
    ----------
    hidden_size : int
    """

    def __init__(self, cell: Cell, hidden_size: int) -> None:
        self.__dict__.update(cell.__dict__)  # with all that the cell has worked out
        self.hidden_size = hidden_size

    def __getstate__(self) -> dict[str, Any]:
        """The parts that make the cell, and its size."""
        return {**super().__getstate__(), "hidden_size": self.hidden_size}

    def __eq__(self, other: object) -> bool:
        """Whether both are the same cell at the same size."""
        return isinstance(other, SizedCell) and self.hidden_size == other.hidden_size and bool(super().__eq__(other))

    __hash__ = Cell.__hash__

    def variant(self, name: str, edits: Mapping[str, str], lines: str = "") -> Cell:
        """The edited cell at the same size."""
        return SizedCell(super().variant(name, edits, lines), self.hidden_size)


@dataclass(frozen=True)
class Row:
    """A cell, its hidden size, and its count there."""

    cell: str
    n: int
    count: int


@dataclass(frozen=True)
class Matching:
    """Sizes of cells that are compared at as many parameters, or operations.

    Attributes
    ----------
    by : {"parameters", "operations"}
    rows : tuple of Row
        The first is the cell that the others were matched to.
    cells : tuple of Cell
        Each with its size.
    """

    by: str
    rows: tuple[Row, ...]
    cells: tuple[Cell, ...]

    @property
    def counted(self) -> str:
        """The count's name, in words."""
        return COUNTS[self.by]

    @property
    def attributes(self) -> dict[str, Any]:
        """Attributes of a dataset that was measured at these sizes."""
        return {
            "matched": self.by, "matched_to": self.rows[0].cell, "hidden_sizes": [row.n for row in self.rows],
            "matched_counts": [row.count for row in self.rows],
        }  # fmt: skip


def matching(cells: Sequence[Cell], features: int, n: int, by: str) -> Matching:
    """Give each cell but the first the hidden size at which it is as large as the first one.

    Parameters
    ----------
    cells : sequence of Cell
    features : int
        Size of what all of them read.
    n : int
        Hidden size of the first. A cell whose parameters are given keeps its own.
    by : {"parameters", "operations"}

    Raises
    ------
    ArgumentError
        If a size cannot be used, or the count of a cell does not grow with its hidden size.
    """
    expect_choice("match", by, COUNTS)
    n = expect_whole("n", n, 1)
    counts = [Count(cell, by, features, {}) for cell in cells]
    target = _target(counts[0], _given_size(cells[0], n))
    sizes = [n if k == 0 else _nearest(count, target) for k, count in enumerate(counts)]
    sizes = [_given_size(cell, size) for cell, size in zip(cells, sizes)]
    rows = tuple(Row(cell.name, size, count(size)) for cell, size, count in zip(cells, sizes, counts))
    sized = (cell if size == n else SizedCell(cell, size) for cell, size in zip(cells, sizes))
    return Matching(by, rows, tuple(c if hasattr(c, "given_sizes") else s for c, s in zip(cells, sized)))


def _given_size(cell: Cell, n: int) -> int:
    """The hidden size of a cell whose parameters are given, or n."""
    given: Mapping[str, int] = getattr(cell, "given_sizes", {})
    return given.get("n", n)


def measure_matched(
    function: Callable[..., xr.Dataset], by: str, cells: Cells, x: Reading, *, n: int, **options: Any
) -> xr.Dataset:
    """The dataset of an analysis whose cells have sizes of their own, with attributes that say which and by what.

    Parameters
    ----------
    function : callable
        ``function(cells, x, n=…, **options)``.
    by : {"parameters", "operations"}
    n : int
        Hidden size of the first cell.
    """
    source = read_source(x)
    found = matching(read_cells(cells), source.features, n, by)
    data = function(found.cells, source, n=n, **options)
    data.attrs |= found.attributes
    return data


def size_lines(data: xr.Dataset) -> list[str]:
    """Lines of a table: the hidden size of every cell of a dataset, and the count that it was chosen by; or none."""
    if "matched" not in data.attrs:
        return []
    by = str(data.attrs["matched"])
    lines = [f"{'cell':16}{'n':8}{by} (as many as {data.attrs['matched_to']})"]
    rows = zip(data.attrs["cells"], data.attrs["hidden_sizes"], data.attrs["matched_counts"])
    return lines + [f"{cell!s:16}{n!s:8}{count:,}" for cell, n, count in rows]


@dataclass(frozen=True)
class Count:
    """The count of a cell as its hidden size grows.

    Attributes
    ----------
    cell : Cell
    by : {"parameters", "operations"}
    m : int
        Size of what it reads.
    given : mapping of str to int
        Sizes of further dimensions; those that the cell does not have count for nothing.
    """

    cell: Cell
    by: str
    m: int
    given: Mapping[str, int]

    def sizes(self, n: int) -> dict[str, int]:
        """The size of every dimension at a hidden size."""
        own = {d.name for d in self.cell.interface.dimensions}
        asked = free_sizes(self.cell, self.m, n) | asked_sizes(self.cell, self.m, n)
        return self.cell.sizes(**asked | {d: size for d, size in self.given.items() if d in own})

    def __call__(self, n: int) -> int:
        """Parameters or operations at a hidden size."""
        sizes = self.sizes(n)
        if self.by == "parameters":
            return sum(math.prod(axes_shape(layout.axes, sizes)) for layout in self.cell.interface.parameters)
        return int(self._operations.subs({s: sizes[str(s)] for s in self._operations.free_symbols}))

    @cached_property
    def _operations(self) -> sp.Expr:
        from gatedsym.calculus.costs import count_costs

        return count_costs(self.cell.recurrence.program).operations

    def first_allowed(self, start: int, end: int) -> int | None:
        """The first hidden size from `start` on, below `end`, that the equations do not exclude."""
        for n in range(start, min(end, start + _GAP)):
            try:
                self.sizes(n)
            except ArgumentError:
                continue
            return n
        return None


def _target(count: Count, n: int) -> int:
    """The count of a cell that others are to reach."""
    if target := count(n):
        return target
    raise ArgumentError(f"{count.cell.name} has no {count.by} that another cell could have as many of: choose another.")


def _nearest(count: Count, target: int) -> int:
    """The hidden size whose count is nearest to the target, the smaller of two."""
    below = count.first_allowed(1, LARGEST)
    if below is None:
        count.sizes(1)  # says what is amiss
        raise ArgumentError(f"the equations of {count.cell.name} exclude every hidden size up to {_GAP}: mend them.")
    if count(below) >= target:
        return below
    while True:
        above = count.first_allowed(2 * below, LARGEST)
        if above is None or count(above) <= count(below):
            raise ArgumentError(
                f"the {count.by} of {count.cell.name} do not grow with its hidden size to the {target:,} that are "
                "asked for: choose its sizes yourself."
            )
        if count(above) >= target:
            break
        below = above
    end = above
    while end - below > 1:
        middle = (below + end) // 2
        found = count.first_allowed(middle, end)
        if found is not None and count(found) < target:
            below = found
        else:
            above, end = found or above, middle
    return min((below, above), key=lambda n: (abs(count(n) - target), n))
