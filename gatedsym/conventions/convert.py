"""Apply a layout of the table, in either direction: our parameters ↔ a framework's arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from gatedsym.conventions.layers import place_names
from gatedsym.conventions.table import Block, Layout, StackedArray, find_layout
from gatedsym.errors import ArgumentError
from gatedsym.files.read import require_unmasked
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell

Shapes = Mapping[str, tuple[str, ...]]
"""For each parameter the dimensions of its axes."""


def export_parameters(
    cell: str | Cell, params: Mapping[str, Any], framework: str, layer: str | None = None
) -> dict[str, Array]:
    """A framework's arrays from a cell's parameters.

    Parameters
    ----------
    cell : str or Cell
        A cell of the library; of a cell the name counts.
    params : mapping of str to array
        As `Cell.init` gives them.
    framework : str
        A key of the table, such as ``pytorch``.
    layer : str, optional
        Which layer of a model they are, for their names: ``encoder.rnn:1:reverse`` is layer 1 of the module
        ``encoder.rnn``, backwards (``encoder.rnn.weight_ih_l1_reverse``), ``lstm_cell`` a module that is a single
        cell (``lstm_cell.weight_ih``). By default they have the names of the table.

    Returns
    -------
    dict of str to array
        New arrays, by the framework's names and of its shapes, in its order. Where there are two biases, ours stands in
        the first, and the second is zero.

    Raises
    ------
    ArgumentError
        If the framework has no layout for the cell, or `params` are not those of the cell.

    Examples
    --------
    >>> import gatedsym as gs
    >>> params = gs.cell("lstm").init(m=3, n=4)
    >>> arrays = gs.conventions.export_parameters("lstm", params, "pytorch", layer="encoder:1")
    >>> arrays["encoder.weight_ih_l1"].shape
    (16, 3)
    """
    layout, shapes = _layout_and_shapes(cell, framework)
    _check_names("params", params, list(shapes), layout)
    arrays = plain_floats("params", params, list(shapes))
    _solve_sizes({f"params[{n!r}]": (arrays[n].shape, [[d] for d in dims]) for n, dims in shapes.items()})
    for name in layout.without:
        if np.any(arrays[name] != 0):
            raise ArgumentError(
                f"params[{name!r}] is not zero, and {layout.framework.title}'s {layout.theirs} has no place for it:"
                " choose another framework, or set it to zero."
            )
    names = [a.name for a in layout.arrays]
    placed = dict(zip(names, names)) if layer is None else place_names(names, layout.framework, layer)
    return {placed[a.name]: _assembled(a, arrays, layout) for a in layout.arrays}


def import_arrays(cell: str | Cell, arrays: Mapping[str, Any], framework: str) -> dict[str, Array]:
    """A cell's parameters from a framework's arrays of one layer and one direction, by the layout's names.

    Raises
    ------
    ArgumentError
        If the framework has no layout for the cell, or `arrays` are not those of the layout.
    """
    layout, shapes = _layout_and_shapes(cell, framework)
    names = [a.name for a in layout.arrays]
    _check_names("arrays", arrays, names, layout, optional=layout.absent)
    given = plain_floats("arrays", arrays, [n for n in names if n in arrays])
    present = [a for a in layout.arrays if a.name in given]
    sizes = _solve_sizes(
        {f"arrays[{a.name!r}]": (given[a.name].shape, _axes(a, shapes, layout)) for a in present},
        f" for {layout.theirs} of {layout.framework.title}",
    )
    dtype = next(iter(given.values())).dtype
    params: dict[str, Array] = {}
    for share in ("whole", "zero"):  # what is added comes after what it is added to
        for array in present:
            for block, value in _blocks(array, given[array.name], shapes, sizes, layout):
                if block.share == share:
                    signed = value if block.sign == 1 else np.negative(value)
                    known = params.get(block.parameter)
                    params[block.parameter] = np.array(signed) if known is None else known + signed
    for name, amount in layout.added.items():
        params[name] = params[name] + np.asarray(amount, dtype)
    return {n: params.get(n, np.zeros([sizes[d] for d in dims], dtype)) for n, dims in shapes.items()}


def why_not_named(cell: str | Cell, names: Mapping[str, Any], framework: str) -> str:
    """Reason why arrays of these names cannot be a cell's in a framework, before any is read; "" if they can."""
    layout, _ = _layout_and_shapes(cell, framework)
    try:
        _check_names("arrays", names, [a.name for a in layout.arrays], layout, optional=layout.absent)
    except ArgumentError as error:
        return str(error)
    return ""


