"""What papers, lecture notes and pages print is read as it stands, or refused in a sentence that says what to type."""

from __future__ import annotations

import tomllib
import warnings
from pathlib import Path

import pytest

from gatedsym.equations import read_equations
from gatedsym.errors import EquationError, EquationWarning
from gatedsym.ir.program import Recurrence

PRINTED = tomllib.loads(Path(__file__).with_suffix("").with_name("printed_equations.toml").read_text("utf-8"))


def read(text: str) -> tuple[Recurrence, list[str]]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", EquationWarning)
        return read_equations(text), [str(warning.message) for warning in caught]


def with_declarations(entry: dict[str, str], text: str) -> str:
    return f"{entry.get('declarations', '')}\n{text}"


@pytest.mark.parametrize("name", [name for name, entry in PRINTED.items() if "refused" not in entry])
@pytest.mark.sampled
def test_a_printed_text_stands_and_is_its_twin(name):
    entry = PRINTED[name]
    cell, said = read(with_declarations(entry, entry["text"]))
    other = PRINTED[entry.get("same_as", name)]["twin"]
    twin, _ = read(f"{entry.get('declared_twin', entry['declarations'])}\n{other}")
    assert cell.program == twin.program
    assert [s.name for s in cell.states] == [s.name for s in twin.states]
    assert [x.name for x in cell.inputs] == [x.name for x in twin.inputs]
    assert any(entry.get("warned", "") in sentence for sentence in said) or "warned" not in entry, said


@pytest.mark.parametrize("name", [name for name, entry in PRINTED.items() if "refused" in entry])
def test_what_has_two_readings_is_refused_in_a_sentence(name):
    entry = PRINTED[name]
    with pytest.raises(EquationError) as caught:
        read(with_declarations(entry, entry["text"]))
    assert entry["refused"] in caught.value.message + caught.value.mend, caught.value.render()
    assert caught.value.mend
