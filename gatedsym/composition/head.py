"""Readouts and losses as cells, which stand on the last layer: ``gs.stack([…], head=gs.head.classification(10))``.

A head is a cell without state. Its loss is an output, one number for each step and sequence, (T, B); its target is an
input. `loss` and `cotangents` reduce such an output over a run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatedsym.cells import Cell
from gatedsym.composition.reduction import cotangents as cotangents
from gatedsym.composition.reduction import loss as loss
from gatedsym.errors import ArgumentError
from gatedsym.expect import expect_choice, expect_flag, is_whole, shown
from gatedsym.lazy import lazy_names

_CLASSIFICATION = """input y in R^n
W_logits in R^(classes, n); b_logits in R^classes
dim classes = {count}
{target}
{declared}output loss

logits = W_logits @ y + b_logits
loss = -{weight}dot({right}, log_softmax(logits))
"""
_REGRESSION = """input y in R^n
W_prediction in R^(targets, n); b_prediction in R^targets
dim targets = {count}
input target in R^targets
{declared}output loss

prediction = W_prediction @ y + b_prediction
miss = prediction - target
loss = {weight}dot(miss, miss){half}
"""
_WEIGHT = "input weight in [0, inf)\n"


def classification(classes: int, *, target: str = "class", weights: bool = False) -> Cell:
    """A linear readout and the cross-entropy of its softmax.

    Parameters
    ----------
    classes : int
        How many.
    target : {"class", "vector"}
        The input ``target``: at each step the number of the class, from 0, (T, B); or a vector of probabilities,
        one-hot or not, (T, B, classes).
    weights : bool
        An input ``weight``, not negative, (T, B), which the loss of each step is multiplied by: 0 where a step does not
        count.

    Returns
    -------
    Cell
        With the output ``loss``, (T, B), and the values ``logits``, (T, B, classes).

    Raises
    ------
    ArgumentError
        For a number of classes below 1, or a target that there is not.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.head.classification(10).outputs
    ('loss',)
    """
    expect_choice("target", target, ("class", "vector"))
    text = _CLASSIFICATION.format(
        count=_count("classes", classes),
        target="input target in {0..classes-1}" if target == "class" else "input target in [0, 1]^classes",
        declared=_WEIGHT * expect_flag("weights", weights),
        weight="weight * " * weights,
        right="onehot(target)" if target == "class" else "target",
    )
    return Cell(text, "classification")


def regression(targets: int = 1, *, weights: bool = False, half: bool = True) -> Cell:
    """A linear readout and half its squared distance from a target, summed over the entries.

    Parameters
    ----------
    targets : int
        Entries of the target, an input (T, B, targets).
    weights : bool
        As in `classification`.
    half : bool
        False: the whole squared distance, the squared error that baselines of tasks are told in.

    Returns
    -------
    Cell
        With the output ``loss``, (T, B), and the values ``prediction``, (T, B, targets).

    Raises
    ------
    ArgumentError
        For a number of entries below 1.

    Examples
    --------
    >>> import gatedsym as gs
    >>> gs.head.regression(2).inputs
    ('y', 'target')
    """
    text = _REGRESSION.format(
        count=_count("targets", targets),
        declared=_WEIGHT * expect_flag("weights", weights),
        weight="weight * " * weights,
        half=" / 2" * expect_flag("half", half),
    )
    return Cell(text, "regression")


def _count(name: str, value: object) -> int:
    if not is_whole(value) or value < 1:
        raise ArgumentError(f"{name} is {shown(value)}: give a whole number of at least 1.")
    return int(value)


__all__ = ["classification", "cotangents", "loss", "regression"]

if not TYPE_CHECKING:  # type checkers see the names above, and refuse others
    __getattr__, __dir__ = lazy_names(__name__, "gs.head")
