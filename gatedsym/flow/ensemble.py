"""Ensembles: cells, what they read and how they are drawn, as a grid of networks over which a measure is mapped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from numbers import Real
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict, TypeVar, cast

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.sizes import resolve_sizes
from gatedsym.expect import expect_several, is_whole, shown
from gatedsym.files.read import require_unmasked
from gatedsym.flow.inputs.laws import drawn_input, input_laws, inputs_described, main_input, unknown_inputs
from gatedsym.flow.inputs.series import Series, read_input
from gatedsym.flow.loss import Loss
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run

Progress = Callable[[float], None]
Retention = float | str | None
Result = TypeVar("Result")
Cells: TypeAlias = "Iterable[Cell | str] | Cell | str"
"""Cells, or names of the library."""
Reading: TypeAlias = "str | Path | Series | Array | Source"
"""The input of networks: a Series, a name or path that `read_input` knows, an array (T, B, m), or a source of these."""

INITIALISATIONS = ("uniform", "xavier")
SCALABLE = ("gaussian", "orthogonal")
"""Initialisations that a gain scales."""
RETENTIONS: tuple[Retention, ...] = (0.0, 1.0, 2.0, "chrono")


class Networks(TypedDict, total=False):
    """Networks that an analysis draws: the arguments that analyses share, each with a default of its own.

    Attributes
    ----------
    n : int or sequence of int
        Hidden size. For several sizes the dataset has a dimension ``n``.
    seeds : int or sequence of int
        How many independent networks for each setting, with the seeds 0, 1, …; or the seeds themselves: those of
        ``range(20, 100)`` go on where ``seeds=20`` ends.
    init : str or sequence of str
        Initialisation schemes.
    gain : float or sequence of float
        Factors of all weights, under an initialisation that a gain scales.
    retention : float, "chrono" or None, or a sequence of these
        Biases of the gates that retain the state (``"chrono"``: drawn for the `horizon`; None: as the initialisation
        has them). Cells without such a gate take part once.
    horizon : int, optional
        Longest time that chrono biases are drawn for; by default that over which the gradient is followed.
    dtype : str
        Of the networks.
    progress : callable, optional
        Told the finished fraction.
    """

    n: int | Sequence[int]
    seeds: int | Sequence[int]
    init: str | Sequence[str]
    gain: float | Sequence[float]
    retention: Retention | Sequence[Retention]
    horizon: int | None
    dtype: str
    progress: Progress | None


@dataclass(frozen=True)
class Setting:
    """One network up to its seed.

    Attributes
    ----------
    cell : Cell
    scheme : str
        Name of the initialisation.
    gain : float
        Factor of all weights.
    retention : float, "chrono" or None
        Bias of the gates that retain the state; None leaves the biases to the initialisation.
    """

    cell: Cell
    scheme: str
    gain: float
    retention: Retention

    def initial(self, m: int, n: int, seed: int, horizon: int, dtype: str) -> Mapping[str, Array]:
        """The parameters of this network for one seed; where m depends on n, what the equations say counts."""
        params: Mapping[str, Array] = self.cell.init(
            **asked_sizes(self.cell, m, n), seed=seed, dtype=dtype, scheme=self.scheme, gain=self.gain,
            retention=self.retention, horizon=horizon,
        )  # fmt: skip
        return params

    @property
    def labels(self) -> tuple[str, str, float, str]:
        """Coordinates (cell, init, gain, retention)."""
        return str(self.cell.name), self.scheme, self.gain, retention_label(self.retention)


def asked_sizes(cell: Cell, m: int, n: int) -> dict[str, int]:
    """The sizes that an analysis asks of a cell: m and n, as far as its equations leave them open."""
    free = {d.name for d in cell.interface.dimensions if not d.fixed}
    return {name: size for name, size in (("m", m), ("n", n)) if name in free}


def free_sizes(cell: Cell, m: int, n: int) -> dict[str, int]:
    """A size for each dimension that a caller must choose: m for those of inputs alone, n for all others."""
    of_inputs, of_states = (
        {d for layout in layouts for d in layout.dims} for layouts in (cell.interface.inputs, cell.interface.states)
    )
    alone = of_inputs - of_states
    return {d: m if d in alone else n for d in open_dimensions(cell)}


def open_dimensions(cell: Cell) -> list[str]:
    """Dimensions whose sizes the equations leave to the caller."""
    return [d.name for d in cell.interface.dimensions if d.is_free]


def require_sizes(cells: Iterable[Cell]) -> None:
    """Raise ArgumentError for the first cell with a dimension whose size neither m, n nor its equations give."""
    for cell in cells:
        if missing := [name for name in open_dimensions(cell) if name not in ("m", "n")]:
            raise ArgumentError(
                f"the equations of {cell.name} leave the size of {', '.join(missing)} open: add a line that says what "
                f"it is unless told otherwise, {missing[0]} = n."
            )


def retention_label(retention: Retention) -> str:
    """``none``, ``chrono``, or the bias as a number without trailing zeros."""
    if retention is None:
        return "none"
    return retention if isinstance(retention, str) else f"{retention:g}"


def read_cells(cells: Cells) -> list[Cell]:
    """Cells from cells and names of the library, in order, each once."""
    from gatedsym.cells import cell as from_library

    one = hasattr(cells, "states")
    given = (cells,) if one else expect_several("cells", cells, "cells or names of the library")
    found: list[Cell] = [from_library(c) if isinstance(c, str) else c for c in given]
    strange = [c for c in found if not hasattr(c, "states")]
    if strange:
        raise ArgumentError(f"cells has {shown(strange[0])}: give cells, or names of the library.")
    names = [c.name for c in found]
    if len(set(names)) != len(names):
        raise ArgumentError(f"cells {names}: two have the same name; give each a name of its own.")
    return found


def settings_of(
    cells: Sequence[Cell], init: Sequence[str], gain: Sequence[float], retention: Sequence[Retention]
) -> list[Setting]:
    """The grid: cells without a retaining gate take no retention bias.

    Raises
    ------
    ArgumentError
        For a gain under an initialisation that has none: its label would name what was not done.
    """
    for name, values, kind in (("init", init, str), ("gain", gain, Real)):
        strange = [v for v in values if not isinstance(v, kind)]
        if strange:
            raise ArgumentError(f"{name} has {shown(strange[0])}: give {'names' if kind is str else 'numbers'}.")
    fixed = [s for s in init if s not in SCALABLE]
    if fixed and any(g != 1 for g in gain):
        raise ArgumentError(f"a gain is given, but {fixed[0]} weights have none: choose from {', '.join(SCALABLE)}.")
    return [
        Setting(cell, scheme, float(g), r)
        for cell in cells
        for scheme, g, r in product(init, gain, retention if cell.can_retain else (None,))
    ]


def coordinates(settings: Sequence[Setting]) -> dict[str, list[Any]]:
    """The values that occur, in order of first use, for each of cell, init, gain and retention."""
    columns = zip(*(s.labels for s in settings))
    found = {name: list(dict.fromkeys(column)) for name, column in zip(("cell", "init", "gain", "retention"), columns)}
    # A plain cell's "none" goes last, so that biases stand in the order in which they were asked for.
    found["retention"].sort(key=lambda label: label == "none")
    return found


def compared_state(cell: Cell) -> str:
    """The state on which cells are compared: h, or the first one of a cell without h."""
    states = list(cell.states)
    if not states:
        raise ArgumentError(f"cell {cell.name} has no state, so no gradient flows through time: give a recurrent cell.")
    return "h" if "h" in states else states[0]


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


def why_no_flow(cell: Cell) -> str:
    """The reason why no gradient flows through time in a cell, in a sentence, or ""."""
    return "" if cell.states else f"{cell.name} has no state, so no gradient flows through time."


def why_no_parameter_gradients(cell: Cell) -> str:
    """The reason why a cell has no gradient of parameters through time, in a sentence, or ""."""
    if reason := why_no_flow(cell):
        return reason
    return "" if cell.parameters else f"{cell.name} has no parameters, so there is no gradient to train it with."


def run_forward(cell: Cell, params: Mapping[str, Array], x: Array, **options: Any) -> Run:
    """The run of a cell on x (T, B, m); a cell without input runs for as many steps and sequences by itself."""
    if cell.inputs:
        return cell.forward(params, inputs_of(cell, params, x), **options)
    return cell.forward(params, steps=x.shape[0], batch=x.shape[1], **options)


def inputs_of(cell: Cell, params: Mapping[str, Array], x: Array) -> Array | dict[str, Array]:
    """The inputs of a cell where a source gives x (T, B, m).

    The main input of size m gets x. Of another size (that of a cell whose m = n, a matrix) it gets x through a fixed
    random projection, N(0, 1 / size), which keeps lengths on average. A further input gets numbers of its law, as a
    fixed random function of x at the same step; where its law is not known, a projection, of which datasets warn.

    Returns
    -------
    array, or dict of str to array
        An array as it is for a cell with one input of size m.
    """
    sizes = _sizes_seen(cell, params, x.shape[2])
    shapes = {layout.name: axes_shape(layout.axes, sizes) for layout in cell.interface.inputs}
    if list(shapes.values()) == [x.shape[2:]]:
        return x
    given, main, laws = {}, main_input(cell), input_laws(cell)
    for k, (name, shape) in enumerate(shapes.items()):
        size = int(np.prod(shape))
        if name == main and size == x.shape[2]:
            given[name] = x.reshape(*x.shape[:2], *shape)
            continue
        generator = np.random.default_rng([k, x.shape[2], size, 0xE3BED])
        projection = (generator.standard_normal((x.shape[2], size)) / np.sqrt(size)).astype(x.dtype)
        drawn = drawn_input(laws.get(name, ""), x, projection)
        given[name] = drawn.reshape(*x.shape[:2], *shape)
    return given


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


@dataclass(frozen=True)
class Ensemble:
    """Networks that an analysis measures: every setting with every seed.

    Attributes
    ----------
    cells : tuple of Cell
    source : Source
        What they read.
    settings : tuple of Setting
        Cells with their initialisations, gains and retention biases.
    n : int
        Hidden size.
    seeds : tuple of int
    horizon : int
        Longest time that chrono biases are drawn for.
    dtype : str
        Of the networks.
    progress : callable, optional
        Told the finished fraction.
    """

    cells: tuple[Cell, ...]
    source: Source
    settings: tuple[Setting, ...]
    n: int
    seeds: tuple[int, ...]
    horizon: int
    dtype: str = "float64"
    progress: Progress | None = field(default=None, compare=False, repr=False)

    @cached_property
    def axes(self) -> dict[str, Any]:
        """Coordinates of a dataset by what distinguishes the networks: cell, init, gain, retention, seed."""
        return {**coordinates(self.settings), "seed": np.array(self.seeds, dtype=np.int64)}

    def empty(self, *further: int, dtype: str = "float64") -> Array:
        """An array of NaN with an entry for each network, and further axes."""
        return np.full((*map(len, self.axes.values()), *further), np.nan, dtype=dtype)

    @property
    def members(self) -> list[Member]:
        """The networks, the seeds of a setting one after the other."""
        return [Member(self, setting, seed) for setting in self.settings for seed in self.seeds]

    def map(self, measure: Callable[[Member], Result]) -> Iterator[tuple[Member, Result]]:
        """Measure every network on the pool of threads; results come in the order of `members`.

        As many threads run as `GATEDSYM_THREADS` says, or as there are usable cores. What overflows does so without a
        warning: datasets have it as NaN or infinity, and figures say so.
        """
        from gatedsym.runtime.threads.pool import thread_count

        def quietly(member: Member) -> Result:
            with np.errstate(all="ignore"):  # holds in the thread that runs this
                return measure(member)

        members = self.members
        with ThreadPoolExecutor(max_workers=thread_count()) as pool:
            futures = [pool.submit(quietly, member) for member in members]
            try:
                for done, (member, future) in enumerate(zip(members, futures), start=1):
                    yield member, future.result()
                    if self.progress is not None:
                        self.progress(done / len(members))
            finally:
                # After Ctrl-C or a failure nothing that has not begun is begun.
                for future in futures:
                    future.cancel()

    def describe(self, loss: Loss, *, batch: int = 1, laws_followed: bool = True, **lengths: Any) -> dict[str, Any]:
        """Attributes of a dataset: what was measured, on what, with which sizes."""
        return describe(
            self.cells, self.source, loss, laws_followed=laws_followed, n=self.n, batch=batch, horizon=self.horizon,
            dtype=self.dtype, seeds=len(self.seeds), **lengths,
        )  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One network of an ensemble."""

    ensemble: Ensemble
    setting: Setting
    seed: int

    @property
    def cell(self) -> Cell:
        """Its equations."""
        return self.setting.cell

    @property
    def place(self) -> tuple[int, ...]:
        """Its place in arrays that have the ensemble's `axes` as their first ones."""
        *axes, _ = self.ensemble.axes.values()
        labels = (axis.index(label) for axis, label in zip(axes, self.setting.labels))
        return (*labels, self.ensemble.seeds.index(self.seed))

    def parameters(self, n: int | None = None) -> Mapping[str, Array]:
        """Its parameters, as they are drawn; of another hidden size where one is given."""
        of = self.ensemble
        size = of.n if n is None else n
        return self.setting.initial(of.source.features, size, self.seed, of.horizon, of.dtype)

    def run(self, steps: int, batch: int, n: int | None = None) -> Driven:
        """Run it from the zero state on its input, with all that an adjoint needs."""
        params = self.parameters(n)
        x, targets = self.ensemble.source.draw(steps, batch, self.seed)
        x = x.astype(self.ensemble.dtype)
        return Driven(params, x, targets, run_forward(self.cell, params, x, keep="adjoint"))


