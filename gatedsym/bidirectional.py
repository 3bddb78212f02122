"""Bidirectional: a cell that reads sequences from their first step, and one from their last, side by side.

It needs the future, so no equations of one step say it: it stands outside of cells. Each direction is a run of its own,
the backward one of the sequences reversed, each by its own length.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

import numpy as np

from gatedsym.cells import Cell, cell
from gatedsym.errors import ArgumentError, UnknownNameError
from gatedsym.execution.arguments import Arrays, as_array
from gatedsym.execution.backward_plan import RETURNS
from gatedsym.execution.cotangents import cotangents_at_times
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.layouts import axes_shape
from gatedsym.execution.named_arrays import NamedArrays, unknown
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Gradients, Run, names_text
from gatedsym.expect import expect_mapping, shown
from gatedsym.typing import Array

DIRECTIONS = ("forward", "backward")


class Bidirectional:
    """Two cells over the same sequences: one forward in time, one backward.

    Parameters
    ----------
    cells : Cell or str, or pair of such
        One cell for both directions, each with parameters of its own; or the forward and the backward one.

    Raises
    ------
    ArgumentError
        If it is something else, or the two read different inputs.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> both = gs.Bidirectional("lstm")
    >>> params = both.init(m=8, n=16)
    >>> x = np.zeros((30, 4, 8))
    >>> run = both.forward(params, x, lengths=[30, 12, 7, 30])
    >>> run["h"].shape, run.backward["h"].shape
    ((30, 4, 32), (31, 4, 16))
    >>> grads = both.backward(params, run, {"h": np.ones((30, 4, 32))})
    >>> grads.params["backward"]["W_i"].shape
    (16, 8)
    """

    def __init__(self, cells: Any) -> None:
        pair = cells if isinstance(cells, tuple | list) else (cells, cells)
        found = [cell(one) if isinstance(one, str) else one for one in pair]
        if len(found) != len(DIRECTIONS) or not all(isinstance(one, Cell) for one in found):
            raise ArgumentError(f"cells must be a cell, or a forward and a backward one, not {shown(cells)}.")
        self.cells: dict[str, Cell] = dict(zip(DIRECTIONS, found, strict=True))
        ahead, back = found
        if ahead is not back and set(ahead.inputs) != set(back.inputs):
            raise ArgumentError(
                f"both directions read the same inputs, but {ahead.name} has {names_text(ahead.inputs)} and "
                f"{back.name} {names_text(back.inputs)}: choose cells whose inputs have the same names."
            )

    def __eq__(self, other: object) -> bool:
        """Whether both have equal cells in each direction."""
        return self.cells == other.cells if isinstance(other, Bidirectional) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(self.cells.values()))

    def __repr__(self) -> str:
        ahead, back = self.cells.values()
        return f"Bidirectional({ahead!r})" if ahead == back else f"Bidirectional(({ahead!r}, {back!r}))"

    def _repr_html_(self) -> str:
        return "".join(f"<h4>{name}</h4>{one._repr_html_()}" for name, one in self.cells.items())

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs of both."""
        return self.cells["forward"].inputs

    @property
    def names(self) -> tuple[str, ...]:
        """Names of states and outputs that both have: those that a run shows side by side."""
        ahead, back = ((*one.states, *one.outputs) for one in self.cells.values())
        return tuple(name for name in ahead if name in back)

    def init(
        self, m: int | None = None, n: int | None = None, *, seed: int = 0, **options: Any
    ) -> dict[str, Parameters]:
        """Draw parameters of each direction.

        Parameters
        ----------
        m, n, seed, options
            As `Cell.init` takes them, for both. The directions get different numbers.

        Returns
        -------
        dict of str to Parameters
            Under "forward" and "backward".
        """
        seeds = (seed, int(np.random.SeedSequence([seed, 1]).generate_state(1)[0]))
        return {name: self.cells[name].init(m, n, seed=s, **options) for name, s in zip(DIRECTIONS, seeds, strict=True)}

    def forward(
        self,
        params: Mapping[str, Arrays],
        x: Array | Arrays | None = None,
        *,
        initial: Mapping[str, Arrays] | None = None,
        lengths: Any = None,
        resets: Any = None,
        batch_first: bool = False,
        **options: Any,
    ) -> BidirectionalRun:
        """Compute the trajectories of both directions.

        Parameters
        ----------
        params : mapping of {"forward", "backward"} to mapping of str to array
            Of each direction, as `init` gives them.
        x, lengths, resets, batch_first
            As `Cell.forward` takes them. The backward direction reads each sequence, and each episode, from its end.
        initial : mapping of {"forward", "backward"} to mapping of str to array, optional
            Of one direction or both: the state (B, n) before the first step that it reads.
        options
            ``keep``, ``steps``, ``batch`` and ``threads``, as `Cell.forward` takes them.

        Returns
        -------
        BidirectionalRun

        Raises
        ------
        ArgumentError
            As `Cell.forward`; also for a workspace, which serves a single run.
        """
        if "workspace" in options:
            raise ArgumentError("Bidirectional takes no workspace: one serves a single run, and there are two.")
        params, starts = _by_direction("params", params), _by_direction("initial", initial or {}, some=True)
        options["batch_first"] = batch_first
        first = self.cells["forward"].forward(
            params["forward"], x, initial=starts.get("forward"), lengths=lengths, resets=resets, **options
        )
        turn = _Turn(first, batch_first)
        second = self.cells["backward"].forward(
            params["backward"],
            turn.inputs(x),
            initial=starts.get("backward"),
            lengths=lengths,
            resets=turn.resets(resets),
            **options,
        )
        return BidirectionalRun(self, first, second)

    def backward(
        self,
        params: Mapping[str, Arrays],
        run: BidirectionalRun,
        cotangents: Mapping[str, Any],
        *,
        returns: Iterable[str] = RETURNS,
        threads: int | None = None,
    ) -> BidirectionalGradients:
        """Carry cotangents back through both directions.

        Parameters
        ----------
        params, run
            As given to and returned by `forward`.
        cotangents : mapping
            By the names of `run`: (T, B, …) with both directions side by side, as `run` shows them, or ``(times, dh)``.
            And under "forward" and "backward" a mapping as `Cell.backward` takes it, in the direction's own time:
            ``{"forward": {"h": dh}, "backward": {"h": dh}}`` with dh (B, n) is for what each ends with.
        returns, threads
            As `Cell.backward` takes them.

        Returns
        -------
        BidirectionalGradients

        Raises
        ------
        ArgumentError
            As `Cell.backward`; also for a run that `forward` of this object has not returned.
        """
        if not isinstance(run, BidirectionalRun):
            raise ArgumentError(f"run must be what forward of Bidirectional returned, not {type(run).__name__}.")
        given, params = _divided(self, run, cotangents), _by_direction("params", params)
        wanted = tuple(returns) if isinstance(returns, Iterable) and not isinstance(returns, str) else returns
        found = [
            one.backward(
                params[name],
                run.runs[name],
                given[name] or _nothing(one, run.runs[name]),
                returns=wanted,
                threads=threads,
            )
            for name, one in self.cells.items()
        ]
        return BidirectionalGradients(found[0], found[1], run)


