"""Chapters open with a question and close with an answer; each sentence of an answer is so for the data of its page."""

import math
import re

import numpy as np
import pytest
from made_up import made_up_page, subject

from gatedsym.flow import summary
from gatedsym.report.clocks import clocks, left_of_half
from gatedsym.report.subjects import Cast
from gatedsym.report.tree import read_page

SLOPES = {
    "closed gates lose": lambda s: -0.1 if s.retention is None else {0.0: -0.3, 1.0: -0.01}.get(s.retention, -0.1),
    "gates win": lambda s: -0.3 if s.retention is None else -0.2 + 0.1 * (s.retention == 1.0),
    "all alike": lambda s: -0.1,
    "growing": lambda s: 0.4,
    "nowhere finite": lambda s: math.nan,
}
CASTS = [("rnn", "lstm", "gru"), ("lstm", "gru"), ("rnn",), ("alone", "lstm"), ("lstm", "lstm_trained"), ("lru",)]


def words(text):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", text))


def chapters(page):
    """Question and answer of each chapter of a page, by its name."""
    found = {}
    for chapter in re.split(r"<h2 id=", page)[1:]:
        name = re.match(r'"([^"]+)"', chapter)[1]
        asked = re.search(r'<p class="question">(.*?)</p>', chapter, re.S)
        closed = re.search(r'<p class="close">(.*?)</p>\s*(?:$|<h2|\Z)', chapter.strip(), re.S)
        found[name] = tuple(words(part[1]) if part else "" for part in (asked, closed))
    return found


@pytest.fixture(scope="module")
def pages():
    """Pages of every cast, and of the first one with all that data can say."""
    asked = [(cast, "closed gates lose") for cast in CASTS] + [(CASTS[0], slope) for slope in SLOPES]
    return [(cast, slope, *made_up_page(cast, level=SLOPES[slope])) for cast, slope in asked]


def test_every_chapter_opens_with_a_question_and_closes_with_an_answer(pages):
    for cast, slope, page, _ in pages:
        found = chapters(page)
        for name in ("gate", "cells", "vanish", "highway", "theory", "training", "limits"):
            question, answer = found[name]
            assert question.endswith("?"), (cast, name)
            assert answer.startswith("In short. "), (cast, slope, name)
            assert answer.endswith("."), (cast, name, answer)


def test_chapters_follow_the_way_from_the_gate_to_the_limits(pages):
    for _, _, page, _ in pages:
        order = re.findall(r'<h2 id="([^"]+)"', page)
        assert order == [
            "abstract",
            "gate",
            "cells",
            "vanish",
            "highway",
            "theory",
            "training",
            "limits",
            "tables",
            "cite",
        ]


def test_the_headline_stands_first_under_the_abstract(pages):
    for cast, _, page, data in pages:
        if "gradient-norm" in data:
            under = page[page.index('id="abstract"') :]
            assert re.search(r"<(?:figure|h2|h3) id=\"([^\"]+)\"", under)[1] == "gradient-norm", cast
            assert page.count('src="figures/gradient-norm.svg"') == 1
            assert "Figure 1. What gradient-norm shows." in words(page)


def test_a_page_without_the_headline_begins_with_its_chapters():
    page, _ = made_up_page(("lstm",), ("truncation",))
    assert re.search(r'<h2 id="abstract">.*?<h2 id="gate">', page, re.S)
    assert "<figure" not in page[: page.index('<h2 id="gate">')]


def test_how_many_factors_are_below_one_is_counted(pages):
    for cast, slope, page, _ in pages:
        answer = chapters(page)["vanish"][1]
        if slope == "growing":
            assert "is below 1 in none of" in answer
        elif slope == "nowhere finite":
            assert "No curve measured here is straight" in answer
        elif cast != ("rnn",):
            assert re.search(r"is below 1 in all \d+ settings", answer), (cast, answer)


