"""A drawing as LaTeX commands (PGF), whose texts are measured and set by TeX."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib

from gatedsym.errors import ArgumentError

TEX_SYSTEMS = ("lualatex", "xelatex", "pdflatex")
_PACKAGES = r"\usepackage{amsmath,amssymb}"
_COMMANDS: Mapping[str, str] = {
    "⊙": r"\odot",
    "×": r"\times",
    "·": r"\cdot",
    "±": r"\pm",
    "≤": r"\leq",
    "≥": r"\geq",
    "∞": r"\infty",
    "→": r"\to",
    "′": r"'",
    "½": r"\frac{1}{2}",
    "‖": r"\|",
    "∂": r"\partial",
    "√": r"\surd",
    "γ": r"\gamma",
    "λ": r"\lambda",
    "σ": r"\sigma",
    "φ": r"\varphi",
    "χ": r"\chi",
    "▲": r"\blacktriangle",
    "▼": r"\blacktriangledown",
    "–": r"\text{--}",
    "\u2009": r"\,",
}
"""In math. TeX's own fonts lack these characters, and leave them out in silence."""
_OTHERWISE = {c: c for c in "<>|"}
"""Characters in whose place those fonts have others."""


def tex_system() -> str:
    """The TeX program that is installed.

    Raises
    ------
    ArgumentError
        If there is none.
    """
    for program in TEX_SYSTEMS:
        if shutil.which(program):
            return program
    raise ArgumentError(
        f"format 'pgf' needs a TeX installation ({', '.join(TEX_SYSTEMS)}), and none is found: install one, or choose "
        "from pdf, svg, png."
    )


def render_pgf(drawing: Any, name: str, about: str) -> bytes:
    """The commands, in ASCII; a document that takes them in loads pgf, amsmath and amssymb.

    Raises
    ------
    ArgumentError
        If there is no TeX, or it cannot set the texts.
    """
    program = tex_system()
    preamble = "\n".join([_PACKAGES, *(_definition(c, command) for c, command in _COMMANDS.items())])
    settings: Any = {"pgf.texsystem": program, "pgf.rcfonts": False, "pgf.preamble": preamble}
    with tempfile.TemporaryDirectory() as folder, matplotlib.rc_context(settings):
        path = Path(folder) / f"{name}.pgf"
        try:
            drawing.savefig(path, format="pgf")
        except (ValueError, RuntimeError, OSError) as error:
            said = next((line for line in str(error).splitlines() if line.startswith("!")), "it gives no reason")
            raise ArgumentError(
                f"{program} cannot set the texts of {name} ({said.strip('! .')}): install its packages pgf, amsmath "
                "and amsfonts, or choose from pdf, svg, png."
            ) from error
        lines = path.read_text("utf-8").splitlines()
    spelled = str.maketrans({c: rf"\ensuremath{{{command}}}" for c, command in {**_COMMANDS, **_OTHERWISE}.items()})
    drawn = "\n".join(
        line.translate(spelled) if "\\pgftext" in line else line for line in lines if not line.startswith("%%")
    )
    head = f"%% {about}\n%% The document loads pgf, amsmath and amssymb; take this in with \\input{{{name}.pgf}}\n"
    return f"{head}{drawn}\n".encode()


def _definition(character: str, command: str) -> str:
    """The definition of a character for TeX, by which texts are measured: pdfTeX is told so, others otherwise."""
    code = ord(character)
    return (
        rf"\ifdefined\DeclareUnicodeCharacter\DeclareUnicodeCharacter{{{code:04X}}}{{\ensuremath{{{command}}}}}\else"
        rf"\begingroup\lccode`\~={code}\lowercase{{\endgroup\protected\def~}}{{\ensuremath{{{command}}}}}"
        rf"\catcode{code}=13\fi"
    )


__all__ = ["TEX_SYSTEMS", "render_pgf", "tex_system"]
