"""Measurements of a training run → a labelled dataset, with the parameters at its probes: cells for every analysis."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_path, is_whole, shown
from gatedsym.learning.history_file import read_history, write_history
from gatedsym.learning.network import Network
from gatedsym.offers import offered

if TYPE_CHECKING:
    from gatedsym.flow.given import GivenCell

LAGS = ("shortest", "median", "longest")


class History:
    """The course of training of a network, or of several with seeds of their own.

    Attributes
    ----------
    data : xarray.Dataset
        (seed, update), of each update, from 1: ``loss`` of its batch, before it; ``gradient_norm``, before clipping.
        (seed, check), of held-out batches after the updates of the coordinate ``check``: ``held_out_loss``, ``metric``,
        ``skill`` (…, cue). (seed, probe), after the updates of ``probe``: ``gradient`` (…, time), log10 of the norm of
        ∂L/∂s_t, s all states side by side, the median over sequences; ``gradient_at_lag`` (…, lag), log10 of the share
        that is left of it the task's shortest, median and longest lag before the last answer; ``gradient_at_cue``
        (…, cue), the same from an answer back to the cue that it needs; ``openness`` (…, gate, step), the mean of each
        gate; ``spectral_radius`` of one step's Jacobian; ``theta`` (…, parameter), the parameters. NaN where a seed has
        no such update, and where there is nothing to measure. Attributes: recipe, task, how each run ended.

    Examples
    --------
    >>> import gatedsym as gs
    >>> task = gs.tasks.adding(T=10)
    >>> hist = gs.learn(gs.Network("rnn", task, n=4), task, updates=10, probes=[5])
    >>> hist.updates, hist["loss"].sizes["update"], hist.network(5).cell.name
    ((0, 5, 10), 10, 'rnn')
    >>> hist.save("rnn.nc")
    >>> again = type(hist).load("rnn.nc")
    >>> again.updates
    (0, 5, 10)
    """

    def __init__(self, data: xr.Dataset, network: Network) -> None:
        self.data, self.template = data, network

    @property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of the initial parameters."""
        return tuple(int(seed) for seed in self.data["seed"].values)

    @property
    def updates(self) -> tuple[int, ...]:
        """Updates after which parameters were kept."""
        return tuple(int(update) for update in self.data["probe"].values)

    @property
    def ended(self) -> tuple[str, ...]:
        """For each seed a sentence: after how many updates it ended, and why."""
        return tuple(str(text) for text in np.atleast_1d(self.data["ended"].values))

    def __getitem__(self, name: str) -> xr.DataArray:
        """A variable of the dataset; of a single run without the axis of seeds."""
        if not isinstance(name, str) or name not in self.data:
            raise ArgumentError(f"a history has no {shown(name)}: choose from {', '.join(map(str, self.data))}.")
        found = self.data[name]
        return found.isel(seed=0) if len(self.seeds) == 1 and "seed" in found.dims else found

    def network(self, update: int | None = None, seed: int | None = None) -> Network:
        """The network as it was after an update.

        Parameters
        ----------
        update : int, optional
            One of `updates`; the last by default.
        seed : int, optional
            Which run, where there are several.

        Returns
        -------
        Network

        Raises
        ------
        ArgumentError
            For an update whose parameters were not kept, and where it is open which run is meant.
        """
        number = self._seed_number(seed)
        kept = self._kept(number)
        update = kept[-1] if update is None else update
        if not is_whole(update) or update not in kept:
            raise ArgumentError(
                f"parameters after update {shown(update)} were not kept: take one of {', '.join(map(str, kept))}, or "
                f"ask for it beforehand, learn(…, probes=[{shown(update)}])."
            )
        net = self.template.with_seed(self.seeds[number])
        net.theta[...] = self.data["theta"].isel(seed=number).sel(probe=update).values
        return net

    def at(self, update: int | None = None, seed: int | None = None) -> GivenCell:
        """The cell as it was after an update: for every analysis.

        Parameters
        ----------
        update : int, optional
            One of `updates`; the last by default.
        seed : int, optional
            Which run, where there are several.

        Returns
        -------
        GivenCell

        Raises
        ------
        ArgumentError
            For an update whose parameters were not kept.

        Examples
        --------
        >>> import gatedsym as gs
        >>> task = gs.tasks.adding(T=10)
        >>> hist = gs.learn(gs.Network("rnn", task, n=4), task, updates=10, probes=[5])
        >>> flow = gs.gradient_flow([hist.at(0), hist.at(10)], gs.flow.white_noise(2), lags=5)  # before and after
        >>> flow.sizes["cell"]
        2
        """
        number = self._seed_number(seed)
        update = self._kept(number)[-1] if update is None else update
        net = self.network(update, seed)
        name = f"{net.cell.name}_at_{update}" if len(self.seeds) == 1 else f"{net.cell.name}_{net.seed}_at_{update}"
        task, recipe = self.data.attrs["task"], self.data.attrs["recipe"]
        return net.trained(name, f"{net.cell.name} after {update} updates on {task}, {recipe}")

    def figure(self, **look: Any) -> Any:
        """Draw the course of training, over updates.

        Parameters
        ----------
        **look
            As `gatedsym.figures.training` takes it, ``width="icml-column"`` for one.

        Returns
        -------
        Figure

        Examples
        --------
        >>> import gatedsym as gs
        >>> task = gs.tasks.adding(T=5)
        >>> hist = gs.learn(gs.Network("rnn", task, n=4, seed=0), task, updates=2)
        >>> hist.figure().title
        'Training on adding: RNN'
        """
        return offered("History.figure")(self, **look)

    def _seed_number(self, seed: int | None) -> int:
        if seed is None and len(self.seeds) == 1:
            return 0
        if seed not in self.seeds:
            raise ArgumentError(
                f"seed={shown(seed)}: the runs have the seeds {', '.join(map(str, self.seeds))}; name one."
            )
        return self.seeds.index(seed)

    def _kept(self, number: int) -> list[int]:
        there = self.data["is_kept"].isel(seed=number).values.astype(bool)
        return [int(update) for update in self.data["probe"].values[there]]

    def save(self, path: Any) -> None:
        """Write it to the NetCDF file `path`, with a digest."""
        write_history(self.data, self.template.facts(), path)

    @classmethod
    def load(cls, path: Any) -> History:
        """The history of the file `path` that `save` wrote.

        Raises
        ------
        DataError
            If the file is missing, damaged, or of another kind.
        """
        place = expect_path("path", path)
        data, facts = read_history(place)
        return cls(data, Network.of_facts(facts, np.array(data["theta"].values[0, 0]), str(place)))

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same numbers of equal networks."""
        if not isinstance(other, History):
            return NotImplemented
        return self.data.identical(other.data) and self.template == other.template

    __hash__ = None  # type: ignore[assignment]  # its data may be changed

    def __repr__(self) -> str:
        runs = f"{len(self.seeds)} runs" if len(self.seeds) > 1 else "one run"
        return f"<history of {self.template.cell.name} on {self.data.attrs['task']}: {runs}. {self.ended[0]}>"

    def _repr_html_(self) -> str:
        """The course of each run in a row, the dataset below."""
        from gatedsym.execution.notebook import table

        loss, held_out, skill = (self.data[name] for name in ("loss", "held_out_loss", "skill"))
        rows = [
            (seed, _ends(loss[k]), _ends(held_out[k]), _ends(skill[k].mean("cue", skipna=True)), ended)
            for k, (seed, ended) in enumerate(zip(self.seeds, self.ended))
        ]
        header = ("seed", f"{self.data.attrs['loss']} of a batch", "held out", "skill", "ended")
        caption = f"history of {self.template.cell.name} on {self.data.attrs['task']}: {self.data.attrs['recipe']}"
        return table(header, rows, caption) + str(self.data._repr_html_())


def joined(histories: Sequence[History]) -> History:
    """Histories of several seeds as one; NaN where one has no such update."""
    first = histories[0]
    if len(histories) == 1:
        return first
    fill = {"is_kept": False} | dict.fromkeys(_floats(first.data), np.nan)
    data = xr.concat(
        [h.data for h in histories], "seed", join="outer", combine_attrs="override", data_vars="all", fill_value=fill
    )
    return History(data, first.template)


def _ends(course: xr.DataArray) -> str:
    """The first and the last number of a course that has any."""
    known = course.values[np.isfinite(course.values)]
    return f"{known[0]:.3g} → {known[-1]:.3g}" if known.size else ""


def _floats(data: xr.Dataset) -> list[str]:
    return [str(name) for name in data if data[name].dtype.kind == "f"]


__all__ = ["LAGS", "History", "joined"]
