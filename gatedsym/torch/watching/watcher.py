"""A live torch model → what its gradient does over time, at chosen updates."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
from torch import nn

from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_flag, expect_several, expect_whole, shown
from gatedsym.torch.watching.calls import Call, LayerCall, StepCall
from gatedsym.torch.watching.log import log_numbers, scalar_of
from gatedsym.torch.watching.recompute import Passage, passage_of_steps, passages_of_layers, series_of
from gatedsym.torch.watching.recorder import Recorder

if TYPE_CHECKING:
    import xarray as xr

    from gatedsym.figures.figure import Figure
    from gatedsym.torch.watching.measures import Numbers, Place
    from gatedsym.typing import Array

EVERY = 50


class WatchWarning(UserWarning):
    """Something of a watched update cannot be shown; training goes on."""


def watch(
    model: Any,
    every: int | None = None,
    *,
    at: Iterable[int] | None = None,
    weights: bool = False,
    gates: bool = True,
    scale: Callable[[], float] | None = None,
    log: Any = None,
) -> Watcher:
    """Watch the gradient over time steps in a live model, which stays as it is.

    Every nn.LSTM, nn.GRU, nn.RNN, each of their cells and every `Layer` in it is watched. Fused kernels hide the
    gradient at their steps; at the chosen updates it is computed again, from copies of the inputs, the weights and the
    gradients of the outputs. Between them hooks return at once.

    An update ends with a step of an optimizer that holds a parameter of the model, after a pass of the model in
    training mode; the first is number 0. Whoever changes weights without torch's optimizers calls `Watcher.step`.
    Passes in evaluation mode or without gradients are not watched. All sequences and all backward passes of an update
    count together, as they do for its gradient.

    Parameters
    ----------
    model : torch.nn.Module
    every : int, optional
        Watch updates 0, every, 2 every, …; 50 if `at` is not given.
    at : iterable of int, optional
        Watch these updates.
    weights : bool
        Measure what each step gives to the gradient of each weight, too.
    gates : bool
        Measure how open gates are.
    scale : callable, optional
        The factor by which the loss is multiplied before it goes back: ``scaler.get_scale`` of a GradScaler.
    log : callable or writer, optional
        Called as ``log(tag, value, update)`` for a few numbers of each watched update: TensorBoard's
        ``writer.add_scalar``, or the writer.

    Returns
    -------
    Watcher
        ``.dataset()``, ``.figure()``, ``.remove()``; also a context manager.

    Raises
    ------
    ArgumentError
        If the model has no such layer, or is one whose layers hooks do not reach.

    Examples
    --------
    >>> import torch
    >>> import gatedsym.torch as gt
    >>> model = torch.nn.LSTM(2, 3)
    >>> optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    >>> with gt.watch(model, every=2) as watcher:
    ...     for _ in range(4):
    ...         optimizer.zero_grad()
    ...         model(torch.randn(5, 4, 2))[0][-1].sum().backward()
    ...         optimizer.step()
    >>> watcher.dataset()["log10_norm"].sel(quantity="h", quantile=0.5).squeeze().shape
    (2, 7)
    """
    chosen = Chosen(every, at)
    expect_flag("weights", weights)
    expect_flag("gates", gates)
    if scale is not None and not callable(scale):
        raise ArgumentError(f"scale is {shown(scale)}: give a function of nothing, such as scaler.get_scale.")
    return Watcher(_checked(model), chosen, weights, gates, scale, scalar_of(log))


class Chosen:
    """The updates that are watched."""

    def __init__(self, every: int | None, at: Iterable[int] | None) -> None:
        self.at = (
            () if at is None else tuple(expect_whole("an update of at", u) for u in expect_several("at", at, "updates"))
        )
        self.every = (EVERY if at is None else 0) if every is None else expect_whole("every", every, 1)

    def __contains__(self, update: object) -> bool:
        return update in self.at or (bool(self.every) and isinstance(update, int) and update % self.every == 0)

    def __str__(self) -> str:
        spelled = [f"every {self.every}"] * bool(self.every) + [f"at {', '.join(map(str, self.at))}"] * bool(self.at)
        return " and ".join(spelled)


def _checked(model: Any) -> Any:
    if not isinstance(model, nn.Module):
        raise ArgumentError(f"model is {shown(model)}: give a torch.nn.Module.")
    if isinstance(model, nn.DataParallel):
        raise ArgumentError(
            "nn.DataParallel runs copies of the model in threads, whose gradients no hook of the model sees: watch "
            "model.module on one device, or use DistributedDataParallel and watch each process's own model."
        )
    return model


class Watcher:
    """The measurements of a model that is watched; made by `watch`.

    Attributes
    ----------
    refused : dict of str to str
        Sentences on what was not measured, by module.

    Examples
    --------
    >>> import torch
    >>> import gatedsym.torch as gt
    >>> model = torch.nn.GRU(2, 3)
    >>> watcher = gt.watch(model, at=[0], weights=True)
    >>> model(torch.ones(5, 1, 2))[0].sum().backward()
    >>> watcher.step()  # no optimizer of torch ends the update
    >>> watcher.updates, watcher.dataset()["log10_norm"].sizes["step"]
    ((0,), 7)
    >>> watcher.weight_gradients()["weight_hh"].shape, watcher.figure().name
    ((5, 9, 3), 'live-gradient')
    >>> watcher.remove()
    """

    def __init__(
        self,
        model: Any,
        chosen: Chosen,
        weights: bool,
        gates: bool,
        scale: Callable[[], float] | None,
        log: Callable[[str, float, int], Any] | None,
    ) -> None:
        self.chosen, self.weights, self.gates, self.scale, self.log = chosen, weights, gates, scale, log
        self.refused: dict[str, str] = {}
        self._seen: dict[int, dict[Place, Numbers]] = {}
        self._last: list[Passage] = []
        self._scale = 1.0
        self._recorder: Recorder | None = Recorder(model, chosen, self)
        self.places = tuple(self._recorder.modules)

    def __enter__(self) -> Watcher:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        places = ", ".join(place or "the model" for place in self.places)
        state = "removed" if self._recorder is None else f"update {self._recorder.update}"
        return f"<watcher of {places}; {self.chosen}; {len(self._seen)} updates watched; {state}>"

    def _repr_html_(self) -> str:
        """The modules that are watched, those that were refused, and the measurements so far."""
        from gatedsym.execution.notebook import text_html

        self._look()
        told = text_html([repr(self).strip("<>"), *self.refused.values()])
        return told + (str(self.dataset()._repr_html_()) if self._seen else "")

    def __getstate__(self) -> dict[str, Any]:
        """The measurements; a copy watches nothing."""
        self._look()
        return self.__dict__ | {"_recorder": None, "_last": [], "log": None, "scale": None}

    @property
    def updates(self) -> tuple[int, ...]:
        """Numbers of the updates that were watched."""
        self._look()
        return tuple(self._seen)

    def dataset(self) -> xr.Dataset:
        """The measurements so far; an update under way counts as far as it has come.

        Returns
        -------
        xarray.Dataset
            ``log10_norm`` (update, module, layer, direction, quantity, quantile, step): log10 of the 2-norm of the
            gradient of a sequence, its quartiles over the sequences of an update. Quantities are the states, ``state``
            (all of them side by side), and ``x``, the layer's input; the adjoint of a state is total, as in
            `gatedsym.gradient_flow`. ``log10_norm_together``, without quantile: of all sequences together, as
            ``h.grad.norm()`` has it. Step t is the one just taken, 0 stands for the initial state; the reverse
            direction begins behind the end. ``openness``, ``left``, ``right`` (…, gate, step): the mean of a gate's
            units, and the shares of them below 0.1 and above 0.9. With ``weights=True``, ``log10_weight_norm`` and
            ``weight_share`` (…, weight, step). NaN where there is no such thing, -inf where a gradient is exactly 0.

        Raises
        ------
        ArgumentError
            If nothing has been seen.
        """
        from gatedsym.torch.watching.dataset import make_dataset

        self._look()
        if not self._seen:
            known = " ".join(self.refused.values())
            raise ArgumentError(
                f"nothing has been seen yet. {known}".rstrip()
                if known
                else f"nothing has been seen yet ({self.chosen}): run a training pass and its backward pass first."
            )
        return make_dataset(self._seen, list(self.refused.values()))

    def figure(self, **look: Any) -> Figure:
        """The gradient over time steps, a line an update.

        Parameters
        ----------
        **look
            Also ``quantities`` and ``updates``: arguments of `gatedsym.figures.live_gradient`.

        Returns
        -------
        Figure
        """
        from gatedsym.figures.live_gradient import live_gradient

        return live_gradient(self.dataset(), **look)

    def weight_gradients(self, module: str = "", layer: int = 0, direction: str = "forward") -> dict[str, Array]:
        """The gradient of each weight step by step, at the last watched update.

        Parameters
        ----------
        module : str
            Its name in the model; it can be left out where one module alone is watched.
        layer : int
            From 0.
        direction : {"forward", "reverse"}

        Returns
        -------
        dict of str to array (T, …)
            By torch's names without a layer's number; the rows add up to ``.grad``.

        Raises
        ------
        ArgumentError
            Without ``weights=True``, or for what was not seen.
        """
        if not self.weights:
            raise ArgumentError("gradients of weights step by step are kept for gt.watch(model, weights=True).")
        from gatedsym.torch.watching.measures import by_place
        from gatedsym.torch.watching.weight_steps import step_gradients

        self._look()
        known = {tuple(place): passages for place, passages in by_place(self._last).items()}
        if (module, layer, direction) not in known:
            raise ArgumentError(
                f"no gradients of weights of {module!r}, layer {layer!r}, {direction!r} were seen: choose from "
                f"{', '.join(map(str, known)) or 'none'}."
            )
        return step_gradients(known[module, layer, direction], self._scale)

    def step(self) -> None:
        """End an update, where no optimizer of torch does it.

        Raises
        ------
        ArgumentError
            Where nothing is watched any more.
        """
        if self._recorder is None:
            raise ArgumentError("the watcher was removed: watch the model again.")
        self._recorder.end_update()

    def remove(self) -> None:
        """End watching: take all hooks from the model. What has been seen stays, the update under way too."""
        if self._recorder is not None:
            self._recorder.remove()
            self._look()
            self._recorder = None

    # For the recorder.

    def refuse(self, place: str, why: str) -> None:
        """Say once why something of a module is not measured."""
        if self.refused.get(place) != why:
            self.refused[place] = why
            warnings.warn(why, WatchWarning, stacklevel=2)

    def end(self, update: int, calls: Sequence[Call]) -> None:
        """Measure a watched update, which has ended."""
        self._measure(update, calls)
        if self.log is not None and update in self._seen:
            log_numbers(self.log, update, self._seen[update])

    def _look(self) -> None:
        """Measure the update under way as far as it has come."""
        if self._recorder is not None and self._recorder.calls:
            self._measure(self._recorder.update, self._recorder.calls)

    def _measure(self, update: int, calls: Sequence[Call]) -> None:
        from gatedsym.torch.watching.measures import measure

        passages = list(self._passages(_finite(calls)))
        if passages:
            self._scale = 1.0 if self.scale is None else float(self.scale())
            self._last = passages if self.weights else []
            self._seen[update] = measure(passages, scale=self._scale, gates=self.gates, weights=self.weights)

    def _passages(self, calls: Sequence[Call]) -> Iterator[Passage]:
        """The calls computed again; what cannot be is refused in a sentence."""
        steps = []
        for call in calls:
            if call.refused:
                self.refuse(call.place, call.refused)
            elif isinstance(call, StepCall):
                steps.append(call)
            elif isinstance(call, LayerCall):
                try:
                    yield from passages_of_layers(call)
                except ArgumentError as error:
                    self.refuse(call.place, str(error))
        for series in series_of(steps):
            yield passage_of_steps(series)


def _finite(calls: Sequence[Call]) -> Sequence[Call]:
    """The calls without those whose gradients overflowed, if there are others: a GradScaler steps over such a pass."""
    finite = [call for call in calls if all(np.isfinite(c).all() for c in call.cotangents.values())]
    return finite or calls
