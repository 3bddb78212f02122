"""Points that are timed: sizes, grids of them, and the two measurements made at each."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

FORWARD, BOTH = "forward", "forward + backward"
MEASURES = (FORWARD, BOTH)
"""The README's calls with their defaults: forward, which keeps what a backward pass needs (of peers: inference, which
keeps nothing), and forward + backward with every gradient."""

TANGENT = "tangents"
"""n directions of h along a trajectory that is there."""

SECOND = "Hessian product"
"""The product with the Hessian, along a direction of all parameters, of a run that is there; with every result."""

JOINED = "+"
"""Between the layers of a point's cell, which is a stack of them then."""

CELLS = ("rnn", "lstm", "gru_torch")
DTYPES = ("float32", "float64")


@dataclass(frozen=True, order=True)
class Point:
    """A size to time: time steps T, batch B, hidden size n, which is the input size too, and dtype."""

    cell: str
    dtype: str
    steps: int
    batch: int
    hidden: int

    @property
    def words(self) -> str:
        """For progress and messages."""
        return f"{self.cell} {self.dtype} T={self.steps} B={self.batch} n={self.hidden}"


def _spread() -> Iterable[Point]:
    """Each cell and dtype at four sizes; together the three cells meet every n twice and every B."""
    sizes = {
        "rnn": ((1, 8), (16, 32), (64, 128), (16, 512)),
        "lstm": ((1, 32), (16, 64), (64, 128), (16, 256)),
        "gru_torch": ((64, 8), (1, 64), (16, 256), (1, 512)),
    }
    for dtype, cell in product(DTYPES, CELLS):
        for batch, hidden in sizes[cell]:
            yield Point(cell, dtype, 100, batch, hidden)


DEFAULT = tuple(_spread())
QUICK = (
    Point("lstm", "float32", 100, 1, 32),
    Point("lstm", "float32", 100, 16, 128),
    Point("lstm", "float64", 100, 16, 64),
    Point("gru_torch", "float32", 100, 16, 64),
)
FULL = tuple(
    Point(*p) for p in product(CELLS, DTYPES, (100, 1000), (1, 16, 64), (8, 32, 64, 128, 256, 512))
)  # fmt: skip
GRIDS = {"quick": QUICK, "default": DEFAULT, "full": FULL}


def points_of_cells(cells: Iterable[str]) -> tuple[Point, ...]:
    """Points for cells beyond the three: one size against other code, and sizes that products dominate."""
    sizes = (("float64", 64), ("float32", 128), ("float64", 128), ("float32", 256), ("float64", 256))
    return tuple(Point(cell, dtype, 100, 16, hidden) for cell in cells for dtype, hidden in sizes)
