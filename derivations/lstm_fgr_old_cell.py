"""LSTM with full gate recurrence, the output gate's peephole on the old cell state."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Initialisation, Source, Variant
from gatedsym.library.rules import Normal

title = "LSTM with full gate recurrence, output peephole on the old cell state"
year = 2017
reference = (
    "K. Greff, R. K. Srivastava, J. Koutník, B. R. Steunebrink, J. Schmidhuber: LSTM: a search space odyssey."
    " IEEE Transactions on Neural Networks and Learning Systems 28(10), 2017, list of variants"
)
purpose = "As lstm_fgr, but all gates can be computed at once: o sees the cell state of the step before."
family = "lstm"
readings = (
    "p_o acts on c_{t-1}, by others' account of the paper's list of variants, and in one reimplementation"
    " in torch; lstm_fgr has it on c_t, as the paper's vanilla LSTM and debajyotidatta/RecurrentArchitectures."
)

variant = Variant("lstm_fgr", {"o'": "sigmoid(W_o @ x + U_o @ h + p_o * c + b_o + R_io @ i + R_fo @ f + R_oo @ o)"})

initialisation = Initialisation({"*": Normal(0.1)}, source="Greff et al. 2017, section IV: all weights from N(0, 0.1²)")

sources = (
    Source("a torch file on GitHub with full gate recurrence", "code", read=False),
    Source("K. Greff et al. 2017, section III", "paper", read=False),
)

claims = [
    Claim(
        "the output gate's peephole does not run through c'",
        of="o'",
        wrt="c",
        equals="diag(p_o * o' * (1 - o'))",
    ),
    Equivalence(
        "if o does not look at the cell state, the two readings agree",
        other="lstm_fgr",
        parameters={"p_o": "0"},
        other_parameters={"p_o": "0"},
    ),
]
