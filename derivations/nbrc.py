"""nBRC (Vecoven, Ernst, Drion 2020): the bistable cell whose gates see the whole network."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Glorot

title = "Recurrently neuromodulated bistable cell (nBRC)"
year = 2020
reference = (
    "N. Vecoven, D. Ernst, G. Drion: A bio-inspired bistable recurrent cell allows for long-lasting memory."
    " PLoS ONE 16(6), 2021 (arXiv:2006.05252, 2020)"
)
purpose = "The BRC with gates that all neurons modulate; a GRU with twice the identity for its candidate's matrix."
family = "gru"
readings = "Biases as in brc."

variant = Variant(
    "brc",
    {"a": "1 + tanh(W_a @ x + U_a @ h + b_a)", "c": "sigmoid(W_c @ x + U_c @ h + b_c)"},
    lines="U_{a,c} in R^(n,n)",
)

initialisation = Initialisation(
    {"W_*": Glorot(), "U_*": Glorot(), "b_*": Constant(0)},
    source="The authors' code, nvecoven/BRC: cells/cells.py",
)

sources = (
    Source("N. Vecoven et al., arXiv:2006.05252, section 3", "paper", read=False),
    Source("nvecoven/BRC: cells/cells.py, class NBRC", "code"),
    Source("brc_pytorch 0.1.3: layers/neuromodulated_brc_layer.py", "code"),
    Source("torchrecurrent 0.2.5: torchrecurrent/cells/br_cell.py, NBRCell", "code"),
)

comparisons = (
    Comparison(
        "brc_pytorch 0.1.3",
        agrees=True,
        text="values and all gradients, T = 20: largest relative difference 1.0e-15",
    ),
    Comparison(
        "torchrecurrent 0.2.5, NBRCell",
        agrees=True,
        text="with the candidate's bias 0: values and all gradients, T = 20: largest relative difference 9e-16",
    ),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl",
        says="a and c see W_hh h(t-1) (docstring of NBRCell)",
        does="both gates add the input's part to itself and never see h: integration_fn(gxs[1], gxs[1]) and"
        " integration_fn(gxs[2], gxs[2]); the recurrent product is computed and dropped",
        place="src/cells/br_cell.jl, NBRCell",
    ),
    Contradiction(
        "torchrecurrent 0.2.5",
        says="the gates of NBR see W_hh ∘ h, elementwise (docstring of the layer)",
        does="W_hh is a full matrix and is multiplied as one",
        place="torchrecurrent/cells/br_cell.py, NBR and NBRCell.forward",
    ),
)

claims = [
    Claim(
        "with the gates held a neuron sees itself alone",
        of="h'",
        wrt="h",
        holding=("a", "c"),
        equals="diag(c + (1 - c) * (1 - g * g) * a)",
    ),
    Claim("c = 1 passes the gradient unchanged", of="h'", wrt="h", where={"c": "1"}, equals="eye(n)"),
    Equivalence(
        "diagonal recurrent matrices give the BRC",
        other="brc",
        parameters={"U_a": "diag(w_a)", "U_c": "diag(w_c)"},
    ),
    Equivalence(
        "it is a GRU: candidate matrix 2 I and no bias there, W_a = W_r / 2, since 1 + tanh(u) = 2 σ(2 u)",
        other="gru",
        parameters={
            "W_a": "W_r / 2",
            "U_a": "U_r / 2",
            "b_a": "b_r / 2",
            "W_c": "-W_z",
            "U_c": "-U_z",
            "b_c": "-b_z",
            "W_h": "W_g",
        },
        other_parameters={"U_g": "2 * eye(n)", "b_g": "0 * h"},
    ),
]
