"""Cell: the front door for programs. Equations in, trajectories and gradients out."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatedsym.errors import ArgumentError, EquationError, EquationWarning, UnknownNameError
from gatedsym.execution.adjoint_norms import Flow
from gatedsym.execution.arguments import (
    Arrays,
    Call,
    check_run,
    float_dtype,
    parameters_of_run,
)
from gatedsym.execution.backward import check_returns
from gatedsym.execution.backward_plan import RETURNS
from gatedsym.execution.complex_arrays import in_pairs
from gatedsym.execution.cotangents import Cotangents
from gatedsym.execution.initialisation import Parameters, apply_prescription, draw_parameters, set_retention
from gatedsym.execution.kept_modules import module_place, module_text
from gatedsym.execution.layouts import axes_shape, split_parts
from gatedsym.execution.memo import Memo
from gatedsym.execution.named_arrays import NamedArrays, unknown
from gatedsym.execution.passes import backward_pass, forward_pass
from gatedsym.execution.ragged.run import RaggedRun
from gatedsym.execution.results import Gradients, Run, Tangents
from gatedsym.execution.scheme import APART, Scheme, prescription_of
from gatedsym.execution.sizes import resolve_sizes
from gatedsym.execution.state_tangents import state_tangents
from gatedsym.execution.workspace import Workspace, claim
from gatedsym.expect import expect_choice, expect_flag, expect_mapping, expect_text, is_whole
from gatedsym.files.cache import read_kept
from gatedsym.files.write import text_hash
from gatedsym.ir.interface import Interface, Kind, Layout, Role
from gatedsym.library import load as library
from gatedsym.offers import offered
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.execution.checkpointing import CotangentsOf
    from gatedsym.execution.derivation_pages import CellDerivation
    from gatedsym.execution.influence import Influence
    from gatedsym.execution.kernels import Kernels
    from gatedsym.execution.second_order import HessianProduct
    from gatedsym.ir.program import Recurrence
    from gatedsym.library.records import Initialisation


_MAY_BRING = re.compile(r"^[ \t]*use +\w|(?<![\w.])file\(", re.M)
_MAY_DECLARE = re.compile(r"\b(stop|stop_gradient|detach|straight_through|declared) *\(|\bwith +derivative\b")
"""Words without which a text has no declared derivative; with them its equations are to be asked."""


class Cell:
    """A recurrent cell, given by its equations.

    Parameters
    ----------
    equations : str or Derivation
        The text; see the README for the language. Or what the library says of a cell: its text is read when it is
        needed.
    name : str
        An identifier; it names files and messages.
    **constants
        Values for named constants of the text, and counts of micro-steps.

    Attributes
    ----------
    source : str
        The text of the equations.
    record : Derivation or None
        What the library says of the cell: title, reference, claims; None for a person's own.

    Raises
    ------
    EquationError
        If the text is not understood.
    ArgumentError
        If the name is no identifier.

    Examples
    --------
    >>> import numpy as np
    >>> import gatedsym as gs
    >>> mine = gs.Cell("x in R^m; h in R^n; W in R^(n x m); U in R^(n x n)\\nh' = tanh(W @ x + U @ h)", "mine")
    >>> params = mine.init(m=2, n=3)
    >>> mine.forward(params, np.ones((4, 1, 2)))["h"].shape
    (5, 1, 3)
    """

    def __init__(self, equations: str | library.Derivation, name: str = "cell", **constants: Any) -> None:
        if not expect_text("name", name).isidentifier():
            near = re.sub(r"^(?=[0-9])|[^0-9A-Za-z]+", "_", name).rstrip("_") or "cell"
            raise ArgumentError(f"a cell's name must be an identifier, not {name!r}: write {near}.")
        self.record = equations if isinstance(equations, library.Derivation) else None
        self.source = expect_text("equations", equations if self.record is None else self.record.equations)
        if self.record is None and _MAY_BRING.search(self.source):
            self.source = _with_what_it_names(self.source)
        self.name = name
        self.constants = dict(constants)
        # The library's texts are right: with them, constants alone may be wrong. Mistakes are told at once.
        if constants if self.record is not None else not self._generated_text():
            _ = self.recurrence

    def __getstate__(self) -> dict[str, Any]:
        """The parts that make the cell; kernels and memos are found again where it is unpickled."""
        return {name: self.__dict__[name] for name in ("source", "name", "constants", "record")}

    def __eq__(self, other: object) -> bool:
        """Whether both have the same name, equations and constants."""
        if not isinstance(other, Cell):
            return NotImplemented
        return (self.name, self.source, self.constants) == (other.name, other.source, other.constants)

    def __hash__(self) -> int:
        return hash((self.name, self.source))

    def _repr_html_(self) -> str:
        from gatedsym.execution.notebook import cell_html

        return cell_html(self)

    def _repr_latex_(self) -> str:
        from gatedsym.execution.notebook import cell_latex

        return cell_latex(self)

    def __repr__(self) -> str:
        told = f"; derivatives declared: {', '.join(self.declared)}" if self.declared else ""
        return f"Cell({self.name!r}, states {', '.join(self.states)}{told})"

    # What the cell is.

    @cached_property
    def declared(self) -> tuple[str, ...]:
        """Names whose derivative is declared, not that of their value: ``z'``; of most cells none."""
        if _MAY_DECLARE.search(self.source) is None:
            return ()
        from gatedsym.ir.declared import declared_targets

        return declared_targets(self.recurrence)

    @cached_property
    def recurrence(self) -> Recurrence:
        """The Program of one step and how its results become the next step's sources."""
        from gatedsym.equations import read_equations

        with warnings.catch_warnings():
            if self.record is None:
                return read_equations(self.source, name=self.name, constants=self.constants)
            # The library's: what it shares, it shares on purpose.
            warnings.simplefilter("ignore", EquationWarning)
            try:
                return read_equations(self.source, name=self.name, constants=self.constants)
            except EquationError as error:
                raise error.in_file(f"{self.record.path}, equations") from None

    @property
    def derivation(self) -> CellDerivation:
        """The derivation of its gradient: ``cell.derivation("html")``, also "text", "latex" and "markdown".

        What comes is a str that a notebook shows typeset, and ``.save(path)`` writes. What the library says of its own
        cells stands in ``cell.record``, and can be read here too: ``cell.derivation.reference``.
        """
        found: CellDerivation = offered("Cell.derivation")(self)
        return found

    def diagram(self, *, steps: bool = False, backward: bool = False, width: float | None = None) -> Any:
        """Draw the cell: states as rails, gates as valves on what they multiply.

        Parameters
        ----------
        steps : bool
            One panel for each equation, with the numbers of a small example.
        backward : bool
            The backward pass: adjoints on the wires, each as thick as its share of the gradient for earlier steps.
        width : float, optional
            Inches that the drawing may be wide; longer cells are broken into lines.

        Returns
        -------
        gatedsym.diagrams.Diagram or gatedsym.diagrams.BackwardDiagram
            A notebook shows it; ``.save("lstm.svg")`` writes it, also as pdf and png.

        Examples
        --------
        >>> import gatedsym as gs
        >>> gs.cell("gru").diagram().render("svg")[:5]
        b'<?xml'
        """
        return offered("Cell.diagram")(self, steps=steps, backward=backward, width=width)

    def prove(self) -> Any:
        """Prove what is to be proven of it, as ``gatedsym prove`` does: derivatives, claims, the emitted kernels.

        Returns
        -------
        gatedsym.proofs.verdicts.Verdicts
            A sequence of verdicts that shows itself as a table; ``.proven`` says whether all of it is.

        Examples
        --------
        >>> import gatedsym as gs
        >>> gs.Cell("x, h in R^n; a in R^n\\nh' = a * h + x", "leak").prove().proven
        True
        """
        return offered("Cell.prove")(self)

    @cached_property
    def kernels(self) -> Kernels:
        """The compiled kernels (compiled at their first call)."""
        from gatedsym.execution.kernels import Kernels
        from gatedsym.runtime.jit.compile import load_module

        text = self._generated_text() or module_text(self._kept_place, self._generate)
        return Kernels(load_module(text, self.name))

    @cached_property
    def memo(self) -> Memo:
        """A memo of arguments of known shapes, so that the next call need not check them again."""
        return Memo()

    @property
    def interface(self) -> Interface:
        """The typed table of the generated module: dimensions, layouts, arguments of its kernels."""
        return self.kernels.interface

    def _generated_text(self) -> str:
        """The generated module's text if the library or the cache has it for these equations, else ""."""
        if self.record is not None and not self.constants:
            path = library.generated_folder() / f"{self.name}.py"
            if path.is_file():
                text = path.read_text(encoding="utf-8")
                if f"# Equations: sha256 {text_hash(self.source)}\n" in text:
                    return text
        kept = read_kept(*self._kept_place)
        return "" if kept is None else kept.decode("utf-8")

    def _generate(self) -> str:
        from gatedsym.codegen.module import write_module

        return write_module(self.recurrence)

    @cached_property
    def _kept_place(self) -> tuple[Path, str]:
        """The generated module's place in the cache, and the key of all that it depends on."""
        return module_place(self, "cells", self.name, "gatedsym.codegen.module")

    def variant(self, name: str, edits: Mapping[str, str], lines: str = "") -> Cell:
        """The cell with other right sides for some of its equations; parameters that nothing uses any more go.

        Parameters
        ----------
        name : str
        edits : mapping of str to str
            ``{"f": "1 - i"}``: from the name that an equation defines to its new right side.
        lines : str
            Declarations and equations that the edits need besides: ``"p_i in R^n"``.

        Returns
        -------
        Cell

        Raises
        ------
        EquationError
            For an edit of a name that no equation defines, or a text that is not understood.
        ArgumentError
            If the name is no identifier.

        Examples
        --------
        >>> import gatedsym as gs
        >>> gs.cell("lstm").variant("cifg", {"f": "1 - i"}).parameters[:3]
        ('W_i', 'W_g', 'W_o')
        """
        from gatedsym.equations import constants_left, edit_equations

        expect_text("name", name)
        for edited, right in expect_mapping("edits", edits, "names that equations define to right sides").items():
            expect_text("an edited name", edited)
            expect_text(f"the right side of {edited!r}", right)
        text = f"{lines}\n{self.source}" if expect_text("lines", lines) else self.source
        if any(map(_MAY_BRING.search, (lines, *edits.values()))):
            text, edits = _with_what_it_names(text), {n: _with_what_it_names(right) for n, right in edits.items()}
        source = edit_equations(text, edits, name, constants=self.constants)
        return Cell(source, name, **constants_left(source, self.constants, edits))

    @property
    def states(self) -> tuple[str, ...]:
        """Names of the states."""
        return tuple(s.name for s in self.interface.states)

    @property
    def inputs(self) -> tuple[str, ...]:
        """Names of the inputs."""
        return tuple(s.name for s in self.interface.inputs)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of outputs that are not states."""
        return tuple(s.name for s in self.interface.outputs)

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters."""
        return tuple(s.name for s in self.interface.parameters)

    @property
    def can_retain(self) -> bool:
        """Whether a gate with a bias retains a state, so that ``init(retention=…)`` makes sense."""
        return any(g.role is Role.RETAIN and g.bias for g in self.interface.gates)

    def sizes(self, **given: int | None) -> dict[str, int]:
        """The size of every dimension, from those given.

        Parameters
        ----------
        **given : int
            Sizes of dimensions by name: m, n and whatever the equations have besides.

        Returns
        -------
        dict of str to int
            Those that are not given follow from the equations or have a default there.

        Raises
        ------
        ArgumentError
            For a size that is missing, unknown or below 1.

        Examples
        --------
        >>> import gatedsym as gs
        >>> gs.cell("lstm").sizes(m=2, n=3)
        {'m': 2, 'n': 3}
        """
        return resolve_sizes(self.interface.dimensions, given, self.name)

    def shapes(self, **given: int | None) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter.

        Parameters
        ----------
        **given : int
            Sizes of dimensions by name, as `sizes` takes them.

        Examples
        --------
        >>> import gatedsym as gs
        >>> gs.cell("rnn").shapes(m=2, n=3)
        {'W': (3, 2), 'U': (3, 3), 'b': (3,)}
        """
        sizes = self.sizes(**given)
        return {layout.name: axes_shape(layout.axes, sizes) for layout in self.interface.parameters}

    # Parameters.

    def init(
        self,
        m: int | None = None,
        n: int | None = None,
        *,
        seed: int = 0,
        dtype: Any = "float64",
        scheme: str = "uniform",
        gain: float = 1.0,
        retention: float | str | None = None,
        horizon: int | None = None,
        **dimensions: int,
    ) -> Parameters:
        """Draw parameters.

        Parameters
        ----------
        m, n : int
            Input and hidden size.
        seed : int
            The same seed gives the same parameters on every machine.
        dtype : {"float64", "float32"}
        scheme : {"uniform", "xavier", "xavier-stacked", "orthogonal", "gaussian", "paper"} or Scheme
            Every parameter U(±1/√n); each matrix U(±√(6/(fan_in + fan_out))), by itself or as the stacked one of its
            gates; square matrices orthogonal, others as ``xavier``; each matrix N(0, 1/fan_in); what the cell's paper
            prescribes; or a `gatedsym.Scheme` of one's own.
        gain : float
            Factor of the weights under ``orthogonal`` and ``gaussian``.
        retention : float or "chrono", optional
            Bias of the gates that retain the state, with their sign; None leaves what the scheme gives.
        horizon : int, optional
            Steps, for ``"chrono"``.
        **dimensions : int
            Sizes of further dimensions, by name.

        Returns
        -------
        Parameters
            A dict of str to array: writable; members of a family are views of one stacked block.

        Raises
        ------
        ArgumentError
            For sizes that are missing or do not fit, another scheme, and a retention bias where no gate retains a
            state.

        References
        ----------
        ``xavier``: Glorot and Bengio 2010, Understanding the difficulty of training deep feedforward neural networks.
        ``orthogonal``: Saxe, McClelland, Ganguli 2014, Exact solutions to the nonlinear dynamics of learning in deep
        linear neural networks. ``chrono``: Tallec and Ollivier 2018, Can recurrent neural networks warp time?, equation
        16.

        Examples
        --------
        >>> import gatedsym as gs
        >>> params = gs.cell("lstm").init(m=2, n=3, seed=0, retention=1.0)
        >>> params["U_f"].shape, params["b_f"]
        ((3, 3), array([1., 1., 1.]))
        """
        known = {d.name for d in self.interface.dimensions}
        # A cell need not have every customary dimension: `m` is no mistake where there is no input.
        sizes = self.sizes(**{k: v for k, v in {"m": m, "n": n}.items() if k in known}, **dimensions)
        layouts = self.interface.parameters
        shapes = {layout.name: axes_shape(layout.axes, sizes) for layout in layouts}
        draw = partial(
            draw_parameters,
            shapes,
            hidden=self._hidden(sizes),
            biases=self.interface.biases,
            gain=gain,
            seed=seed,
            dtype=float_dtype(dtype),
            fan_in=self.interface.fan_in,
            pairs=[pair for pair in self.interface.pairs.values() if pair[0] in shapes],
        )
        params = self._drawn(draw, expect_text("scheme", scheme), sizes, seed)
        if retention is not None:
            parts = {part: view for ly in layouts for part, view in split_parts(ly, params[ly.name], sizes, 0)}
            set_retention(params | parts, self.interface.gates, retention, horizon, seed, self.name)
        return Parameters(params, sizes)

    def _drawn(
        self, draw: Callable[..., dict[str, Array]], scheme: str, sizes: Mapping[str, int], seed: int
    ) -> dict[str, Array]:
        """Parameters, those of a paper by its rules, and those of a scheme of one's own by its."""
        if isinstance(scheme, Scheme):
            params = self._drawn(draw, scheme.otherwise, sizes, seed)
            apply_prescription(params, prescription_of(scheme, params, self.name), sizes, seed, APART)
            return params
        if self.record is not None or "use " not in self.source:
            prescribed = self._prescribed() if scheme == "paper" else None
            params = draw(scheme=prescribed.otherwise if prescribed else scheme)
            if prescribed is not None:
                apply_prescription(params, prescribed, sizes, seed)
            elif self._initialisation is not None and self.fixed_parameters:
                fixed = {name: params[name] for name in self.fixed_parameters}
                apply_prescription(fixed, self._initialisation, sizes, seed)
            return params
        from gatedsym.execution.drawn_parts import draw_parts
        from gatedsym.library.parts import placed_parts

        return draw_parts(draw, placed_parts(self.source, self.interface.parameters), scheme, sizes, seed, self.name)

    @property
    def _initialisation(self) -> Initialisation | None:
        return None if self.record is None else self.record.initialisation

    @property
    def fixed_parameters(self) -> tuple[str, ...]:
        """Parameters that the derivation file prescribes and no scheme draws."""
        fixed = self._initialisation.fixed if self._initialisation is not None else ()
        return tuple(p for p in self.parameters if any(fnmatchcase(p, pattern) for pattern in fixed))

    def _prescribed(self) -> Initialisation:
        """The paper's initialisation, as the derivation file has it."""
        if self._initialisation is None:
            raise ArgumentError(
                f"scheme='paper' needs a cell whose derivation file prescribes one; {self.name} has none."
            )
        return self._initialisation

    def _hidden(self, sizes: Mapping[str, int]) -> int:
        if "n" in sizes:
            return sizes["n"]
        states = self.interface.states
        return axes_shape(states[0].axes, sizes)[-1] if states and states[0].axes else 1

    # Running.

    def forward(
        self,
        params: Arrays,
        x: Array | Arrays | None = None,
        *,
        initial: Arrays | None = None,
        keep: str = "all",
        batch_first: bool = False,
        steps: int | None = None,
        batch: int | None = None,
        threads: int | None = None,
        workspace: Workspace | None = None,
        copy: bool = True,
        lengths: Any = None,
        resets: Any = None,
    ) -> Run:
        """Compute the trajectory.

        Parameters
        ----------
        params : mapping of str to array
            Of the shapes that `shapes` tells.
        x : (T, B, m) array, or a mapping from input names to such
            Of any float type: one with more digits than the parameters have is converted at every call, which is said
            once; integers where all are exact in the parameters' type. `initial` likewise; of cotangents and directions
            nothing is said.
        initial : mapping of str to array, optional
            State to (B, n), or (delay, B, n), oldest first, where a delay is longer than a step; also the past of a
            delayed input. Zero by default.
        keep : {"all", "states"}
            "all": whatever a derivative needs, and a copy of `params`, so that what is asked for later is of these.
            Values that equations define are computed when they are first asked for, all of them then. ("adjoint" is
            another word for it.) "states": the run has states and outputs, and serves no derivative; the rest takes
            neither memory nor the time to write it: for a stream of single steps, for instance.
        batch_first : bool
            Whether `x` and `resets` are (B, T, …); what the run shows is so too.
        steps, batch : int
            T and B of a cell without input.
        threads : int, optional
            As many as ``GATEDSYM_THREADS`` or the usable cores, if the work pays for them. A thread takes some rows of
            the batch through all steps; where weights are large and rows are few, down to a single sequence, threads
            share the columns of every product instead, and wait for each other twice a product. The number changes no
            bit of a result.
        workspace : Workspace, optional
            Memory for the run, which holds until the next call with the same workspace.
        copy : bool
            False: the run refers to `x` itself where kernels can take it as it is. Do not change `x` while the run is
            in use. (With ``keep="states"`` there is nothing to copy.)
        lengths : (B,) array of int, optional
            The number of steps of each sequence, 0 … T. After its end its states repeat, and all that equations define
            is zero; it takes no cotangent there. What `x` holds there (NaN, say) reaches nothing, and costs nothing.
        resets : (T, B) array of bool, optional
            True: a new episode begins with this step. The state before it, and the past of
            what is delayed, are the initial ones again, `initial` or zero; row t of ``run["h"]`` still shows the last
            state of the episode before. No adjoint passes; that of the initial state is the sum over its episodes.

        Returns
        -------
        Run
            ``run["h"]`` is (T + 1, B, n), row 0 the initial state; ``run["i"]`` is (T, B, n).

        Raises
        ------
        ArgumentError
            For names, shapes or types that do not fit: the sentence says which argument, what it got and what it needs.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3, seed=0)
        >>> run = rnn.forward(params, np.ones((4, 1, 2)))
        >>> run["h"].shape
        (5, 1, 3)
        """
        expect_choice("keep", keep, ("all", "adjoint", "states"))
        expect_flag("copy", copy)
        kept = keep != "states"
        ragged = lengths is not None or resets is not None
        call = Call.begin(self, params, x, batch_first, steps, batch, initial, ragged)
        with claim(workspace, "forward") as (store,):
            if ragged:
                from gatedsym.execution.ragged.forward import ragged_forward

                return ragged_forward(call, lengths, resets, kept, threads, store)
            parameters = call.parameters(store)
            own = call.own_parameters(parameters, store) if kept else None
            return forward_pass(call, parameters, own, copy, threads, store)

    def backward(
        self,
        params: Arrays,
        run: Run,
        cotangents: Mapping[str, Any],
        *,
        returns: Iterable[str] = RETURNS,
        threads: int | None = None,
        workspace: Workspace | None = None,
    ) -> Gradients:
        """Carry cotangents back through time.

        Parameters
        ----------
        params, run
            As given to and returned by `forward`; parameters that have changed since are refused.
        cotangents : mapping of str to array, or to (times, array)
            For states and outputs: (T, B, n), row t for the value after step t, so ``dh[t]`` belongs to
            ``run["h"][t+1]``; or (B, n), at the end of each sequence; or sparse, ``(times, dh)`` with dh
            (len(times), B, n), where times index those rows (-1 is the last) and equal times add up. Times (K, B) are
            those of each sequence, and -1 is the last of its own. (A sequence without steps ends with its initial
            state.)
        returns : of {"params", "inputs", "states"}
            What is wanted; what is not takes no memory for all steps. Without "inputs" the products that only their
            gradients need are left out, a quarter of all where m = n, and without "params" those of parameters.
            Gradients of initial states are always there.
        threads : int, optional
            As in `forward`.
        workspace : Workspace, optional
            Memory for the gradients, which hold until the next `backward` with the same workspace. It may be that of
            the run.

        Returns
        -------
        Gradients
            ``.params["U"]`` and ``.x``, of the shapes of parameters and input; ``.states["h"]``, (T + 1, B, n).

        Raises
        ------
        ArgumentError
            If the run is another cell's, was made with ``keep="states"`` or lies in a workspace that a later call has
            used, and if parameters have changed since. Also for cotangents that do not fit.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3, seed=0)
        >>> run = rnn.forward(params, np.ones((4, 1, 2)))
        >>> grads = rnn.backward(params, run, {"h": ([-1], np.ones((1, 1, 3)))})
        >>> grads.params["U"].shape, grads.x.shape, grads.states["h"].shape
        ((3, 3), (4, 1, 2), (5, 1, 3))
        """
        check_run(self, run)
        wanted = check_returns(returns, RETURNS)
        if isinstance(run, RaggedRun):
            from gatedsym.execution.ragged.gradients import ragged_backward

            return ragged_backward(params, run, cotangents, wanted, threads, workspace)
        given = Cotangents.of_run(run, cotangents)
        with claim(workspace, "backward") as (store,):
            parts = parameters_of_run(self, params, run, store)
            return backward_pass(run, parts, given, wanted, threads, store)

    def gradients(
        self,
        params: Arrays,
        x: Array | Arrays | None,
        cotangents: Mapping[str, Any] | CotangentsOf,
        *,
        initial: Arrays | None = None,
        returns: Iterable[str] = ("params",),
        segments: int | str = "sqrt",
        batch_first: bool = False,
        steps: int | None = None,
        batch: int | None = None,
        threads: int | None = None,
        workspace: Workspace | None = None,
        lengths: Any = None,
        resets: Any = None,
    ) -> Gradients:
        """Gradients of a long sequence in little memory, for a third more time.

        The steps are divided into segments. The forward pass keeps the states between them alone; the backward pass
        computes each segment again before it carries the adjoints through. `x` is read where it lies.

        Parameters
        ----------
        params, x, initial, batch_first, steps, batch, threads
            As in `forward`.
        cotangents : mapping, or callable
            As in `backward`; an array over all steps has the size of `x`, which ``(times, dh)`` has not. Or
            ``cotangents(run, start, stop)``, which is called for one segment after the other, the last first: `run` is
            the trajectory of the steps from start to stop, ``run["h"]`` (stop - start + 1, B, n), and it returns the
            cotangents of these steps, (stop - start, B, n), or None. What `run` gives out holds during the call.
        returns : of {"params", "inputs", "states", "trajectory"}
            What is wanted; all but "params" take memory for every step. Gradients of initial states are always there.
        segments : int or "sqrt"
            How many; by default as many as each has steps.
        workspace : Workspace, optional
            Memory for all of it; the gradients hold until the next `backward` or `gradients` with the same workspace.
        lengths, resets
            As in `forward`. A callable then sees runs with the lengths that are left within each segment.

        Returns
        -------
        Gradients
            States have the bits that `forward` gives. Adjoints of states and inputs have those that `backward` gives,
            unless a callable gave the cotangents: they then join a sum later. Gradients of parameters are the same
            sums over time in another order.

        Raises
        ------
        ArgumentError
            For names, shapes or types that do not fit: the sentence says which argument, what it got and what it needs.

        References
        ----------
        Chen, Xu, Zhang, Guestrin 2016, Training deep nets with sublinear memory cost: segments of √T steps.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3)
        >>> grads = rnn.gradients(params, np.ones((400, 1, 2)), {"h": ([-1], np.ones((1, 1, 3)))})
        >>> grads.params["W"].shape
        (3, 2)
        """
        from gatedsym.execution.checkpointing import RETURNS as KNOWN
        from gatedsym.execution.checkpointing import checkpointed_gradients, divide_steps

        wanted = check_returns(returns, KNOWN)
        ragged = lengths is not None or resets is not None
        call = Call.begin(self, params, x, batch_first, steps, batch, initial, ragged)
        parts = divide_steps(call.call_shape.steps, segments)
        with claim(workspace, "forward", "backward") as (forward, backward):
            if ragged:
                from gatedsym.execution.ragged.checkpointing import ragged_checkpointed_gradients

                stores = (forward, backward)
                return ragged_checkpointed_gradients(call, lengths, resets, cotangents, parts, wanted, stores, threads)
            return checkpointed_gradients(call, cotangents, parts, wanted, (forward, backward), threads)

    def flow(self, params: Arrays, run: Run, cotangents: Mapping[str, Any], *, threads: int | None = None) -> Flow:
        """Norms of adjoints through time that never underflow.

        Parameters
        ----------
        params, run, cotangents
            As in `backward`.
        threads : int, optional
            As in `forward`.

        Returns
        -------
        Flow
            Logarithms of norms (T + 1, B), and mantissas with exponents of two.

        Raises
        ------
        ArgumentError
            If the run is another cell's, was made with ``keep="states"`` or lies in a workspace that a later call has
            used, and if parameters have changed since.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3, seed=0)
        >>> run = rnn.forward(params, np.ones((4, 1, 2)))
        >>> rnn.flow(params, run, {"h": ([-1], np.ones((1, 1, 3)))}).log_norm["h"].shape
        (5, 1)
        """
        check_run(self, run)
        if isinstance(run, RaggedRun):
            from gatedsym.execution.ragged.flow import ragged_flow

            return ragged_flow(params, run, cotangents, threads)
        arrays = self._derived_arrays("flow", params, run)
        given = Cotangents.of_run(run, cotangents)
        for a in self.kernels.signature("flow").arrays:
            if a.kind is Kind.COTANGENT:
                part = a.tensor.rstrip("'")
                given.place(part, arrays[a.name], -run.call_shape.delays.get(part, 0), 0)
        self.kernels.run("flow", arrays, run.call_shape, threads)
        return Flow(self, run, arrays)

    def tangent(
        self,
        params: Arrays,
        run: Run,
        directions: Arrays,
        *,
        start: int = 0,
        stop: int | None = None,
        threads: int | None = None,
    ) -> Tangents:
        """Carry directions forward along a trajectory, k at once.

        Parameters
        ----------
        params, run
            As given to and returned by `forward`.
        directions : mapping of str to array
            Of states before step `start`, (k, B, n), or (delay, k, B, n) where a delay is longer than a step; of
            parameters, (k, …) and the parameter's shape; of inputs, (k, T, B, m), as many steps as the run has. What
            is not given does not move. Parameters and inputs move by kernels of their own, generated when they are
            first asked for, which take one direction after the other.
        start, stop : int
            Steps start … stop - 1 are passed. Of a run with lengths the directions of a sequence stay after its end; of
            one with resets each episode begins with those given, or with none where `start` is not 0.
        threads : int, optional
            As in `forward`.

        Returns
        -------
        Tangents
            Mantissas of about 1 and exponents of two, for each direction and row.

        Raises
        ------
        ArgumentError
            If the run is another cell's, was made with ``keep="states"`` or lies in a workspace that a later call has
            used, and if parameters have changed since. Also for directions that do not fit.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3, seed=0)
        >>> run = rnn.forward(params, np.ones((4, 1, 2)))
        >>> rnn.tangent(params, run, {"h": np.ones((2, 1, 3))}).states["h"].shape  # two directions
        (2, 1, 3)
        """
        check_run(self, run)
        self._require_states("directions are carried from state to state")
        first, last = start, run.call_shape.steps if stop is None else stop
        if not (is_whole(first) and is_whole(last) and 0 <= first <= last <= run.call_shape.steps):
            raise ArgumentError(
                f"start={start!r}, stop={stop!r} must be integers in order within 0 … {run.call_shape.steps}."
            )
        from gatedsym.execution.moved_tangents import moved_tangents, moves_more_than_states

        directions = in_pairs(self, directions)
        if moves_more_than_states(self, directions):
            carrier = None
            if isinstance(run, RaggedRun):
                from gatedsym.execution.ragged.moved_tangents import RaggedCarried

                carrier = RaggedCarried
            return moved_tangents(self, params, run, directions, first, last, threads, carrier)
        if isinstance(run, RaggedRun):
            from gatedsym.execution.ragged.tangents import ragged_tangents

            return ragged_tangents(self, params, run, directions, first, last, threads)
        return state_tangents(self, params, run, directions, first, last, threads)

    def hessian_product(
        self,
        params: Arrays,
        run: Run,
        cotangents: Mapping[str, Any],
        direction: Arrays | Mapping[str, Arrays] | Gradients,
        *,
        returns: Iterable[str] = (*RETURNS, "trajectory"),
        threads: int | None = None,
    ) -> HessianProduct:
        """Carry the derivative of the gradient along a direction back through time: a Hessian–vector product.

        With cotangents held fixed, `backward` gives the gradient of a scalar, the sum of cotangents times states and
        outputs. This is the derivative of all that it gives, when the run moves along the direction: of that scalar's
        Hessian the product with it. The kernels are generated and compiled at the first call, and kept.

        Parameters
        ----------
        params, run
            As given to and returned by `forward`.
        cotangents : mapping of str to array, or to (times, array)
            As `backward` takes them.
        direction : mapping of str to array, or Gradients
            From names to arrays of the same shapes: of parameters; of inputs, (T, B, m); of initial states, (B, n), or
            (delay, B, n) where a delay is longer than a step. What is not named stays. Or in groups as gradients have
            them, ``{"params": {…}, "inputs": {…}, "initial": {…}}``: so gradients can be given themselves.
        returns : of {"params", "inputs", "states", "trajectory"}
            What is wanted, as in `backward`; "trajectory" is the derivative of states and outputs.
        threads : int, optional
            As in `forward`.

        Returns
        -------
        HessianProduct
            ``.params``, ``.x``, ``.inputs``, ``.states``, ``.initial``: the derivatives of what `backward` gives there;
            ``.trajectory``: those of states and outputs.

        Raises
        ------
        ArgumentError
            If the run is another cell's, cotangents are missing, or a direction has an unknown name or does not fit.

        Notes
        -----
        At a kink (relu, abs, max) slopes follow one convention, and their derivative is 0: away from kinks that is
        true, at a tie it is a convention too. Of a cell with declared derivatives (``stop``, ``straight_through``,
        surrogates) it is the derivative of the declared gradient. The product says which: ``.kinks``, ``.declared``.

        References
        ----------
        Pearlmutter 1994, Fast exact multiplication by the Hessian.

        Examples
        --------
        >>> import numpy as np
        >>> import gatedsym as gs
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3)
        >>> run = rnn.forward(params, np.ones((4, 1, 2)))
        >>> product = rnn.hessian_product(params, run, {"h": ([-1], np.ones((1, 1, 3)))}, {"b": np.ones(3)})
        >>> product.params["U"].shape
        (3, 3)
        """
        from gatedsym.execution.second_order import hessian_product

        check_run(self, run)
        if isinstance(run, RaggedRun):
            from gatedsym.execution.ragged.second_order import ragged_hessian_product

            return ragged_hessian_product(self, params, run, cotangents, direction, returns, threads)
        return hessian_product(self, params, run, cotangents, direction, returns, threads)

    def jacobian(self, params: Arrays, run: Run, *, threads: int | None = None) -> dict[tuple[str, str], Array]:
        """The blocks of every step's Jacobian.

        Parameters
        ----------
        params, run
            As given to and returned by `forward`.
        threads : int, optional
            As in `forward`.

        Returns
        -------
        dict of (next state, state) to array
            ``J["h'", "h"]`` is (T, B, n, n): rows of the next state, columns of the previous one. After the end of a
            sequence, where states repeat, it is the identity; where an episode begins, it is by its initial state.

        Raises
        ------
        ArgumentError
            If the run is another cell's, was made with ``keep="states"`` or lies in a workspace that a later call has
            used, and if parameters have changed since.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3, seed=0)
        >>> run = rnn.forward(params, np.ones((4, 1, 2)))
        >>> rnn.jacobian(params, run)["h'", "h"].shape
        (4, 1, 3, 3)
        """
        self._require_states("the Jacobian is that of the next states by the states")
        if isinstance(run, RaggedRun):
            from gatedsym.execution.ragged.jacobian import ragged_jacobian

            check_run(self, run)
            return ragged_jacobian(params, run, threads)
        arrays = self._derived_arrays("jacobian", params, run)
        self.kernels.run("jacobian", arrays, run.call_shape, threads)
        blocks = {}
        for a in self.kernels.signature("jacobian").arrays:
            if a.kind is Kind.JACOBIAN:
                of, wrt = a.tensor[2:-1].split(",")
                blocks[of, wrt] = arrays[a.name]
        return NamedArrays(blocks, f"blocks of the Jacobian of {self.name}")

    def influence(self, params: Arrays, run: Run) -> Influence:
        """The needs of real-time recurrent learning: the Jacobian of each step, and how parameters act within it.

        The influence P of a parameter on the states is carried forward by ``P ← J P + ∂s'/∂θ``. The last term, with
        the state before the step held, is a slope times a load for each product in which a weight stands:
        ``∂h'[j]/∂W[k,l] = slope[j]*x[l] where k = j``, and zero elsewhere.

        Parameters
        ----------
        params, run
            As given to and returned by `forward`.

        Returns
        -------
        Influence
            ``.jacobian["h'", "h"]``, (T, B, n, n), and ``.immediate["h'", "W"]``, with ``.terms`` (slope, load),
            ``.pattern``, ``.zeros`` and ``.dense()``.

        Raises
        ------
        ArgumentError
            If the run is another cell's, was made with ``keep="states"`` or lies in a workspace that a later call has
            used, and if parameters have changed since.

        References
        ----------
        Williams and Zipser 1989, A learning algorithm for continually running fully recurrent neural networks.

        Examples
        --------
        >>> import gatedsym as gs
        >>> import numpy as np
        >>> rnn = gs.cell("rnn")
        >>> params = rnn.init(m=2, n=3, seed=0)
        >>> run = rnn.forward(params, np.ones((4, 1, 2)))
        >>> print(rnn.influence(params, run).immediate["h'", "U"].pattern)
        slope[j]*h[l] where k = j
        """
        from gatedsym.execution.influence import Along, influence

        jacobian = self.jacobian(params, run)
        if isinstance(run, RaggedRun):
            from gatedsym.execution.ragged.influence import ragged_influence

            return ragged_influence(run, jacobian)
        return influence(self, Along.of_run(run), jacobian)

    def _require_states(self, why: str) -> None:
        if not self.states:
            raise ArgumentError(f"{self.name} has no state: {why}; ask a cell that has one.")

    # How arrays get in and out.

    def _derived_arrays(self, kernel: str, params: Arrays, run: Run) -> dict[str, Array]:
        check_run(self, run)
        taken = self.kernels.signature(kernel).of_kind(Kind.RESIDUAL, Kind.STATE, Kind.INPUT, Kind.OUTPUT)
        known = {a.name: run.arrays[a.name] for a in taken}
        known.update(parameters_of_run(self, params, run))
        return self.kernels.allocate(kernel, known, run.call_shape, run.dtype)

    def parameter_shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The shape of a parameter for given sizes of all dimensions."""
        return axes_shape(self.layout_of(name).axes, sizes)

    def layout_of(self, name: str) -> Layout:
        """Name, axes and parts of what a person calls `name`."""
        expect_text("name", name)
        layouts = self.interface.layouts("states", "outputs", "inputs", "locals", "parameters")
        for layout in layouts:
            if layout.name == name:
                return layout
        raise UnknownNameError(unknown(name, f"symbols of {self.name}", [layout.name for layout in layouts]))


def _with_what_it_names(source: str) -> str:
    """The text with the numbers of files and the cells that it names: it means the same wherever it is read."""
    from gatedsym.equations.array_files import with_arrays
    from gatedsym.equations.uses import whole

    return with_arrays(whole(source))


def cell(name: str, **constants: Any) -> Cell:
    """A cell of the library, by name.

    Parameters
    ----------
    name : str
        One of ``gatedsym cells``.
    **constants
        Values for named constants of its equations, and counts of micro-steps.

    Returns
    -------
    Cell

    Raises
    ------
    ArgumentError
        If the library has no such cell.
    EquationError
        If the cell has no such constant.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.cell("gru")
    Cell('gru', states h)
    >>> gs.cell("rhn", L=3).constants
    {'L': 3}
    """
    derivation = library.derivation(expect_text("the name of a cell", name))
    return Cell(derivation, name, **constants)