@dataclass(frozen=True)
class Driven:
    """A network's run on its input.

    Attributes
    ----------
    params : mapping of str to array
    x : array (T, B, m)
    targets : array of int (T, B), optional
        The next symbol at each step, where the input is symbols.
    run : Run
    """

    params: Mapping[str, Array]
    x: Array
    targets: Array | None
    run: Run


def read_ensemble(
    cells: Cells,
    x: Reading,
    networks: Networks,
    *,
    horizon: int,
    why_not_applicable: Callable[[Cell], str] | None = None,
    **lengths: int,
) -> Ensemble:
    """The ensemble of what a person asks for.

    Parameters
    ----------
    networks : Networks
        With one hidden size.
    horizon : int
        Longest time that chrono biases are drawn for, where none is asked for.
    why_not_applicable : callable, optional
        Of which cells the analysis makes no sense.
    lengths
        Further sizes, all of which have to be at least 1.

    Raises
    ------
    ArgumentError
        For cells, an input, a size or a setting that cannot be used, and for a cell that has a reason against it.
    """
    found, source = read_cells(cells), read_source(x)
    require_positive(n=networks["n"])
    seeds = read_seeds(networks["seeds"])
    require_positive(**lengths)
    if why_not_applicable is not None:
        require_applicable(found, why_not_applicable)
    init, gain, retention = (several(networks[k]) for k in ("init", "gain", "retention"))
    given = networks.get("horizon")
    return Ensemble(
        tuple(found), source, tuple(settings_of(found, init, gain, retention)), cast("int", networks["n"]), seeds,
        horizon if given is None else given, networks["dtype"], networks.get("progress"),
    )  # fmt: skip


