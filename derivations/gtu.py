"""Gated tanh unit (van den Oord et al. 2016), for one position of its convolution."""

from gatedsym.library.claims import Claim, Limit
from gatedsym.library.records import Initialisation, Source, Variant

title = "Gated tanh unit (GTU)"
year = 2016
reference = (
    "A. van den Oord et al.: Conditional image generation with PixelCNN decoders. NIPS 2016 (arXiv:1606.05328);"
    " named GTU by Dauphin et al. 2017"
)
purpose = "The LSTM's output gate without time; its gradient is damped twice, by the gate and by the slope of tanh."
family = "feed-forward"
readings = "The papers' maps are convolutions; x is the window that they see at one position."

variant = Variant("glu", {"y": "tanh(W @ x + b) * s"})

initialisation = Initialisation({}, source="Not known: the papers were not read.", otherwise="xavier")

sources = (
    Source("ibab/tensorflow-wavenet: wavenet/model.py", "code"),
    Source("r9y9/wavenet_vocoder: wavenet_vocoder/modules.py", "code"),
    Source("A. van den Oord et al. 2016, eq. 2", "paper", read=False),
    Source("Y. N. Dauphin et al. 2017, section 3", "paper", read=False),
)

claims = [
    Claim(
        "the gate's path held, the gradient is damped by the gate and by the slope of tanh",
        of="y",
        wrt="x",
        holding=("s",),
        equals="diag(s * (1 - tanh(W @ x + b) * tanh(W @ x + b))) @ W",
    ),
    Limit(
        "no gate is a gate that is always open: as its bias grows the unit tends to a tanh layer",
        of="y",
        parameter="c",
        to="oo",
        equals="tanh(W @ x + b)",
    ),
]
