"""LSTM of 1997 as it is read today: no forget gate, tanh for both squashing functions."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Comparison, Initialisation, Source, Variant

title = "LSTM without a forget gate"
year = 1997
reference = (
    "S. Hochreiter, J. Schmidhuber: Long short-term memory. Neural Computation 9(8), 1997 (with tanh, as read today)"
)
purpose = "Adds to its cell state and never forgets: the gradient along c is kept whole, and nothing bounds c."
family = "lstm"
readings = "OriginalLSTM of RecurrentLayers.jl and torchrecurrent; the squashing functions of 1997 are in lstm_1997."

variant = Variant("lstm_1997", {"g": "tanh(W_g @ x + U_g @ h + b_g)", "h'": "o * tanh(c')"})

initialisation = Initialisation(
    {},
    source="None is prescribed for this reading; RecurrentLayers.jl draws Glorot uniform, with biases zero.",
    otherwise="xavier",
)

sources = (
    Source("MartinuzziFrancesco/RecurrentLayers.jl: src/cells/originallstm_cell.jl", "code"),
    Source("MartinuzziFrancesco/torchrecurrent 0.2.5: torchrecurrent/cells/originallstm_cell.py", "code"),
    Source("debajyotidatta/RecurrentArchitectures: variants/nfg.py (with peepholes)", "code"),
    Source("S. Hochreiter, J. Schmidhuber 1997, section 4", "paper", read=False),
)

comparisons = (
    Comparison(
        "torchrecurrent 0.2.5, OriginalLSTMCell (torch 2.13.0)",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 6e-16",
    ),
)

claims = [
    Claim("the gradient of the cell state passes unchanged", of="c'", wrt="c", equals="eye(n)"),
    Equivalence("the LSTM whose forget gate is held open", other="lstm", other_where={"f": "1"}),
]
