"""report.pdf: what stands on the page, figures as vectors, the same bytes for the same page."""

import io
from itertools import groupby

import pytest
from pypdf import PdfReader

from gatedsym.report.formula import inline_formula, mathtext
from gatedsym.report.pdf import render_pdf
from gatedsym.report.tree import read_page


@pytest.mark.long
def test_the_pdf_has_every_heading_of_the_page_and_every_figure_as_a_form(report):
    out, _ = report
    pdf = PdfReader(out / "report.pdf")
    text = " ".join(" ".join(page.extract_text() for page in pdf.pages).split())
    page = read_page((out / "index.html").read_text("utf-8"))
    for heading in page.find("h1", "h2", "h3"):
        assert " ".join(heading.text().split()) in text
    forms = [name for p in pdf.pages for name in p["/Resources"].get("/XObject", {})]
    assert sorted(forms) == sorted(f"/{i.attrs['src'].split('/')[1].removesuffix('.svg')}" for i in page.find("img"))


def linked_to(page):
    """What links of the page lead to that stands in the PDF too, where the list of contents is left out."""
    text = list(page.find("p", "li", "figcaption"))
    return {a.attrs["href"][1:] for e in text for a in e.find("a") if a.attrs["href"].startswith("#")}


def titles(outline):
    return [title for entry in outline for title in (titles(entry) if isinstance(entry, list) else [entry.title])]


@pytest.mark.long
def test_the_pdf_has_a_bookmark_for_every_heading_and_figure_and_links_that_lead_to_them(report):
    out, _ = report
    pdf, page = PdfReader(out / "report.pdf"), read_page((out / "index.html").read_text("utf-8"))
    bookmarks = titles(pdf.outline)
    for heading in page.find("h2", "h3"):
        assert " ".join(heading.text().split()) in bookmarks
    figures = [b for b in bookmarks if b.startswith("Figure ")]
    assert [b.split(".")[0] for b in figures] == [f"Figure {k}" for k in range(1, len(figures) + 1)]
    assert len(figures) == len(list(page.find("img")))
    links = [a.get_object() for p in pdf.pages for a in p.get("/Annots", [])]
    inside = [a["/Dest"] for a in links if "/Dest" in a]
    outside = {str(a["/A"]["/URI"]) for a in links if "/A" in a and "/URI" in a["/A"]}
    contents = [a for nav in page.find("nav") for a in nav.find("a")]
    shown = [a for a in page.find("a") if a.attrs["href"][1:] in linked_to(page) and not any(a is c for c in contents)]
    wanted = [target for target, _ in groupby(a.attrs["href"] for a in shown)]
    found = [
        place for place, _ in groupby((d[0].idnum, *map(float, d[2:4])) for d in inside)
    ]  # a link of two lines is two
    assert len(found) == len(wanted)
    assert len(set(zip(found, wanted, strict=True))) == len(set(found)) == len(set(wanted))
    pages = [p.indirect_reference.idnum for p in pdf.pages]
    assert all(place[0].idnum in pages for place in inside)
    assert {"figures.bib", "errata.html", "derivations/lstm.html"} <= outside


def test_a_link_out_of_the_document_is_kept_and_one_to_nowhere_is_text():
    page = '<main><p><a href="https://example.org/a?b=1&amp;c=2">out</a> <a href="#nowhere">in</a></p></main>'
    pdf = PdfReader(io.BytesIO(render_pdf(page, {})))
    (link,) = [a.get_object() for a in pdf.pages[0]["/Annots"]]
    assert link["/A"]["/URI"] == "https://example.org/a?b=1&c=2"
    assert "in" in pdf.pages[0].extract_text()


@pytest.mark.long
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
