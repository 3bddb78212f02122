"""Laws of lags: their probabilities, what is drawn by them, and their quantiles."""

import numpy as np
import pytest

from gatedsym.errors import GatedsymError
from gatedsym.learning.draws import Draws
from gatedsym.learning.lags import LAWS, LagLaw, LagRange, lag_range


@pytest.mark.parametrize("law", LAWS)
def test_lags_are_drawn_as_their_probabilities_say(law):
    lags = LagLaw(law, 3, 12)
    drawn = lags.draw(Draws("lags", 0), 20_000)
    shares = np.bincount(drawn, minlength=13)[3:] / 20_000
    assert lags.probabilities.sum() == pytest.approx(1)
    assert shares == pytest.approx(lags.probabilities, abs=0.015)  # four standard errors are at most 0.014


def test_a_geometric_law_falls_by_one_factor_and_has_the_mean_that_it_says():
    lags = LagLaw("geometric", 1, 4000)
    factors = lags.probabilities[1:] / lags.probabilities[:-1]
    assert factors == pytest.approx(np.full(3999, factors[0]))
    assert 1 / (1 - factors[0]) - 1 == pytest.approx(1000)  # above the least: a quarter of the range


def test_quantiles_are_those_of_the_mixture():
    assert lag_range([LagLaw("fixed", 1, 9)]) == LagRange(9, 9, 9)
    assert lag_range([LagLaw("uniform", 1, 9)]) == LagRange(1, 5, 9)
    assert lag_range([LagLaw("uniform", 1, 2), LagLaw("fixed", 0, 30)]) == LagRange(1, 2, 30)
    assert str(LagRange(1, 5, 9)) == "1 … 9 steps, median 5"


def test_an_empty_range_is_refused():
    with pytest.raises(GatedsymError, match=r"no lag lies between 3 and 2: take a larger T\."):
        LagLaw("uniform", 3, 2)
