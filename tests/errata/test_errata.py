"""Each erratum is shown by what is computed now, and is not shown once its error is mended."""

import re
from dataclasses import replace

import pytest

from gatedsym.errata import ERRATA, Erratum, NotShownError, show
from gatedsym.errata.entries import LSTM, RNN
from gatedsym.errata.erratum import Apart, Growth, Proven, Refuted, Rejected, Same, Summed, Warned
from gatedsym.errata.text import WIDTH, differing_lines, printed
from gatedsym.library.claims import Claim

NAMES = [e.name for e in ERRATA]
PAIRS = [e for e in ERRATA if len(e.cells) > 1]


def name_of(erratum):
    return erratum.name


def with_evidence(*evidence, **cells):
    return Erratum("test", "a test", "", "", cells, evidence, "")


def test_names_are_anchors_of_their_own():
    assert len(set(NAMES)) == len(NAMES) == 10
    assert all(name.isidentifier() for name in NAMES)


@pytest.mark.parametrize("erratum", ERRATA, ids=name_of)
def test_everything_that_an_erratum_says_is_shown(erratum):
    findings = show(erratum).findings
    assert len(findings) == len(erratum.evidence)
    assert any(f.verdict in ("proven", "counterexample") for f in findings)
    assert all(f.detail for f in findings)


@pytest.mark.parametrize("erratum", PAIRS, ids=name_of)
def test_an_error_that_is_mended_is_not_shown(erratum):
    first, second, *_ = erratum.cells
    mended = replace(erratum, cells={**erratum.cells, first: erratum.cells[second]})
    with pytest.raises(NotShownError, match=re.escape(erratum.title)):
        show(mended)


@pytest.mark.parametrize("erratum", PAIRS, ids=name_of)
def test_an_error_in_what_is_right_is_found(erratum):
    first, second, *_ = erratum.cells
    spoiled = replace(erratum, cells={**erratum.cells, second: erratum.cells[first]})
    with pytest.raises(NotShownError):
        show(spoiled)


@pytest.mark.parametrize(
    "matrix",
    [
        ((0.5, 0), (0, 0.5)),  # the gradient dies
        ((2, 0), (0, 2)),  # it grows, and the spectral radius says so
    ],
)
def test_a_matrix_that_its_spectral_radius_describes_is_no_counterexample(matrix):
    erratum = next(e for e in ERRATA if e.name == "spectral_radius")
    (growth,) = [e for e in erratum.evidence if isinstance(e, Growth)]
    ordinary = replace(growth, values={**growth.values, "U": matrix})
    with pytest.raises(NotShownError, match="the spectral radius is"):
        show(replace(erratum, evidence=(ordinary,)))


def test_a_false_claim_is_not_shown():
    false = Claim("c is multiplied by i", "c'", "c", holding="direct", equals="diag(i)")
    with pytest.raises(NotShownError, match="c is multiplied by i"):
        show(with_evidence(Proven(false, "right"), right=LSTM))


def test_a_true_claim_is_no_error():
    true = Claim("c is multiplied by f", "c'", "c", holding="direct", equals="diag(f)")
    with pytest.raises(NotShownError, match="is proven, and was to be refuted"):
        show(with_evidence(Refuted(true, "right"), right=LSTM))


def test_different_gates_are_not_the_same():
    with pytest.raises(NotShownError, match="the gates are equal"):
        show(with_evidence(Same("the gates are equal", "i", "f", "right"), right=LSTM))


def test_equations_that_can_be_read_are_not_refused():
    with pytest.raises(NotShownError, match="can be read"):
        show(with_evidence(Rejected("", "right"), right=LSTM))
    with pytest.raises(NotShownError, match="without a warning"):
        show(with_evidence(Warned("", "right"), right=LSTM))


def test_values_of_names_that_the_equations_lack_are_refused():
    misspelt = Apart("", "h'", {"m": 1, "n": 1}, {"V": 1.0})
    with pytest.raises(NotShownError, match="have no V"):
        show(with_evidence(misspelt, wrong=RNN, right=RNN.replace("+ b", "- b")))


def test_two_biases_of_which_one_is_set_are_one_bias():
    once = Summed("", "lstm", "pytorch", "b_f", arrays=("bias_ih_l0",), each=1.0, said=1.0)
    with pytest.raises(NotShownError, match="b_f is 1, as is said"):
        show(with_evidence(once))


def test_numbers_come_from_the_equations():
    apart = Apart("", "h'", {"m": 1, "n": 2}, {"x": (0.5,), "W": 1.0}, own={"wrong": {"b": (1, 0)}})
    (finding,) = show(with_evidence(apart, wrong=RNN, right=RNN)).findings
    # tanh(1.5) = 0.9051, tanh(0.5) = 0.4621
    wrong, right = "(0.9051, 0.4621) (wrong)", "(0.4621, 0.4621) (right)"
    assert finding.detail == f"from x = 0.5, W = 1, b = (1, 0) (wrong) and zeros: h' is {wrong}, {right}"


@pytest.mark.parametrize("erratum", ERRATA, ids=name_of)
def test_the_terminal_shows_where_equations_differ(erratum):
    shown = show(erratum)
    lines = list(printed(3, shown))
    assert lines[0] == f"3. {erratum.title}"
    assert max(map(len, lines)) <= WIDTH
    for _, equations in differing_lines(erratum):
        assert equations
        assert all(any(equation in line for line in lines) for equation in equations)
    for finding in shown.findings:
        assert any(line.startswith(f"   {finding.verdict} ") for line in lines)
