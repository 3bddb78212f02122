"""Hooks on a live model → the calls of its recurrent modules in the updates that are watched, and what an update is."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Any, Protocol

import torch
from torch._dynamo.decorators import skip_code
from torch.optim.optimizer import register_optimizer_step_post_hook

from gatedsym.errors import ArgumentError
from gatedsym.torch.watching.calls import Call, given_to, record_layer, record_own, record_step, several
from gatedsym.torch.watching.modules import KINDS, Weights, read_watched


class Listener(Protocol):
    """A listener, told of watched updates."""

    def end(self, update: int, calls: list[Call]) -> None:
        """Take the calls of an update that has ended."""

    def refuse(self, place: str, why: str) -> None:
        """Take the reason why a module's calls are not recorded."""


class Hook:
    """A hook that leads to a recorder; a copied or unpickled model has one that leads nowhere.

    Parameters
    ----------
    recorder : callable
        Returns it, or None.
    method, place : str
        What is called, and its first argument.
    """

    def __init__(
        self, recorder: Callable[[], Recorder | None] = lambda: None, method: str = "", place: str = ""
    ) -> None:
        self.recorder = recorder
        self.method, self.place = method, place

    def __call__(self, *args: Any) -> Any:
        """Nothing where it becomes part of a compiled graph, which then stays as it is without the hook."""
        return None if torch.compiler.is_compiling() else self.eagerly(*args)

    @torch.compiler.disable
    def eagerly(self, *args: Any) -> Any:
        """Lead to the recorder."""
        recorder = self.recorder()
        return None if recorder is None else getattr(recorder, self.method)(self.place, *args)

    def __deepcopy__(self, memo: Any) -> Hook:
        return Hook()

    def __reduce__(self) -> tuple[Any, ...]:
        return Hook, ()


# A compiled model calls torch's layers, which have no graph, as they are; else the hook would be compiled alone.
skip_code(Hook.__call__.__code__)


@dataclass
class _Series:
    """The steps that a cell has taken along one sequence."""

    identity: int
    number: int
    batch: int
    steps: int = 0
    last: list[Any] = field(default_factory=list)

    def gave(self, state: Any) -> bool:
        """Whether a tensor is what the last step gave."""
        return any(ref() is state for ref in self.last)