class _Turn:
    """The reversal of sequences, each by its own length.

    Parameters
    ----------
    run : Run
        Of the forward direction.
    batch_first : bool
    """

    def __init__(self, run: Run, batch_first: bool) -> None:
        self.batch_first, steps = batch_first, run.call_shape.steps
        self.lengths = run.lengths if isinstance(run, RaggedRun) else None
        if self.lengths is not None:
            times = np.arange(steps)[:, None]
            self.times = np.where(times < self.lengths, self.lengths - 1 - times, times)
            self.sequences = np.arange(len(self.lengths))

    def rows(self, array: Array) -> Array:
        """An array (T, B, …), or (B, T, …), in the other direction; what is behind the end stays where it is."""
        if self.lengths is None:
            return array[:, ::-1] if self.batch_first else array[::-1]
        if self.batch_first:
            return np.asarray(array[self.sequences[:, None], self.times.T])
        return np.asarray(array[self.times, self.sequences])

    def inputs(self, x: Any) -> Any:
        """The inputs in the other direction."""
        if isinstance(x, Mapping):
            return {name: self.rows(np.asarray(array)) for name, array in x.items()}
        return None if x is None else self.rows(np.asarray(x))

    def resets(self, given: Any) -> Any:
        """The first steps of episodes, read from their ends: each begins behind the one that comes after it in time."""
        if given is None:
            return None
        begins = np.asarray(given).T if self.batch_first else np.asarray(given)
        found = np.zeros_like(begins)
        lengths = np.full(begins.shape[1], len(begins)) if self.lengths is None else self.lengths
        times, sequences = np.nonzero(begins[1:] & (np.arange(1, len(begins))[:, None] < lengths))
        found[lengths[sequences] - 1 - times, sequences] = True
        return found.T if self.batch_first else found

    def without_padding(self, array: Array) -> Array:
        """The same with zeros behind the end of each sequence."""
        if self.lengths is None:
            return array
        over = np.arange(len(self.times))[:, None] >= self.lengths
        array = np.array(array)
        array[over.T if self.batch_first else over] = 0
        return array


