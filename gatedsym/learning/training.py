"""A network and a task → a network that has learnt it, and the history of how."""

from __future__ import annotations

import hashlib
import inspect
import math
import warnings
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.errors import ArgumentError, LearningWarning
from gatedsym.expect import expect_path, expect_several, expect_whole, is_whole, shown
from gatedsym.learning.batches import Batch
from gatedsym.learning.course import Course
from gatedsym.learning.feeding import require_task
from gatedsym.learning.history import History, joined
from gatedsym.learning.network import Network
from gatedsym.learning.optimiser_kernels import square_sum
from gatedsym.learning.probing import Probe
from gatedsym.learning.recipe import Recipe, read_recipe
from gatedsym.learning.task import Task
from gatedsym.progress import asked_progress

if TYPE_CHECKING:
    from gatedsym.learning.clipping import Clipping
    from gatedsym.learning.optimisers import Optimiser

Tell = Callable[[float, str], object]
"""Told the finished fraction of a run, and a line on how it goes."""


def learn(
    net: Network,
    task: Task,
    *,
    updates: int = 1000,
    rate: float = 1e-3,
    batch: int = 32,
    clip: float | str | tuple[str, float] | Clipping | None = 1.0,
    optimiser: str | Optimiser = "adam",
    freeze: str | Iterable[str] = "",
    truncate: int | None = None,
    probes: int | Iterable[int] | None = None,
    held_out: int = 256,
    every: int | None = None,
    stop: float | None = None,
    patience: int | None = None,
    batch_seed: int = 0,
    seeds: int | Iterable[int] | None = None,
    checkpoint: Any = None,
    threads: int | None = 1,
    progress: Tell | bool | None = None,
) -> History:
    """Train a network.

    Parameters
    ----------
    net : Network
        Trained in place; with `seeds` it stays as it is.
    task : Task
        The one that it was made for, or one of the same widths.
    updates : int
        At most.
    rate : float
        The factor of the optimiser's steps, the same throughout.
    batch : int
        Sequences of an update; batch k of a run is the task's batch k - 1.
    clip : float, str, (str, float) or None
        A limit of the gradient's norm over all parameters, ``1.0`` or ``"norm 1"``, or of each of its entries,
        ``"value 0.1"``.
    optimiser : str or Optimiser
        "adam" (ε = 1e-8), "rmsprop" or "sgd" (momentum 0.9), or one with other numbers, ``Adam(epsilon=1e-6)``.
    freeze : str or iterable of str
        Parameters that do not move, by pattern: ``"U_z,W_z"``, ``"b_*"``. They are no part of the gradient's norm.
    truncate : int, optional
        Steps that a gradient passes at most. A batch is cut into windows of so many; states are carried on, adjoints
        are not; the update is that of the whole batch.
    probes : int, iterable of int, optional
        Updates after which parameters are kept, and gradients, gates and spectral radius measured: how many, spaced in
        the logarithm, or which. By default 16 in the logarithm and each tenth of the run.
    held_out : int
        Sequences of the batch by which the network is judged; it shares none with those of training.
    every : int, optional
        Updates between two looks at it, and between two checkpoints; by default a fiftieth of the run.
    stop : float, optional
        Held-out loss below which training ends.
    patience : int, optional
        Looks without a lower held-out loss after which it ends.
    batch_seed : int
        Of the batches.
    seeds : int or iterable of int, optional
        How many networks, or the seeds of their initial parameters: each is trained on batches of its own seed, in
        processes beside each other.
    checkpoint : path, optional
        A file that is written every so many updates. If it is there, the run goes on from it, and ends with the same
        bits; of a run that ended, it gives the history. With `seeds` each has a file, with its seed in the name.
    threads : int, optional
        Of each network.
    progress : callable or True, optional
        ``progress(fraction, text)``, with loss and gradient in the text; True: a bar, on a terminal or in a notebook.

    Returns
    -------
    History

    Raises
    ------
    ArgumentError
        For arguments that cannot be used, a task that does not fit, a pattern that means no parameter.
    DataError
        For a checkpoint that is damaged or another run's.

    Warns
    -----
    LearningWarning
        If a loss or gradient is not finite: the run ends with its last good parameters.

    References
    ----------
    Clipping by norm: Pascanu, Mikolov, Bengio 2013, On the difficulty of training recurrent neural networks.

    Examples
    --------
    >>> import gatedsym as gs
    >>> task = gs.tasks.adding(T=10)
    >>> net = gs.Network("gru", task, n=8, seed=1)
    >>> hist = gs.learn(net, task, updates=20, rate=1e-2, probes=[10])
    >>> hist.updates, hist["loss"].sizes["update"]
    ((0, 10, 20), 20)
    """
    options: dict[str, Any] = dict(  # noqa: C408  # the arguments' own names
        updates=updates, rate=rate, batch=batch, clip=clip, optimiser=optimiser, freeze=freeze, truncate=truncate,
        probes=probes, held_out=held_out, every=every, stop=stop, patience=patience, batch_seed=batch_seed,
    )  # fmt: skip
    if not isinstance(net, Network):
        raise ArgumentError(f"net is {shown(net)}: give a network, gs.Network(cell, task, n=64).")
    require_task(task)
    net.require_form(task)
    recipe = read_recipe(net, options)
    place = None if checkpoint is None else expect_path("checkpoint", checkpoint)
    with asked_progress(progress, f"{net.cell.name} learns {task.name}") as tell:
        if seeds is None:
            return train(net, task, recipe, place, threads, tell)
        return _train_seeds(net, task, options, _seeds(seeds), place, threads, tell)


