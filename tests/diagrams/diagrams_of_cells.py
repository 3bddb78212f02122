"""The diagrams that the tests look at, each made once."""

import warnings
from functools import cache

from literature import CELLS as LITERATURE
from literature import RHN, SHAPES

from gatedsym.diagrams import Diagram
from gatedsym.equations import read_equations
from gatedsym.errors import EquationWarning

STRANGE = """
input signal in R^m; Memory_bank, ghost in R^n
K_{in,out} in R^(n,m); Q in R^(n,n); shift_of_gate, z in R^n
τ = 2
ζ_0 = σ(K_in signal + Q ghost + shift_of_gate)
momentum_tilde = softsign(K_out signal[-1] + Memory_bank[-τ])
Memory_bank' = ζ_0 ⊙ Memory_bank + (1 - ζ_0) ⊙ momentum_tilde * z
ghost' = |Memory_bank'| / (1 + exp(ghost))
output Ω
Ω = relu(Memory_bank') - ghost'
""".replace("|Memory_bank'|", "abs(Memory_bank')")

CELLS = {**LITERATURE, **SHAPES, "rhn_three": RHN.replace("L = 2", "L = 3"), "strange": STRANGE}


@cache
def diagram(name: str) -> Diagram:
    """The diagram of a cell of the literature, or of one that no paper has."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", EquationWarning)  # one of the cells shares a parameter on purpose
        return Diagram(read_equations(CELLS[name], name=name))
