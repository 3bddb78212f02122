"""One count of operations: of the page, of the generated modules and of the ablations."""

import pytest
import sympy as sp

import gatedsym as gs
from gatedsym.calculus.costs import count_costs, count_numbers
from gatedsym.codegen.module import write_module
from gatedsym.codegen.size_text import size_text
from gatedsym.flow import jacobian_sheet
from gatedsym.flow.analyses.ablation import cost_of
from gatedsym.typesetting.pages.equations import size_box
from gatedsym.typesetting.plain import formula_text

m, n = sp.symbols("m n")


def test_an_lstm_takes_four_products_and_five_functions():
    costs = count_costs(gs.cell("lstm").recurrence.program)
    assert costs.multiply_adds == 4 * n**2 + 4 * n * m
    assert costs.calls == {"sigmoid": 3 * n, "tanh": 2 * n}
    assert costs.functions == 5 * n
    assert costs.elementwise == 4 * 2 * n + 3 * n + n  # four sums of three; c' is f c + i g; h' is o tanh(c')
    assert costs.operations == 8 * n**2 + 8 * n * m + 12 * n + 5 * n
    assert costs.sequential == 1


def test_what_parameters_alone_give_is_not_counted():
    cell = gs.cell("antisymmetric_rnn")  # U = W - W.T - γ I, of parameters alone
    assert count_costs(cell.recurrence.program).elementwise.coeff(n, 2) == 0


def test_the_ablation_the_sheet_and_the_generated_module_count_alike():
    cell, sizes = gs.cell("lem"), {m: 5, n: 7}
    costs = count_costs(cell.recurrence.program)
    parameters, operations = cost_of(cell, 5, 7)
    assert parameters == sum(p.size for p in cell.init(m=5, n=7).values())
    assert parameters == count_numbers(cell.recurrence.parameters).subs(sizes)
    assert operations == costs.operations.subs(sizes)
    sheet = jacobian_sheet([cell], [[[0.0] * 5]], n=7).isel(cell=0)
    assert int(sheet["multiply_adds"]) == costs.multiply_adds.subs(sizes)
    assert int(2 * sheet["multiply_adds"] + sheet["elementwise"] + sheet["functions"]) == operations
    assert f"forward: {formula_text(size_box(costs.multiply_adds))} multiply-adds" in write_module(cell.recurrence)


@pytest.mark.parametrize(
    "count",
    [n**2 + 4 * n * m, 3 * m - 1, n * m / 2 + n, n**5 * m + n, m - 2 * n**2, sp.Integer(7), 2 * n**2 * m**3],
)
def test_a_module_prints_a_count_as_a_page_does(count):
    assert size_text(count) == formula_text(size_box(count))


def test_a_count_is_not_broken_between_lines():
    text = write_module(gs.cell("slstm_heads").recurrence)
    counts = text.split("Operations of one step for one sequence\n")[1].split('"""')[0]
    assert all(len(line) <= 120 for line in counts.splitlines())
    assert not any(line.rstrip(",").split()[-1] in ("p", "d", "+") for line in counts.splitlines()[1:] if line.strip())