def read_seeds(seeds: int | Sequence[int], name: str = "seeds") -> tuple[int, ...]:
    """Seeds from how many there are, 0, 1, …, or from themselves; `name` is what a message calls them.

    Raises
    ------
    ArgumentError
        If there is none, one is no integer of at least 0, or one occurs twice.
    """
    if not isinstance(seeds, Iterable) or isinstance(seeds, str | bytes | Mapping):
        require_positive(**{name: seeds})
        return tuple(range(cast("int", seeds)))
    found = expect_several(name, seeds, "a number of seeds, or seeds such as range(20, 100)")
    for seed in found:
        if not is_whole(seed) or seed < 0:
            raise ArgumentError(f"{name} has {shown(seed)}: give integers of at least 0.")
    if len(set(found)) != len(found):
        raise ArgumentError(f"{name} {shown(list(found))}: one occurs twice; give each once.")
    return tuple(map(int, found))


def chrono_horizon(lags: int) -> int:
    """The longest time that chrono biases are drawn for where none is asked for: the longest lag, but 3 at least."""
    return max(lags, 3)


def several(value: Any) -> Sequence[Any]:
    """One value or a sequence of values, as a sequence: numbers, words or None.

    Raises
    ------
    ArgumentError
        If it is, or holds, anything else, or nothing.
    """
    found = (
        (value,) if value is None or isinstance(value, float | int) else expect_several("a setting", value, _SETTING)
    )
    for one in found:
        if not (one is None or isinstance(one, str | Real)):
            raise ArgumentError(f"a setting is {shown(one)}: give {_SETTING}.")
    return found


