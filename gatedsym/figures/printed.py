"""A figure without its drawing → what pages print of it beside the picture: a caption, a float of LaTeX, a key."""

from __future__ import annotations

import re
from dataclasses import dataclass

import xarray as xr

from gatedsym.figures.caption import Caption, Text, literal

COLUMN = 3.6
"""Inches; a wider figure goes across both columns."""


@dataclass(frozen=True, eq=False)
class Printed:
    """All of a figure but its drawing.

    Attributes
    ----------
    name : str
        For file names and labels: ``gradient-norm``.
    title : str
    data : xarray.Dataset
        Everything measured, every seed.
    caption : Caption
    digest : str
        SHA-256 of the numbers drawn.
    across : bool
        Whether it is wider than a column.
    """

    name: str
    title: str
    data: xr.Dataset
    caption: Caption
    digest: str
    across: bool

    def latex(self, file: str) -> str:
        """A LaTeX float that includes the picture `file`, as wide as a column or as the page, under its caption."""
        return self._float(_graphics(file))

    def latex_beside(self, picture: str) -> str:
        """The same for a file of its own, which finds the picture that lies beside it wherever it is taken in from."""
        name = r"\gatedsympicture"
        places = ("figures/", "report/figures/")
        found = _graphics(name)
        for place in reversed(("", *places)):
            found = rf"\IfFileExists{{{place}{name}}}{{{_graphics(place + name)}}}{{{found}}}"
        own = r"\gatedsymfolder/"
        found = f"\\IfFileExists{{{own}{name}}}{{%\n    {_graphics(own + name)}}}{{%\n    {found}}}"
        head = "% Needs graphicx. Take it in with \\input, from this folder or any other.\n"
        special = "".join(rf"\catcode`\{c}=12 " for c in "%#~&^$_")
        # Read before the float, which would read its signs as those of LaTeX.
        said = f"\\begingroup{special}\\gdef{name}{{{picture}}}\\endgroup\n"
        folder = (
            "\\ifdefined\\CurrentFilePath\\let\\gatedsymfolder\\CurrentFilePath\\else\\def\\gatedsymfolder{.}\\fi\n"
        )
        return head + said + folder + self._float(found)

    def _float(self, graphics: str) -> str:
        """The result and what is shown as the caption; all else below it, small."""
        kind = "figure*" if self.across else "figure"
        said = " ".join(t.latex for t in (self.caption.result, self.caption.shown) if t)
        note = f"  {{\\footnotesize\\raggedright {self.caption.note.latex}\\par}}\n" if self.caption.note else ""
        return (
            f"\\begin{{{kind}}}\n  \\centering\n  {graphics}\n"
            f"  \\caption[{{{Text(literal(self.title)).latex}}}]{{{said}}}\n"
            f"  \\label{{fig:{key_of(self.name)}}}\n{note}\\end{{{kind}}}\n"
        )


def key_of(name: str) -> str:
    """A name as a key of LaTeX or BibTeX: letters of other scripts and signs by their numbers."""
    return re.sub(r"[^A-Za-z0-9._:+-]", lambda found: f"x{ord(found[0]):x}", name)


def _graphics(file: str) -> str:
    """No wider than the float, no taller than a page with room for the caption."""
    return rf"\includegraphics[width=\linewidth,height=0.8\textheight,keepaspectratio]{{{file}}}"
