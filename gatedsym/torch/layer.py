"""Layer: a cell as a module of torch, in layers and directions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, TypeAlias

import torch
from torch.nn.utils.rnn import PackedSequence

from gatedsym.cells import Cell
from gatedsym.cells import cell as cell_of_library
from gatedsym.errors import ArgumentError
from gatedsym.execution.initialisation import Parameters
from gatedsym.expect import expect_flag, expect_text, is_whole, shown
from gatedsym.torch.call import Call
from gatedsym.torch.families import as_parameters, as_tensors
from gatedsym.torch.form import Form
from gatedsym.torch.functions import Recorded, Recurrence, is_watched
from gatedsym.torch.operator import register, run_operator
from gatedsym.torch.reading import check_parameters, read_inputs, read_past
from gatedsym.torch.sequences import last_inputs, pack_like, read_lengths, reverse, unpack
from gatedsym.typing import Array

Tensors: TypeAlias = "dict[str, torch.Tensor]"


@dataclass(frozen=True)
class Place:
    """A layer in one direction.

    Attributes
    ----------
    layer : int
        From 0, the one that reads the sequence.
    reverse : bool
    suffix : str
        What stands behind the names of its parameters: as torch has it, ``_l0``, ``_l1_reverse``; nothing where there
        is one place.
    form : Form
    names : tuple of str
        Of its tensors, one for each family: ``W``, or ``W_l0_reverse``.
    """

    layer: int
    reverse: bool
    suffix: str
    form: Form
    names: tuple[str, ...]

    @classmethod
    def of(cls, layer: int, reverse: bool, suffix: str, form: Form) -> Place:
        """The place of a form, whose tensors are named so that they hide no attribute of a module."""
        stems = [f"{f.name}_" if hasattr(torch.nn.Module, f.name) else f.name for f in form.families]
        return cls(layer, reverse, suffix, form, tuple(f"{stem}{suffix}" for stem in stems))


class Layer(torch.nn.Module):
    """A recurrent cell as a layer of torch.

    Parameters
    ----------
    cell : str or Cell
        A name of the library, the text of equations, or a cell.
    m, n : int
        Input and hidden size; further dimensions by name.
    layers : int
        Each reads what the one below reads out.
    bidirectional : bool
        Whether each layer has a second cell that reads sequences from their last step, beside the first.
    dropout : float
        Probability with which, in training, an entry between two layers is set to 0.
    batch_first : bool
        Whether x and y are (B, T, …); states are (…, B, n) either way.
    dtype : torch.dtype, optional
        Of parameters: float32 or float64; by default torch's default.
    readout : str
        The output or state that is read out, where the equations leave it open.
    scheme, gain, retention, horizon
        The initialisation, as `Cell.init` takes it.
    seed : int, optional
        By default drawn from torch's generator, so that ``torch.manual_seed`` governs.
    **dimensions : int

    Attributes
    ----------
    cell : Cell
    output : str
        The name of the output or state that is read out.

    Raises
    ------
    ArgumentError
        For sizes that do not fit, and a cell whose layers cannot stand one on the other.

    Examples
    --------
    >>> import torch
    >>> import gatedsym.torch as gt
    >>> layer = gt.Layer("lstm", m=2, n=3)
    >>> y, states = layer(torch.zeros(5, 1, 2))
    >>> y.shape, states["c"].shape
    (torch.Size([5, 1, 3]), torch.Size([1, 1, 3]))
    >>> layer.cell_parameters()["W_i"].shape
    (3, 2)
    >>> layer.copy_parameters(layer.cell.init(m=2, n=3, retention=2.0))
    >>> layer.cell_parameters()["b_f"]
    array([2., 2., 2.], dtype=float32)
    >>> layer.reset_parameters(seed=0)
    """

    cell: Cell
    layers: int
    bidirectional: bool
    dropout: float
    batch_first: bool
    output: str
    places: tuple[Place, ...]
    _readout: tuple[str, ...]

    def __init__(
        self,
        cell: str | Cell,
        m: int | None = None,
        n: int | None = None,
        layers: int = 1,
        bidirectional: bool = False,
        dropout: float = 0.0,
        batch_first: bool = False,
        dtype: torch.dtype | None = None,
        *,
        readout: str = "",
        scheme: str = "uniform",
        gain: float = 1.0,
        retention: float | str | None = None,
        horizon: int | None = None,
        seed: int | None = None,
        **dimensions: int,
    ) -> None:
        super().__init__()
        self.cell = _read_cell(cell)
        if not is_whole(layers) or layers < 1:
            raise ArgumentError(f"layers={shown(layers)} must be a positive integer.")
        if isinstance(dropout, bool) or not isinstance(dropout, Real) or not 0 <= dropout < 1:
            raise ArgumentError(f"dropout={shown(dropout)} must be a probability from 0 up to, but not, 1.")
        self.layers, self.bidirectional = int(layers), expect_flag("bidirectional", bidirectional)
        self.dropout, self.batch_first = float(dropout), expect_flag("batch_first", batch_first)
        self.output, self._readout = _read_out(self.cell, expect_text("readout", readout))
        self.places = tuple(self._find_places({"m": m, "n": n, **dimensions}))
        self._register()
        self._drawn: dict[str, Any] = {"scheme": scheme, "gain": gain, "retention": retention, "horizon": horizon}
        dtype = torch.get_default_dtype() if dtype is None else dtype
        for place in self.places:
            shapes = [family.stacked_shape for family in place.form.families]
            for name, shape in zip(place.names, shapes, strict=True):
                self.register_parameter(name, torch.nn.Parameter(torch.empty(shape, dtype=_float_type(dtype))))
        self.reset_parameters(seed)

    def __setstate__(self, state: dict[str, Any]) -> None:
        super().__setstate__(state)
        self._register()

    def _register(self) -> None:
        """Make all places known to the operator that compiled models call."""
        for place in self.places:
            register(place.form)

    # What it consists of.

    def _find_places(self, sizes: Mapping[str, int | None]) -> Iterator[Place]:
        """Every layer and direction, from below."""
        known = {d.name for d in self.cell.interface.dimensions}
        given = {k: v for k, v in sizes.items() if k in known or k not in ("m", "n")}
        directions, width = 1 + self.bidirectional, 0
        for layer in range(self.layers):
            if layer:
                given[self._input_dimension()] = directions * width
            form = Form.of(self.cell, self.cell.sizes(**given), self._readout)
            width = self._width(form)
            self._refuse_unlike_pasts(form, directions * width)
            for backwards in (False, True)[:directions]:
                alone = self.layers * directions == 1
                suffix = "" if alone else f"_l{layer}{'_reverse' if backwards else ''}"
                yield Place.of(layer, backwards, suffix, form)

    def _width(self, form: Form) -> int:
        """The number of entries that a layer reads out; 0 where nothing reads or joins them."""
        shape = form.shapes[self._readout[0]]
        if self.layers == 1 and not self.bidirectional:
            return 0
        if len(shape) != 1 or len(self._readout) > 1:
            raise ArgumentError(
                f"{self.cell.name} reads out {self.output}, which is no real vector: "
                "it has one layer in one direction; stack cells by gs.stack and a readout of your own."
            )
        return shape[0]

    def _refuse_unlike_pasts(self, form: Form, width: int) -> None:
        """Refuse layers whose inputs have pasts of unlike shape: the states of all layers stand in one tensor."""
        delayed = [name for name in form.inputs if name in form.delays and form.shapes[name] != (width,)]
        if self.layers > 1 and delayed:
            raise ArgumentError(
                f"{self.cell.name} reads {delayed[0]} of earlier steps: in layers {delayed[0]} has the size of what is "
                f"read out, {width}, and not {form.shapes[delayed[0]][0]}; choose that, or stack cells by gs.stack."
            )

    def _input_dimension(self) -> str:
        """The dimension that is the size of the cell's one input."""
        layouts = self.cell.interface.inputs
        axes = layouts[0].axes if len(layouts) == 1 else ()
        if len(axes) != 1 or len(axes[0]) != 1 or axes[0][0].isdigit():
            raise ArgumentError(
                f"{self.cell.name} has the inputs {', '.join(self.cell.inputs) or '(none)'}: layers need one vector; "
                "stack cells by gs.stack."
            )
        return axes[0][0]

    def tensors(self, place: Place) -> list[torch.nn.Parameter]:
        """The tensors of a place, one for each family."""
        return [self._parameters[name] for name in place.names]

    def place(self, layer: int = 0, reverse: bool = False) -> Place:
        """One layer in one direction.

        Raises
        ------
        ArgumentError
            If there is none.
        """
        for found in self.places:
            if (found.layer, found.reverse) == (layer, reverse):
                return found
        there = f"{self.layers} layer{'s' if self.layers > 1 else ''}, {1 + self.bidirectional} direction(s)"
        raise ArgumentError(f"no layer {shown(layer)} with reverse={shown(reverse)}; there are {there}.")

    def cell_parameters(self, layer: int = 0, reverse: bool = False) -> Parameters:
        """The parameters of one layer and direction by the paper's names, as `Cell.forward` takes them.

        They are the layer's own memory, not copies: what is written to them the layer has.

        Parameters
        ----------
        layer : int
            From 0, the lowest.
        reverse : bool
            The direction that reads sequences from their last step.

        Returns
        -------
        Parameters
        """
        place = self.place(layer, reverse)
        return as_parameters(place.form.families, self.tensors(place), place.form.sizes)

    @torch.no_grad()
    def copy_parameters(self, parameters: Mapping[str, Array], layer: int = 0, reverse: bool = False) -> None:
        """Take the values of one layer and direction from arrays by the paper's names.

        Parameters
        ----------
        parameters : mapping of str to array
            As `Cell.init` gives them.
        layer : int
            From 0, the lowest.
        reverse : bool
            The direction that reads sequences from their last step.

        Raises
        ------
        ArgumentError
            If one is missing, unknown, or of another shape.
        """
        place = self.place(layer, reverse)
        shapes = self.cell.shapes(**place.form.sizes)
        for name in sorted(set(shapes) ^ set(parameters)):
            raise ArgumentError(
                f"parameters {'lacks' if name in shapes else 'has'} {name!r}; give {', '.join(shapes)}."
            )
        for name, shape in shapes.items():
            if parameters[name].shape != shape:
                raise ArgumentError(f"parameters[{name!r}] has shape {parameters[name].shape}; it must be {shape}.")
        for tensor, values in zip(self.tensors(place), as_tensors(place.form.families, parameters), strict=True):
            tensor.copy_(values)

    def reset_parameters(self, seed: int | None = None) -> None:
        """Draw all parameters anew, by the scheme that the layer was made with.

        Parameters
        ----------
        seed : int, optional
            By default drawn from torch's generator.
        """
        if seed is None:
            seed = int(torch.randint(2**31 - 1, ()))
        for number, place in enumerate(self.places):
            sizes = dict(place.form.sizes)
            drawn = {k: v for k, v in sizes.items() if not k.isdigit()}
            first = self._parameters[place.names[0]] if place.form.families else None
            dtype = "float64" if first is None else str(first.dtype).removeprefix("torch.")
            params = self.cell.init(seed=seed + number, dtype=dtype, **self._drawn, **drawn)  # type: ignore[arg-type]
            self.copy_parameters(params, place.layer, place.reverse)

    def extra_repr(self) -> str:
        sizes = ", ".join(f"{k}={v}" for k, v in self.places[0].form.sizes.items() if not k.isdigit())
        parts = [self.cell.name, sizes, f"layers={self.layers}" if self.layers > 1 else ""]
        parts += ["bidirectional" if self.bidirectional else "", f"dropout={self.dropout:g}" if self.dropout else ""]
        return ", ".join(part for part in (*parts, f"output {self.output}") if part)

    # state_dict speaks the paper's names.

    def _save_to_state_dict(self, destination: Any, prefix: str, keep_vars: bool) -> None:
        for place in self.places:
            for family, tensor in zip(place.form.families, self.tensors(place), strict=True):
                for name, part in family.split(tensor if keep_vars else tensor.detach()).items():
                    destination[f"{prefix}{name}{place.suffix}"] = part

    def _load_from_state_dict(
        self,
        state_dict: Mapping[str, Any],
        prefix: str,
        local_metadata: Mapping[str, Any],
        strict: bool,
        missing_keys: list[str],
        unexpected_keys: list[str],
        error_msgs: list[str],
    ) -> None:
        known = set[str]()
        for place in self.places:
            for label, family, tensor in zip(place.names, place.form.families, self.tensors(place), strict=True):
                keys = {name: f"{prefix}{name}{place.suffix}" for name in family.members}
                known |= set(keys.values())
                missing = [key for key in keys.values() if key not in state_dict]
                missing_keys += missing if strict else []
                wrong = [k for k in keys.values() if k in state_dict and state_dict[k].shape != family.shape]
                error_msgs += [
                    f"size mismatch for {key}: its shape is {tuple(state_dict[key].shape)} and must be {family.shape}."
                    for key in wrong
                ]
                if wrong or len(missing) == len(keys):
                    continue
                with torch.no_grad():
                    if local_metadata.get("assign_to_params_buffers") and not missing:
                        whole = family.stack({name: state_dict[key].detach() for name, key in keys.items()})
                        setattr(self, label, torch.nn.Parameter(whole.clone(), tensor.requires_grad))
                        continue
                    for name, part in family.split(tensor).items():
                        if keys[name] in state_dict:
                            part.copy_(state_dict[keys[name]])
        if strict:
            unexpected_keys += [key for key in state_dict if key.startswith(prefix) and key not in known]

    # Running.

    def forward(
        self,
        x: Any = None,
        states: Mapping[str, torch.Tensor] | None = None,
        lengths: Any = None,
        *,
        steps: int | None = None,
        batch: int | None = None,
    ) -> tuple[Any, Tensors]:
        """Run all layers over sequences.

        Parameters
        ----------
        x : tensor (T, B, m), or PackedSequence, or a dict from input names to such
            ``(B, T, m)`` if `batch_first`.
        states : dict of str to tensor, optional
            Initial states, (layers · directions, B, …), as they are returned; what is not named is zero.
        lengths : (B,) of int, optional
            Steps of each sequence.
        steps, batch : int
            T and B of a cell without input.

        Returns
        -------
        y : tensor (T, B, …), or PackedSequence
            What the last layer reads out, both directions side by side; zero after the end of a sequence.
        states : dict of str to tensor
            The last ones, (layers · directions, B, …) as torch's layers have them, or (layers · directions, delay, B,
            …), oldest first, where a delay is longer than a step.

        Raises
        ------
        ArgumentError
            For inputs, states or lengths that do not fit: the sentence says what they must be.

        Examples
        --------
        >>> import torch
        >>> import gatedsym.torch as gt
        >>> layer = gt.Layer("gru", m=2, n=3, layers=2, bidirectional=True)
        >>> y, states = layer(torch.ones(5, 4, 2), lengths=[5, 3, 1, 5])
        >>> y.shape, states["h"].shape
        (torch.Size([5, 4, 6]), torch.Size([4, 4, 3]))
        """
        if torch.jit.is_tracing():
            raise ArgumentError("gt.Layer cannot be traced by torch.jit.trace: compile the model by torch.compile.")
        if isinstance(x, PackedSequence):
            if torch.compiler.is_compiling():
                raise ArgumentError("a compiled gt.Layer takes no packed sequence: give it padded, with lengths=.")
            if lengths is not None:
                raise ArgumentError("lengths is given beside a packed sequence, which has its own: leave it out.")
            rows, own = unpack(x)
            y, last = self._run(rows, states, read_lengths(own), False, steps, batch)
            return pack_like(x, y, own), last
        y, last = self._run(x, states, read_lengths(lengths), self.batch_first, steps, batch)
        return y.transpose(0, 1) if self.batch_first else y, last

    def _run(
        self, x: Any, states: Any, lengths: Array | None, batch_first: bool, steps: int | None, batch: int | None
    ) -> tuple[torch.Tensor, Tensors]:
        dtype = self._dtype()
        inputs = read_inputs(self.places[0].form, x, dtype, batch_first)
        size = next(iter(inputs.values())).shape[1] if inputs else batch
        past = read_past(self.places[0].form, states, dtype, size or 0, len(self.places))
        found: list[Tensors] = []
        rows = None
        for number, place in enumerate(self.places):
            if place.layer and not place.reverse:
                inputs = {place.form.inputs[0]: self._between(rows)}
                rows = None
            own = {name: _entry(tensor, number) for name, tensor in past.items()}
            y, last = self._run_place(place, inputs, own, lengths, steps, batch)
            rows = y if rows is None else torch.cat([rows, y], -1)
            found.append(last)
        assert rows is not None
        return rows, {name: _joined([last[name] for last in found]) for name in found[0]}

    def _between(self, rows: torch.Tensor | None) -> torch.Tensor:
        assert rows is not None
        return torch.nn.functional.dropout(rows, self.dropout, self.training) if self.dropout else rows

    def _run_place(
        self,
        place: Place,
        inputs: Tensors,
        past: Tensors,
        lengths: Array | None,
        steps: int | None,
        batch: int | None,
    ) -> tuple[torch.Tensor, Tensors]:
        """One layer in one direction: what it reads out, and its last states."""
        if place.reverse:
            inputs = {name: reverse(tensor, lengths) for name, tensor in inputs.items()}
        form = place.form
        tensors = [*self.tensors(place), *inputs.values(), *(past.get(name) for name in form.delays)]
        if torch.compiler.is_compiling() or torch._C._len_torch_dispatch_stack():
            # A mode that sees every operator, make_fx or fake tensors, is to see the whole recurrence as one.
            found = run_operator(form, tensors, lengths, steps, batch)
        else:
            watched = is_watched()
            keep = watched or (
                torch.is_grad_enabled() and any(tensor is not None and tensor.requires_grad for tensor in tensors)
            )
            function = Recurrence if watched else Recorded
            found = function.apply(Call(form, keep, lengths, steps, batch), *tensors)
        y = found[0] if len(form.readout) == 1 else torch.complex(*found[:2])
        last = dict(zip(form.states, found[len(form.readout) :], strict=True))
        for name in form.delays:
            if name in inputs:
                last[name] = last_inputs(inputs[name], past.get(name), form.delays[name], lengths)
        for whole, (re, im) in form.pairs.items():
            if re in last:
                last[whole] = torch.complex(last.pop(re), last.pop(im))
        return reverse(y, lengths) if place.reverse else y, last

    def _dtype(self) -> torch.dtype:
        """The type of the parameters, all of one, on the CPU."""
        types: dict[torch.dtype, str] = {}
        for name, tensor in self._parameters.items():
            assert tensor is not None
            if tensor.dtype not in types or not tensor.is_cpu:
                check_parameters(name, tensor)
                types[tensor.dtype] = name
        if len(types) > 1:
            (a, first), (b, other) = list(types.items())[:2]
            raise ArgumentError(f"{first} is {a} and {other} is {b}: convert all to one type, layer.float().")
        return next(iter(types), torch.get_default_dtype())


