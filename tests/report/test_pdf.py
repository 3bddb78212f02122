"""report.pdf: what stands on the page, figures as vectors, the same bytes for the same page."""

import io

from pypdf import PdfReader

from gatedsym.report.formula import inline_formula, mathtext
from gatedsym.report.pdf import render_pdf
from gatedsym.report.tree import read_page


def test_the_pdf_has_every_heading_of_the_page_and_every_figure_as_a_form(report):
    out, _ = report
    pdf = PdfReader(out / "report.pdf")
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    page = read_page((out / "index.html").read_text("utf-8"))
    for heading in page.find("h1", "h2", "h3"):
        assert " ".join(heading.text().split()) in text
    forms = [name for p in pdf.pages for name in p["/Resources"].get("/XObject", {})]
    assert sorted(forms) == sorted(f"/{i.attrs['src'].split('/')[1].removesuffix('.svg')}" for i in page.find("img"))


def test_the_pdf_of_the_same_page_has_the_same_bytes(report):
    out, _ = report
    page = (out / "index.html").read_text("utf-8")
    pictures = {p.stem: p.read_bytes() for p in (out / "figures").glob("*.pdf")}
    assert render_pdf(page, pictures) == (out / "report.pdf").read_bytes()


def test_tables_with_cells_over_several_rows_and_columns_are_laid_out():
    page = (
        "<main><table><thead><tr><th rowspan='2'>cell</th><th colspan='2'>both</th></tr>"
        "<tr><th>one</th><th>two</th></tr></thead><tbody><tr><td>rnn</td><td>1</td><td>2</td></tr></tbody></table></main>"
    )
    text = PdfReader(io.BytesIO(render_pdf(page, {}))).pages[0].extract_text()
    assert all(word in text for word in ("cell", "both", "one", "two", "rnn"))


def test_a_formula_becomes_a_line_of_text_and_mathtext():
    math = "<main><math><msub><mi>J</mi><mi>t</mi></msub><mo>=</mo><mfrac><mi>a</mi><mn>2</mn></mfrac></math></main>"
    (formula,) = read_page(math).find("math")
    assert inline_formula(formula) == "<i>J</i><sub><i>t</i></sub>=<i>a</i>/2"
    assert mathtext(formula) == r"{J}_{t}=\frac{a}{2}"
