"""coRNN with implicit damping: the new velocity damps itself, so that no step is too large for the damping."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Source, Variant

title = "coRNN, implicit damping"
year = 2021
reference = "T. K. Rusch, S. Mishra: Coupled oscillatory recurrent neural network (coRNN). ICLR 2021 (arXiv:2010.00951)"
purpose = "As coRNN; z' = z + dt (a - γ y - ε z') solved for z', which divides by 1 + dt ε."
readings = "The paper's scheme leaves the index of the damping term open: the new z (here) or the old one (cornn)."

variant = Variant("cornn", {"z'": "(z + dt * (a - gamma * y)) / (1 + dt * epsilon)"})

sources = (
    Source("T. K. Rusch, S. Mishra 2021 (arXiv:2010.00951), eq. 3 with n̄ = n", "paper", read=False),
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/cornn_cell.jl, docstring", "documentation"),
)

claims = [
    Claim(
        "with the force held, the velocity is divided by 1 + dt ε",
        of="z'",
        wrt="z",
        holding=("a",),
        equals="eye(n) / (1 + dt * epsilon)",
    ),
]
