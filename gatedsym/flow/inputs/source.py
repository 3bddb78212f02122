"""Sources: what a person names as the input → the arrays that a cell reads for each seed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.sizes import resolve_sizes
from gatedsym.expect import shown
from gatedsym.files.read import require_unmasked
from gatedsym.flow.inputs.laws import Law, drawn_input, drawn_laws, main_input
from gatedsym.flow.inputs.series import Series, read_input
from gatedsym.ir.domain import Domain
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run


class Tensor(Protocol):
    """A tensor of another framework, by what torch's have; `gatedsym.flow.foreign` makes it an array."""

    def detach(self) -> Any:
        """The tensor without its history."""


Reading: TypeAlias = "str | Path | Series | Array | Source | Tensor"
"""The input of networks: a Series, a name or path that `read_input` knows, an array (T, B, m), or a source of these."""


@dataclass(frozen=True)
class Source:
    """Input for each seed: windows of a series (drawn anew for each seed), or one given array.

    Attributes
    ----------
    series : Series, optional
    array : array (T, B, m), optional
    """

    series: Series | None
    array: Array | None

    @property
    def features(self) -> int:
        """m."""
        return self.series.features if self.series is not None else int(self._given.shape[2])

    @property
    def classes(self) -> int:
        """Number of classes that a readout tells apart: the next symbol's, or 10 where the input is no text."""
        return self.features if self.series is not None and self.series.kind == "symbols" else 10

    @property
    def description(self) -> str:
        """The input in words, for a caption."""
        return self.series.description if self.series is not None else f"a given array of shape {self._given.shape}"

    @property
    def name(self) -> str:
        """Short name."""
        return self.series.name if self.series is not None else "array"

    @property
    def _given(self) -> Array:
        assert self.array is not None
        return self.array

    def lags_and_batch(self, lags: int, batch: int) -> tuple[int, int]:
        """The longest lag and the number of sequences: those asked for, or those of the array that is given."""
        if self.array is None:
            return lags, batch
        if self.array.shape[0] < 2 or 0 in self.array.shape:
            raise ArgumentError(
                f"x has shape {self.array.shape}, (time, batch, feature): "
                "give at least 2 steps, 1 sequence and 1 feature."
            )
        return self.array.shape[0] - 1, self.array.shape[1]

    def steps_and_batch(self, steps: int, batch: int) -> tuple[int, int]:
        """The numbers of steps and of sequences: those asked for, or those of the array that is given."""
        return (steps, batch) if self.array is None else (self.array.shape[0], self.array.shape[1])

    def draw(self, steps: int, batch: int, seed: int) -> tuple[Array, Array | None]:
        """Input (steps, batch, m), and the next symbol at each step (steps, batch) where the input is symbols."""
        if self.series is None:
            return self._given, None
        if self.series.kind != "symbols":
            return self.series.windows(steps, batch, seed), None
        longer = self.series.windows(steps + 1, batch, seed)
        return np.ascontiguousarray(longer[:-1]), longer[1:].argmax(axis=-1)


def read_source(x: Reading) -> Source:
    """The source of an input: of a Series, a name or path that `read_input` knows, or an array (T, B, m)."""
    if isinstance(x, Source):
        return x
    if isinstance(x, Series):
        return Source(x, None)
    if isinstance(x, str | Path):
        return Source(read_input(x), None)
    require_unmasked("x", x)
    try:
        array = np.asarray(x, dtype=np.float64)
    except (TypeError, ValueError):
        raise ArgumentError(f"x is {shown(x)}: give numbers (time, batch, feature), a name or a path.") from None
    if array.ndim != 3:
        raise ArgumentError(f"x has shape {array.shape}: give (time, batch, feature).")
    return Source(None, array)


def run_forward(cell: Cell, params: Mapping[str, Array], x: Array, **options: Any) -> Run:
    """The run of a cell on x (T, B, m); a cell without input runs for as many steps and sequences by itself."""
    if cell.inputs:
        return cell.forward(params, inputs_of(cell, params, x), **options)
    return cell.forward(params, steps=x.shape[0], batch=x.shape[1], **options)


def inputs_of(cell: Cell, params: Mapping[str, Array], x: Array) -> Array | dict[str, Array]:
    """The inputs of a cell where a source gives x (T, B, m).

    The main input of size m gets x. Of another size (that of a cell whose m = n, a matrix) it gets x through a fixed
    random projection, N(0, 1 / size), which keeps lengths on average. A further input gets numbers of its law, as a
    fixed random function of x at the same step; where its law is not known, a projection, of which datasets warn. Where
    the equations say what the main input may be, x is fed if it lies there, and numbers of that law if it does not.

    Returns
    -------
    array, or dict of str to array
        An array as it is for a cell with one input of size m.
    """
    sizes = _sizes_seen(cell, params, x.shape[2])
    shapes = {layout.name: axes_shape(layout.axes, sizes) for layout in cell.interface.inputs}
    domains = cell.interface.domains
    if list(shapes.values()) == [x.shape[2:]] and not domains:
        return x
    given, main, laws = {}, main_input(cell), drawn_laws(cell, sizes)
    for k, (name, shape) in enumerate(shapes.items()):
        size = int(np.prod(shape))
        if name == main and size == x.shape[2]:
            given[name] = _main(x, domains.get(name), laws.get(name), sizes)
            given[name] = given[name].reshape(*x.shape[:2], *shape)
            continue
        generator = np.random.default_rng([k, x.shape[2], size, 0xE3BED])
        projection = (generator.standard_normal((x.shape[2], size)) / np.sqrt(size)).astype(x.dtype)
        drawn = drawn_input(laws.get(name), x, projection)
        given[name] = drawn.reshape(*x.shape[:2], *shape)
    return given


def _main(x: Array, domain: Domain | None, law: Law | None, sizes: Mapping[str, int]) -> Array:
    """The main input: x, or numbers of its law where it does not lie in its domain."""
    if domain is None or law is None or domain.misfit(x, sizes) is None:
        return x
    return np.asarray(law.of_normal(x), dtype=x.dtype)


def _sizes_seen(cell: Cell, params: Mapping[str, Array], m: int) -> dict[str, int]:
    """The sizes of all dimensions, as drawn or from the shapes of parameters; m where no parameter shows it."""
    seen: dict[str, int] = dict(params.sizes) if isinstance(params, Parameters) else {}
    free = {d.name for d in cell.interface.dimensions}
    for name, axes in ((layout.name, layout.axes) for layout in cell.interface.parameters):
        for axis, length in zip(axes, np.shape(params[name])):
            if len(axis) == 1 and axis[0] in free and not axis[0].isdigit():
                seen.setdefault(axis[0], int(length))
    if "m" in free and not any(d.name == "m" and d.fixed for d in cell.interface.dimensions):
        seen.setdefault("m", m)
    return resolve_sizes(
        [d for d in cell.interface.dimensions if d.name in seen or d.formula is not None], seen, cell.name
    )
