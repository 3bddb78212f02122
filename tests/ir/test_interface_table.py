"""The table of a generated module: what is read is what was written, and whatever is wrong in it is a sentence."""

import copy
from typing import Any

import pytest

from gatedsym.errors import InterfaceError
from gatedsym.ir.interface import Kind, Number, PackedOperand, Role, Rows, ScratchArray
from gatedsym.ir.interface_table import FORMAT, as_table, read_interface, table_of
from gatedsym.library import load as library


def text_of(name: str) -> str:
    return (library.generated_folder() / f"{name}.py").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def table() -> Any:
    return table_of(text_of("lstm"))


@pytest.mark.parametrize("name", library.names())
def test_a_table_that_is_read_is_the_one_that_was_written(name: str) -> None:
    found = table_of(text_of(name))
    assert as_table(read_interface(found)) == found


def test_entries_have_their_types(table: Any) -> None:
    lstm = read_interface(table)
    assert [layout.name for layout in lstm.layouts("states", "inputs")] == ["h", "c", "x"]
    assert {(g.bias, g.role, g.sign) for g in lstm.gates} == {("b_f", Role.RETAIN, 1), ("b_i", Role.WRITE, 1)}
    backward = lstm.kernels["backward"]
    assert backward.numbers[:3] == (Number.STEPS, Number.B0, Number.B1)
    (residuals,) = backward.of_kind(Kind.RESIDUAL)
    assert residuals.tensors == ("a_i", "a_f", "a_g", "a_o")
    assert residuals.rows is Rows.STEPS
    (work,) = lstm.kernels["flow"].of_kind(Kind.WORK)
    assert work.rows is Rows.BATCH
    assert {type(piece) for piece in lstm.kernels["forward"].scratch.pieces} == {PackedOperand, ScratchArray}


def test_the_table_stands_last_and_is_read_without_running_the_module() -> None:
    text = text_of("gru")
    assert table_of(f"raise SystemExit\n{text}") == table_of(text)
    assert text.rindex("\n@kernel\n") < text.index("\nINTERFACE = ")
    with pytest.raises(InterfaceError, match="ends with no table"):
        table_of(f"{text}\nprint()\n")


def test_a_module_of_another_format_names_the_command(table: Any) -> None:
    with pytest.raises(
        InterfaceError, match=f"format {FORMAT - 1}, and this gatedsym reads {FORMAT}: run gatedsym gen"
    ):
        read_interface({**table, "format": FORMAT - 1})
    with pytest.raises(InterfaceError, match="run gatedsym generate"):
        read_interface([])


FAULTS = {
    "kernels → forward has no sizes": lambda t: t["kernels"]["forward"].pop("sizes"),
    "takes 'y', which is not described": lambda t: t["kernels"]["forward"]["arrays"].append("y"),
    "is 'keep', none of retain, write": lambda t: t["gates"][0].update(role="keep"),
    "delays → h is no whole number: True": lambda t: t["delays"].update(h=True),
    "arrays → x lies as steps": lambda t: t["arrays"]["x"].update(rows="steps"),
    "holds 'q', whose dimensions": lambda t: t["arrays"]["a"]["of"].append("q"),
    "names something twice": lambda t: t["biases"].append(t["biases"][0]),
    "states has h with 2 blocks": lambda t: t["states"].update(h=["n+m"]),
    "has a piece that is none": lambda t: t["kernels"]["forward"]["scratch"]["pieces"].append({"rows": []}),
    "'colour', which means nothing": lambda t: t.update(colour="red"),
}


@pytest.mark.parametrize("sentence", FAULTS)
def test_a_fault_in_a_table_is_named_with_its_place(sentence: str, table: Any) -> None:
    wrong = copy.deepcopy(table)
    FAULTS[sentence](wrong)
    with pytest.raises(InterfaceError) as caught:
        read_interface(wrong)
    assert sentence in str(caught.value)
    assert str(caught.value).endswith("Run gatedsym generate.")