def _entry(tensor: torch.Tensor, number: int) -> torch.Tensor:
    """An entry of the first axis; of an only one a view, whose gradient is one too."""
    return tensor.squeeze(0) if len(tensor) == 1 else tensor[number]


def _joined(tensors: list[torch.Tensor]) -> torch.Tensor:
    """Tensors along a new first axis; an only one without a copy."""
    return tensors[0].unsqueeze(0) if len(tensors) == 1 else torch.stack(tensors)


def _read_cell(given: Any) -> Cell:
    """A cell, from a name of the library, a text or a cell."""
    if isinstance(given, Cell):
        return given
    if not isinstance(given, str):
        raise ArgumentError(f"cell is {shown(given)}: give a name of the library, a text of equations, or a gs.Cell.")
    return cell_of_library(given) if given.isidentifier() else Cell(given)


def _read_out(cell: Cell, asked: str) -> tuple[str, tuple[str, ...]]:
    """The name of what a cell reads out, and its real arrays."""
    pairs = cell.interface.pairs
    known = (*cell.outputs, *cell.states)
    if asked in pairs and pairs[asked][0] in known:
        return asked, pairs[asked]
    if asked and asked not in known:
        raise ArgumentError(f"readout is {asked!r}; {cell.name} has {', '.join(known)}.")
    if asked:
        return asked, (asked,)
    names = cell.outputs or cell.states
    whole = next((name for name, pair in pairs.items() if pair == names), None)
    if whole is not None:
        return whole, names
    if len(names) != 1:
        from gatedsym.composition.stack import read_part

        names = (read_part(cell).readout().name,)
    return names[0], (names[0],)


def _float_type(dtype: Any) -> torch.dtype:
    if dtype in (torch.float32, torch.float64):
        return dtype
    raise ArgumentError(f"dtype is {dtype}; gt.Layer computes in torch.float32 and torch.float64: give one of the two.")
