"""Recurrence → the page that derives its gradient, written for a student; and the page in any of four formats."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from gatedsym.errors import faults_of_gatedsym
from gatedsym.ir.program import Recurrence
from gatedsym.library.load import Derivation
from gatedsym.messages import room
from gatedsym.typesetting.document import Block, Document
from gatedsym.typesetting.latex import render_latex
from gatedsym.typesetting.markdown import render_markdown
from gatedsym.typesetting.mathml import render_html
from gatedsym.typesetting.pages.adjoint import adjoint_section, gradient_section, loss_section
from gatedsym.typesetting.pages.equations import equations_section
from gatedsym.typesetting.pages.highway import highway_section, memory_section
from gatedsym.typesetting.pages.jacobian import jacobian_section
from gatedsym.typesetting.pages.local_derivatives import local_section
from gatedsym.typesetting.pages.starts import starts_section
from gatedsym.typesetting.pages.step import Numbering, Step
from gatedsym.typesetting.pages.truncation import truncation_section
from gatedsym.typesetting.plain import render_text

say = room("typesetting")

FORMATS: Mapping[str, Callable[[Document], str]] = MappingProxyType(
    {"text": render_text, "latex": render_latex, "markdown": render_markdown, "html": render_html}
)
"""The formats of a page."""


def derivation(
    recurrence: Recurrence, *, title: str = "", reference: str = "", reads: Iterable[str] | None = None
) -> Document:
    """The derivation of a cell's gradient, step by step.

    Parameters
    ----------
    recurrence : Recurrence
    title : str, optional
        By default "The gradient of" and the cell's name.
    reference : str, optional
        Where the equations come from.
    reads : iterable of str, optional
        Results that the loss reads, as the Program calls them (``h'``). By default the outputs; in a cell without
        outputs the states that nothing else in the step reads; where there is none of these, the first state.

    Raises
    ------
    ValueError
        If `reads` names something that is not a result.
    FaultError
        If gatedsym cannot derive it: no equations that were read are to blame.
    """
    step = Step(recurrence, read_by_loss(recurrence) if reads is None else tuple(reads))
    unknown = [n for n in step.reads if n not in recurrence.program.results]
    if unknown or not step.reads:
        known = ", ".join(recurrence.program.results)
        raise ValueError(f"reads has to name results of the step ({known}), not {', '.join(unknown) or 'nothing'}.")
    with faults_of_gatedsym(f"deriving the gradient of {recurrence.name}", recurrence.source):
        return Document(title or say("title", cell=recurrence.name), reference, _blocks(step))


def heading(record: Derivation | None) -> tuple[str, str]:
    """The title of the page that derives a cell's gradient, and its reference; "" for a cell of a person's own."""
    if record is None:
        return "", ""
    return say("title-of-the-library", cell=record.name, title=record.title), record.reference


def _blocks(step: Step) -> tuple[Block, ...]:
    numbering = Numbering()
    blocks: list[Block] = []
    for section in (
        equations_section,
        local_section,
        loss_section,
        adjoint_section,
        starts_section,
        gradient_section,
        truncation_section,
        jacobian_section,
        highway_section,
    ):
        blocks += section(step, numbering)
    return (*blocks, *memory_section(step))


def read_by_loss(recurrence: Recurrence) -> tuple[str, ...]:
    """Results that a loss reads where nobody says which: outputs, else states that nothing in the step reads."""
    program = recurrence.program
    outputs = tuple(n for n in program.results if program[n].role == "output")
    if outputs:
        return outputs
    users = program.users()
    return tuple(n for n in program.results if not users[n]) or program.results[:1]


def render(document: Document, format: str = "text") -> str:
    """The page in one of FORMATS: text, latex, markdown or html.

    Raises
    ------
    ValueError
        If there is no such format.
    """
    if format not in FORMATS:
        raise ValueError(f"a page can be rendered as {', '.join(FORMATS)}, not as {format!r}: choose one of these.")
    return FORMATS[format](document)
