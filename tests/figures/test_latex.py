"""What is written for LaTeX compiles as it is: floats from any folder, entries under any style, names of any script."""

import shutil
import subprocess

import pytest
from matplotlib.figure import Figure as Drawing
from pypdf import PdfReader
from test_figures import DRAWN, flow_dataset

from gatedsym import figures
from gatedsym.figures.printed import key_of
from gatedsym.report.citation import bibliography

# A machine without a font for Chinese says so, and draws a box.
pytestmark = pytest.mark.filterwarnings("ignore:Glyph .* missing from font:UserWarning")

ENGINES = [e for e in ("pdflatex", "lualatex") if shutil.which(e)]
needs_tex = pytest.mark.skipif(not ENGINES, reason="no TeX is installed: neither pdflatex nor lualatex")
NAMES = ("plain", "my%cell_1", "a & b #2", "门控 单元", "ячейка~x^2")

DOCUMENT = r"""\documentclass[twocolumn]{%s}
\usepackage{graphicx,amsmath,amssymb}
\begin{document}
\tableofcontents\listoffigures
Text \nocite{*}
%s
\clearpage
\bibliographystyle{%s}
\bibliography{%s}
\end{document}
"""


@pytest.fixture(scope="module")
def drawn():
    """Figures of several kinds, and one whose cell and name have signs of every kind."""
    found = [
        getattr(figures, kind)(DRAWN[kind](), width=3.25 if k % 2 else 6.75) for k, kind in enumerate(sorted(DRAWN))
    ]
    data = flow_dataset(("rnn", "cell_{1} 100% & more ⊙ σ 门 ~^\\"))
    return [*found, figures.gradient_norm(data, name="odd %_#{ 门")]


@pytest.fixture(scope="module")
def paper(drawn, tmp_path_factory):
    """A folder with a report beside which a paper is written."""
    folder = tmp_path_factory.mktemp("paper of mine")
    inside = folder / "report" / "figures"
    inside.mkdir(parents=True)
    Drawing(figsize=(2, 1)).savefig(inside / "picture.pdf")
    stems = []
    for k, figure in enumerate(drawn):
        stem = figure.name if k < len(drawn) - 1 else "odd"
        stems.append(stem)
        (inside / f"{stem}.tex").write_text(figure.latex_beside(f"{stem}.pdf"), encoding="utf-8")
        shutil.copy(inside / "picture.pdf", inside / f"{stem}.pdf")
    for name in NAMES:
        (inside / f"{key_of(name)}.tex").write_text(drawn[0].latex_beside(f"{name}.pdf"), encoding="utf-8")
        shutil.copy(inside / "picture.pdf", inside / f"{name}.pdf")
    (inside.parent / "figures.bib").write_text(bibliography(drawn), encoding="utf-8")
    return folder, [*stems, *map(key_of, NAMES)]


def compiled(folder, engine, text, runs=1, style=""):
    (folder / "main.tex").write_text(text, encoding="utf-8")
    for run in range(runs):
        done = subprocess.run([engine, "-interaction=nonstopmode", "-halt-on-error", "main"], cwd=folder,
                              capture_output=True, timeout=300, check=False)  # fmt: skip
        log = (folder / "main.log").read_text("utf-8", errors="replace")
        assert done.returncode == 0, log[-1500:]
        if style and run == 0:
            cited = subprocess.run(["bibtex", "main"], cwd=folder, capture_output=True, text=True, check=False)
            assert "error message" not in cited.stdout, cited.stdout
    return log


@needs_tex
@pytest.mark.parametrize("where", ["", "report", "report/figures"], ids=["beside", "inside", "among"])
@pytest.mark.long
def test_a_float_is_taken_in_from_beside_the_report_and_from_inside(paper, where):
    folder, stems = paper
    way = {"": "report/figures/", "report": "figures/", "report/figures": ""}[where]
    bib = {"": "report/figures", "report": "figures", "report/figures": "../figures"}[where]
    body = "\n\\clearpage\n".join(rf"\input{{{way}{stem}}}" for stem in stems)
    compiled(folder / where, ENGINES[0], DOCUMENT % ("article", body, "plain", bib))
    assert len(PdfReader(folder / where / "main.pdf").pages) >= len(stems)


@pytest.mark.long
@needs_tex
@pytest.mark.parametrize("engine", ENGINES)
def test_floats_and_entries_compile_under_every_engine_and_style(paper, engine):
    folder, stems = paper
    styles = [s for s in ("plain", "IEEEtran") if subprocess.run(["kpsewhich", f"{s}.bst"], capture_output=True).stdout]
    body = "\n\\clearpage\n".join(rf"\input{{report/figures/{stem}}}" for stem in stems)
    for style in styles if engine == "pdflatex" else styles[:1]:
        log = compiled(folder, engine, DOCUMENT % ("article", body, style, "report/figures"), runs=2, style=style)
        # LuaLaTeX reads every letter, and its default font lacks those of other scripts.
        assert "Missing character" not in log or engine == "lualatex"
        assert "LSTM" in (folder / "main.bbl").read_text()


def test_a_float_is_as_wide_as_was_asked_for(drawn):
    kinds = {f.drawing.get_figwidth(): f.latex("x").split("\n")[0] for f in drawn}
    assert kinds[3.25] == r"\begin{figure}"
    assert kinds[6.75] == r"\begin{figure*}"


def test_the_note_stands_small_below_the_caption(drawn):
    for figure in drawn:
        text = figure.latex("x")
        caption, _, after = text.partition(r"\label{")
        assert figure.caption.shown.latex in caption
        assert (r"{\footnotesize" in after) == bool(figure.caption.note)
        assert figure.caption.note.latex in after


def test_every_character_of_a_float_is_one_that_pdflatex_reads(drawn):
    for figure in drawn:
        outside = figure.latex("x").split(r"\ifdefined\Umathchar")[0]
        assert "⊙" not in outside
        assert "∂" not in outside


def test_titles_keep_their_letters_and_braces_are_even(drawn):
    for figure in drawn:
        entry = bibliography([figure]).split("@misc")[1]
        title = next(line for line in entry.splitlines() if line.lstrip().startswith("title"))
        assert "= {{" in title
        assert title.rstrip(",").endswith("}}")
        assert title.count("{") == title.count("}")
        assert "year" in entry
        assert "version" in entry


def test_keys_are_ascii_and_differ():
    keys = [key_of(n) for n in (*NAMES, "门", "控", "a b", "a%b")]
    assert all(k.isascii() and " " not in k and "%" not in k for k in keys)
    assert len(set(keys)) == len(keys)
    assert key_of("gradient-norm") == "gradient-norm"
