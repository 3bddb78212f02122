"""A cell and a task → a network: the cell, a readout with a loss, and one flat vector of all parameters.

    net = gs.Network("gru", gs.tasks.adding(T=100), n=32, retention=1.0)
    net.theta                  # (P,): all parameters; net.params["W_z"] is a view of it
    loss = net.gradient(batch) # and net.grad is the gradient, net.grads["W_z"] a view of it

The readout is a cell of its own, `gatedsym.head.classification` or `gatedsym.head.regression`, with kernels that are
generated and proven like any others. It is called on the steps where the task has a loss, and on no others.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from gatedsym.cells import Cell
from gatedsym.composition import head as heads
from gatedsym.composition.stack import stack
from gatedsym.errors import ArgumentError, DataError, GatedsymError
from gatedsym.execution.arguments import float_dtype
from gatedsym.execution.initialisation import Parameters
from gatedsym.execution.named_arrays import NamedArrays
from gatedsym.execution.workspace import Workspace
from gatedsym.expect import expect_path, expect_text, expect_whole, shown
from gatedsym.files.write import write_atomically
from gatedsym.learning.archive import pack, unpack
from gatedsym.learning.batches import Batch
from gatedsym.learning.evaluation import evaluate_batch, outputs_of
from gatedsym.learning.feeding import Feeding, Form, fitting_sizes, require_task
from gatedsym.learning.flat import FlatLayout
from gatedsym.learning.gradient import batch_gradient
from gatedsym.learning.head_call import HeadCall
from gatedsym.learning.readout import Readout
from gatedsym.library import load as library
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.flow.given import GivenCell
    from gatedsym.learning.task import Task


SCHEMA = "gatedsym network 1"


class Network:
    """A cell with a readout and the loss of a task.

    Parameters
    ----------
    cell : Cell or str
        A cell, or the name of one of the library.
    task : Task
        What it is to learn: the widths of input and readout, and the loss, are those of the task.
    n : int
        Hidden size.
    layers : int
        Copies of the cell, one above the other (`gatedsym.stack`).
    retention : float or "chrono", optional
        Bias of the gates that retain the state; "chrono" for lags up to the steps of the task.
    scheme : str
        Of the cell's initial parameters, as `Cell.init` takes it. Those of the readout are U(±1/√n).
    gain : float
        Factor of the weights under ``orthogonal`` and ``gaussian``.
    seed : int
        Of the initial parameters.
    dtype : {"float32", "float64"}
    readout : str
        The output or state that is read, where the equations leave it open.
    **dimensions
        Sizes of further dimensions of the cell.

    Attributes
    ----------
    cell, head : Cell
    theta, grad : array (P,)
        All parameters, and the gradient that `gradient` left. Write to them in place.
    params, grads : dict of str to array
        Views of them by the names of the equations; those of the readout are ``W_logits`` and ``b_logits``, or
        ``W_prediction`` and ``b_prediction``.

    Raises
    ------
    ArgumentError
        Where the task does not fit the cell, in a sentence.

    Examples
    --------
    >>> import gatedsym as gs
    >>> task = gs.tasks.adding(T=20)
    >>> net = gs.Network("gru", task, n=8, retention=1.0)
    >>> net.theta.shape, net.params["W_z"].shape
    ((273,), (8, 2))
    >>> net.outputs(task.batch(0, 4)).shape, net.loss(task.batch(0, 4)) > 0
    ((20, 4, 1), True)
    >>> net.save("gru.npz")
    >>> gs.Network.load("gru.npz") == net, net.with_seed(1) == net
    (True, False)
    """

    def __init__(
        self,
        cell: Cell | str,
        task: Task,
        *,
        n: int,
        layers: int = 1,
        retention: float | str | None = None,
        scheme: str = "uniform",
        gain: float = 1.0,
        seed: int = 0,
        dtype: str = "float32",
        readout: str = "",
        **dimensions: int,
    ) -> None:
        require_task(task)
        whole = _read_cell(cell, expect_whole("layers", layers, 1))
        if retention is not None and not whole.can_retain:
            raise ArgumentError(
                f"{whole.name} has no gate that retains a state by a bias of its own, or its parameters are given: "
                "leave retention= out."
            )
        self._init: dict[str, Any] = {"retention": retention, "scheme": scheme, "gain": gain}
        self._asked: dict[str, Any] = {
            "n": expect_whole("n", n, 1),
            "readout": expect_text("readout", readout),
            **{name: expect_whole(name, size, 1) for name, size in dimensions.items()},
        }
        self._build(whole, Form.of(task), seed, float_dtype(dtype).name)
        self._draw()

    def _build(self, cell: Cell, form: Form, seed: int, dtype: str) -> None:
        """All but the numbers."""
        self.cell, self.form, self.seed, self.dtype = cell, form, expect_whole("seed", seed), dtype
        given = {name: size for name, size in self._asked.items() if name not in ("n", "readout")}
        self.sizes = fitting_sizes(cell, form, int(self._asked["n"]), given)
        self.readout = Readout(cell, str(self._asked["readout"]), self.sizes)
        self.feeding = Feeding(cell, form, self.sizes)
        self.head, self.head_sizes = _head(form, self.readout.size)
        self.head_value = "logits" if form.loss == "cross-entropy" else "prediction"
        own, top = cell.shapes(**self._free(cell, self.sizes)), self.head.shapes(**self.head_sizes)
        self._head_names = {name: name if name not in own else f"{name}_readout" for name in top}
        self.layout = FlatLayout({**own, **{self._head_names[name]: shape for name, shape in top.items()}})
        self._allocate()

    def _allocate(self) -> None:
        dtype = np.dtype(self.dtype)
        self.theta, self.grad = np.zeros(self.layout.size, dtype), np.zeros(self.layout.size, dtype)
        self._view()

    def _view(self) -> None:
        """Views of the vectors, as people and kernels take them."""
        views, own = self.layout.views(self.theta), self.cell.parameters
        self.params = NamedArrays(views, f"parameters of the network of {self.cell.name}")
        self.grads = NamedArrays(self.layout.views(self.grad), f"gradients of the network of {self.cell.name}")
        self.cell_params = Parameters({name: views[name] for name in own}, self.sizes)
        self.head_params = Parameters({of: views[name] for of, name in self._head_names.items()}, self.head_sizes)
        self.workspaces = (Workspace(), Workspace())
        self.head_call: HeadCall | None = None

    def _draw(self) -> None:
        """Initial parameters."""
        options: dict[str, Any] = {**self._free(self.cell, self.sizes), **self._horizon(), **self._init}
        drawn = self.cell.init(**options, seed=self.seed, dtype=self.dtype)
        below = int(np.random.SeedSequence([self.seed, 0x4EAD]).generate_state(1)[0])
        of_head: dict[str, Any] = {**self.head_sizes, "seed": below, "dtype": self.dtype}
        top = self.head.init(**of_head)
        self.layout.fill(self.theta, [*(drawn[name] for name in self.cell.parameters), *top.values()])

    def _horizon(self) -> dict[str, int]:
        return {"horizon": max(self.form.steps, 2)} if self._init["retention"] == "chrono" else {}

    @staticmethod
    def _free(cell: Cell, sizes: Mapping[str, int]) -> dict[str, int]:
        """Those sizes that a caller may choose."""
        return {d.name: sizes[d.name] for d in cell.interface.dimensions if not d.fixed and not d.name.isdigit()}

    # What people do with it.

    def loss(self, batch: Batch, *, threads: int | None = 1) -> float:
        """The loss of a batch, in the units of the task; `grad` stays as it is.

        Parameters
        ----------
        batch : Batch
            Of the task, or of one of the same form, and of the network's dtype.
        threads : int, optional
            As `Cell.forward` takes them.
        """
        return evaluate_batch(self, batch, threads=threads).loss

    def outputs(self, batch: Batch, *, threads: int | None = 1) -> Array:
        """Logits or predictions of a batch at all steps, (T, B, outputs).

        Parameters
        ----------
        batch : Batch
            Of the task, or of one of the same form, and of the network's dtype.
        threads : int, optional
            As `Cell.forward` takes them.
        """
        return outputs_of(self, batch, np.arange(len(batch.weights)), threads=threads)

    def gradient(self, batch: Batch, *, truncate: int | None = None, threads: int | None = 1, draw: int = 0) -> float:
        """Put the gradient of a batch's loss into `grad`, and return the loss.

        Parameters
        ----------
        batch : Batch
            Of the task, or of one of the same form, and of the network's dtype.
        truncate : int, optional
            Steps that a gradient passes at most: truncated back-propagation through time. States are carried on from
            one window of so many steps to the next, their adjoints are not.
        threads : int, optional
            As `Cell.forward` takes them.
        draw : int
            The number from which inputs are drawn that the task does not give: masks of dropout.

        Returns
        -------
        float
            The loss, in the units of the task.

        Examples
        --------
        >>> import gatedsym as gs
        >>> task = gs.tasks.adding(T=5)
        >>> net = gs.Network("rnn", task, n=3)
        >>> loss = net.gradient(task.batch(0, 4))
        >>> net.grad.shape == net.theta.shape, net.grads["U"].shape
        (True, (3, 3))
        """
        return batch_gradient(self, batch, truncate, threads, draw)

    def with_seed(self, seed: int) -> Self:
        """A network like this one with the initial parameters of another `seed`."""
        other = copy.copy(self)
        other.seed = expect_whole("seed", seed)
        other._allocate()
        other._draw()
        return other

    def trained(self, name: str = "", given_by: str = "") -> GivenCell:
        """The cell with the present parameters, for every analysis.

        Parameters
        ----------
        name : str
            Of the cell; by default ``gru_trained``.
        given_by : str
            What has these parameters, as a noun phrase for captions.

        Returns
        -------
        GivenCell
            With a copy of the parameters.

        Examples
        --------
        >>> import gatedsym as gs
        >>> net = gs.Network("rnn", gs.tasks.adding(T=5), n=3)
        >>> net.trained("mine", "a network before its training").given_sizes["n"]
        3
        """
        from gatedsym.flow.given import GivenCell

        params = {of: np.array(value) for of, value in self.cell_params.items()}
        own = name or f"{self.cell.name}_trained"
        return GivenCell(self.cell, params, own, given_by=given_by or f"a network of {self.cell.name}")

    def save(self, path: Any) -> None:
        """Write it to the file `path`, ``.npz``: equations, sizes and parameters, with a digest."""
        write_atomically(expect_path("path", path), pack(SCHEMA, self.facts(), {"theta": self.theta}))

    @classmethod
    def load(cls, path: Any) -> Network:
        """The network of the file `path` that `save` wrote.

        Raises
        ------
        DataError
            If the file is missing, damaged, or of another kind.
        """
        place = expect_path("path", path)
        facts, arrays = unpack(place, SCHEMA)
        return cls.of_facts(facts, arrays.get("theta", np.zeros(0)), str(place))

    def facts(self) -> dict[str, Any]:
        """Facts that JSON can hold: all but the parameters."""
        cell = self.cell
        return {
            "cell": cell.name,
            "library": cell.record is not None,
            "equations": cell.source,
            "constants": {name: _plain(value) for name, value in cell.constants.items()},
            "form": asdict(self.form),
            "asked": dict(self._asked),
            "init": {name: _plain(value) for name, value in self._init.items()},
            "seed": self.seed,
            "dtype": self.dtype,
            "parameters": {name: list(shape) for name, shape in self.layout.shapes.items()},
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any], theta: Array, where: str) -> Network:
        """The network of what `facts` says, with given parameters; `where` names the file, for a sentence.

        Raises
        ------
        DataError
            If they do not belong together.
        """
        net = cls.__new__(cls)
        try:
            net._init, net._asked = dict(facts["init"]), dict(facts["asked"])
            net._build(_cell_of(facts), Form(**facts["form"]), facts["seed"], facts["dtype"])
            shapes = {name: tuple(shape) for name, shape in facts["parameters"].items()}
        except (KeyError, TypeError, AttributeError, GatedsymError) as error:
            raise DataError(f"the network in {where} cannot be made again ({error}): write it anew.") from error
        if shapes != net.layout.shapes or theta.shape != net.theta.shape or theta.dtype != net.theta.dtype:
            raise DataError(f"the parameters in {where} do not fit the network's equations: write it anew.")
        net.theta[...] = theta
        return net

    def require_form(self, task: Task) -> None:
        """Raise ArgumentError for a task of other widths or another loss; its number of steps may be another."""
        form = Form.of(task)
        if (form.features, form.symbols, form.loss, form.outputs) != (
            self.form.features, self.form.symbols, self.form.loss, self.form.outputs,
        ):  # fmt: skip
            raise ArgumentError(
                f"the network was made for a task of {self.form.words}, and {task} has {form.words}: make another one, "
                "gs.Network(cell, task, …)."
            )

    # What it is like.

    def __getstate__(self) -> dict[str, Any]:
        left = ("params", "grads", "cell_params", "head_params", "workspaces", "head_call")
        return {name: value for name, value in self.__dict__.items() if name not in left}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.theta, self.grad = np.array(self.theta), np.array(self.grad)  # a copy has numbers of its own
        self._view()

    def __eq__(self, other: object) -> bool:
        """Whether both have the same cell, readout and parameters."""
        if not isinstance(other, Network):
            return NotImplemented
        return (self.cell, self.form, self.sizes) == (other.cell, other.form, other.sizes) and (
            self.readout.names == other.readout.names
            and self.theta.dtype == other.theta.dtype
            and np.array_equal(self.theta, other.theta, equal_nan=True)
        )

    __hash__ = None  # type: ignore[assignment]  # its parameters change

    def __repr__(self) -> str:
        return (
            f"<network of {self.cell.name}: {', '.join(f'{k} = {v}' for k, v in self.sizes.items())}; "
            f"{self.form.words}; {self.layout.size} parameters, {self.dtype}>"
        )

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import arrays_table

        return arrays_table(self.params, repr(self).strip("<>"))


def _read_cell(cell: Cell | str, layers: int) -> Cell:
    if isinstance(cell, str) and cell.isidentifier():
        library.derivation(cell)  # refuses an unknown name
        cell = Cell(library.derivation(cell), cell)
    elif isinstance(cell, str):
        cell = Cell(cell)
    elif not isinstance(cell, Cell):
        raise ArgumentError(f"cell is {shown(cell)}: give a cell, the name of one of the library, or equations.")
    if layers == 1:
        return cell
    if hasattr(cell, "parameters_digest"):
        raise ArgumentError(
            f"the parameters of {cell.name} are those of one layer: give layers=1, or the cell without them."
        )
    return stack([cell] * layers)


def _cell_of(facts: Mapping[str, Any]) -> Cell:
    """The library's cell where it still has these equations; else that of the text."""
    name, constants = facts["cell"], facts["constants"]
    if facts["library"] and name in library.names() and library.derivation(name).equations == facts["equations"]:
        return Cell(library.derivation(name), name, **constants)
    return Cell(facts["equations"], name, **constants)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _head(form: Form, width: int) -> tuple[Cell, dict[str, int]]:
    """The readout with its loss, and its sizes. One module serves all numbers of outputs."""
    if form.loss == "cross-entropy":
        return heads.classification(2, weights=True), {"n": width, "classes": form.outputs}
    return heads.regression(1, weights=True, half=False), {"n": width, "targets": form.outputs}


__all__ = ["Network"]