class Recorder:
    """The hooks on a model, the count of its updates, and the calls of the one under way.

    A call belongs to the graph of autograd until a gradient reaches its outputs: one that none reaches is forgotten
    with its graph, and a pass that fails leaves nothing.

    Attributes
    ----------
    modules : dict of str to WatchedModule
        What is watched, by its name in the model.
    update : int
        The number of the update under way.
    """

    def __init__(self, given: Any, chosen: Container[int], listener: Listener) -> None:
        model = getattr(given, "_orig_mod", given)  # of a compiled model the one that was compiled
        self.model, self.chosen, self.listener = model, chosen, listener
        found = {place: read_watched(module, place or "the model") for place, module in model.named_modules()}
        self.modules = {place: of for place, of in found.items() if of is not None}
        if not self.modules:
            raise ArgumentError(f"the model has nothing to watch: give one with {KINDS} in it.")
        self.update, self._order, self._is_due = 0, 0, False
        self._begin_update()
        # The model keeps its recorder, so that a watcher that nobody keeps still tells its logger.
        self._handles = [given.register_forward_pre_hook(Hook(lambda: self, "_begin_pass"))]
        for place, of in self.modules.items():
            if of.dropout:
                self._handles.append(of.module.register_forward_pre_hook(Hook(lambda: self, "_before", place)))
            hook = Hook(lambda: self, "_after", place)
            self._handles.append(of.module.register_forward_hook(hook, with_kwargs=True))
        self._handles.append(register_optimizer_step_post_hook(Hook(weakref.ref(self), "_stepped")))
        weakref.finalize(self, self._handles[-1].remove)

    @property
    def calls(self) -> list[Call]:
        """The calls of the update under way that gradients have reached, in their order."""
        return [self._calls[order] for order in sorted(self._calls)]

    def remove(self) -> None:
        """Take the hooks away."""
        for handle in self._handles:
            handle.remove()

    def end_update(self) -> None:
        """End an update, if there has been a training pass in it."""
        self._is_due = False
        if not self._ran:
            return
        update, calls, missed = self.update, self.calls, [p for p in self.modules if p not in self._reached]
        is_told = self._watched
        self.update += 1
        self._begin_update()
        if is_told and calls:
            self.listener.end(update, calls)
        for place in missed if is_told else ():
            self.listener.refuse(
                place,
                f"no gradient reached {place or 'the model'} in update {update}: either nothing of the loss depends on "
                "it, or it ran in evaluation mode, within a compiled graph or as a step under checkpoint, where no "
                "hook can follow; leave it out of these to watch it.",
            )

    def _begin_update(self) -> None:
        self._watched, self._ran, self._calls = self.update in self.chosen, False, dict[int, Call]()
        self._weights: dict[str, Weights] = {}
        self._random: dict[str, Any] = {}
        self._reached: set[str] = set()
        self._start_pass()

    def _start_pass(self) -> None:
        """Count the uses of each module anew."""
        self._uses: dict[str, int] = {}
        self._uses_going_back: dict[str, int] = {}
        self._series: dict[str, list[_Series]] = {}
        self._went_back = False

    # Hooks.

    def _begin_pass(self, _: str, model: Any, *__: Any) -> None:
        if model.training and torch.is_grad_enabled() and not _going_back():
            self._end_due()
            self._ran = True
            if "" not in self.modules or not self.modules[""].takes_steps:
                self._start_pass()

    def _end_due(self) -> None:
        """End an update whose last step was taken within its backward pass."""
        if self._is_due:
            self.end_update()

    def _before(self, place: str, *_: Any) -> None:
        if self._watched:
            self._random[place] = torch.get_rng_state()

    def _after(self, place: str, module: Any, args: Any, named: Any, output: Any) -> Any:
        if not (module.training and torch.is_grad_enabled()):
            return None
        if not _going_back():
            self._end_due()
        self._ran = True
        if not self._watched:
            return None
        if torch._C._functorch.maybe_current_level() is not None:
            self._reached.add(place)
            told = "a call within a transform of torch.func is not watched; take a pass of the model itself"
            self.listener.refuse(place, f"{place or 'the model'}: {told}.")
            return None
        try:
            return self._record(place, (args, named), output)
        except ArgumentError as error:
            self._reached.add(place)
            self.listener.refuse(place, str(error))
            return None

    def _record(self, place: str, args: Any, output: Any) -> Any:
        back, of = _going_back(), self.modules[place]
        if back and (of.takes_steps or self._uses.get(place)):
            return None  # a checkpoint computes again what was recorded, or steps in an order that none can tell
        if self._went_back and not back:
            self._start_pass()
        weights = of.copy_weights(self._weights.get(place))
        self._weights[place], self._order = weights, self._order + 1
        arrived = weakref.WeakMethod(self._arrive)
        if not of.takes_steps:
            uses = self._uses_going_back if back else self._uses
            uses[place] = uses.get(place, 0) + 1
            name = _numbered(place, uses[place])
            record = record_layer if of.is_torchs else record_own
            record(of, name, self._order, args, output, weights, self._random.pop(place, None), arrived)
            return None
        series = self._series_of(place, several(given_to(args)[1]), output)
        series.steps += 1
        name = _numbered(place, series.number)
        call, views = record_step(of, name, self._order, args, output, weights, arrived)
        call.series, call.step = series.identity, series.steps
        series.last = [weakref.ref(t) for t in (views if isinstance(views, tuple) else (views,))]
        return views

    def _series_of(self, place: str, states: tuple[Any, ...], output: Any) -> _Series:
        """The sequence that a step goes on with: that whose state it was given, or one that was made from a state."""
        known = self._series.setdefault(place, [])
        first = output[0] if isinstance(output, tuple) else output
        batch = len(first) if first.ndim == 2 else 1
        for series in reversed(known):
            if any(series.gave(state) for state in states):
                return series
        if known and known[-1].batch == batch and any(state.grad_fn is not None for state in states):
            return known[-1]
        known.append(_Series(self._order, len(known) + 1, batch))
        return known[-1]

    def _arrive(self, call: Call) -> None:
        """Keep a call that a gradient has reached."""
        self._went_back = True
        self._reached.add(call.place.split("#")[0])
        self._calls[call.order] = call

    def _stepped(self, _: str, optimizer: Any, *__: Any) -> None:
        own = {id(p) for p in self.model.parameters()}
        if any(id(p) in own for group in optimizer.param_groups for p in group["params"]):
            self._is_due = _going_back()  # a hook may step each weight when its own gradient is there
            if not self._is_due:
                self.end_update()


def _numbered(place: str, use: int) -> str:
    return place if use == 1 else f"{place}#{use}"


def _going_back() -> bool:
    """Whether a backward pass is under way, in which a checkpoint computes forward again."""
    return bool(torch._C._current_graph_task_id() != -1)
