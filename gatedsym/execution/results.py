"""The results of running a cell: trajectories, gradients, tangents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

import numpy as np

from gatedsym.errors import ArgumentError, UnknownNameError
from gatedsym.execution.layouts import axes_shape, join_parts
from gatedsym.execution.named_arrays import NamedArrays, equal_array, equal_arrays, join_complex
from gatedsym.execution.protocol import RecurrentCell
from gatedsym.execution.refused_lines import RefusedLines
from gatedsym.execution.workspace import FRESH, Store
from gatedsym.expect import shown
from gatedsym.ir.interface import Argument, Group, Kind, Layout
from gatedsym.typing import Array, DType

if TYPE_CHECKING:
    from gatedsym.execution.kernels import CallShape
    from gatedsym.execution.own_parameters import LentParameters, OwnParameters
    from gatedsym.ir.program import Program


class Run(Mapping[str, Array]):
    """A trajectory: states (T + 1, B, …), and whatever equations define (T, B, …), by name.

    With ``batch_first`` the first two axes are exchanged. With ``keep="states"`` it has states and outputs alone.

    What is computed when it is asked for belongs to the parameters that the run was made with, whatever became of them
    since. Arrays that derivatives need again are handed out read-only: copy what you want to write to.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn = gs.cell("rnn")
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> run = rnn.forward(params, x)
    >>> sorted(run), run["h"].shape, run.final["h"].shape
    (['h', 'x'], (5, 1, 3), (1, 3))
    >>> rnn.forward(params, x, initial=run.final)["h"].shape  # it goes on
    (5, 1, 3)
    """

    def __init__(
        self,
        cell: RecurrentCell,
        call_shape: CallShape,
        arrays: dict[str, Array],
        own: OwnParameters | LentParameters | None,
        dtype: DType,
        batch_first: bool,
        store: Store = FRESH,
        threads: int | None = None,
    ) -> None:
        self.cell, self.call_shape, self.arrays, self.own = cell, call_shape, arrays, own
        self.dtype, self.batch_first, self.threads = dtype, batch_first, threads
        self._recalled: dict[str, Array] = {}
        self._store, self._turn = store, store.turn

    def __getstate__(self) -> dict[str, Any]:
        self.check_current()
        return self.__dict__

    def __eq__(self, other: object) -> bool:
        """Whether both are of equal cells, with equal parameters, inputs, states and outputs; NaN equals NaN."""
        if not isinstance(other, Run):
            return NotImplemented
        if (self.cell, self.has_residuals, self.batch_first) != (other.cell, other.has_residuals, other.batch_first):
            return False
        derived = {layout.name for layout in self.cell.interface.locals}
        names = [name for name in self if name not in derived]
        return equal_arrays(self.parameters, other.parameters) and all(equal_array(self[n], other[n]) for n in names)

    def __repr__(self) -> str:
        size = f"{self.call_shape.steps} steps, {self.call_shape.batch} sequences"
        return f"<run of {self.cell.name}: {size}, {self.dtype}; {names_text(self)}>"

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import array_facts, table

        rows: list[tuple[str, ...]] = []  # nothing is computed for the table
        groups: tuple[Group, ...] = ("inputs", "states", "outputs")
        for group in groups:
            known = [layout.name for layout in self.cell.interface.layouts(group) if layout.name in self]
            rows += [(name, group.removesuffix("s"), *array_facts(self[name])) for name in known]
        call_shape = self.call_shape
        steps = (call_shape.batch, call_shape.steps) if self.batch_first else (call_shape.steps, call_shape.batch)
        for layout in self.cell.interface.locals if self.has_residuals else ():
            shape = " × ".join(map(str, (*steps, *axes_shape(layout.axes, call_shape.sizes))))
            rows.append((layout.name, "computed when asked for", shape, str(self.dtype), "", "", ""))
        header = ("", "what it is", "shape", "type", "least", "greatest", "2-norm")
        return table(header, rows, f"run of {self.cell.name}: {call_shape.steps} steps, {call_shape.batch} sequences")

    @property
    def has_residuals(self) -> bool:
        """Whether it has what derivatives need, or states and outputs alone."""
        return self.own is not None

    @property
    def kept(self) -> bool:
        """The older name of `has_residuals`."""
        return self.has_residuals

    def check_current(self) -> None:
        """Refuse to hand out what a later call with the same workspace has overwritten."""
        check_turn(self._store, self._turn, f"this run of {self.cell.name}", "run")

    @property
    def _names(self) -> dict[str, None]:
        """The names that it has, in order, and quick to look up."""
        return self.cell.memo.of(("names of a run", self.has_residuals), self._find_names)

    def _find_names(self) -> dict[str, None]:
        groups: tuple[Group, ...] = ("states", "outputs")
        if self.has_residuals:
            groups = ("inputs", "states", "outputs", "locals")
        return dict.fromkeys(layout.name for layout in self.cell.interface.layouts(*groups))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, name: str) -> Array:
        pair = self.cell.interface.pairs.get(name) if isinstance(name, str) else None
        if pair is not None and pair[0] in self._names:
            return join_complex(self[pair[0]], self[pair[1]])
        layout = self._find(name)
        self.check_current()
        value = self._whole(layout).view()
        value.flags.writeable = False
        return np.swapaxes(value, 0, 1) if self.batch_first else value

    def _find(self, name: str) -> Layout:
        if not isinstance(name, str) or name not in self._names:
            whose = self.cell.name if self.has_residuals else f"this run of {self.cell.name}, which keeps states alone,"
            raise UnknownNameError(f"{whose} has no {shown(name)}; it has {', '.join(self)}.")
        return self.cell.layout_of(name)

    def _whole(self, layout: Layout) -> Array:
        name = layout.name
        parts = [self._part(part, name) for part in layout.parts]
        if len(parts) == 1:
            return parts[0]
        return join_parts(layout, parts, self.call_shape.sizes)

    def rows_of(self, layout: Layout) -> Array:
        """The array that the run shows of a name, (T + 1, B, …) or (T, B, …), in any order of its axes."""
        return self._whole(layout)

    def _part(self, part: str, name: str) -> Array:
        names, delay = self.cell.kernels.array_names, self.call_shape.delays.get(name, 0)
        for kind, skip in ((Kind.STATE, delay - 1), (Kind.INPUT, delay), (Kind.OUTPUT, 0)):
            if (array := names.get((kind, part))) is not None:
                return self.arrays[array][skip:]
        if (place := self.cell.kernels.residual_places.get(part)) is not None:
            return residual_rows_of(self, *place)
        self.recall()
        return self._recalled[part]

    @property
    def final(self) -> NamedArrays:
        """The states after the last step of each sequence: what `Cell.forward` takes as `initial` to go on with.

        By name (B, …), or (delay, B, …), oldest first, where a delay is longer than a step; also the past of delayed
        inputs. They are copies, numbers like any others: no gradient comes back through them to this run.
        """
        self.check_current()
        found, delays = NamedArrays({}, f"final states of {self.cell.name}"), self.call_shape.delays
        names, interface = self.cell.kernels.array_names, self.cell.interface
        for kind, layouts in ((Kind.STATE, interface.states), (Kind.INPUT, interface.inputs)):
            for layout in layouts:
                if delay := delays.get(layout.name, 0):
                    parts = [self._last_rows(self.arrays[names[kind, part]], delay) for part in layout.parts]
                    whole = join_parts(layout, parts, self.call_shape.sizes)
                    found[layout.name] = np.array(whole[0] if delay == 1 else whole)
        return found

    def _last_rows(self, history: Array, delay: int) -> Array:
        return history[len(history) - delay :]

    def recall(self) -> None:
        """Compute every value that equations define and the kernels did not keep."""
        kernels = self.cell.kernels
        if self._recalled or not self.has_residuals or not kernels.has("recall"):
            return
        self.check_current()
        arrays = self._run_recall({**self.arrays, **self.parameters})
        self._recalled = {a.tensor: arrays[a.name] for a in kernels.signature("recall").of_kind(Kind.LOCAL)}

    def _run_recall(self, known: dict[str, Array]) -> dict[str, Array]:
        """The arrays of the kernel that computes these values, when it has run."""
        kernels = self.cell.kernels
        read = (a for a in kernels.signature("recall").arrays if a.kind not in (Kind.LOCAL, Kind.WORK))
        arrays = kernels.allocate("recall", {a.name: known[a.name] for a in read}, self.call_shape, self.dtype)
        kernels.run("recall", arrays, self.call_shape, self.threads)
        return arrays

    @property
    def parameters(self) -> dict[str, Array]:
        """The parameters that it was made with, of their shapes, as kernels take them."""
        return {} if self.own is None else self.own.arrays


def names_text(arrays: Iterable[str]) -> str:
    """Names as a person reads them."""
    return ", ".join(arrays) or "nothing"


def check_turn(store: Store, turn: int, what: str, kind: str) -> None:
    """Refuse results that lay in a workspace which a later call has used."""
    if not store.is_current(turn):
        raise ArgumentError(
            f"{what} lay in a workspace that a later call has used: "
            f"copy what must live longer, or give each {kind} a workspace of its own."
        )


def residual_rows_of(run: Run, argument: Argument, position: int) -> Array:
    """The residual of one tensor, (T, B, …): its part of a buffer."""
    call_shape = run.call_shape
    start, dims = call_shape.widths(argument.members[:position]), argument.members[position].dims
    rows = run.arrays[argument.name][..., start : start + call_shape.width(dims)]
    return rows.reshape((call_shape.steps, call_shape.batch, *call_shape.lengths(dims)))


def trajectory_values(run: Run, program: Program) -> dict[str, Array]:
    """Sources of a Program along a trajectory, each (T, B, …); parameters as they were, without T and B."""
    steps = run.call_shape.steps
    return source_values(run, program, lambda array, _, ahead: run.arrays[array][ahead : ahead + steps])


def source_values(run: Run, program: Program, history: Callable[[str, int, int], Array]) -> dict[str, Array]:
    """The same, with ``history(array, delay, ahead)`` for the rows of a history whose first is so many rows ahead."""
    call_shape, values, kernels = run.call_shape, dict[str, Array](), run.cell.kernels
    names, places = kernels.array_names, kernels.residual_places
    for name in program.sources:
        tensor = program[name]
        base = tensor.of or name
        if (array := names.get((Kind.PARAMETER, name))) is not None:
            values[name] = run.parameters[array]
        elif tensor.role in ("state", "input", "next"):
            array = names.get((Kind.INPUT if tensor.role == "input" else Kind.STATE, base))
            if array is not None:
                delay = call_shape.delays.get(base, 0)
                values[name] = history(array, delay, delay - (0 if tensor.role == "next" else tensor.lag))
        elif (array := names.get((Kind.OUTPUT, name))) is not None:
            values[name] = run.arrays[array]
        elif name in places:
            values[name] = residual_rows_of(run, *places[name])
    return values


class View(NamedTuple):
    """A result that is part of an array.

    Attributes
    ----------
    name : str
        What a person calls it.
    array : str
    place : tuple
        Where it stands there.
    shape : tuple of int, optional
        The shape in which it is handed out, if it is another.
    """

    name: str
    array: str
    place: tuple[Any, ...]
    shape: tuple[int, ...] | None = None

    def of(self, arrays: Mapping[str, Array]) -> Array:
        """The part of its array."""
        found: Array = arrays[self.array][self.place]
        return found if self.shape is None else found.reshape(self.shape)


def joined_view(views: Sequence[View]) -> View | None:
    """The view that some of one shape make, with an axis in front that counts them: where they lie one behind another.

    Parameters
    ----------
    views : sequence of View
    """
    first, stop = views[0], None
    for view in views:
        rows = view.place[0]
        if view.array != first.array or view.place[1:] != first.place[1:] or not isinstance(rows, slice):
            return None
        if stop not in (None, rows.start) or rows.step is not None:
            return None
        stop = rows.stop
    shape = first.shape or tuple(s.stop - s.start for s in first.place)
    return View(first.name, first.array, (slice(first.place[0].start, stop), *first.place[1:]), (len(views), *shape))


class Shown(Protocol):
    """A result: its name, and its rows from arrays; `View` is one."""

    @property
    def name(self) -> str:
        """Its name to a person."""
        ...

    def of(self, arrays: Mapping[str, Array]) -> Array:
        """Its rows."""
        ...


_WHAT = {
    "params": "gradients of parameters of {}",
    "states": "total adjoints of states of {}",
    "inputs": "gradients of inputs of {}",
    "initial": "gradients of initial states of {}",
    "trajectory": "states and outputs of {}",
    "locals": "adjoints of lines of {}",
}


class Lines(Protocol):
    """A means to compute the adjoints of lines later; see `line_adjoints.LineAdjoints`."""

    def compute(self, initial: Mapping[str, Array]) -> dict[str, Array]:
        """The adjoints by the names of lines; `initial` are the gradients of initial states that belong to them."""
        ...


class Gradients:
    """The result of `Cell.backward` and `Cell.gradients`.

    Attributes
    ----------
    params : dict of str to array
        Sums over time and batch, of the shapes of the parameters.
    states : dict of str to array
        Total adjoints (T + 1, B, …); row 0 is the gradient of the initial state.
    inputs : dict of str to array
        (T, B, …) for each input.
    initial : dict of str to array
        Gradients of all rows of the past, (delay, B, …), oldest first; also of delayed inputs.
    trajectory : dict of str to array
        States (T + 1, B, …) and outputs (T, B, …).
    locals : dict of str to array
        The adjoint of every line at every step, (T, B, …), by the name that the line defines: ``i``; outputs and the
        inner names that the derivation shows, ``a_i``, among them. Of a line that parameters alone give it is what each
        step adds. All are computed when the first is asked for, from the run, which must still be there.

    Notes
    -----
    What ``returns=`` did not ask for is not there. What lay in a workspace is refused once a later call has used it.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn = gs.cell("rnn")
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> run = rnn.forward(params, x)
    >>> grads = rnn.backward(params, run, {"h": np.ones((4, 1, 3))})
    >>> grads.params["U"].shape, grads.x.shape, grads.initial["h"].shape
    ((3, 3), (4, 1, 2), (1, 1, 3))
    >>> grads.stacked(["U"]).shape
    (1, 3, 3)
    """

    def __init__(
        self,
        cell: RecurrentCell,
        batch_first: bool,
        arrays: Mapping[str, Array],
        views: Mapping[str, Sequence[Shown]],
        store: Store = FRESH,
    ) -> None:
        self._cell, self._batch_first, self._arrays, self._views = cell, batch_first, arrays, views
        self._lies_in = dict.fromkeys(("initial", *views), (store, store.turn))
        self._groups: dict[str, NamedArrays] = {}
        self._lines: Lines = RefusedLines.without_run(cell.name)

    def __getstate__(self) -> dict[str, Any]:
        groups = {name: self._group(name) for name in self._lies_in}
        groups |= {name: self._groups[name] for name in ("locals",) if name in self._groups}
        return {**self.__dict__, "_groups": groups, "_arrays": {}, "_views": {}}

    def __eq__(self, other: object) -> bool:
        """Whether both are of equal cells and hold the same gradients; NaN equals NaN."""
        if not isinstance(other, Gradients):
            return NotImplemented
        if (self._cell, self._batch_first, {*self._lies_in}) != (other._cell, other._batch_first, {*other._lies_in}):
            return False
        return all(self._group(name) == other._group(name) for name in self._lies_in)

    def __repr__(self) -> str:
        return f"<gradients of {self._cell.name}: {names_text(self._lies_in)}>"

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import arrays_table

        return "".join(arrays_table(group, group.what) for group in map(self._group, self._lies_in))

    def add_trajectory(self, histories: Mapping[str, Array], call_shape: CallShape, store: Store = FRESH) -> None:
        """Hand out states and outputs, from histories of their parts, which lie in a store of their own."""
        found, interface = dict[str, Array](), self._cell.interface
        for layout in interface.layouts("states", "outputs"):
            whole = join_parts(layout, [histories[p] for p in layout.parts], call_shape.sizes)
            delay = call_shape.delays.get(layout.name, 0)
            found[layout.name] = whole[delay - 1 :] if layout in interface.states else whole
        self.show_trajectory(found, store)

    def show_trajectory(self, rows: Mapping[str, Array], store: Store = FRESH) -> None:
        """Hand out states (T + 1, B, …) and outputs (T, B, …) by name, which lie in a store of their own."""
        self._lies_in["trajectory"] = (store, store.turn)
        seen = {name: self._seen(array) for name, array in rows.items()}
        self._groups["trajectory"] = self._named("trajectory", seen)

    def with_lines(self, lines: Lines) -> Self:
        """These gradients, which can tell the adjoints of lines when they are asked for them."""
        self._lines = lines
        return self

    def _seen(self, rows: Array) -> Array:
        return np.swapaxes(rows, 0, 1) if self._batch_first else rows

    def _named(self, name: str, arrays: Mapping[str, Array]) -> NamedArrays:
        return NamedArrays(arrays, _WHAT[name].format(self._cell.name))

    def _group(self, name: str) -> NamedArrays:
        """The arrays of a group: views, made when they are first asked for and the same ever after."""
        if name not in self._lies_in:
            raise ArgumentError(f"these gradients were asked for without {name!r}; name it in returns=.")
        check_turn(*self._lies_in[name], f"these gradients of {self._cell.name}", "call")
        if name not in self._groups:
            found = {view.name: view.of(self._arrays) for view in self._views[name]}
            if name in ("states", "inputs"):
                found = {key: self._seen(rows) for key, rows in found.items()}
            self._groups[name] = self._named(name, found)
        return self._groups[name]

    def groups(self, *names: str) -> dict[str, NamedArrays]:
        """Those of some groups that were asked for."""
        return {name: self._group(name) for name in names if name in self._lies_in}

    def stacked(self, names: Sequence[str]) -> Array:
        """The gradients of some parameters of one shape, with an axis in front that counts them.

        Parameters
        ----------
        names : sequence of str
            Of parameters.

        Returns
        -------
        array (K, …)
            Where they lie one behind another in memory it is a view of them.
        """
        views = {view.name: view for view in self._views["params"]}
        found = [views[name] for name in names]
        if all(isinstance(view, View) for view in found):
            joined = joined_view(found)  # type: ignore[arg-type]
            if joined is not None:
                return joined.of(self._arrays)
        return np.stack([view.of(self._arrays) for view in found])

    @property
    def initial(self) -> dict[str, Array]:
        """Gradients of all rows of the past, (delay, B, …)."""
        return self._group("initial")

    @property
    def params(self) -> dict[str, Array]:
        """Gradients of parameters, sums over time and batch, of the parameters' shapes."""
        return self._group("params")

    @property
    def states(self) -> dict[str, Array]:
        """Total adjoints of states, (T + 1, B, …)."""
        return self._group("states")

    @property
    def inputs(self) -> dict[str, Array]:
        """Gradients of inputs, (T, B, …)."""
        return self._group("inputs")

    @property
    def trajectory(self) -> dict[str, Array]:
        """States (T + 1, B, …) and outputs (T, B, …)."""
        return self._group("trajectory")

    @property
    def locals(self) -> dict[str, Array]:
        """Adjoints of all lines, (T, B, …), computed when they are first asked for."""
        if "locals" not in self._groups:
            self._groups["locals"] = self._named("locals", self._lines.compute(self.initial))
        return self._groups["locals"]

    @property
    def x(self) -> Array:
        """The gradient of the one input, (T, B, m).

        Raises
        ------
        ArgumentError
            Where there are none or several.
        """
        if len(self.inputs) != 1:
            raise ArgumentError(f"{self._cell.name} has {len(self.inputs)} inputs; take grads.inputs[name].")
        return next(iter(self.inputs.values()))


