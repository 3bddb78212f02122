"""Lexical notation: the characters that papers print, rewritten into the plain characters of the grammar.

Greek letters become their names, σ the function, ⊙ and ∘ the elementwise product, sub- and superscript characters their
spelled forms; comments and equation numbers go. Every character of the plain text remembers where it stood in the text
as typed.
"""

from __future__ import annotations

import re
import unicodedata

from gatedsym.equations import input_domains
from gatedsym.equations.convention import take_convention
from gatedsym.equations.latex.macros import DEFINES
from gatedsym.equations.latex.read import is_printed, read_printed
from gatedsym.equations.left_out import find_left_out
from gatedsym.equations.rates import take_rates
from gatedsym.equations.source import MAX_CHARACTERS, MAX_NESTING, Source, Span
from gatedsym.equations.tags import blank_tags
from gatedsym.equations.uses import take_uses, without_blocks
from gatedsym.errors import EquationError

__all__ = ["Source", "Span", "read_notation"]

_GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "epsilon", "ϵ": "epsilon", "ζ": "zeta", "η": "eta",
    "θ": "theta", "ϑ": "theta", "ι": "iota", "κ": "kappa", "λ": "lam", "μ": "mu", "ν": "nu", "ξ": "xi", "ο": "omicron",
    "π": "pi", "ρ": "rho", "ς": "sigma", "τ": "tau", "υ": "upsilon", "φ": "phi", "ϕ": "phi", "χ": "chi", "ψ": "psi",
    "ω": "omega", "Α": "Alpha", "Β": "Beta", "Γ": "Gamma", "Δ": "Delta", "∆": "Delta", "Ε": "Epsilon", "Ζ": "Zeta",
    "Η": "Eta", "Θ": "Theta", "Ι": "Iota", "Κ": "Kappa", "Λ": "Lam", "Μ": "Mu", "Ν": "Nu", "Ξ": "Xi", "Ο": "Omicron",
    "Π": "Pi", "Ρ": "Rho", "Σ": "Sigma", "Τ": "Tau", "Υ": "Upsilon", "Φ": "Phi", "Χ": "Chi", "Ψ": "Psi", "Ω": "Omega",
    "µ": "mu", "ℓ": "l",
}  # fmt: skip

_SIGNS = {
    "∈": " in ", "ℝ": "R", "′": "'", "’": "'", "ʹ": "'", "−": "-", "–": "-", "⊙": "*", "∘": "*", "◦": "*",
    "∗": "*", "⋅": "·", "∙": "·", "•": "·", "…": "..", "√": "sqrt", "⊤": ".T", "ᵀ": ".T",
    "‐": "-", "‑": "-", "‒": "-", "—": "-", "―": "-", "﹣": "-", "－": "-", "\u2061": "", "\u2062": " ", "\u2063": ",",
    "\u2064": "+", "\u00ad": "", "´": "'", "‘": "'", "ʼ": "'", "「": "[", "」": "]", "〈": "⟨", "〉": "⟩",
    "×": "×", "\u0387": "·", "\ufeff": " ", "\u200b": " ", "⊘": " ./ ", "。": ".",
}  # fmt: skip

_MARKS = {"\u0303": "_tilde", "\u0302": "_hat", "\u0304": "_bar", "\u0305": "_bar", "\u0307": "_dot"}

_SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉₋₊₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789-+()aehijklmnoprstuvx", strict=True))
_SUPERSCRIPTS = dict(
    zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡⁿᵐᵒᵖʳˢᵗᵘᵛʷʸᶻ", "0123456789-+()abcdefghijklnmoprstuvwyz", strict=True)
) | {"ˣ": " x "}

_CLOSING = {"(": ")", "[": "]", "{": "}"}


def read_notation(text: str) -> Source:
    """Rewrite a text into plain notation and check its brackets.

    Parameters
    ----------
    text : str
        Equations as a person or a paper writes them.

    Returns
    -------
    Source

    Raises
    ------
    EquationError
        For a text that is too long or empty, for characters that no editor shows, for brackets that do not match, and
        for brackets nested too deeply.
    """
    if not isinstance(text, str):
        raise EquationError(f"equations are text (str), this is {type(text).__name__}.", mend="Pass the text itself.")
    if len(text) > MAX_CHARACTERS:
        raise EquationError(
            f"the text has {len(text):,} characters; at most {MAX_CHARACTERS:,} are read.",
            mend="A cell takes a few lines: check that this is the file you meant.",
        )
    _check_characters(text)
    typed, (text, convention, place) = text, take_convention(text)
    if convention not in ("", "rows", "columns"):
        raise Source(typed, typed, tuple(range(len(typed)))).error(
            f"there is no convention '{convention}'.", Span(*place), "Write convention rows, or convention columns."
        )
    source = Source(text, *_rewrite(without_blocks(text)))
    if (gone := find_left_out(source.plain)) is not None:
        raise source.error(gone.message, Span(gone.start, gone.end), gone.mend)
    if is_printed(source.plain):
        source = read_printed(source)
    plain, tags = blank_tags(source.plain)
    plain, uses = take_uses(plain)
    plain, domains, refusal = input_domains.take_domains(plain)
    plain, rates = take_rates(plain)
    spans = tuple(Span(start, end) for start, end in tags)
    source = Source(typed, plain, source.origins, spans, domains, source.notes, rates, uses, convention, source.starts)
    if refusal is not None:
        raise source.error(refusal.message, Span(refusal.start, refusal.end), refusal.mend)
    if not plain.strip():
        raise source.error(
            "there are no equations in this text.", mend="Write declarations and equations; `gatedsym new` shows how."
        )
    _check_brackets(source)
    return source


