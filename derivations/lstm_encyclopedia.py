"""The peephole LSTM of a widely copied encyclopedia article: c_{t-1} in the place of h_{t-1}, by full matrices."""

from gatedsym.library.claims import Claim, Equivalence
from gatedsym.library.records import Contradiction, Initialisation, Source, Variant

title = "LSTM whose gates see the cell state alone (encyclopedia's peephole LSTM)"
year = 2015
reference = "Wikipedia: Long short-term memory, section on peephole LSTM; copied by many texts as the peephole LSTM"
purpose = (
    "No gate sees the output h, so only c recurs: not the peephole LSTM of Gers et al., though often taken for it."
)
family = "lstm"
readings = (
    "The article's present form, h = o * tanh(c); older revisions of it, and texts that copied those, have"
    " h = tanh(o * c) (lstm_encyclopedia_old). It leaves the output's squashing open: tanh, or none as in Gers et al."
    " The paper's cell, with h_{t-1} and diagonal peepholes, is lstm_peephole."
)

variant = Variant(
    "lstm",
    {
        "i": "sigmoid(W_i @ x + U_i @ c + b_i)",
        "f": "sigmoid(W_f @ x + U_f @ c + b_f)",
        "g": "tanh(W_g @ x + b_g)",
        "o": "sigmoid(W_o @ x + U_o @ c + b_o)",
    },
)

initialisation = Initialisation({}, source="No paper has this cell; none is prescribed.")

sources = (
    Source(
        "argonne-lcf/ai-science-training-series (commit 281dac4): 04_images_time_series/01_time_series/README.md",
        "documentation",
    ),
    Source(
        "MartinuzziFrancesco/RecurrentLayers.jl (commit 01d46ac, 2025): src/cells/peepholelstm_cell.jl, docstring",
        "documentation",
    ),
    Source("Wikipedia: Long short-term memory, peephole LSTM", "documentation", read=False),
)

contradictions = (
    Contradiction(
        "RecurrentLayers.jl (commit 01d46ac, 2025)",
        says="the docstring of PeepholeLSTMCell: the encyclopedia's formulas, in which the candidate sees x alone",
        does="the code: gates and candidate see x and c_{t-1}, and c is returned as the output",
        place="src/cells/peepholelstm_cell.jl",
    ),
    Contradiction(
        "argonne-lcf/ai-science-training-series (commit 281dac4)",
        says="long short-term memory, introduced by Hochreiter and Schmidhuber (1997)",
        does="the encyclopedia's peephole LSTM: c_{t-1} in the place of h_{t-1}, a forget gate, no recurrence in g",
        place="04_images_time_series/01_time_series/README.md",
    ),
)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim("the output is not read again: c' does not depend on h", of="c'", wrt="h", equals="0"),
    Claim(
        "the whole of ∂c'/∂c runs through the gates' matrices",
        of="c'",
        wrt="c",
        equals="diag(f) + diag(c * f * (1 - f)) @ U_f + diag(g * i * (1 - i)) @ U_i",
    ),
    Equivalence(
        "the LSTM with full peepholes whose recurrence from h is cut, and whose o looks at the old cell state",
        other="lstm_peephole_full",
        parameters={"U_i": "V_i", "U_f": "V_f", "U_o": "V_o"},
        other_where={"o": "sigmoid(W_o @ x + V_o @ c + b_o)"},
        declarations="",
        other_parameters={"U_i": "0 * V_i", "U_f": "0 * V_i", "U_g": "0 * V_i"},
    ),
]