class Tangents:
    """The result of `Cell.tangent`.

    Attributes
    ----------
    states : dict of str to array
        Mantissas (k, B, …), or (delay, k, B, …) where a delay is longer than a step.
    exponents : (k, B) array of int
        A direction is its mantissa times 2 to this power.

    Examples
    --------
    >>> import gatedsym as gs
    >>> import numpy as np
    >>> rnn = gs.cell("rnn")
    >>> params, x = rnn.init(m=2, n=3), np.ones((4, 1, 2))
    >>> run = rnn.forward(params, x)
    >>> moved = rnn.tangent(params, run, {"h": np.ones((2, 1, 3))})
    >>> moved.states["h"].shape, moved.exponents.shape
    ((2, 1, 3), (2, 1))
    """

    def __init__(self, cell: RecurrentCell, arrays: dict[str, Array], sizes: Mapping[str, int]) -> None:
        spec = cell.kernels.signature("tangent").arrays
        parts = {a.tensor: arrays[a.name] for a in spec if a.kind is Kind.TANGENT}
        self.exponents: Array = next(arrays[a.name].T for a in spec if a.kind is Kind.EXPONENTS)
        self.states = NamedArrays({}, f"directions of states of {cell.name}")
        for layout in cell.interface.states:
            whole = np.swapaxes(join_parts(layout, [parts[p] for p in layout.parts], sizes), 1, 2)
            self.states[layout.name] = whole[0] if whole.shape[0] == 1 else whole

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same directions."""
        if not isinstance(other, Tangents):
            return NotImplemented
        return self.states == other.states and equal_array(self.exponents, other.exponents)

    def __repr__(self) -> str:
        return f"<{self.exponents.shape[0]} directions: {names_text(self.states)}>"

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import arrays_table

        return arrays_table(self.states, self.states.what)
