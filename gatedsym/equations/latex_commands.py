"""A character that the grammar has no use for → the refusal that says what to type in its place.

Most such characters come with text copied from a paper's source; what each of its commands is in this language stands
in one table.
"""

from __future__ import annotations

import re

from gatedsym.equations.notation import Source, Span
from gatedsym.errors import EquationError

_CHARACTER_MENDS = {
    "<": "There is no comparison: a maximum, relu or step(b - a), which is 1 where a < b, makes a branch.",
    ">": "There is no comparison: a maximum, relu or step(a - b), which is 1 where a > b, makes a branch.",
    "&": "Leave it out: lines need no marks to stand under each other.",
    "$": "Remove it: equations stand here without marks around them.",
    "_": "A subscript follows its name: W_f, W_{i,f}, h_{t-1}.",
    ".": "Remove it, or write what follows it: 0.5, U.T, U.^2.",
}
_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "mu", "nu", "xi", "pi",
    "rho", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
_COMMANDS = {
    **{name: name for name in _GREEK},
    **{name.title(): name.title() for name in _GREEK},
    **{f"var{name}": name for name in ("epsilon", "theta", "rho", "phi")},
    "lambda": "λ or lam", "Lambda": "Λ or Lam", "sigma": "σ or sigmoid", "varsigma": "σ or sigmoid",
    "odot": "⊙ or *", "circ": "⊙ or *", "ast": "⊙ or *", "otimes": "outer(a, b) for an outer product, or ⊙",
    "cdot": "· or @", "times": "× or *", "oslash": "./", "in": "in", "mathbb": "R", "R": "R",
    "tilde": "W̃ or W_tilde", "hat": "Ŵ or W_hat", "bar": "W̄ or W_bar", "dot": "Ẇ or W_dot", "overline": "W̄ or W_bar",
    "top": ".T", "intercal": ".T", "prime": "'", "frac": "(a)/(b)", "dfrac": "(a)/(b)", "tfrac": "(a)/(b)",
    "sqrt": "sqrt(…)", "tanh": "tanh", "exp": "exp", "log": "log", "ln": "ln", "max": "max", "min": "min",
    "sum": "sum[q] …", "sin": "sin", "cos": "cos", "lVert": "sqrt(dot(h, h)) for the length of h",
    "rVert": "sqrt(dot(h, h)) for the length of h", "|": "sqrt(dot(h, h)) for the length of h",
    "text": "the word alone", "mathrm": "the word alone", "operatorname": "the name alone", "mathit": "the word alone",
    "mathbf": "the letter alone", "boldsymbol": "the letter alone", "bm": "the letter alone",
    "mathcal": "the letter alone",
}  # fmt: skip
_LEFT_OUT = {
    "left", "right", "big", "Big", "bigl", "bigr", "quad", "qquad", "begin", "end", "label", "nonumber", "notag",
    "displaystyle", "limits", ",", ";", ":", "!", " ", "\\",
}  # fmt: skip
_COMMAND = re.compile(r"\\(?:[A-Za-z]+|.?)")
_BARS = re.compile(r"(\|\|?|‖|∥)((?:(?!\1).)+?)\1")


def refuse_character(source: Source, position: int) -> EquationError:
    """The refusal of the character at a position of the plain text."""
    shown = source.plain[position]
    if shown == "\\":
        return _refuse_command(source, position)
    if shown in "|‖∥":
        return _refuse_bars(source, position)
    span = Span(position, position + 1)
    typed = source.excerpt(span)
    typed = typed if typed.isprintable() else f"U+{ord(typed[0]):04X}"
    mend = _CHARACTER_MENDS.get(typed, "Remove it or write it out.")
    return source.error(f"the character '{typed}' has no meaning here.", span, mend)


def _refuse_command(source: Source, position: int) -> EquationError:
    """A command of LaTeX: its name says what to type."""
    match = _COMMAND.match(source.plain, position)
    text = match[0] if match is not None else "\\"
    name = text[1:]
    if name == "tag":
        mend = "The number of an equation is no part of it: leave \\tag{…} out."
    elif name in _LEFT_OUT:
        mend = f"Leave {text} out: only what it stands around is read."
    elif name in _COMMANDS:
        mend = f"Write {_COMMANDS[name]}."
    else:
        mend = "Write the character itself or its name: σ or sigmoid, ⊙ or *, W̃ or W_tilde."
    span = Span(position, position + max(1, len(text)))
    return source.error(f"the LaTeX command '{text}' has no meaning here.", span, mend)


def _refuse_bars(source: Source, position: int) -> EquationError:
    """Bars: of each entry the absolute value, of a vector the length, of a matrix the determinant."""
    match = _BARS.match(source.plain, position)
    span = Span(position, match.end() if match is not None else position + 1)
    bar = source.plain[position : position + 2] if source.plain.startswith("||", position) else source.plain[position]
    inner = match[2].strip() if match is not None else "h"
    length = f"sqrt(dot({inner}, {inner}))"
    if bar == "|":
        return source.error(
            "the character '|' has no meaning here: bars are an absolute value to one reader, a length to another.",
            span,
            f"Write abs({inner}) for the absolute value of each entry, or {length} for the length of a vector.",
        )
    return source.error(f"the bars '{bar}' have no meaning here.", span, f"Write {length} for the length of a vector.")
