"""What the page says of cells and data is so: pages over a space of requests, sentences held against predicates."""

import itertools
import re

import numpy as np
import pytest
from made_up import KEYS, cell_of, made_up_page, subject, text_of

from gatedsym.figures.words import cell_label
from gatedsym.flow import summary, white_noise
from gatedsym.library import load as library
from gatedsym.report.pdf import render_pdf
from gatedsym.report.tree import read_page

CASTS = [
    ("rnn", "lstm", "gru"), ("lstm", "gru"), ("lstm",), ("rnn",), ("lru",), ("gru", "lru"), ("tau_gru",), ("alone",),
    ("alone", "lstm"), ("pulse",), ("keeper",), ("rnn", "irnn"), ("lstm_trained",), ("lstm", "lstm_trained"),
    ("rnn", "rnn_trained"), ("lstm_trained", "gru_trained"), ("lru", "rg_lru", "slstm"), ("feed_forward_gate",),
]  # fmt: skip
CHOICES = [KEYS, ("gradient-norm",), ("truncation", "exploding"), ("jacobian-sheet", "gate-statistics"), ("lyapunov",)]
LEVELS = {
    "gates lose": lambda s: -0.1 if s.retention is None else -0.3 + 0.05 * (s.retention == 1.0),
    "gates win": lambda s: -0.3 if s.retention is None else -0.2 + 0.1 * (s.retention == 1.0),
    "all alike": lambda s: -0.1,
    "closed gates lose": lambda s: -0.2 if s.retention is None else {0.0: -0.3, 1.0: -0.05}.get(s.retention, -0.25),
    "growing": lambda s: 0.4,
    "exactly zero": lambda s: -np.inf,
    "nowhere finite": lambda s: np.nan,
    "gates not finite": lambda s: -0.1 if s.retention is None else np.nan,
}
SCHEMES = [("uniform", "xavier"), ("xavier",), ("gaussian", "orthogonal"), ("uniform",)]


def requests(every):
    """Every cast with all figures and with a few, one setting after another; the first with all that data can say."""
    rest = itertools.cycle(itertools.product(LEVELS, SCHEMES, (1, 3)))
    few = itertools.cycle(CHOICES[1:])
    found = [(cast, keys, *next(rest)) for cast in CASTS for keys in (CHOICES if every else (KEYS, next(few)))]
    said = CASTS if every else (CASTS[0], CASTS[1], ("lstm", "lstm_trained"))
    return found + [(cast, KEYS, level, SCHEMES[0], 3) for cast in said for level in LEVELS]


@pytest.fixture(scope="module")
def pages(pytestconfig):
    """Every page with what was asked for and the words that a reader sees."""
    found = []
    for names, keys, level, init, seeds in requests(pytestconfig.getoption("--every-page")):
        series = text_of("one-hot characters of a text") if "rnn" in names else white_noise(4)
        text, data = made_up_page(
            names, keys, init=init, seeds=seeds, level=lambda s, f=LEVELS[level]: f(s), series=series
        )
        found.append(((names, keys, level, init, seeds), text, words_of(text), data))
    return found


def words_of(page):
    """The text of a page, without styles and what is to be copied."""
    bare = re.sub(r"<(style|pre|summary)[ >].*?</\1>", " ", page, flags=re.S)
    bare = re.sub(r"</?(p|li|td|th|tr|h\d|figcaption|summary|br|div|table)\b[^>]*>", " ", bare)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", bare))


def sentences(text):
    return re.split(r"(?<=[.:;]) ", text)


@pytest.mark.long
def test_only_cells_that_are_on_the_page_are_named(pages):
    """By the name that stands in figures, which is no English word: RNN, LSTM, slstm, tau_gru."""
    every = {n: cell_label(n) for n in library.names()}
    telling = {
        n: label for n, label in every.items() if label.isupper() or "_" in label or re.search(r"\d|rnn|stm|gru", label)
    }
    for (names, *_), _, words, _ in pages:
        there = {n.removesuffix("_trained") for n in names} | set(names)
        seen = set(re.findall(r"\w+", words))
        assert not [name for name, label in telling.items() if label in seen and name not in there], names


@pytest.mark.long
def test_no_initialisation_is_said_of_given_weights(pages):
    initialisations = ("Xavier", "U(±1/√n)", "untrained", "Gaussian", "orthogonal init")
    for (names, *_), text, words, _ in pages:
        if not any(n.endswith("_trained") for n in names):
            continue
        if all(n.endswith("_trained") for n in names):
            assert not [i for i in initialisations if i in words], names
        for sentence in sentences(words[: words.index("Tables")]):
            if "_trained" in sentence and not sentence.startswith("The parameters of"):
                assert not [i for i in initialisations[:2] if i in sentence], sentence
        for table in re.findall(r"<table.*?</table>", text, re.S):
            assert "_trained" not in table or not [i for i in initialisations if i in words_of(table)], names
        for row in re.findall(r"<tr.*?</tr>", text, re.S):
            assert "_trained" not in row or "none set" not in row


@pytest.mark.long
def test_a_plain_network_is_explained_where_there_is_one(pages):
    for (names, keys, *_), _, words, _ in pages:
        plain = {"rnn", "irnn", "alone"} & set(names)
        assert ("eigenvalues up to about" in words) == bool(plain and "gradient-norm" in keys)
        assert ("goes through the large weights" in words) == bool(plain and "exploding" in keys)
        gated = {"lstm", "gru", "tau_gru", "keeper", "pulse"} & set(names)
        assert ("Gates saturate when" in words) == bool(gated and "exploding" in keys)
        assert ("Call b the bias" in words) == bool(gated)
        assert ("no bias is set below" in words) != bool(gated), names


