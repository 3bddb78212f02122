"""Laws of inputs: what a cell is fed beside its main input, and what is said where nobody knows what it may be fed.

A text, noise or a person's data is one input. A further one (a mask, a gap of time, a decay, a gate from outside) has a
law of its own: a mask is 0 or 1, a gap is not negative. A derivation file states it, ``input_laws = {"mask": "mask"}``,
or `set_input_laws` does; else the domain that the equations declare is one, ``mask in {0,1}^m``. Where nobody says
anything, a dataset carries a warning and every figure of it shows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import log_ndtr, ndtr

from gatedsym.errors import ArgumentError
from gatedsym.flow.inputs.domain_laws import of_normal, told
from gatedsym.ir.domain import Domain
from gatedsym.ir.main_input import main_input_of
from gatedsym.typing import Array

if TYPE_CHECKING:
    from gatedsym.cells import Cell


@dataclass(frozen=True)
class Law:
    """The distribution of an input.

    Attributes
    ----------
    words : str
        For a caption.
    of_normal : callable
        From N(0, 1) numbers to numbers of this law.
    """

    words: str
    of_normal: Callable[[Array], Array]


LAWS: Mapping[str, Law] = {
    "mask": Law("0 or 1, each with probability one half", lambda z: (z > 0).astype(z.dtype)),
    "gap": Law("not negative, exponential with mean 1", lambda z: -log_ndtr(-z)),
    "share": Law("between 0 and 1, uniform", ndtr),
    "one": Law("1 throughout", np.ones_like),
    "number": Law("of either sign, N(0, 1)", lambda z: z),
}


def set_input_laws(cell: Any, **laws: str) -> Any:
    """State how inputs of a cell are distributed.

    Parameters
    ----------
    cell : Cell
    **laws : str
        For inputs by name one of ``"mask"`` (0 or 1, as likely), ``"gap"`` (exponential of mean 1), ``"share"``
        (uniform between 0 and 1), ``"one"`` (1 throughout) and ``"number"`` (N(0, 1)).

    Returns
    -------
    Cell
        The same, whose inputs an analysis draws by these laws.

    Raises
    ------
    ArgumentError
        For an input that the cell lacks, its main input, or a law that there is not.

    Examples
    --------
    >>> import gatedsym as gs
    >>> cell = gs.flow.set_input_laws(gs.cell("gru_d"), mask="mask", gap="gap")
    >>> cell.input_laws
    {'mask': 'mask', 'gap': 'gap'}
    """
    cell.input_laws = dict(laws)
    input_laws(cell)
    return cell


def input_laws(cell: Cell) -> dict[str, str]:
    """The laws that are stated of a cell's inputs: by the cell itself, else by its derivation file."""
    stated = getattr(cell, "input_laws", None)
    if stated is None:
        stated = getattr(getattr(cell, "record", None), "input_laws", {})
    further = further_inputs(cell)
    for name, law in stated.items():
        if name not in further:
            listed = f": choose from {', '.join(further)}" if further else ", and it has no further input"
            raise ArgumentError(f"{name!r} is no input of {cell.name} beside {main_input(cell)}{listed}.")
        if law not in LAWS:
            raise ArgumentError(f"input {name} of {cell.name} has the law {law!r}: choose from {', '.join(LAWS)}.")
    return dict(stated)


def main_input(cell: Cell) -> str:
    """The input that reads the text, the noise or the data: x, or the first one of a cell without x; "" for none."""
    return main_input_of(cell.inputs)


def further_inputs(cell: Cell) -> list[str]:
    """All inputs but the main one."""
    return [str(name) for name in cell.inputs if str(name) != main_input(cell)]


def unknown_inputs(cell: Cell) -> list[str]:
    """Further inputs of which nobody has said what they may be."""
    known = drawn_laws(cell)
    return [name for name in further_inputs(cell) if name not in known]


def drawn_laws(cell: Cell, sizes: Mapping[str, int] | None = None) -> dict[str, Law]:
    """The law of each input that has one: a law that is stated, else that of its domain.

    Parameters
    ----------
    cell : Cell
    sizes : mapping of str to int, optional
        Of all dimensions: for numbers, where a domain speaks of one. Words need none.
    """
    of_domains = {
        name: Law(told(domain), partial(_of_domain, domain, sizes or {}))
        for name, domain in cell.interface.domains.items()
    }
    return of_domains | {name: LAWS[law] for name, law in input_laws(cell).items()}


def _of_domain(domain: Domain, sizes: Mapping[str, int], z: Array) -> Array:
    return of_normal(domain, z, sizes)


def drawn_input(law: Law | None, x: Array, projection: Array) -> Array:
    """An input of a law, as a fixed random function of what is read at the same step.

    So it is the same for a step however a sequence is cut.

    Parameters
    ----------
    law : Law, optional
        None where it is not known: x through the projection.
    x : array (T, B, m)
        What is read.
    projection : array (m, size)
        Of random entries; for a law the angles between x and its columns count.

    Returns
    -------
    array (T, B, size)
    """
    projected = x @ projection
    if law is None:
        return np.asarray(projected)
    lengths = np.sqrt((x**2).sum(axis=-1, keepdims=True)) * np.sqrt((projection**2).sum(axis=0))
    normal = np.sqrt(x.shape[-1]) * projected / np.where(lengths > 0, lengths, 1.0)
    return np.asarray(law.of_normal(normal), dtype=x.dtype)


def inputs_described(cells: Sequence[Cell], followed: bool) -> dict[str, Any]:
    """Attributes of a dataset that say what inputs beside the main one were fed.

    Parameters
    ----------
    followed : bool
        Whether the analysis feeds inputs by their laws, as `inputs_of` does; otherwise it draws numbers of its own.

    Returns
    -------
    dict
        ``main_inputs``: of each cell; ``input_laws``: what was fed by a law, in words; ``input_warning``: a sentence
        on what was fed without one, "" if there is nothing to say.
    """
    fed, unknown = [], []
    for cell in cells:
        known = drawn_laws(cell) if followed else {n: Law(told(d), np.copy) for n, d in cell.interface.domains.items()}
        fed += [f"{name} of {cell.name}: {_words(cell, name, law)}" for name, law in known.items()]
        names = [name for name in further_inputs(cell) if name not in known]
        if names:
            unknown.append(f"{', '.join(names)} of {cell.name}")
    return {
        "main_inputs": [main_input(cell) for cell in cells],
        "input_laws": "; ".join(fed),
        "input_warning": _warning(unknown, followed),
    }


def _words(cell: Cell, name: str, law: Law) -> str:
    """Words on what an input was fed; the main one is what is read, where that is possible."""
    if name != main_input(cell):
        return law.words
    return f"what is read where all of it lies in {cell.interface.domains[name]}, else numbers {law.words}"


def _warning(unknown: Sequence[str], followed: bool) -> str:
    if not unknown:
        return ""
    reason = "nobody has stated what they may be (set_input_laws)" if followed else "this analysis draws its own"
    return (
        f"Not to be relied on: numbers of either sign were put into {'; '.join(unknown)}, for {reason}. Inputs that "
        "are 0 or 1, or never negative (masks, gaps of time, decays), may be unable to cause what is shown."
    )


__all__ = ["LAWS", "Law", "drawn_input", "drawn_laws", "further_inputs", "input_laws", "inputs_described", "main_input",
           "set_input_laws", "unknown_inputs"]  # fmt: skip
