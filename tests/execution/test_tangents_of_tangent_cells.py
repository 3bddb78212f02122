"""The tangent cell of a tangent cell: second derivatives of a trajectory along two directions."""

from gatedsym import cell
from gatedsym.execution.tangent_cells import tangent_cell


def test_those_of_unlike_tangent_cells_are_kept_apart():
    """Both are called alike and move all that there is; what moved before differs."""
    rnn = cell("rnn")
    of_parameters = tangent_cell(tangent_cell(rnn, True, False), True, True)
    of_both = tangent_cell(tangent_cell(rnn, True, True), True, True)
    assert of_parameters.name == of_both.name
    assert of_parameters.inputs == ("x", "dot_x")
    assert of_both.inputs == ("x", "dot_x", "dot2_x", "dot_dot_x")