class BidirectionalRun(Mapping[str, Array]):
    """The trajectories of both directions; row t of what it shows is of step t, the forward part first.

    ``run["h"]`` is (T, B, 2 n): the last axes of both side by side (of scalars (T, B, 2)), zero behind the end of a
    sequence. There is no row of initial states: the directions begin at different ends.

    Attributes
    ----------
    forward, backward : Run
        Each in its own time: row 0 of a state is the initial one, and ``backward`` is of the sequences reversed.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> both = gs.Bidirectional("rnn")
    >>> params = both.init(m=2, n=3)
    >>> run = both.forward(params, np.ones((4, 1, 2)))
    >>> run["h"].shape, run.backward["h"].shape, run.final["forward"]["h"].shape
    ((4, 1, 6), (5, 1, 3), (1, 3))
    """

    def __init__(self, cells: Bidirectional, forward: Run, backward: Run) -> None:
        self.cells, self.forward, self.backward = cells, forward, backward

    @property
    def runs(self) -> dict[str, Run]:
        """Both by their names."""
        return {"forward": self.forward, "backward": self.backward}

    @cached_property
    def turn(self) -> _Turn:
        """The reversal of its sequences."""
        return _Turn(self.forward, self.forward.batch_first)

    @property
    def final(self) -> dict[str, NamedArrays]:
        """The states with which each direction ends; see `Run.final`."""
        return {name: run.final for name, run in self.runs.items()}

    def __iter__(self) -> Iterator[str]:
        return iter(self.cells.names)

    def __len__(self) -> int:
        return len(self.cells.names)

    def __getitem__(self, name: str) -> Array:
        if name not in self.cells.names:
            raise UnknownNameError(unknown(name, "states and outputs of both directions", self.cells.names))
        ahead, back = (_of_steps(run, name) for run in self.runs.values())
        whole = _side_by_side(ahead, self.turn.rows(back), len(self.forward.cell.layout_of(name).axes))
        whole = self.turn.without_padding(whole)
        whole.flags.writeable = False
        return whole

    def __eq__(self, other: object) -> bool:
        """Whether both directions are equal."""
        return self.runs == other.runs if isinstance(other, BidirectionalRun) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<bidirectional run; {names_text(self)}; forward {self.forward!r}, backward {self.backward!r}>"

    def _repr_html_(self) -> str:
        return "".join(f"<h4>{name}</h4>{run._repr_html_()}" for name, run in self.runs.items())


