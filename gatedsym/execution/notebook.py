"""Objects as a notebook shows them: equations typeset, arrays as tables. No script, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup, escape

from gatedsym.execution.protocol import RecurrentCell
from gatedsym.typing import Array

_TABLE = "border-collapse: collapse; margin: .4em 0"
_CELL = "text-align: left; padding: .15em 1em .15em 0; font-variant-numeric: tabular-nums"


def table(header: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "") -> str:
    """A table; every entry is escaped unless it is markup already."""
    head = Markup("").join(Markup('<th style="{}">{}</th>').format(_CELL, name) for name in header)
    body = Markup("").join(
        Markup("<tr>{}</tr>").format(
            Markup("").join(Markup('<td style="{}">{}</td>').format(_CELL, escape(entry)) for entry in row)
        )
        for row in rows
    )
    title = (
        Markup('<caption style="text-align: left; font-weight: 600">{}</caption>').format(caption) if caption else ""
    )
    return str(
        Markup('<table style="{}">{}<thead><tr>{}</tr></thead><tbody>{}</tbody></table>').format(
            _TABLE, title, head, body
        )
    )


def text_html(lines: Iterable[str]) -> str:
    """Lines of text as they stand."""
    return str(Markup('<pre style="white-space: pre; overflow-x: auto">{}</pre>').format("\n".join(lines)))


def arrays_table(arrays: Mapping[Any, Array], what: str) -> str:
    """Arrays by name: shape, type, least, greatest and norm."""
    rows = [(_told(name), *array_facts(array)) for name, array in arrays.items()]
    return table(("", "shape", "type", "least", "greatest", "2-norm"), rows, what)


def _told(name: Any) -> str:
    """A name as a person reads it; a pair is that of a derivative."""
    return f"∂{name[0]}/∂{name[1]}" if isinstance(name, tuple) and len(name) == 2 else str(name)


def array_facts(array: Array) -> tuple[str, str, str, str, str]:
    """Shape, type, least and greatest value and norm, as a person reads them."""
    shape = " × ".join(map(str, array.shape)) or "one number"
    if array.size == 0 or array.dtype.kind not in "fiub":
        return shape, str(array.dtype), "", "", ""
    with np.errstate(all="ignore"):
        norm = float(np.sqrt(np.sum(np.square(array, dtype=np.float64))))
        return shape, str(array.dtype), f"{array.min():.4g}", f"{array.max():.4g}", f"{norm:.4g}"


def cell_html(cell: RecurrentCell) -> str:
    """A cell: its name, its equations typeset, and what its symbols are."""
    told = (cell.record.title if cell.record is not None else "", getattr(cell, "description", ""))
    title = ". ".join(filter(None, told))
    heading = Markup("<b>{}</b>{}").format(cell.name, f": {title}" if title else "")
    return str(Markup("<div>{}{}{}</div>").format(heading, Markup(_typeset(cell)), Markup(_symbols(cell))))


def cell_latex(cell: RecurrentCell) -> str:
    """The equations of a cell as a display of LaTeX, for a notebook that becomes a paper."""
    from gatedsym.typesetting.latex import formula_latex
    from gatedsym.typesetting.pages.equations import typeset_lines

    rows = [
        f"{formula_latex(f.left).strip()} &= {formula_latex(f.right[0]).strip()}"
        for formulas in typeset_lines(cell.recurrence).values()
        for f in formulas
    ]
    return "$$\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}$$"


def _typeset(cell: RecurrentCell) -> str:
    """The equations as MathML, one under the other."""
    from gatedsym.typesetting.mathml import formula_mathml
    from gatedsym.typesetting.pages.equations import typeset_lines

    rows = [
        f'<mtr><mtd style="text-align: right">{formula_mathml(f.left)}</mtd><mtd style="text-align: left">'
        f"<mrow><mo>{escape(f.relation)}</mo>{formula_mathml(f.right[0])}</mrow></mtd></mtr>"
        for formulas in typeset_lines(cell.recurrence).values()
        for f in formulas
    ]
    return (
        '<div style="overflow-x: auto"><math display="block" style="width: fit-content; margin: .4em 0">'
        f'<mtable displaystyle="true">{"".join(rows)}</mtable></math></div>'
    )


def _symbols(cell: RecurrentCell) -> str:
    kinds = (("state", cell.states), ("input", cell.inputs), ("output", cell.outputs), ("parameter", cell.parameters))
    rows: dict[tuple[str, str], list[str]] = {}
    for kind, names in kinds:
        for name in names:
            size = " × ".join(" + ".join(axis) for axis in cell.layout_of(name).axes)
            rows.setdefault((kind, size or "one number"), []).append(name)
    return table(("", "what it is", "size"), [(", ".join(names), *key) for key, names in rows.items()])
