"""In another language nothing English is left: its files are made from ours, every letter of a sentence an x."""

import re
from dataclasses import fields, is_dataclass

import pytest
from fluent.syntax import FluentParser, FluentSerializer, ast
from fluent.syntax.visitor import Visitor

from gatedsym.equations import read_equations
from gatedsym.messages import rooms
from gatedsym.typesetting.document import Formula, Heading, Paragraph, Source
from gatedsym.typesetting.pages.derivation import FORMATS, derivation, render

LETTER = re.compile(r"[^\W\d_]")
ENGLISH = re.compile(r"[A-Za-wyz]")
CELLS = {
    "a highway and gates": """
        x in R^m; h, c in R^n; W_f, W_g in R^(n,m); U_f, U_g in R^(n,n); b_f, b_g in R^n
        f = sigmoid(W_f @ x + U_f @ h + b_f)
        g = tanh(W_g @ x + U_g @ h + b_g)
        c' = f*c + (1 - f)*g
        h' = softplus(c')
    """,
    "no highway, an output, a delay": """
        x in R^m; h in R^n; y in R^n; W in R^(n,m); U, V in R^(n,n); b in R^n
        h' = tanh(W @ x + U @ h_{t-2} + V @ h + b)
        y = relu(h')
    """,
}


class Crossing(Visitor):
    """Every letter of the words becomes an x."""

    def visit_TextElement(self, node):  # noqa: N802 (the visitor's name)
        node.value = LETTER.sub("x", node.value)


@pytest.fixture(scope="module", autouse=True)
def another_language(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messages")
    (folder / "xx").mkdir()
    for path in (rooms.FOLDER / "en").glob("*.ftl"):
        resource = FluentParser().parse(path.read_text("utf-8"))
        Crossing().visit(resource)
        assert not any(isinstance(entry, ast.Junk) for entry in resource.body)
        (folder / "xx" / path.name).write_text(FluentSerializer().serialize(resource), "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rooms, "FOLDER", folder)
        patch.setattr(rooms, "LANGUAGE", "xx")
        rooms._bundle.cache_clear()
        yield
    rooms._bundle.cache_clear()


def words_of(node):
    """All texts of a document but those that are typed or parts of a formula."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, tuple):
        for part in node:
            yield from words_of(part)
    elif isinstance(node, Formula):
        yield from words_of(node.reason)
    elif is_dataclass(node) and type(node).__module__.endswith(".document") and not isinstance(node, Source):
        for field in fields(node):
            yield from words_of(getattr(node, field.name))


@pytest.fixture(scope="module", params=CELLS, ids=str)
def page(request, another_language):
    return derivation(read_equations(CELLS[request.param], name="1"))


def test_no_sentence_of_a_derivation_is_left_in_english(page):
    found = [text for text in words_of(page) if ENGLISH.search(text)]
    assert found == []
    assert sum(isinstance(block, Heading | Paragraph) for block in page.blocks) > 15


@pytest.mark.parametrize("form", FORMATS)
def test_printers_say_nothing_of_their_own(page, form):
    text = render(page, form)
    assert "xx xxxxxxx" in text  # "In entries"
    assert not re.search(
        r"In entries|Derived by|Equations:", text.replace(r"% \entries: the same formula in entries", "")
    )


@pytest.mark.long
def test_no_word_of_a_drawing_is_left_in_english():
    from gatedsym.diagrams.legend import legend_entries
    from gatedsym.diagrams.read import read_graph

    graph = read_graph(read_equations(CELLS["a highway and gates"], name="1"))
    entries = legend_entries(graph)
    assert len(entries) > 5
    assert [entry.text for entry in entries if ENGLISH.search(entry.text)] == []


def test_no_sentence_of_a_task_is_left_in_english():
    """What stays are names: of the task and its settings, its symbols, cues, loss and metric."""
    import gatedsym as gs
    from gatedsym.learning.task_page import task_lines

    task = gs.tasks.copy(T=5)
    assert not ENGLISH.search(task.about + task.baseline.means + task.definitions[0].source + task.definitions[0].says)
    names = {"copy", "symbol", "symbols", "alphabet", "lags", "fixed", "counted", "all", "cross", "entropy", "accuracy"}
    said = re.findall(r"[A-Za-z]{2,}", "\n".join(task_lines(task)))
    assert {word for word in said if set(word) != {"x"}} <= names | {"ln"}