_SETTING = "a number, or the name of an initialisation or bias"


def require_positive(**sizes: object) -> None:
    """Raise ArgumentError with the name of the first size that is no integer, or below 1."""
    for name, size in sizes.items():
        if not is_whole(size):
            raise ArgumentError(f"{name} = {shown(size)}: give an integer of at least 1.")
        if size < 1:
            raise ArgumentError(f"{name} = {size}: give at least 1.")


def describe(
    cells: Sequence[Cell], source: Source, loss: Loss, *, laws_followed: bool = True, **sizes: Any
) -> dict[str, Any]:
    """Attributes of a dataset: what was measured, on what, with which sizes.

    `laws_followed` says whether inputs were fed as `inputs_of` does, rather than with numbers of the analysis's own.
    """
    from gatedsym.version import __version__

    reads = any(c.inputs for c in cells)
    return {
        "title": "gradient norm against lag",
        "source": f"gatedsym {__version__}",
        "cells": [c.name for c in cells],
        "compared_states": [compared_state(c) for c in cells],
        "input": source.name if reads else "nothing",
        "input_description": source.description + _projected(cells, source.features, int(sizes["n"]))
        if reads
        else "none (the cells have no input)",
        "input_features": source.features if reads else 0,
        "input_digest": source.series.digest if reads and source.series is not None else "",
        **inputs_described(cells, laws_followed),
        "dimensions": [_dimensions(c, source.features, int(sizes["n"])) for c in cells],
        "given": [c.name for c in cells if hasattr(c, "parameters_digest")],
        "loss": loss.description,
        "given_parameters": _given(cells),
        **sizes,
    }


