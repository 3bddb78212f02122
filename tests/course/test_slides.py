"""Slides: one equation a page, with its parameters, as a PDF and as an SVG a page."""

from __future__ import annotations

import re

import pytest

import gatedsym as gs
from gatedsym.course.slide import wrapped
from gatedsym.course.slides import Slides
from gatedsym.diagrams.shapes import text_size
from gatedsym.errors import ArgumentError
from gatedsym.typesetting.notation import Name
from gatedsym.typesetting.plain import formula_text


@pytest.fixture(scope="module")
def slides() -> Slides:
    return Slides(gs.cell("rnn").recurrence)


def test_each_equation_line_and_gradient_has_a_page_of_its_own():
    lstm = Slides(gs.cell("lstm").recurrence)
    left = [[formula_text(f.left) for f in page.formulas] for page in lstm.pages]
    assert left[0] == []
    assert left[1:7] == [["i_t"], ["f_t"], ["g_t"], ["o_t"], ["c_t"], ["h_t"]]
    assert {len(page) for page in left[1:]} == {1}
    names = [name for page in left for name in page]
    assert "c̄_t" in names
    assert {"W̄_i", "b̄_o", "x̄_t"} <= set(names)


def test_a_page_shows_the_parameters_of_its_equation_with_their_shapes():
    page = Slides(gs.cell("lstm").recurrence).pages[2]
    assert [(formula_text(a), formula_text(b)) for a, b, _ in page.symbols] == [
        ("W_f", "ℝ^{n×m}"), ("U_f", "ℝ^{n×n}"), ("b_f", "ℝ^n"), ("x_t", "ℝ^m"), ("h_{t−1}", "ℝ^n"),
    ]  # fmt: skip


def test_reasons_on_slides_refer_to_no_number():
    words = [s for page in Slides(gs.cell("lstm").recurrence).pages for s in page.reason if isinstance(s, str)]
    assert words
    assert not [w for w in words if re.search(r"\(\d+\)", w)]


def test_words_are_broken_within_the_width():
    lines = wrapped(
        (
            "several words with a formula ",
            Name("x"),
            ", and more of them",
        )
        * 4,
        15.0,
        4.0,
    )
    assert len(lines) > 3
    assert max(text_size(line, 15.0)[0] for line in lines) <= 4.0


@pytest.mark.long
def test_slides_are_written_as_pdf_and_as_an_svg_a_page(slides, tmp_path):
    written = slides.save(tmp_path / "talk")
    assert written[0] == tmp_path / "talk.pdf"
    assert [p.name for p in written[1:]] == [f"talk-{n:02}.svg" for n in range(1, len(slides.pages) + 1)]
    assert written[0].read_bytes().startswith(b"%PDF")
    assert len(re.findall(rb"/Type /Page\b", written[0].read_bytes())) == len(slides.pages)
    assert slides.render(2) == Slides(gs.cell("rnn").recurrence).render(2)


def test_another_format_is_refused(slides, tmp_path):
    with pytest.raises(ArgumentError, match=r"slides are written as pdf or svg"):
        slides.save(tmp_path / "talk.pptx")
