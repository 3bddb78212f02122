"""What datasets say of the input: projected where it is, and only there."""

import pytest

import gatedsym as gs
from gatedsym.flow import Loss, white_noise
from gatedsym.flow.attributes import describe
from gatedsym.flow.inputs.source import inputs_of, read_source


@pytest.mark.parametrize(
    ("equations", "features", "n", "projected"),
    [
        ("x in R^m; h in R^n; W in R^(n,m)\nh' = tanh(W x) + h/2", 3, 5, False),
        # A cell whose input is as wide as its state takes an input of that width as it is.
        ("x in R^n; h in R^n\nh' = tanh(x) + h/2", 5, 5, False),
        ("x in R^n; h in R^n\nh' = tanh(x) + h/2", 3, 5, True),
        ("x in R^m; t in R; h in R^n; W in R^(n,m)\nh' = tanh(W x) + t*h/2", 3, 5, True),
        ("h in R^n; U in R^(n,n)\nh' = tanh(U h)", 3, 5, False),
    ],
)
def test_a_projection_is_told_where_there_is_one(equations, features, n, projected):
    if "t in R;" in equations:
        equations = equations.replace("x in R^m; t in R;", "input x in R^m; input t in R;")
    cell, source = gs.Cell(equations, name="own"), read_source(white_noise(features))
    text = describe([cell], source, Loss(), n=n)["input_description"]
    assert ("through a fixed random projection" in text) == projected
    if cell.inputs:
        x = source.draw(4, 2, 0)[0]
        read = inputs_of(cell, cell.init(m=features, n=n), x)
        assert (read is not x) == projected
