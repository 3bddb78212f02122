"""Proposed declarations: what equations decide is declared, what they leave open is marked, nothing is guessed."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping

import pytest

import gatedsym as gs
from gatedsym.equations import declare, read_equations
from gatedsym.equations.declarations import flat, read_dimensions
from gatedsym.equations.parse import parse_equations
from gatedsym.equations.syntax import Declaration, DimensionLine, EquationLine, Reference
from gatedsym.errors import EquationError
from gatedsym.ir.program import Recurrence
from gatedsym.library import load as library

OPEN = {
    "a weight beside '*' may be a number": (
        "brc delta_rnn fast_rnn fast_rnn_plain fastgrnn gated_delta_net hgrn indrnn indrnn_tanh ligru lru"
        " lstm_cifg_peephole lstm_fgr lstm_fgr_old_cell lstm_layer_norm lstm_layer_norm_gates lstm_layer_norm_haste"
        " lstm_nfg lstm_niaf lstm_nig lstm_noaf lstm_nog lstm_peephole lstm_peephole_old_cell mamba_s6 mgu3 res_lstm"
        " rg_lru rwkv6 sru unicornn phased_lstm zoneout_lstm lstm_h_detach"
    ),
    "an input is only multiplied entry by entry": "mogrifier_lstm gru_d",
    "the size of an axis stands in the equations": (
        "delta_net delta_net_2021 gla mlstm mlstm_unstabilised retention gated_delta_net"
    ),
}
"""Cells of the library whose equations alone do not decide all shapes, and why."""


REFUSED = {
    "s4d": "speaks of complex numbers",
    "s5": "speaks of complex numbers",
    "conv_lstm": "Declare what is more than a vector",
}
"""Cells for whose equations nothing is proposed before a person has declared what they do not say."""


def stripped(text: str) -> str:
    """A cell's text without declarations of symbols and without sizes of dimensions."""
    source, statements = parse_equations(text)
    sizes = read_dimensions(statements, source)
    characters = list(source.typed)
    for statement in flat(statements):
        named = isinstance(statement, EquationLine) and isinstance(statement.left, Reference)
        if isinstance(statement, Declaration | DimensionLine) or (named and statement.left.name in sizes):
            start, end = source.typed_range(statement.span)
            depth = 0
            while end < len(characters) and (depth > 0 or characters[end] not in "\n;#"):  # what a domain says
                depth = max(0, depth + (characters[end] in "([{") - (characters[end] in ")]}"))
                end += 1
            if source.domains and isinstance(statement, Declaration):  # the grammar sees no domain
                end = next((k for k in range(end, len(characters)) if characters[k] in ";#\n"), len(characters))
            characters[start:end] = " " * (end - start)
    if source.domains:
        characters = list(re.sub(r"(?<=;)[^;#\n=]*[<>]=?[^;#\n=]*(?=[;#\n])", "", "".join(characters)))
    lines = [line.split("#")[0].rstrip() for line in "".join(characters).split("\n")]
    return "\n".join(line for line in lines if line.strip(" ;"))


def renaming(wanted: Recurrence, found: Recurrence) -> Mapping[str, str] | None:
    """The dimensions of one Program for those of another; None if no renaming makes them one."""
    dims = {tensor.name: tensor.dims for tensor in wanted.program.tensors}
    names: dict[str, str] = {}
    for tensor in found.program.tensors:
        if len(dims.get(tensor.name, ())) != len(tensor.dims):
            return None
        for mine, theirs in zip(tensor.dims, dims.get(tensor.name, ()), strict=True):
            if names.setdefault(mine, theirs) != theirs:
                return None
    return names


def content(recurrence: Recurrence, names: Mapping[str, str]) -> tuple[object, ...]:
    """What a Program says, in the order of its statements, with dimensions renamed."""
    program = recurrence.program
    tensors = sorted((t.name, [names.get(d, d) for d in t.dims], t.role, t.of, t.lag) for t in program.tensors)
    return tensors, [str(s) for s in program.statements], sorted(program.results), recurrence.delays


@pytest.mark.parametrize("name", library.names())
@pytest.mark.sampled
def test_stripped_equations_get_the_declarations_of_the_library_or_a_mark(name: str) -> None:
    text = library.derivation(name).equations
    if name in REFUSED:
        with pytest.raises(gs.EquationError, match=REFUSED[name]):
            declare(stripped(text))
        return
    proposal = declare(stripped(text))
    assert proposal.open or "in C^" not in text
    reasons = [reason for reason, cells in OPEN.items() if name in cells.split()]
    assert proposal.open or not reasons
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gs.EquationWarning)
        if proposal.open:
            with pytest.raises(gs.EquationError) as refusal:
                read_equations(proposal.text)
            assert refusal.value.message == f"{proposal.open[0].sentence}."
            return
        wanted, found = read_equations(text), read_equations(proposal.text)
    names = renaming(wanted, found)
    assert names is not None
    assert content(found, names) == content(wanted, {})