@pytest.mark.long
def test_that_no_bias_was_found_is_not_told_as_there_being_no_gate(pages):
    """A forget gate whose logarithm is added to a stabiliser (slstm) is a gate, of which no retention bias is set."""
    for (names, *_), _, words, _ in pages:
        assert not [s for s in ("no such gate", "without such a", "gated setting", "has no gate") if s in words], names
        for found in re.findall(
            r"No gate with a bias of its own is found on the way[^.]*?value in ([^:]*?)[,:]", words
        ):
            labels = {cell_label(n) for n in names if not n.endswith("_trained")}
            assert set(re.split(r", | and ", found)) <= labels, names


@pytest.mark.long
def test_at_initialisation_is_said_where_something_was_drawn(pages):
    for (names, keys, *_), _, words, _ in pages:
        given = [n for n in names if n.endswith("_trained")]
        if "ablation" in keys and given:
            assert "with the parameters given. (What it does" in words, names
            assert ("for its gradient at initialisation" in words) == (len(given) < len(names)), names


def test_what_networks_read_is_said_of_those_that_read(pages):
    for (names, keys, *_), _, words, _ in pages:
        if not {"gradient-norm", "exploding"} & set(keys):
            continue
        alone = {"alone", "pulse"} & set(names)
        assert ("no input and run" in words) == bool(alone)
        assert ("independent N(0, 1) features" in words or "characters of a text" in words) == bool(set(names) - alone)


def test_nothing_is_unfilled_and_every_number_agrees_with_its_noun(pages):
    stray = [
        " nan",
        "None",
        "Undefined",
        " ,",
        " . ",
        "..",
        "{{",
        " inf ",
        " inf,",
        "−0.000",
        "; .",
        ": .",
        "is .",
        "are .",
    ]
    stray += ["1 settings", "1 questions", "1 seeds", "1 features", "of 1 settings"]
    for request, _, words, _ in pages:
        for s in stray:
            assert s not in words.replace("…", ""), (request, s, words[max(0, words.find(s) - 80) : words.find(s) + 40])


def test_the_first_sentence_says_what_the_data_say(pages):
    told = 0
    for (names, keys, level, init, _), text, _, data in pages:
        if "gradient-norm" not in keys or "gradient-norm" not in data:
            continue
        flow = data["gradient-norm"].isel(gain=0)
        at = summary(flow).sel(quantity="h", lag=20)
        plain = [
            n for n in names if n in data["gradient-norm"].cell and not subject(n).given and not subject(n).retains
        ]
        gated = [n for n in names if subject(n).retains]
        behind = ahead = False
        for p, g, i, r in itertools.product(plain, gated, init, ("0", "1", "chrono")):
            ours, theirs = at.sel(cell=p, init=i, retention="none"), at.sel(cell=g, init=i, retention=r)
            behind |= bool(theirs["upper"] < ours["lower"])
            ahead |= bool(theirs["lower"] > ours["upper"])
        lead = words_of(re.search(r'<div class="answer">.*?</div>', text, re.S)[0])
        assert ("Gates do not keep" in lead) == behind, (names, level)
        if "open gates do" in lead:
            assert behind
            assert ahead
            told += 1
    assert told


def test_under_every_initialisation_settings_are_behind_level_ahead_or_not_finite(pages):
    for (names, keys, level, init, _), text, _, _ in pages:
        if keys is KEYS and set(names) == {"rnn", "lstm", "gru"} and init == SCHEMES[0]:
            for paragraph in re.findall(r"<p>[^<]*(?:<i>n</i>\))?: the RNN has .*?</p>", text, re.S):
                for cell, bias in itertools.product(("LSTM", "GRU"), ("bias 0", "bias 1", "chrono")):
                    assert paragraph.count(f"{cell} ({bias})") == 1, (level, paragraph)


def test_figures_are_numbered_in_their_order_and_references_lead_to_them(pages):
    for _, text, _, _ in pages:
        shown = re.findall(r'<figure id="([^"]+)"', text)
        numbers = re.findall(r"<strong>Figure (\d+)\.", text)
        assert [int(n) for n in numbers] == list(range(1, len(shown) + 1))
        for target, number in re.findall(r'<a href="#([^"]+)">Figure (\d+)</a>', text):
            assert shown[int(number) - 1] == target
        assert not re.search(r"<h3[^>]*>[^<]*\(\d+\)", text)


def test_a_rate_has_one_unit(pages):
    """The factor of a step; its logarithm stands in the table of rates."""
    for _, _, words, _ in pages:
        assert "% of the gradient a step" not in words
        assert "orders of magnitude" not in words
        assert "half-life (steps)" not in words


HOSTILE = ["<script>alert(1)</script>", "诗词", "مرحبا", "a & b", '"quoted"', "x_1^2$"]


@pytest.mark.parametrize("name", HOSTILE)
def test_names_of_any_script_are_shown_as_they_are_and_escaped(name):
    page, _ = made_up_page(("rnn",), series=text_of(f"one-hot characters of {name}"), command=f"gatedsym report {name}")
    assert "<script" not in page
    tree = read_page(page)
    assert f"one-hot characters of {name}" in re.sub(r"\s+", " ", tree.text())
    assert render_pdf(page, {}).startswith(b"%PDF")


def test_every_cast_holds_what_the_space_of_requests_is_meant_to_hold():
    cells = [subject(n) for cast in CASTS for n in cast]
    assert (
        {s.simple for s in cells if s.states} == {s.reads for s in cells} == {s.given for s in cells} == {True, False}
    )
    assert any(s.delays for s in cells)
    assert any(not s.states for s in cells)
    assert cell_of("lstm_trained").given_sizes
