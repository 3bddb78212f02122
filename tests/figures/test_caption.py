"""Captions: three parts, symbols by name, and text that a person gave, which is never markup."""

import shutil
import subprocess

import pytest

from gatedsym.figures.caption import Caption, Text, literal


def test_a_caption_is_its_result_what_is_shown_and_a_note():
    caption = Caption("A lasts.", "Lines: <n>.", "Sizes.")
    assert caption.text == "A lasts. Lines: <n>. Sizes."
    assert caption.plain == "A lasts. Lines: n. Sizes."
    assert [caption.result.plain, caption.shown.latex, caption.note.html] == ["A lasts.", "Lines: $n$.", "Sizes."]
    assert not Caption("A lasts.").note


def test_a_warning_is_part_of_the_note():
    caption = Caption("A.", note="B.", warnings=["C."])
    assert caption.note.plain == "B. C."
    assert [w.plain for w in caption.warnings] == ["C."]


@pytest.mark.parametrize("name", ["my<script>.txt", "a<n>b.txt", "<dh>", "<<n>>", "<", "x<lt>", "a&b <b>"])
def test_the_name_of_a_file_is_no_markup(name):
    from html import unescape

    text = Text(literal(name))
    assert text.plain == name
    assert unescape(text.html) == name
    assert "<" not in text.html
    assert r"\partial" not in text.latex


def test_a_word_between_brackets_that_names_no_symbol_stays():
    assert Text("<script> of <n>").plain == "<script> of n"


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no TeX installation (pdflatex)")
def test_every_letter_compiles(tmp_path):
    letters = "".join(chr(c) for c in [*range(1, 0x250), *range(0x2010, 0x2300)]) + "红楼梦 и ﬁ e\u0301 \U0001f600"
    symbols = "".join(f"<{name}> " for name in ("dh", "clip", "kept", "uniform"))
    captions = [Caption(literal(letters[k : k + 50]), symbols).latex for k in range(0, len(letters), 50)]
    floats = "".join(rf"\begin{{figure}}\caption{{{caption}}}\end{{figure}}\clearpage " for caption in captions)
    text = rf"\documentclass{{article}}\begin{{document}}\listoffigures {floats}\end{{document}}"
    (tmp_path / "a.tex").write_text(text, "utf-8")
    for _ in range(2):  # the list of figures reads it again
        subprocess.run(["pdflatex", "-halt-on-error", "a"], cwd=tmp_path, check=True, capture_output=True, timeout=60)