class BidirectionalGradients:
    """The gradients of both directions.

    Attributes
    ----------
    forward, backward : Gradients
        Of each, in its own time.
    params : dict of {"forward", "backward"} to dict of str to array
        Of the shapes of the parameters.
    initial : dict of {"forward", "backward"} to dict of str to array
        (delay, B, …), oldest first, as `Gradients` has them.
    inputs : dict of str to array
        Of both together, (T, B, …).

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> both = gs.Bidirectional("rnn")
    >>> params = both.init(m=2, n=3)
    >>> run = both.forward(params, np.ones((4, 1, 2)))
    >>> grads = both.backward(params, run, {"h": np.ones((4, 1, 6))})
    >>> grads.params["backward"]["U"].shape, grads.x.shape
    ((3, 3), (4, 1, 2))
    """

    def __init__(self, forward: Gradients, backward: Gradients, run: BidirectionalRun) -> None:
        self.forward, self.backward, self._run = forward, backward, run

    @property
    def params(self) -> dict[str, dict[str, Array]]:
        """Gradients of parameters, of their shapes."""
        return {"forward": self.forward.params, "backward": self.backward.params}

    @property
    def initial(self) -> dict[str, dict[str, Array]]:
        """Gradients (delay, B, …) of the states before the first step that each direction reads."""
        return {"forward": self.forward.initial, "backward": self.backward.initial}

    @cached_property
    def inputs(self) -> dict[str, Array]:
        """Gradients of inputs, (T, B, …)."""
        back = self.backward.inputs
        found = {name: array + self._run.turn.rows(back[name]) for name, array in self.forward.inputs.items()}
        return NamedArrays(found, "gradients of inputs")

    @property
    def x(self) -> Array:
        """The gradient of the one input, (T, B, m).

        Raises
        ------
        ArgumentError
            Where there are none or several.
        """
        if len(self.inputs) != 1:
            raise ArgumentError(f"there are {len(self.inputs)} inputs; take grads.inputs[name].")
        return next(iter(self.inputs.values()))

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same gradients."""
        if not isinstance(other, BidirectionalGradients):
            return NotImplemented
        return (self.forward, self.backward) == (other.forward, other.backward)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"<bidirectional gradients: forward {self.forward!r}, backward {self.backward!r}>"

    def _repr_html_(self) -> str:
        both = {"forward": self.forward, "backward": self.backward}
        return "".join(f"<h4>{name}</h4>{grads._repr_html_()}" for name, grads in both.items())


def _by_direction(title: str, given: Any, some: bool = False) -> Mapping[str, Any]:
    """A mapping from directions: from both, unless some will do."""
    expect_mapping(title, given, "'forward' and 'backward' to what a cell takes")
    wrong = sorted(set(given) - set(DIRECTIONS), key=str)
    missing = [] if some else [name for name in DIRECTIONS if name not in given]
    if wrong or missing:
        what = f"has {shown(wrong[0])}" if wrong else f"lacks {missing[0]!r}"
        raise ArgumentError(
            f"{title} {what}; it must map 'forward' and 'backward' to what each direction's cell takes."
        )
    return dict(given)


def _of_steps(run: Run, name: str) -> Array:
    """The rows of steps, without that of the initial state."""
    rows = run[name]
    if name not in run.cell.states:
        return rows
    return rows[:, 1:] if run.batch_first else rows[1:]


def _shape(run: BidirectionalRun, name: str) -> tuple[int, ...]:
    """The shape of what a run shows, time first; nothing is computed for it."""
    call_shape = run.forward.call_shape
    ahead, back = (
        axes_shape(one.cell.layout_of(name).axes, one.call_shape.sizes) for one in (run.forward, run.backward)
    )
    own = (*ahead[:-1], ahead[-1] + back[-1]) if ahead else (2,)
    return (call_shape.steps, call_shape.batch, *own)


def _side_by_side(ahead: Array, back: Array, axes: int) -> Array:
    return np.concatenate([ahead, back], axis=-1) if axes else np.stack([ahead, back], axis=-1)


def _nothing(one: Cell, run: Run) -> dict[str, Any]:
    """Cotangents of nothing, for a direction of which none are given."""
    name, batch = (*one.states, *one.outputs)[0], run.call_shape.batch
    own = axes_shape(one.layout_of(name).axes, run.call_shape.sizes)
    return {name: (np.zeros(0, int), np.zeros((batch, 0, *own) if run.batch_first else (0, batch, *own)))}


def _divided(both: Bidirectional, run: BidirectionalRun, given: Any) -> dict[str, dict[str, Any]]:
    """The cotangents of each direction, in its own time."""
    known = (*DIRECTIONS, *both.names)
    expect_mapping("cotangents", given, "names to arrays")
    found: dict[str, dict[str, Any]] = {name: dict(given.get(name, {})) for name in DIRECTIONS}
    if not given:
        raise ArgumentError(f"cotangents must map names to arrays, such as {{{both.names[0]!r}: dh}}.")
    for name, value in given.items():
        if name not in known:
            raise ArgumentError(f"cotangents has {shown(name)}; give some of {', '.join(known)}.")
        if name in DIRECTIONS:
            continue
        twice = [d for d in DIRECTIONS if name in found[d]]
        if twice:
            raise ArgumentError(
                f"cotangents has {name!r} twice, by itself and under {twice[0]!r}; give one of the two."
            )
        whole = _dense(run, name, value)
        found["forward"][name], back = _halves(run, name, whole)
        found["backward"][name] = run.turn.rows(back)
    return found


def _halves(run: BidirectionalRun, name: str, whole: Array) -> tuple[Array, Array]:
    axes = run.forward.cell.layout_of(name).axes
    if not axes:
        return whole[..., 0], whole[..., 1]
    width = axes_shape(axes, run.forward.call_shape.sizes)[-1]
    return whole[..., :width], whole[..., width:]


def _dense(run: BidirectionalRun, name: str, value: Any) -> Array:
    """Cotangents of all steps, as the run shows the values; from some at times."""
    title, shape, batch_first = f"cotangents[{name!r}]", _shape(run, name), run.forward.batch_first
    seen = (shape[1], shape[0], *shape[2:]) if batch_first else shape
    if not isinstance(value, tuple):
        array = as_array(title, value)
        if array.shape == shape[1:]:
            raise ArgumentError(
                f"{title} has shape {array.shape}: the directions end at different steps. Give {seen}, or what each"
                f" ends with: {{'forward': {{{name!r}: …}}, 'backward': {{{name!r}: …}}}}."
            )
        if array.shape != seen:
            raise ArgumentError(f"{title} has shape {array.shape}; it must be {seen}, both directions side by side.")
        return array
    if len(value) != 2:
        raise ArgumentError(f"{title} must be an array or (times, array).")
    times, array = np.asarray(value[0]), as_array(title, value[1])
    if times.ndim != 1:
        raise ArgumentError(f"{title}: times has shape {times.shape}; give one row of times, of all sequences.")
    if batch_first and array.ndim >= 2:
        array = np.swapaxes(array, 0, 1)
    whole = cotangents_at_times(title, times, array, shape, batch_first).all_steps(shape[0])
    return np.swapaxes(whole, 0, 1) if batch_first else whole
