"""Names that people give to files stand on pages as they are, and do nothing there."""

import html
import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pypdf
import pytest

import gatedsym
from gatedsym.cli.messages import complain
from gatedsym.files.read import printable
from gatedsym.flow.inputs.series import read_input
from gatedsym.report import write_report

ODD = [
    "my<script>.txt", "a<n>b<dh>.txt", "x$y_z^{2}.txt", "[red]b[].txt", "per%cent#.txt", "am&p;lt;.txt", "q\"uo'te.txt",
    "a{b}}.txt", "back\\slash~.txt", "{{ 7 * 7 }}{% raw %}.txt", "]]>.txt", "诗.txt", "émile’s.txt",
]  # fmt: skip
UNPRINTABLE = [
    "e\x1b[31mred.txt",
    "line\nbreak.txt",
    "\u202egnp.txt",
    "\x07bell.txt",
    "tab\tbed.txt",
    "no\udcffutf8.txt",
]
TEXT = "the quick brown fox jumps over the lazy dog. " * 20


def report_on(path, cells):
    out = path.parent / "r"
    write_report(
        cells[:1], out, input=path, quick=True, lags=6, only="gradient-norm", derivation=None, errata=None,
        formats=["svg"], command=f"gatedsym report --input {path}",
    )  # fmt: skip
    return out


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such names")
@pytest.mark.parametrize("name", ["".join(n.removesuffix(".txt") for n in ODD) + ".txt", *UNPRINTABLE[-1:]])
def test_a_report_on_a_file_of_an_odd_name_names_it_everywhere(tmp_path, report_cells, name):
    path = tmp_path / name
    path.write_text(TEXT)
    out, shown = report_on(path, report_cells), printable(name)
    page = (out / "index.html").read_text("utf-8")
    assert shown in html.unescape(re.sub(r"</?(?:i|sub|sup)>", "", page))
    assert "<script" not in page
    assert shown in (out / "figures" / "gradient-norm.txt").read_text("utf-8")
    record = json.loads((out / "provenance.json").read_text("utf-8"))
    assert record["request"]["input"] == str(path)
    assert record["figures"]["gradient-norm"]["input"]["name"] == printable(path.stem)
    assert shown in "".join(ElementTree.parse(out / "figures" / "gradient-norm.svg").getroot().itertext())
    assert pypdf.PdfReader(out / "report.pdf").pages


@pytest.mark.parametrize("name", [*ODD, *UNPRINTABLE])
def test_what_is_read_is_called_by_its_name_without_what_cannot_be_printed(tmp_path, name):
    (tmp_path / name).write_text(TEXT)
    series = read_input(tmp_path / name)
    assert series.name.isprintable()
    assert series.description.endswith(printable(name))
    assert (printable(name) == name) == (name in ODD)


@pytest.mark.parametrize("name", UNPRINTABLE)
def test_a_sentence_about_a_file_does_nothing_to_the_terminal(name, capsys):
    complain(f"there is no file {name}: give another.")
    said = capsys.readouterr().err
    assert said.rstrip("\n").replace("\n", "").isprintable()


def test_captions_take_the_words_of_an_input_by_one_way():
    """Through `gatedsym.figures.words`, where they are quoted: taken raw they would be read as markup."""
    figures = Path(gatedsym.__file__).parent / "figures"
    raw = [p.name for p in figures.glob("*.py") if "input_description" in p.read_text("utf-8")]
    assert raw == ["words.py"]
