"""The encyclopedia's peephole LSTM in older revisions: the output gate acts inside tanh."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source, Variant

title = "Encyclopedia's peephole LSTM, output gate inside tanh"
year = 2015
reference = "Wikipedia: Long short-term memory, section on peephole LSTM, older revisions"
purpose = "The output gate scales the cell state before it is squashed, so a saturated cell can be heard in part."
family = "lstm"
readings = "Older revisions: h = tanh(o * c). The present form, h = o * tanh(c), is lstm_encyclopedia."

variant = Variant("lstm_encyclopedia", {"h'": "tanh(o * c')"})

initialisation = Initialisation({}, source="No paper has this cell; none is prescribed.")

sources = (Source("Wikipedia: Long short-term memory, older revisions", "documentation", read=False),)

claims = [
    Claim(
        "along the highway the gradient of the cell state is multiplied by f alone",
        of="c'",
        wrt="c",
        holding="direct",
        equals="diag(f)",
    ),
    Claim(
        "the slope at the output is that of tanh at o * c', where the LSTM has o times the slope at c'",
        of="h'",
        wrt="c",
        holding=("i", "f", "o"),
        equals="diag(o * f * (1 - h' * h'))",
    ),
]
