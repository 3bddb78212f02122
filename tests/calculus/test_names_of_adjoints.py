"""The adjoint of a state has the state's name, whatever is made on the way to other adjoints."""

from gatedsym.calculus.adjoint import derive_adjoint
from gatedsym.codegen.module import write_module
from gatedsym.equations import read_equations
from gatedsym.proofs.emitted import prove_emitted
from gatedsym.runtime.jit.compile import load_module

TEXT = """x in R^m; x_2, y in R^n; W in R^(n,m); V, A in R^(n,n)
x_2' = W @ x
y' = tanh(A @ y + V @ x_2)
"""


def test_a_state_called_like_the_second_of_an_input_keeps_its_adjoint():
    recurrence = read_equations(TEXT, name="shadow")
    program = recurrence.program
    wrt = [name for name in program.sources if program[name].role in ("input", "state", "parameter")]
    assert derive_adjoint(program, wrt).results == tuple(f"d_{name}" for name in wrt)
    assert prove_emitted(recurrence, load_module(write_module(recurrence), "shadow")) is not None