@pytest.mark.long
def test_most_of_the_library_is_declared_in_full() -> None:
    texts = [library.derivation(name).equations for name in library.names() if name not in REFUSED]
    assert sum(not declare(stripped(text)).open for text in texts) >= 110


def test_what_is_complex_is_not_guessed() -> None:
    with pytest.raises(gs.EquationError, match="Declare those, such as z in C"):
        declare("z' = A * z + B @ x\ny = re(C @ z)")


def test_numbers_and_the_identity_have_shapes_of_their_own() -> None:
    assert declare("A = [[0, 1], [-1, 0]]\nh' = A @ h + B @ x").declarations == ("x in R^m;  h in R^2", "B in R^(2,m)")
    (entry,) = declare("h' = (I - A) @ h + B @ x").open
    assert entry.choices[0][0] == "R^(n,n)"


def test_a_rate_makes_a_state() -> None:
    proposal = declare("tau dh/dt = -h + tanh(W @ h + U @ x + b)\nstep dt = 0.1\nscheme euler\ntau = 2")
    assert gs.Cell(proposal.text).states == ("h",)


LECTURE = """f_t = σ(W_f · [h_{t-1}, x_t] + b_f)
i_t = σ(W_i · [h_{t-1}, x_t] + b_i)
C̃_t = tanh(W_C · [h_{t-1}, x_t] + b_C)
C_t = f_t · C_{t-1} + i_t · C̃_t
o_t = σ(W_o · [h_{t-1}, x_t] + b_o)
h_t = o_t · tanh(C_t)"""


def test_a_lecture_s_lstm_becomes_a_cell() -> None:
    proposal = gs.declare(LECTURE)
    assert proposal.declarations == (
        "x in R^m;  h, C in R^n",
        "W_{f,i,C,o} in R^(n,n+m);  b_{f,i,C,o} in R^n",
    )
    assert proposal.text.endswith(f"\n\n{LECTURE}")
    assert gs.Cell(proposal.text).states == ("h", "C")


PEEPHOLES = """i_t = σ(W_{xi} x_t + W_{hi} h_{t-1} + W_{ci} c_{t-1} + b_i)
c_t = (1 - i_t) c_{t-1} + i_t tanh(W_{xc} x_t + W_{hc} h_{t-1} + b_c)
o_t = σ(W_{xo} x_t + W_{ho} h_{t-1} + W_{co} c_t + b_o)
h_t = o_t tanh(c_t)"""


def test_peepholes_printed_like_matrices_are_open() -> None:
    proposal = gs.declare(PEEPHOLES)
    assert [entry.sentence for entry in proposal.open] == [
        "open: W_{ci,co} is R^n (a diagonal, written W_ci * …) or R^(n,n)"
    ]
    assert "W_{hi,hc,ho} in R^(n,n)" in proposal.text  # the hidden state's weights are matrices
    assert "W_{ci" not in "".join(proposal.declarations)


def test_peepholes_beside_a_circle_are_diagonals() -> None:
    proposal = gs.declare(PEEPHOLES.replace("W_{ci} c", "w_{ci} ⊙ c").replace("W_{co} c", "w_{co} ⊙ c"))
    assert not proposal.open
    assert "w_{ci,co}, b_{i,c,o} in R^n" in proposal.text


def test_a_marked_text_is_refused_with_the_sentence_of_the_mark_and_read_once_it_is_replaced() -> None:
    text = gs.declare(PEEPHOLES).text
    with pytest.raises(gs.EquationError) as refusal:
        gs.Cell(text)
    assert refusal.value.message == "open: W_{ci,co} is R^n (a diagonal, written W_ci * …) or R^(n,n)."
    assert refusal.value.mend == "Write what is meant in place of this line, such as W_{ci,co} in R^n."
    assert refusal.value.line == 3
    mended = text.replace(f"# {refusal.value.message.rstrip('.')}", "W_{ci,co} in R^n")
    diagonal = mended.replace("W_{ci} c", "W_{ci} * c").replace("W_{co} c", "W_{co} * c")
    assert gs.Cell(diagonal).shapes(m=2, n=3)["W_ci"] == (3,)
    assert gs.Cell(mended.replace("W_{ci,co} in R^n", "W_{ci,co} in R^(n,n)")).shapes(m=2, n=3)["W_ci"] == (3, 3)


