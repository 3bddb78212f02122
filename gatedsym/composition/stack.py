"""Layers, a head, masks → one Cell whose text uses them all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from numbers import Real
from typing import TYPE_CHECKING, Any

from gatedsym.cells import Cell
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_flag, expect_text, is_whole, shown
from gatedsym.library import load as library

if TYPE_CHECKING:
    from gatedsym.equations.parts import Part

_PARTS = "names of the library, texts of equations, or cells"


def stack(
    cells: Iterable[Cell | str],
    *,
    head: Cell | str | None = None,
    residual: bool | Sequence[int] = False,
    dropout: float = 0.0,
    zoneout: float = 0.0,
    share: bool | str | Iterable[str] = False,
    readout: str = "",
    training: bool = True,
    name: str = "",
) -> Cell:
    """Put cells one above the other: a cell.

    Each layer takes what the layer below reads out: its one output, or its one state, or the state from which no other
    state is computed in the same step (h of an LSTM). Names are those of the parts with the layer's number, ``h_2``,
    ``W_i_2``; the sequence keeps its name, and a stack of one layer has the names of its cell.

    Parameters
    ----------
    cells : iterable of Cell or str
        From the one that reads the sequence up: cells, names of the library, or texts.
    head : Cell or str, optional
        A cell that reads the last layer, such as `gatedsym.head.classification`, or lines of one's own whose first
        input, or x, is what is read. Its names stay as they are; what it declares as output the stack gives.
    residual : bool or sequence of int
        Add to what a layer reads out what the layer below reads out, before dropout: of every layer from the second on
        (from the first, where the sequence has the size of the states), or of those given by number, from 1.
    dropout : float
        Probability p that an entry between two layers is set to 0. The masks are inputs, ``kept_1`` in {0,1}^n with
        mean 1 - p, a fresh one a step or one for a sequence (`masks` draws them); what is left is divided by 1 - p.
        With p = 0 there is no such input.
    zoneout : float
        Probability that an entry of a state stays as it was. The masks are inputs as well, ``zone_h_1``.
    share : bool, str or iterable of str
        Parameters that layers have in common, by pattern: ``"U_*"``; True for all of them, of like cells, whose
        sequence then has the size of the states. Gradients add up. Further inputs, by name.
    readout : str
        The name that layers read out, where their equations leave it open.
    training : bool
        False: the same cell for testing, without masks: dropout leaves everything, zoneout takes the mean.
    name : str
        By default the names of the parts.

    Returns
    -------
    Cell

    Raises
    ------
    ArgumentError
        For layers that do not fit each other, with both shapes.
    EquationError
        For a text that is not understood.

    References
    ----------
    Krueger et al. 2017, Zoneout: regularizing RNNs by randomly preserving hidden activations, for zoneout.

    Examples
    --------
    >>> import gatedsym as gs
    >>> two = gs.stack(["lstm", "gru"])
    >>> two.states, two.inputs
    (('h_1', 'c_1', 'h_2'), ('x',))
    """
    from gatedsym.equations.stacked import Plan, residual_layers, stacked_text

    parts = [read_part(cell) for cell in _listed(cells)]
    top = None if head is None else _head(head)
    chances = (_probability("dropout", dropout), _probability("zoneout", zoneout))
    expect_flag("training", training)
    patterns = _patterns(share, parts)
    _refuse_unknown_readout(expect_text("readout", readout), parts)
    added = residual_layers(parts, _residual(residual), readout)
    text = stacked_text(parts, Plan(added, *chances, patterns, readout, training), top)
    named = "_".join(part.name for part in (*parts, *([] if top is None else [top])))
    return Cell(text, expect_text("name", name) or named)


def read_part(cell: Cell | str) -> Part:
    """A cell, the name of one of the library, or a text, as a part of another.

    Raises
    ------
    ArgumentError
        For anything else.
    """
    from gatedsym.equations.parts import Part

    if isinstance(cell, Cell):
        return Part(cell.name, cell.source, cell.constants)
    if not isinstance(cell, str):
        raise ArgumentError(f"cells has {shown(cell)}: give {_PARTS}.")
    if cell.isidentifier():
        return Part(cell, library.derivation(cell).equations, {})
    given = Cell(cell)
    return Part(given.name, given.source, {})


def _listed(cells: Any) -> list[Any]:
    if isinstance(cells, str | Cell) or not isinstance(cells, Iterable):
        raise ArgumentError(f'cells is {shown(cells)}: give a list, gs.stack(["lstm", "gru"]).')
    found = list(cells)
    if not found:
        raise ArgumentError(f"cells is empty: give at least one of {_PARTS}.")
    return found


def _head(head: Cell | str) -> Part:
    part = read_part(head)
    if part.of_kind("state"):
        raise ArgumentError(f"the head {part.name} has the state {part.of_kind('state')[0].name}: make it a layer.")
    if not part.main:
        raise ArgumentError(f"the head {part.name} has no input that could read the last layer: declare one.")
    return part


def _probability(what: str, value: Any) -> Fraction:
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < 1:
        raise ArgumentError(f"{what} is {shown(value)}: give a probability from 0 up to, but not, 1.")
    return value if isinstance(value, Fraction) else Fraction(str(value))


def _refuse_unknown_readout(readout: str, parts: Sequence[Part]) -> None:
    names = {symbol.name for part in parts for symbol in (*part.of_kind("output"), *part.of_kind("state"))}
    if readout and readout not in names:
        raise ArgumentError(
            f"readout is {readout!r}, which is no output or state of a layer: name one of {', '.join(sorted(names))}, "
            "or leave it out."
        )


def _residual(residual: Any) -> bool | list[int]:
    if isinstance(residual, bool):
        return residual
    if (
        isinstance(residual, str)
        or not isinstance(residual, Iterable)
        or not all(map(is_whole, found := list(residual)))
    ):
        raise ArgumentError(f"residual is {shown(residual)}: give True, or numbers of layers, [2, 3].")
    return found or False


def _patterns(share: Any, parts: Sequence[Part]) -> tuple[str, ...]:
    """Patterns of what is shared; for True all parameters, which like cells alone have in common."""
    if share is False:
        return ()
    if share is True:
        names = [{s.name for s in part.of_kind("parameter")} for part in parts]
        odd = next((k for k, own in enumerate(names) if own != names[0]), None)
        if odd is not None:
            only = sorted(names[odd] ^ names[0])[0]
            raise ArgumentError(
                f"share=True: {parts[0].name} and {parts[odd].name} have other parameters ({only}): give patterns of "
                'those in common, share=["U_*"].'
            )
        return ("*",)
    given = [share] if isinstance(share, str) else list(share) if isinstance(share, Iterable) else None
    if given is None or not all(isinstance(pattern, str) for pattern in given):
        raise ArgumentError(f'share is {shown(share)}: give True, or patterns of names, share=["U_*"].')
    return tuple(given)