def _layout_and_shapes(cell: str | Cell, framework: str) -> tuple[Layout, Shapes]:
    from gatedsym import cells

    found = cell if isinstance(cell, cells.Cell) else cells.cell(cell)
    layout = find_layout(found.name, framework)
    shapes: dict[str, tuple[str, ...]] = {}
    for name, axes in ((layout.name, layout.axes) for layout in found.interface.parameters):
        shapes[name] = tuple(axis[0] for axis in axes)
    held = {b.parameter for a in layout.arrays for b in a.blocks} | set(layout.without)
    if held != set(shapes):
        lacks = ", ".join(sorted(held ^ set(shapes)))
        raise ArgumentError(
            f"the layout of {layout.framework.title} for {found.name!r} and the cell differ in {lacks}:"
            " pass the library's cell of that name."
        )
    return layout, shapes


def _check_names(what: str, given: object, names: Sequence[str], layout: Layout, optional: Sequence[str] = ()) -> None:
    where = f"{layout.theirs} of {layout.framework.title}" if what == "arrays" else layout.cell
    if not isinstance(given, Mapping):
        raise ArgumentError(f"{what} must be a mapping from names to arrays, not {type(given).__name__}.")
    missing = [n for n in names if n not in given and n not in optional]
    if missing:
        raise ArgumentError(f"{what} lacks {', '.join(missing)}; {where} has {', '.join(names)}.")
    extra = [n for n in given if n not in names]
    if extra:
        raise ArgumentError(f"{what} has {extra[0]!r}; {where} has {', '.join(names)}, of one layer and one direction.")


def plain_floats(what: str, given: Mapping[str, Any], names: Sequence[str]) -> dict[str, Array]:
    """Some of the arrays that a person gives, all float64 or all float32; others are refused by name."""
    found: dict[str, Array] = {}
    for name in names:
        require_unmasked(f"{what}[{name!r}]", given[name])
        try:
            found[name] = np.asarray(given[name])
        except (ValueError, RuntimeError, TypeError) as reason:  # ragged rows; a tensor that is traced or on a device
            raise ArgumentError(
                f"{what}[{name!r}] does not become an array ({reason}): pass a NumPy array."
            ) from reason
        if found[name].dtype not in (np.float64, np.float32):
            raise ArgumentError(f"{what}[{name!r}] is {found[name].dtype}; it must be float64 or float32: convert it.")
    kinds = sorted({str(a.dtype) for a in found.values()})
    if len(kinds) > 1:
        raise ArgumentError(f"{what} mixes {' and '.join(kinds)}: convert all to one of them.")
    return found


Axes = Sequence[Sequence[str]]
"""For each axis of an array the dimensions whose sizes add up to its length."""


def _solve_sizes(arrays: Mapping[str, tuple[tuple[int, ...], Axes]], of: str = "") -> dict[str, int]:
    """The sizes of all dimensions, from the shapes of arrays.

    Raises
    ------
    ArgumentError
        If an array's shape does not fit.
    """
    sizes: dict[str, int] = {}
    for what, (shape, axes) in arrays.items():
        if len(shape) != len(axes):
            raise ArgumentError(_misfit(what, shape, axes, {}, of))
    lengths = [(length, axis) for shape, axes in arrays.values() for length, axis in zip(shape, axes)]
    for _ in lengths:  # every round but the last finds a size
        for length, axis in lengths:
            unknown = {d for d in axis if not d.isdigit()} - sizes.keys()
            rest = length - _known_length(axis, sizes)
            if len(unknown) == 1 and rest >= 0 and rest % axis.count(min(unknown)) == 0:
                (name,) = unknown
                sizes[name] = rest // axis.count(name)
    for what, (shape, axes) in arrays.items():
        if any(length != _known_length(axis, sizes) for length, axis in zip(shape, axes)):
            raise ArgumentError(_misfit(what, shape, axes, sizes, of))
    return sizes


