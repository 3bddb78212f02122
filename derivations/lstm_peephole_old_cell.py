"""LSTM with peepholes of which all three show the old cell state, as RecurrentLayers.jl computes it."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant

title = "LSTM with peepholes to the old cell state"
year = 2025
reference = "MartinuzziFrancesco/RecurrentLayers.jl, PeepholeLSTMCell (the code); after Gers et al., JMLR 3, 2002"
purpose = "All gates can be computed at once, but the output gate decides on a cell state that is one step old."
family = "lstm"
readings = "RecurrentLayers.jl's code; its docstring, and the paper, have o see the new c (lstm_peephole)."

variant = Variant("lstm_peephole", {"o": "sigmoid(W_o @ x + U_o @ h + p_o * c + b_o)"})

initialisation = Initialisation(
    {}, source="None is prescribed; RecurrentLayers.jl draws Glorot uniform, with biases zero.", otherwise="xavier"
)

sources = (Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/peepholelstm_cell.jl (the code)", "code"),)

claims = [
    Claim(
        "the output gate sees the old cell state: its path into h' does not run through c'",
        of="h'",
        wrt="c",
        holding=("c'",),
        equals="diag(p_o * o * (1 - o) * tanh(c'))",
    ),
    Equivalence("with p = 0 it is the LSTM", other="lstm", parameters={"p_i": "0", "p_f": "0", "p_o": "0"}),
    Equivalence(
        "if o does not look, it is the peephole LSTM of the paper",
        other="lstm_peephole",
        parameters={"p_o": "0"},
        other_parameters={"p_o": "0"},
    ),
]
