"""Equations as a paper prints them → the same with declarations above: ``gs.declare``."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from fractions import Fraction

from gatedsym.equations.array_files import with_arrays
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.propose import Proposal, propose
from gatedsym.equations.read import read_equations
from gatedsym.errors import EquationError, EquationWarning


def declare(text: str, *, constants: Mapping[str, int | float | Fraction] | None = None) -> Proposal:
    """Declarations for equations that have none, or only some.

    Parameters
    ----------
    text : str
        Equations, as for `gatedsym.Cell`.
    constants : mapping of str to number, optional
        Values of constants that the text leaves out, such as the count of micro-steps.

    Returns
    -------
    Proposal
        Its `text` is a cell's text to edit: declarations above the equations, which are unchanged. What the equations
        do not decide is in `open`, and marked in the text; a text with such a mark is refused until it is replaced.

    Raises
    ------
    EquationError
        For equations that no declarations make a cell; with line, caret and the likely mend.

    Examples
    --------
    >>> import gatedsym as gs
    >>> print(gs.declare("h_t = tanh(W x_t + U h_{t-1} + b)").text)
    x in R^m;  h in R^n
    W in R^(n,m);  U in R^(n,n);  b in R^n
    <BLANKLINE>
    h_t = tanh(W x_t + U h_{t-1} + b)
    >>> gs.declare("h_t = f_t * h_{t-1} + a * x_t;  f_t = σ(W h_{t-1})").open[0].sentence
    'open: a is R^n (one number for each entry) or R (one number, trained) or a constant (a = 0.5)'
    """
    source, statements = parse_equations(with_arrays(text))
    try:
        proposal = propose(source, statements, constants)
    except RecursionError:
        raise source.error("this text is nested too deeply.", mend="Give inner parts names of their own.") from None
    if not proposal.open:
        _check(proposal, constants)
    return proposal


def _check(proposal: Proposal, constants: Mapping[str, int | float | Fraction] | None) -> None:
    """Refuse what is no cell under the proposed declarations either, at the place in the author's own text."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)
        try:
            read_equations(proposal.text, constants=constants)
        except EquationError as refusal:
            above = proposal.text.count("\n") - proposal.equations.count("\n")
            if refusal.line <= above:
                raise
            raise EquationError(
                refusal.message, proposal.equations, refusal.line - above, refusal.column, refusal.width, refusal.mend
            ) from None
