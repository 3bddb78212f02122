"""The Jacobian of one step of any cell in closed form, and what the step costs: a dataset of formulas and numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import sympy as sp
import xarray as xr

from gatedsym.flow.ensemble import Cells, Progress, read_cells, require_applicable, require_positive
from gatedsym.flow.inputs.source import Reading, read_source
from gatedsym.flow.registry import analysis
from gatedsym.flow.sizes import asked_sizes, hidden_size

if TYPE_CHECKING:
    from gatedsym.cells import Cell
    from gatedsym.typesetting.notation import Box
    from gatedsym.typesetting.pages.sheet import Sheet, SheetLine

BREAK = "\n"
"""In ``mathtext``: where a line may break."""

FORMS = ("text", "latex", "mathml", "mathtext")
COUNTS = ("parameters", "state_numbers", "multiply_adds", "elementwise", "functions")
LONG_NAMES: Mapping[str, str] = {
    "parameters": "numbers in the parameters",
    "state_numbers": "numbers in the state",
    "multiply_adds": "multiplications with an addition, in matrix products and sums, per step",
    "elementwise": "further additions, multiplications, divisions and comparisons per step",
    "functions": "evaluations of functions per step",
    "sequential": "matrix products and sums that have to follow one another in each step",
}


def why_not_applicable(cell: Cell) -> str:
    """The reason why a cell has no Jacobian sheet; "" where it has one."""
    if not hasattr(cell, "recurrence"):
        return f"Cell {cell.name} is not given by equations, so no Jacobian can be derived."
    if not cell.states:
        return f"Cell {cell.name} has no state, so a step has no Jacobian by the state before it."
    return ""


@analysis(why_not_applicable)
def jacobian_sheet(
    cells: Cells,
    x: Reading = "text",
    *,
    n: int | Sequence[int] = 64,
    match: str | None = None,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Derive the Jacobian of one step, block by block, and count what a step costs.

    Nothing is simulated: `x` gives the input size m and n the hidden size for which formulas in the dimensions are
    given as numbers too.

    Parameters
    ----------
    x : Series, name, path, or array (T, B, m)
        Of which the number of features is the input size.

    Returns
    -------
    xarray.Dataset
        By ``cell``: the counts ``parameters``, ``state_numbers``, ``multiply_adds``, ``elementwise`` and ``functions``
        as numbers, and as formulas in the dimensions under the same names with ``_text``, ``_latex``, ``_mathml`` and
        ``_mathtext``; ``sequential``, the longest chain of dependent contractions of a step; ``states_text`` and so on;
        ``sizes``. By ``line``, one formula each, in the order of the sheet: ``line_cell``; ``kind`` (equation, helper,
        shared, block, zero: see `codegen.sheet.SheetLine`); ``of`` and ``by``, result and source of a block; ``left``
        and ``right`` in the same four forms (``right_mathtext`` with a line break before each term that may begin a
        line); ``highway`` in four forms, the factor of the paths of a state to itself that pass no matrix, or "".

    Raises
    ------
    ArgumentError
        For a cell without state or without equations.

    References
    ----------
    Our own.

    Examples
    --------
    >>> import gatedsym as gs
    >>> data = gs.flow.jacobian_sheet("gru", "noise", n=4)
    >>> int(data["parameters"][0])
    156
    """
    from gatedsym.typesetting.pages.sheet import jacobian_sheet as derive_sheet

    found, source = read_cells(cells), read_source(x)
    require_positive(n=n)
    require_applicable(found, why_not_applicable)
    sheets = []
    for done, cell in enumerate(found, start=1):
        sheets.append(derive_sheet(cell.recurrence))
        if progress is not None:
            progress(done / len(found))
    size = cast("int", n)
    sizes = [_sizes(cell, source.features, size) for cell in found]
    variables = _counts(sheets, sizes) | _lines([c.name for c in found], sheets)
    return xr.Dataset(
        variables, coords={"cell": [c.name for c in found]}, attrs=_attributes(found, size, source.features)
    )


def printed(box: Box) -> dict[str, str]:
    """A formula in each of the `FORMS`."""
    from gatedsym.typesetting.latex import formula_latex
    from gatedsym.typesetting.mathml import formula_mathml
    from gatedsym.typesetting.mathtext import terms_mathtext
    from gatedsym.typesetting.plain import formula_text

    return {
        "text": formula_text(box),
        "latex": formula_latex(box).strip(),
        "mathml": f"<math>{formula_mathml(box)}</math>",
        "mathtext": BREAK.join(terms_mathtext(box)),
    }


def _attributes(cells: list[Cell], n: int, m: int) -> dict[str, Any]:
    from gatedsym.version import __version__

    return {
        "title": "the Jacobian of one step",
        "source": f"gatedsym {__version__}",
        "cells": [c.name for c in cells],
        "n": n,
        "input_features": m if any(c.inputs for c in cells) else 0,
    }


def _sizes(cell: Cell, m: int, n: int) -> dict[str, int]:
    sizes: dict[str, int] = cell.sizes(**asked_sizes(cell, m, hidden_size(cell, n)))
    return sizes


def _counts(sheets: list[Sheet], sizes: list[dict[str, int]]) -> dict[str, Any]:
    variables: dict[str, Any] = {}
    for name in COUNTS:
        formulas = [_count(sheet, name) for sheet in sheets]
        numbers = [int(f.subs({s: size[str(s)] for s in f.free_symbols})) for f, size in zip(formulas, sizes)]
        variables[name] = ("cell", np.array(numbers, np.int64), {"long_name": LONG_NAMES[name], "units": "1"})
        variables |= _in_forms(name, "cell", [_size_box(f) for f in formulas])
    chains = np.array([s.costs.sequential for s in sheets], np.int64)
    variables["sequential"] = ("cell", chains, {"long_name": LONG_NAMES["sequential"], "units": "1"})
    variables |= _in_forms("states", "cell", [s.states for s in sheets])
    variables["sizes"] = ("cell", [", ".join(f"{k} = {v}" for k, v in size.items() if k != str(v)) for size in sizes])
    return variables


def _count(sheet: Sheet, name: str) -> sp.Expr:
    counted: sp.Expr = getattr(sheet if name in ("parameters", "state_numbers") else sheet.costs, name)
    return counted


def _size_box(size: sp.Expr) -> Box:
    from gatedsym.typesetting.pages.equations import size_box

    return size_box(size)


def _lines(cells: list[str], sheets: list[Sheet]) -> dict[str, Any]:
    pairs: list[tuple[str, SheetLine]] = [(c, line) for c, sheet in zip(cells, sheets) for line in sheet.lines]
    variables: dict[str, Any] = {
        "line_cell": ("line", [c for c, _ in pairs]),
        "kind": ("line", [str(line.kind) for _, line in pairs]),
        "of": ("line", [line.of for _, line in pairs]),
        "by": ("line", [line.by for _, line in pairs]),
    }
    for side in ("left", "right", "highway"):
        variables |= _in_forms(side, "line", [getattr(line, side) for _, line in pairs])
    return variables


def _in_forms(name: str, dim: str, boxes: list[Box | None] | list[Box]) -> dict[str, Any]:
    forms = [dict.fromkeys(FORMS, "") if box is None else printed(box) for box in boxes]
    return {f"{name}_{form}": (dim, [f[form] for f in forms]) for form in FORMS}
