"""PGF: a sentence where TeX is missing or fails, and commands in ASCII that a document can take in."""

import shutil
import subprocess

import pytest
from matplotlib.figure import Figure as Drawing

from gatedsym.errors import ArgumentError
from gatedsym.figures.pgf import TEX_SYSTEMS, render_pgf

HAS_TEX = any(map(shutil.which, TEX_SYSTEMS))
needs_tex = pytest.mark.skipif(not HAS_TEX, reason=f"no TeX is installed: none of {', '.join(TEX_SYSTEMS)}")

DOCUMENT = r"""\documentclass{article}
\usepackage{amsmath,amssymb,pgf}
\begin{document}
\input{picture.pgf}
\end{document}
"""


def drawing(text):
    found = Drawing(figsize=(3, 1))
    found.text(0.5, 0.5, text)
    return found


def test_without_tex_the_refusal_names_what_to_install_and_what_else_there_is(monkeypatch):
    monkeypatch.setattr("shutil.which", lambda program: None)
    with pytest.raises(ArgumentError, match="needs a TeX installation"):
        render_pgf(drawing("x"), "picture", "")


@needs_tex
def test_what_tex_cannot_set_is_refused_with_its_own_words():
    with pytest.raises(ArgumentError, match=r"cannot set the texts of picture \(Undefined control"):
        render_pgf(drawing(r"$\nosuchcommand$"), "picture", "")


@needs_tex
def test_a_picture_with_unicode_texts_is_ascii_and_compiles_without_a_missing_character(tmp_path):
    content = render_pgf(drawing(r"f ⊙ c < 0.1 ▲ and $\mathbb{R}^{n}$, 2 × 3–4"), "picture", "data sha256 0")
    assert content.isascii()
    assert content.startswith(b"%% data sha256 0\n")
    assert rb"\ensuremath{\odot}" in content
    (tmp_path / "picture.pgf").write_bytes(content)
    (tmp_path / "d.tex").write_text(DOCUMENT)
    program = next(filter(shutil.which, TEX_SYSTEMS))
    done = subprocess.run(
        [program, "-interaction=nonstopmode", "-halt-on-error", "d.tex"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout[-2000:]
    assert b"Missing character" not in (tmp_path / "d.log").read_bytes()


@needs_tex
def test_the_same_picture_gives_the_same_commands():
    assert render_pgf(drawing("a ⊙ b"), "picture", "") == render_pgf(drawing("a ⊙ b"), "picture", "")