def test_a_number_or_a_vector_is_open_and_never_guessed() -> None:
    (entry,) = gs.declare("h_t = a * h_{t-1} + W x_t").open
    assert (
        entry.sentence
        == "open: a is R^n (one number for each entry) or R (one number, trained) or a constant (a = 0.5)"
    )


def test_given_declarations_stay_and_name_the_sizes() -> None:
    text = "x in R^d\nh_t = tanh(W x_t + U h_{t-1} + b);  y_t = V h_t"
    proposal = gs.declare(text)
    assert proposal.declarations == ("h in R^n", "W in R^(n,d);  U in R^(n,n);  b in R^n;  V in R^(p,n)", "output y")
    assert gs.Cell(proposal.text).outputs == ("y",)
    assert gs.declare(proposal.text).declarations == ()


def test_micro_steps_are_declared_as_a_range() -> None:
    proposal = gs.declare(
        "L = 2\ns[0] = h\nfor l in 1..L:\n    s[l] = tanh(R[l] @ s[l-1] + W[l] @ x + b[l])\nh' = s[L]"
    )
    assert proposal.declarations == (
        "x in R^m;  h in R^n",
        "R[1..L] in R^(n,n);  W[1..L] in R^(n,m);  b[1..L] in R^n",
    )
    assert set(gs.Cell(proposal.text).parameters) == {"R_1", "R_2", "W_1", "W_2", "b_1", "b_2"}


def test_packed_gates_are_sized_by_their_parts() -> None:
    text = "[i; f; o; g] = W [h_{t-1}; x_t] + b\nc_t = σ(f) * c_{t-1} + σ(i) * tanh(g)\nh_t = σ(o) * tanh(c_t)"
    proposal = gs.declare(text)
    assert proposal.declarations == ("x in R^m;  h, c in R^n", "W in R^(4n,n+m);  b in R^(4n)")
    assert gs.Cell(proposal.text).shapes(m=2, n=3)["W"] == (12, 5)


def test_a_mistake_is_told_at_its_place_in_the_author_s_text() -> None:
    text = "h_t = tanh(W x_t + U h_{t-1} + b)\ny_t = V (h_t"
    with pytest.raises(gs.EquationError, match=r"line 2: .*never closed"):
        gs.declare(text)
    with pytest.raises(gs.EquationError) as refusal:
        gs.declare("h_t = tanh(W x_t + U h_{t-1} + b)\ny_t = h_t + (W x_t) @ h_t")
    assert refusal.value.line == 2
    assert refusal.value.source.splitlines()[1].startswith("y_t")


def test_shapes_that_no_declaration_makes_fit_are_refused() -> None:
    with pytest.raises(gs.EquationError, match="shapes do not fit here"):
        gs.declare("x in R^m; h in R^n\nh' = tanh(W @ x + W @ h)")


def test_an_undeclared_text_is_refused_with_the_proposal() -> None:
    with pytest.raises(gs.EquationError) as refusal:
        gs.Cell("h_t = tanh(W x_t + U h_{t-1} + b)")
    assert "this text declares no symbol" in str(refusal.value)
    assert "gs.declare(text), or `gatedsym new NAME --from FILE`" in str(refusal.value)
    assert "    W in R^(n,m);  U in R^(n,n);  b in R^n" in str(refusal.value)


def test_a_proposal_shows_itself() -> None:
    proposal = gs.declare(PEEPHOLES)
    assert repr(proposal).startswith("Proposal (open: W_{ci,co})\n  x in R^m;  h, c in R^n")
    assert "<pre>" in proposal._repr_html_()
    assert str(proposal) == proposal.text


def test_the_first_mark_of_an_earlier_proposal_goes_when_the_text_is_declared_again() -> None:
    text = gs.declare("h_t = a * h_{t-1} + W x_t").text
    assert gs.declare(text).text.count("# open:") == 1


def test_a_name_that_stands_before_brackets_alone_may_be_a_function():
    entry = declare("h_t = \\phi_h(W x_t + U h_{t-1} + b)").open[0]
    assert entry.choices[0] == ("a function", "phi_h(v) = tanh(v)")
    with pytest.raises(EquationError) as caught:
        read_equations(declare("h_t = \\phi_h(W x_t + U h_{t-1} + b)").text)
    assert "such as phi_h(v) = tanh(v)" in caught.value.mend
    assert declare("phi_h(v) = tanh(v)\nh_t = \\phi_h(W x_t + U h_{t-1} + b)").open == ()


def test_a_function_called_like_a_state_is_asked_for():
    text = "z_t = g(W x_t + R y_{t-1});  y_t = h(z_t)"
    with pytest.raises(EquationError, match="nothing says which function 'h' is"):
        declare(text)
    assert declare(f"h(v) = tanh(v);  g(v) = tanh(v)\n{text}").open == ()
