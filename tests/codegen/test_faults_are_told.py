"""What gatedsym cannot do with equations that it has read is told as its own fault, with the text to report."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from codegen.undefined import undefined_names

import gatedsym as gs
import gatedsym.codegen.module as modules
import gatedsym.typesetting.pages.derivation as pages
from gatedsym.cli import main
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.errors import ArgumentError, FaultError, faults_of_gatedsym
from gatedsym.library import load as library
from gatedsym.typesetting.pages.derivation import derivation

TEXT = "h in R^n; U in R^(n,n)\nh' = tanh(U h)  # as typed, \\\\ and all"


def planted(*_: object, **__: object) -> object:
    return {}["nothing"]


def test_a_fault_of_code_generation_names_itself_and_holds_the_text(monkeypatch):
    monkeypatch.setattr(modules, "write_kernels", planted)
    with pytest.raises(FaultError, match="this is a fault of gatedsym, not of your equations") as told:
        write_module(read_equations(TEXT, name="mine"))
    message = str(told.value)
    assert TEXT in message
    assert "writing the kernels of mine" in message
    assert "KeyError: 'nothing' (test_faults_are_told.py" in message
    assert isinstance(told.value.__cause__, KeyError)


def test_a_fault_of_a_page_is_told_likewise(monkeypatch):
    monkeypatch.setattr(pages, "equations_section", planted)
    with pytest.raises(FaultError, match="deriving the gradient of mine"):
        derivation(read_equations(TEXT, name="mine"))


def test_refusals_are_no_faults():
    with pytest.raises(ArgumentError, match="as it is"), faults_of_gatedsym("trying", TEXT):
        raise ArgumentError("as it is")


def test_a_fault_can_be_sent_to_another_process():
    fault = FaultError("trying", KeyError("x"), TEXT)
    again = pickle.loads(pickle.dumps(fault))
    assert str(again) == str(fault)
    assert type(again.cause) is KeyError


def test_the_command_shows_a_sentence_and_the_text(tmp_path, monkeypatch, capsys):
    path = tmp_path / "mine.txt"
    path.write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(pages, "equations_section", planted)
    monkeypatch.setattr("sys.argv", ["gatedsym", "derive", str(path)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 1
    shown = capsys.readouterr().err
    assert "fault of gatedsym" in shown
    assert TEXT.splitlines()[1] in shown
    assert "Traceback" not in shown


def test_quotes_and_backslashes_of_a_comment_do_not_end_a_module():
    text = write_module(read_equations('h in R^n  # """ \\ \nh\' = tanh(h)'))
    compile(text, "mine", "exec")


@pytest.mark.parametrize("name", library.names())
def test_every_name_of_a_generated_module_is_defined(name):
    text = (library.generated_folder() / f"{name}.py").read_text(encoding="utf-8")
    assert undefined_names(text) == []


def test_undefined_names_are_found():
    text = "import numpy as np\n\ndef f(a):\n    for j in range(a):\n        b = np.pi + c + j\n    return len(b)\n"
    assert undefined_names(text) == ["c", "len"]


def test_no_direction_is_carried_nowhere():
    cell = gs.cell("rnn")
    params = cell.init(m=2, n=3)
    run = cell.forward(params, np.ones((4, 2, 2)))
    tangents = cell.tangent(params, run, {"h": np.zeros((0, 2, 3))})
    assert tangents.states["h"].shape == (0, 2, 3)
    assert tangents.exponents.shape == (0, 2)