def _known_length(axis: Sequence[str], sizes: Mapping[str, int]) -> int:
    return sum(int(d) if d.isdigit() else sizes.get(d, 0) for d in axis)


def _misfit(what: str, shape: tuple[int, ...], axes: Axes, sizes: Mapping[str, int], of: str) -> str:
    formula = f"({', '.join(map(_length, axes))}{',' if len(axes) == 1 else ''})"
    known = ", ".join(f"{d} = {sizes[d]}" for d in dict.fromkeys(d for axis in axes for d in axis) if d in sizes)
    where = f" with {known}, as the other arrays have it" if known else ""
    return f"{what} has shape {shape}; it needs {formula}{where}{of}."


def _length(axis: Sequence[str]) -> str:
    """A length in words: 4 n, m + n."""
    counts = {d: axis.count(d) for d in axis}
    return " + ".join(d if count == 1 else f"{count} {d}" for d, count in counts.items())


def _axes(array: StackedArray, shapes: Shapes, layout: Layout) -> list[list[str]]:
    """For each axis of an array the dimensions that add up to it."""
    rows = [shapes[b.parameter][0] for b in array.columns[0]]
    vectors = len(shapes[array.columns[0][0].parameter]) == 1
    columns = ["1" if vectors else shapes[column[0].parameter][1] for column in array.columns]
    if vectors and len(columns) == 1:
        axes = [rows]
    elif layout.framework.transposed:
        axes = [_collected(columns), rows]
    else:
        axes = [rows, _collected(columns)]
    return [["1"]] * layout.framework.leading + axes


def _collected(dims: list[str]) -> list[str]:
    """Fixed lengths as their sum."""
    return [str(sum(map(int, dims)))] if all(d.isdigit() for d in dims) else dims


def _assembled(array: StackedArray, params: Mapping[str, Array], layout: Layout) -> Array:
    columns = [np.concatenate([_exported(b, params, layout) for b in column]) for column in array.columns]
    whole = columns[0] if len(columns) == 1 else np.concatenate([c.reshape(len(c), -1) for c in columns], axis=1)
    oriented = whole.T if layout.framework.transposed else whole
    return np.array(oriented.reshape((1,) * layout.framework.leading + oriented.shape), order="C")


def _exported(block: Block, params: Mapping[str, Array], layout: Layout) -> Array:
    value = params[block.parameter]
    if block.share != "whole":
        return np.zeros_like(value)
    if block.parameter in layout.added:
        value = value - np.asarray(layout.added[block.parameter], value.dtype)
    return value if block.sign == 1 else np.negative(value)


def _blocks(
    array: StackedArray, value: Array, shapes: Shapes, sizes: Mapping[str, int], layout: Layout
) -> Iterator[tuple[Block, Array]]:
    """The parts of an array, each oriented as our parameters are."""
    value = value.reshape(value.shape[layout.framework.leading :])
    whole = value.T if layout.framework.transposed else value
    flat = whole.ndim == 1
    whole = whole.reshape(len(whole), -1)
    left = 0
    for column in array.columns:
        first = shapes[column[0].parameter]
        width = whole.shape[1] if flat else sizes[first[1]] if len(first) == 2 else 1
        top = 0
        for block in column:
            dims = shapes[block.parameter]
            height = sizes[dims[0]]
            part = whole[top : top + height, left : left + width]
            yield block, part.reshape([sizes[d] for d in dims])
            top += height
        left += width