# Control characters but for tabs and ends of lines, halves of pairs, and what turns the direction of a text around:
# unseen, they make a program other than the text that a person reads.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff]"
)

_COMMENT = re.compile("#.*", re.DOTALL)
_COMMENT_BESIDE_ARGUMENTS = re.compile("#(?![1-9]).*", re.DOTALL)
_HIDDEN_LINE = re.compile("#[^\r\n\u2028\u2029]*[\u2028\u2029]")  # what follows would be read, and shown as a comment


def _check_characters(text: str) -> None:
    """Refuse what cannot be seen or written down, in comments too: they go with the cell into files."""
    unseen = _UNSEEN.search(text) or _HIDDEN_LINE.search(text)
    if unseen is not None:
        source, at = Source(text, text, tuple(range(len(text)))), Span(unseen.end() - 1, unseen.end())
        line, column, _ = source.position(at)
        raise source.error(
            f"the text holds the unseen character U+{ord(unseen[0][-1]):04X}.",
            at,
            f"Remove it: it is character {column} of line {line}.",
        )


def _rewrite(text: str) -> tuple[str, tuple[int, ...]]:
    """Plain characters and, for each, where it came from."""
    characters: list[str] = []
    origins: list[int] = []
    offset = 0
    comment = _COMMENT_BESIDE_ARGUMENTS if DEFINES.search(text) else _COMMENT
    for line in text.splitlines(keepends=True):
        body = line.rstrip("\r\n\v\f\x1c\x1d\x1e\x85\u2028\u2029")
        code = comment.sub("", body)
        position = 0
        while position < len(code):
            plain, width = _rewrite_at(code, position)
            characters.extend(plain)
            # The last character stands for the end of what it replaces: a span over it covers all of that.
            origins.extend([offset + position] * (len(plain) - 1))
            origins.extend([offset + position + width - 1] * bool(plain))
            position += width
        if len(body) < len(line):
            characters.append("\n")
            origins.append(offset + len(body))
        offset += len(line)
    return "".join(characters), tuple(origins)


def _rewrite_at(code: str, position: int) -> tuple[str, int]:
    """The plain form of what stands at a position, and how many typed characters it replaces."""
    ch = code[position]
    if ch.isascii():
        return (" " if ch.isspace() else ch), 1
    if ch in _SIGNS:
        return _SIGNS[ch], 1
    if ch in _SUBSCRIPTS:
        return _run(code, position, _SUBSCRIPTS, "_{")
    if ch in _SUPERSCRIPTS:
        return _run(code, position, _SUPERSCRIPTS, "^{")
    if ch in _MARKS:
        return _MARKS[ch], 1
    if ch.isspace():
        return " ", 1
    # Letters copied from a PDF arrive as mathematical alphabets; accented ones as a letter and its accent.
    plain = unicodedata.normalize("NFKD", ch)
    if plain == "σ":
        following = code[position + 1 : position + 2]
        is_function = not (following.isalnum() or following == "_" or following in _SUBSCRIPTS)
        return ("sigmoid" if is_function else "sigma"), 1
    spelled = [_GREEK.get(c, _MARKS.get(c, c)) for c in plain]
    return "".join(spelled), 1


def _run(code: str, position: int, table: dict[str, str], opening: str) -> tuple[str, int]:
    """A run of sub- or superscript characters as one braced script."""
    end = position
    while end < len(code) and code[end] in table:
        end += 1
    return opening + "".join(table[c] for c in code[position:end]) + "}", end - position


def _check_brackets(source: Source) -> None:
    """Refuse brackets that do not match or are nested too deeply: the parser would point at the wrong place."""
    open_: list[int] = []
    for offset, ch in enumerate(source.plain):
        here = Span(offset, offset + 1)
        if ch in _CLOSING:
            open_.append(offset)
            if len(open_) > MAX_NESTING:
                raise source.error(
                    f"brackets are nested more than {MAX_NESTING} deep.", here, "Give the inner part a name of its own."
                )
        elif ch in ")]}":
            if not open_:
                raise source.error(f"'{ch}' closes a bracket that was never opened.", here, f"Remove the '{ch}'.")
            opening = source.plain[open_[-1]]
            if _CLOSING[opening] != ch:
                line = source.line(Span(open_[-1], open_[-1] + 1))
                raise source.error(
                    f"expected '{_CLOSING[opening]}' to close the '{opening}' of line {line}, found '{ch}'.",
                    here,
                    f"Close the bracket with '{_CLOSING[opening]}'.",
                )
            open_.pop()
    if open_:
        opening = source.plain[open_[-1]]
        raise source.error(
            f"'{opening}' is never closed.", Span(open_[-1], open_[-1] + 1), f"Add the missing '{_CLOSING[opening]}'."
        )
