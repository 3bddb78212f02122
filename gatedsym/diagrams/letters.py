"""Names and formulas of a cell → labels in Matplotlib's mathematics, the letters being those of its derivation page."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sympy as sp

from gatedsym.ir.functions import FUNCTIONS
from gatedsym.ir.program import Equation, Program, Ref, Statement
from gatedsym.typesetting.formulas import Formulas
from gatedsym.typesetting.latex import formula_latex
from gatedsym.typesetting.notation import Box, Fraction, Op, Row, mapped, tight
from gatedsym.typesetting.symbols import Letters, Symbols

_SHORT = {
    "sigmoid": "σ",
    "log_sigmoid": "log σ",
    "absolute": "|·|",
    "sqrt": "√",
    "maximum": "max",
    "minimum": "min",
    "normal_cdf": "Φ",
    "hard_sigmoid": "hard σ",
    "hard_sigmoid_02": "hard σ",
    "hard_tanh": "hard tanh",
    "atan": "arctan",
    "norm_root": "√",
    "pivot": "·",
    "where_above": "where >",
    "where_least": "where ≥",
}

_UNKNOWN = {
    r"\lvert ": "|",
    r" \rvert": "|",
    r"\lvert": "|",
    r"\rvert": "|",
    r"\left|": "|",
    r"\right|": "|",
    r"\gt": ">",
    r"\lt": "<",
}
"""Commands that Matplotlib's mathematics lacks."""

_SPELLED = re.compile(r"\\mathrm\{Delta([a-z])\}")
"""A step size: Δt is spelled Deltat in a Program."""


def function_label(name: str) -> str:
    """Text in the box of a function."""
    return _SHORT.get(name, name.replace("_", " ") if name in FUNCTIONS else name)


class Labels:
    """The labels of one cell; `rows`: its vectors are rows."""

    def __init__(self, program: Program, rows: bool = False) -> None:
        self._program = program
        self._letters = Letters(program, rows)
        self._symbols = Symbols(program, letters=self._letters)
        self._formulas = Formulas(self._symbols)

    def name(self, name: str) -> str:
        """A tensor, with its time: ``$c_{t-1}$``."""
        return _math(formula_latex(self._symbols.box(name)))

    def adjoint(self, name: str) -> str:
        """The adjoint of a tensor: ``$\\bar{c}_t$``; of a state what the step sends back to it."""
        state = self._program[name].role == "state"
        return _math(formula_latex(self._symbols.sent_back(name) if state else self._symbols.adjoint_of(name)))

    def expression(self, expression: sp.Expr, operands: Sequence[Ref]) -> str:
        """An expression of parameters and numbers."""
        piece = self._formulas.elementwise(expression, operands)
        if piece is None:
            return str(expression)
        latex = formula_latex(_flat(piece.whole()))
        return latex if latex.isdigit() else _math(latex)

    def definition(self, statement: Statement) -> str:
        """The right side of a statement of parameters; three dots where it needs indices."""
        piece = self._formulas.arrays_of(statement)
        return "…" if piece is None else _math(formula_latex(_flat(piece.whole())))

    def equation(self, equation: Equation) -> list[str]:
        """A typed line, typeset, everything that the engine introduced put back in."""
        helpers = [n for n in equation.computes if n in self._program.definitions and not self._program[n].named]
        formulas = Formulas(Symbols(self._program, inline=helpers, letters=self._letters))
        lines = []
        for name in equation.computes:
            if name in self._program.definitions and self._program[name].named:
                statement = self._program.definitions[name]
                piece = formulas.arrays_of(statement)
                if piece is None:
                    return [equation.text]
                lines.append(_math(formula_latex(Row((formulas.letter(name), Op(" = "), _flat(piece.whole()))))))
        return lines


def _flat(box: Box) -> Box:
    """Fractions with a slash."""
    box = mapped(box, _flat)
    return Row((tight(box.above), Op("/"), tight(box.below))) if isinstance(box, Fraction) else box


def _math(latex: str) -> str:
    for unknown, known in _UNKNOWN.items():
        latex = latex.replace(unknown, known)
    for accent in ("tilde", "hat"):  # over the whole of a word
        latex = latex.replace(rf"\{accent}{{\mathrm", rf"\wide{accent}{{\mathrm")
    return f"${_SPELLED.sub(_step_size, latex.strip())}$"


def _step_size(found: re.Match[str]) -> str:
    return rf"\Delta {found[1]}"
