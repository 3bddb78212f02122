"""Domains of inputs: one text, one meaning; the first number outside is found."""

from __future__ import annotations

import numpy as np
import pytest

from gatedsym.ir.domain import read_domain


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("{0,1}", "{0, 1}"),
        ("{1, 0, 0.5}", "{0, 1/2, 1}"),
        ("[0, inf)", "[0, inf)"),
        ("(0,1)", "(0, 1)"),
        ("[-∞, 3.5]", "(-inf, 7/2]"),
        ("{0..m-1}", "{0..m-1}"),
        ("{0,..,m-1}", "{0..m-1}"),
        ("{0, 1, .., m - 1}", "{0..m-1}"),
    ],
)
def test_a_domain_is_told_as_a_text_that_reads_as_the_same(typed, told):
    domain = read_domain(typed)
    assert str(domain) == told
    assert read_domain(told) == domain


@pytest.mark.parametrize("text", ["R", "(n, m)", "{a, b}", "0, 1", "[0, 1", "{}"])
def test_other_texts_are_no_domain(text):
    assert read_domain(text) is None


@pytest.mark.parametrize("text", ["(1,0)", "(1,1)", "[1,1)", "{3..1}", "{0..inf}", "[inf, 0]", "{1/0}", "{1e999}"])
def test_domains_without_numbers_are_refused(text):
    with pytest.raises(ValueError, match=r"\.$"):
        read_domain(text)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("{0, 1}", [0, 1], [0.5, np.nan, np.inf, -1]),
        ("[0, inf)", [0, 1e300], [-1e-300, np.nan, np.inf][:2]),
        ("(0, 1)", [0.5, 1e-300], [0, 1, np.nan]),
        ("{0..m-1}", [0, 1, 2], [3, -1, 0.5, np.nan]),
    ],
)
def test_the_first_number_outside_of_a_domain_is_found(text, inside, outside):
    domain, sizes = read_domain(text), {"m": 3}
    array = np.array([inside, inside], dtype=float)
    assert domain.misfit(array, sizes) is None
    for value in outside:
        array[1, 1] = value
        assert domain.misfit(array, sizes) == (1, 1)


@pytest.mark.parametrize("text", ["{0, 1} with mean 7/10", "{-1, 1} with mean 0", "{0, 1} with mean 0"])
def test_a_set_of_two_numbers_may_have_a_mean(text):
    domain = read_domain(text)
    assert str(domain) == text
    assert 0 <= domain.chance <= 1


@pytest.mark.parametrize("text", ["{0, 1, 2} with mean 1", "{0, 1} with mean 2", "{0..3} with mean 1"])
def test_a_mean_that_no_law_has_is_refused(text):
    with pytest.raises(ValueError, match="mean"):
        read_domain(text)