def _projected(cells: Sequence[Cell], features: int, n: int) -> str:
    """The words that tell of cells that read the input through a projection, as `inputs_of` makes it."""
    found = []
    for cell in (c for c in cells if c.inputs):
        names = ([] if _fits(cell, features, n) else [main_input(cell)]) + unknown_inputs(cell)
        if names:
            found.append(cell.name if len(cell.inputs) == 1 else f"{', '.join(names)} of {cell.name}")
    return f" ({', '.join(found)}: through a fixed random projection)" if found else ""


def _fits(cell: Cell, features: int, n: int) -> bool:
    """Tell whether the main input of a cell at hidden size n takes all features as they are."""
    sizes, main = sizes_used(cell, features, n), main_input(cell)
    axes = next(layout.axes for layout in cell.interface.inputs if layout.name == main)
    shape = axes_shape(axes, sizes)
    # Beside further inputs a matrix of as many entries takes them in order.
    return shape == (features,) or (len(cell.inputs) > 1 and int(np.prod(shape)) == features)


def sizes_used(cell: Cell, features: int, n: int) -> dict[str, int]:
    """The sizes of all dimensions of a cell that reads so many features at hidden size n."""
    given: Mapping[str, int] = getattr(cell, "given_sizes", {})
    wanted = {"m": features, "n": n} | dict(given)
    free = [d.name for d in cell.interface.dimensions if not d.fixed and d.is_free]
    return resolve_sizes(cell.interface.dimensions, {d: wanted.get(d, n) for d in free}, cell.name)


def _dimensions(cell: Cell, features: int, n: int) -> str:
    """The dimensions of a cell's states with their sizes, ``n = 64, d = 8``, where n alone does not say them."""
    named = {d.name for d in cell.interface.dimensions if not d.name.isdigit()}
    states = list(dict.fromkeys(d for layout in cell.interface.states for axis in layout.axes for d in axis))
    sizes = sizes_used(cell, features, n)
    shown = [d for d in states if d in named]
    if shown == ["n"] and sizes["n"] == n:
        return ""
    return ", ".join(f"{d} = {sizes[d]}" for d in shown) or "numbers"


def _given(cells: Sequence[Cell]) -> str:
    """The sentence that a caption adds of cells that start from given parameters, whatever initialisation it names."""
    found = [c.name for c in cells if hasattr(c, "parameters_digest")]
    return f" Not drawn but given: the parameters of {', '.join(found)}." if found else ""


def require_applicable(cells: Iterable[Cell], why_not_applicable: Callable[[Cell], str]) -> None:
    """Raise ArgumentError with the reason for the first cell of which an analysis makes no sense."""
    for cell in cells:
        if reason := why_not_applicable(cell):
            raise ArgumentError(reason)


def label(data: xr.Dataset, rows: Iterable[tuple[str, str, str]]) -> xr.Dataset:
    """The dataset, its variables told in words and units: (name, words, units)."""
    for name, words, units in rows:
        data[name].attrs = {"long_name": words, "units": units}
    return data
