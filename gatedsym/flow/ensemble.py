"""Ensembles: cells, what they read and how they are drawn, as a grid of networks over which a measure is mapped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from numbers import Real
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypedDict, TypeVar, cast

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.execution.scheme import Scheme
from gatedsym.expect import expect_several, is_whole, shown
from gatedsym.flow.attributes import describe
from gatedsym.flow.inputs.source import Reading, Source, read_source, run_forward
from gatedsym.flow.loss import Loss
from gatedsym.flow.sizes import asked_sizes, hidden_size
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.execution.results import Run

Progress = Callable[[float], None]
Retention = float | str | None
Result = TypeVar("Result")


class Module(Protocol):
    """A module of another framework whose cell `gatedsym.flow.foreign` finds: of torch, by what all of them have."""

    def named_parameters(self) -> Iterator[tuple[str, Any]]:
        """Its parameters, by name."""


Cells: TypeAlias = "Iterable[Cell | str | Module] | Cell | str | Module"
"""Cells, or names of the library; for a person who calls an analysis also modules of another framework."""

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
    match : "parameters" or "operations", optional
        Give each further cell the hidden size at which it has as many parameters, or operations in a step, as the first
        one has at `n` (`gatedsym.match`); None gives all cells the same.
    seeds : int or sequence of int
        How many independent networks for each setting, with the seeds 0, 1, …; or the seeds themselves: those of
        ``range(20, 100)`` go on where ``seeds=20`` ends.
    init : str, Scheme, or sequence of these
        Initialisation schemes, as `Cell.init` takes them; `gatedsym.Scheme` makes one of your own.
    gain : float or sequence of float
        Factors of all weights, under an initialisation that a gain scales.
    retention : float, "chrono" or None, or a sequence of these
        Biases of the gates that retain the state (``"chrono"``: drawn for the `horizon`; None: as the initialisation
        has them). Cells without such a gate take part once.
    horizon : int, optional
        Longest time that chrono biases are drawn for; by default that over which the gradient is followed.
    dtype : str
        Of the networks.
    progress : callable or True, optional
        Told the finished fraction; True: a bar, on a terminal or in a notebook.
    """

    n: int | Sequence[int]
    match: str | None
    seeds: int | Sequence[int]
    init: str | Sequence[str]
    gain: float | Sequence[float]
    retention: Retention | Sequence[Retention]
    horizon: int | None
    dtype: str
    progress: Progress | bool | None


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
        return str(self.cell.name), str(self.scheme), self.gain, retention_label(self.retention)


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
    if len(set(map(str, init))) < len(init):
        raise ArgumentError(f"init names {', '.join(init)}: give each scheme once, and each of your own another name.")
    fixed = [s for s in init if s not in SCALABLE]
    if fixed and any(g != 1 for g in gain):
        raise ArgumentError(f"a gain is given, but {fixed[0]} weights have none: choose from {', '.join(SCALABLE)}.")
    return [
        Setting(cell, scheme, float(g), r)
        for cell in cells
        for scheme, g, r in product(init, gain, retention if cell.can_retain else (None,))
    ]


def own_schemes(settings: Sequence[Setting]) -> dict[str, list[str]]:
    """Attributes that tell the rules of initialisations of a person's own; none where there is no such."""
    own = {str(s.scheme): s.scheme for s in settings if isinstance(s.scheme, Scheme)}
    if not own:
        return {}
    rules, others = [scheme.words for scheme in own.values()], [scheme.otherwise for scheme in own.values()]
    return {"own_schemes": list(own), "own_rules": rules, "own_otherwise": others}


def coordinates(settings: Sequence[Setting]) -> dict[str, list[Any]]:
    """The values that occur, in order of first use, for each of cell, init, gain and retention."""
    columns = zip(*(s.labels for s in settings))
    found = {name: list(dict.fromkeys(column)) for name, column in zip(("cell", "init", "gain", "retention"), columns)}
    # A plain cell's "none" goes last, so that biases stand in the order in which they were asked for.
    found["retention"].sort(key=lambda label: label == "none")
    return found


def why_no_flow(cell: Cell) -> str:
    """The reason why no gradient flows through time in a cell, in a sentence, or ""."""
    return "" if cell.states else f"{cell.name} has no state, so no gradient flows through time."


def why_no_parameter_gradients(cell: Cell) -> str:
    """The reason why a cell has no gradient of parameters through time, in a sentence, or ""."""
    if reason := why_no_flow(cell):
        return reason
    return "" if cell.parameters else f"{cell.name} has no parameters, so there is no gradient to train it with."


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
        Hidden size, of cells that have none of their own.
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
        told = describe(
            self.cells, self.source, loss, laws_followed=laws_followed, n=self.n, batch=batch, horizon=self.horizon,
            dtype=self.dtype, seeds=len(self.seeds), **lengths,
        )  # fmt: skip
        return told | own_schemes(self.settings)


@dataclass(frozen=True)
class Member:
    """One network of an ensemble.

    Attributes
    ----------
    ensemble : Ensemble
    setting : Setting
        Its cell, initialisation, gain and retention bias.
    seed : int
        Of its parameters and of its input.
    """

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

    @property
    def n(self) -> int:
        """Its hidden size."""
        return hidden_size(self.cell, self.ensemble.n)

    def parameters(self, n: int | None = None) -> Mapping[str, Array]:
        """Its parameters, as they are drawn; of another hidden size where one is given."""
        of = self.ensemble
        size = self.n if n is None else n
        return self.setting.initial(of.source.features, size, self.seed, of.horizon, of.dtype)

    def run(self, steps: int, batch: int, n: int | None = None, lengths: Array | None = None) -> Driven:
        """Run it from the zero state on its input, with all that an adjoint needs; sequences may have lengths."""
        params = self.parameters(n)
        x, targets = self.ensemble.source.draw(steps, batch, self.seed)
        x = x.astype(self.ensemble.dtype)
        if lengths is None:
            return Driven(params, x, targets, run_forward(self.cell, params, x, keep="adjoint"))
        x = _without_padding(x, lengths)
        return Driven(params, x, targets, run_forward(self.cell, params, x, keep="adjoint", lengths=lengths))


def _without_padding(x: Array, lengths: Array) -> Array:
    """An input with the last step of each sequence repeated behind its end: further inputs are functions of it."""
    if 0 in x.shape:
        return x
    last = np.maximum(lengths - 1, 0)
    found = x[np.minimum(np.arange(len(x))[:, None], last), np.arange(x.shape[1])]
    found[:, lengths == 0] = 0
    return np.asarray(found)


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
        horizon if given is None else given, networks["dtype"], cast("Progress | None", networks.get("progress")),
    )  # fmt: skip


def read_seeds(seeds: int | Sequence[int], name: str = "seeds") -> tuple[int, ...]:
    """Seeds from how many there are, 0, 1, …, or from themselves; `name` is what a message calls them.

    Raises
    ------
    ArgumentError
        If there is none, one is no integer that a dataset can hold, or one occurs twice.
    """
    if not isinstance(seeds, Iterable) or isinstance(seeds, str | bytes | Mapping):
        require_positive(**{name: seeds})
        return tuple(range(cast("int", seeds)))
    found = expect_several(name, seeds, "a number of seeds, or seeds such as range(20, 100)")
    for seed in found:
        if not is_whole(seed) or not 0 <= seed < 2**63:
            raise ArgumentError(f"{name} has {shown(seed)}: give integers from 0 to 2^63 - 1.")
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