def ahead_everywhere(data, plain, gated, retentions):
    """Settings whose lower quartile is above the upper one of every plain cell, at the middle lag."""
    at = summary(data["gradient-norm"].isel(gain=0)).sel(quantity="h", lag=20)
    return {
        (g, r)
        for g in gated
        for r in retentions
        if all(
            float(at["lower"].sel(cell=g, init=i, retention=r))
            > float(at["upper"].sel(cell=p, init=i, retention="none"))
            for i in at["init"].values
            for p in plain
        )
    }


@pytest.mark.parametrize("slope", SLOPES)
def test_the_settings_that_help_are_those_that_are_ahead_of_every_plain_cell(slope):
    page, data = made_up_page(("rnn", "lstm", "gru"), level=SLOPES[slope])
    answer, ahead = chapters(page)["highway"][1], ahead_everywhere(data, ["rnn"], ["lstm", "gru"], ["0", "1", "chrono"])
    told = answer[: answer.index("clearly more than RNN")] if "Open gates:" in answer else ""
    for cell, bias in ((c, b) for c in ("lstm", "gru") for b in ("0", "1", "chrono")):
        setting = f"{cell.upper()} with {'chrono biases' if bias == 'chrono' else f'bias {bias}'}"
        assert (setting in told) == ((cell, bias) in ahead), setting


def test_that_a_bias_of_zero_halves_is_said_where_a_retaining_gate_is_logistic(pages):
    for cast, _, page, data in pages:
        logistic = bool(Cast([subject(n) for n in cast]).logistic)
        assert ("Why does a bias of zero halve what goes along the highway?" in words(page)) == logistic, cast
        abstract = words(page[page.index('id="abstract"') : page.index('<h2 id="gate">')])
        assert ("halves the gradient at each step" in abstract) == logistic
        assert ('href="#zero-bias"' in page) <= ('id="zero-bias"' in page)
        assert ("which halves what goes along the highway" in chapters(page)["highway"][1]) == (
            logistic and "gradient-norm" in data
        )


@pytest.mark.parametrize("name", ["lstm", "gru", "keeper", "tau_gru"])
def test_the_table_of_clocks_is_calculated_from_the_equations(name):
    cast = Cast([subject(name)])
    for row, bias in zip(clocks(cast, None), (0.0, 1.0, 2.0), strict=True):
        low, high = subject(name).kept(bias)
        if low == high:
            assert row.kept == f"{low:.3f}"
            steps = f"{math.log(0.5) / math.log(low):.2g}"
            assert row.half == f"{steps} step{'' if steps == '1' else 's'}"
        assert f"{low:.3f}" in row.kept


def test_what_a_half_leaves_is_a_power_of_one_half():
    assert left_of_half(10) == "10<sup>−3.0</sup>"
    assert np.isclose(10 * math.log10(0.5), -3.0103)


def test_given_parameters_are_held_beside_the_same_equations_with_drawn_ones():
    page, _ = made_up_page(("lstm", "lstm_trained"), level=lambda s: -0.1)
    assert "20 steps back lstm_trained has" in chapters(page)["training"][1]
    page, _ = made_up_page(("gru", "lstm_trained"), level=lambda s: -0.1)
    assert "steps back lstm_trained has" not in chapters(page)["training"][1]


def test_nothing_is_called_untrained_where_everything_is_given():
    page, _ = made_up_page(("lstm_trained",))
    assert "before any training" not in words(page)
    assert "on which nothing is trained" not in words(page)
    assert "an initialisation gives" not in words(page)


def test_every_answer_is_in_the_document_to_print(pages):
    _, _, page, _ = pages[0]
    closing = [p for p in read_page(page).find("p") if "close" in p.classes]
    assert len(closing) == 7


def test_commands_that_the_page_names_are_there(pages):
    from typer.main import get_command

    from gatedsym.cli.entry import app

    known = get_command(app).commands
    for _, _, page, _ in pages[:1]:
        named = re.findall(r"<code>gatedsym (\w+)</code>", page[page.index('id="training"') :])
        assert named
        assert [name for name in named if name not in known] == []