def train(
    net: Network, task: Task, recipe: Recipe, checkpoint: Path | None, threads: int | None, tell: Tell | None
) -> History:
    """Train one network, by a recipe that has been read; see `learn`."""
    start = hashlib.sha256(net.theta.tobytes()).hexdigest()
    course = Course(net, recipe, {**recipe.facts(net, task), "initial_parameters": start})
    training = Training(net, task, recipe, course, threads)
    if checkpoint is not None and checkpoint.exists():
        course.load(checkpoint)
    training.run(checkpoint, tell)
    return course.history(task, training.probe)


def prepare(net: Network, task: Task, **options: Any) -> Training:
    """A run that has not begun, with the arguments of `learn`."""
    recipe = read_recipe(net, {**DEFAULTS, **options})
    return Training(net, task, recipe, Course(net, recipe, {}), 1)


DEFAULTS = {name: p.default for name, p in inspect.signature(learn).parameters.items() if p.default is not p.empty}


class Training:
    """The loop over updates."""

    def __init__(self, net: Network, task: Task, recipe: Recipe, course: Course, threads: int | None) -> None:
        self.net, self.task, self.recipe, self.course, self.threads = net, task, recipe, course, threads
        self.probe = Probe(net, task, recipe.held_out, threads)
        self.frozen = [net.layout.slices[name] for name in recipe.frozen]
        self.lanes = np.zeros(8)

    def run(self, checkpoint: Path | None, tell: Tell | None) -> None:
        """Go on until the run has ended."""
        course, recipe = self.course, self.recipe
        if not course.records.tables:
            self._look()
        while not course.ended:
            update = course.update + 1
            if self.update(update, self.task.batch(update - 1, recipe.batch, seed=recipe.seed, dtype=self.net.dtype)):
                self._end_where_done()
                if recipe.looks(update) or course.ended:
                    self._look()
                    self._end_where_learnt()
                if tell is not None and (recipe.looks(update) or update % max(1, recipe.updates // 200) == 0):
                    tell(update / recipe.updates, self._line())
            if checkpoint is not None and (update % recipe.every == 0 or course.ended):
                course.save(checkpoint)

    def update(self, update: int, batch: Batch) -> bool:
        """Make an update; False, and the run has ended, where a number of it is not finite."""
        net, recipe = self.net, self.recipe
        loss = net.gradient(batch, truncate=recipe.truncate, threads=self.threads, draw=update)
        for where in self.frozen:
            net.grad[where] = 0
        self.norm = math.sqrt(square_sum(net.grad, self.lanes))
        self.course.losses[update - 1], self.course.norms[update - 1] = loss, self.norm
        if math.isfinite(loss) and math.isfinite(self.norm):
            self._step(update)
            return True
        self._end_badly(update, loss)
        return False

    def _end_badly(self, update: int, loss: float) -> None:
        course, last = self.course, update - 1
        if not math.isfinite(loss) and last > 0:  # the parameters as they are have no loss: those before them had one
            course.theta[...] = course.before
            last -= 1
            course.records.drop_after(last)
        course.update = update
        course.ended = (
            f"At update {update} the loss was {loss:.4g} and the norm of the gradient {self.norm:.4g}: the run ended "
            f"with the parameters after update {last}, the last good ones. Take a smaller rate, or clip."
        )
        warnings.warn(course.ended, LearningWarning, stacklevel=4)
        self._look(last)

    def _step(self, update: int) -> None:
        """Move the parameters."""
        course, recipe = self.course, self.recipe
        np.copyto(course.before, course.theta)
        clipped = recipe.clipping.of(self.norm)
        recipe.optimiser.step(course.theta, self.net.grad, course.moments, clipped, recipe.rate, update)
        course.update = update

    def _end_where_done(self) -> None:
        if self.course.update == self.recipe.updates:
            self.course.ended = f"All {self.recipe.updates} updates were made."

    def _look(self, update: int | None = None) -> None:
        """Look at held-out batches, and make a probe where one is asked for, or the run has ended."""
        course, net = self.course, self.net
        update = course.update if update is None else update
        if not course.records.has("check", update):
            course.records.add("check", {"update": update, **self.probe.evaluate(net)})
        asked = update in self.recipe.probes or course.ended
        if asked and not course.records.has("probe", update):
            course.records.add("probe", {"update": update, **self.probe.measure(net), "theta": net.theta.copy()})

    def _end_where_learnt(self) -> None:
        """End the run where it is good enough, or has not become better for long."""
        course, recipe = self.course, self.recipe
        if course.ended:
            return
        losses = [float(loss) for loss in course.records.tables["check"]["held_out_loss"]]
        if recipe.stop is not None and losses[-1] < recipe.stop:
            course.ended = f"The held-out loss fell below {recipe.stop:g} at update {course.update}."
        elif recipe.patience is not None and len(losses) - 1 - int(np.argmin(losses)) >= recipe.patience:
            best = int(course.records.tables["check"]["update"][int(np.argmin(losses))])
            course.ended = f"The held-out loss was least at update {best} and had not fallen since, at {course.update}."
        if course.ended:
            self._look()

    def _line(self) -> str:
        course = self.course
        return f"update {course.update}: loss {course.losses[course.update - 1]:.4g}, gradient {self.norm:.3g}"


def _seeds(given: int | Iterable[int]) -> tuple[int, ...]:
    if is_whole(given):
        return tuple(range(expect_whole("seeds", given, 1)))
    found = tuple(expect_whole("seeds", seed) for seed in expect_several("seeds", given, "seeds, or how many"))
    if len(set(found)) < len(found):
        raise ArgumentError(f"seeds={shown(found)} names one twice: name each once.")
    return found


def _train_seeds(
    net: Network, task: Task, options: dict[str, Any], seeds: tuple[int, ...], checkpoint: Path | None,
    threads: int | None, tell: Tell | None,
) -> History:  # fmt: skip
    """Train networks of several seeds, in processes beside each other."""
    from gatedsym.execution.processes import Processes, process_count

    done, found = dict.fromkeys(seeds, 0.0), {}

    def told(seed: int, fraction: float) -> None:
        done[seed] = fraction
        if tell is not None:
            tell(sum(done.values()) / len(done), f"{sum(f >= 1 for f in done.values())} of {len(done)} seeds")

    with Processes(process_count(len(seeds)), (net, task, options, threads)) as processes:
        for seed in seeds:
            processes.call(seed, _train_seed, seed, _own_file(checkpoint, seed))
        for seed, history in processes.results(told):
            found[seed] = history
            told(seed, 1.0)
    return joined([found[seed] for seed in seeds])


def _own_file(checkpoint: Path | None, seed: int) -> Path | None:
    return None if checkpoint is None else checkpoint.with_name(f"{checkpoint.stem}-{seed}{checkpoint.suffix}")


def _train_seed(
    net: Network, task: Task, options: dict[str, Any], threads: int | None, seed: int, checkpoint: Path | None,
    tell: Callable[[float], None],
) -> History:  # fmt: skip
    """The history of a network of one seed, on batches of the same seed."""
    own = net.with_seed(seed)
    recipe = read_recipe(own, {**options, "batch_seed": options["batch_seed"] + seed})
    return train(own, task, recipe, checkpoint, threads, partial(_pass_on, tell))


def _pass_on(tell: Callable[[float], None], fraction: float, text: str) -> None:
    tell(fraction)


__all__ = ["DEFAULTS", "Training", "learn", "prepare", "train"]
