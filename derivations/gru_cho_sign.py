"""GRU with the update gate as Cho et al. print it: z is the share of h that stays."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Comparison, Contradiction, Initialisation, Source, Variant
from gatedsym.library.rules import Constant, Normal, Orthogonal

title = "GRU, the update gate keeps"
year = 2014
reference = (
    "K. Cho et al.: Learning phrase representations using RNN encoder-decoder for statistical machine translation."
    " EMNLP 2014 (arXiv:1406.1078v3), eqs. 5-8"
)
purpose = "As the GRU, with z as what stays: a positive bias of z retains."
family = "gru"
readings = (
    "z keeps (h' = z h + (1 - z) g) in the paper, in ONNX, Keras and all that follow cuDNN; z replaces in gru, as"
    " Chung et al. 2014, an encyclopedia and the paper's own code (GroundHog) have it. Only the sign of z's parameters"
    " differs."
)

variant = Variant("gru", {"h'": "z * h + (1 - z) * g"})

initialisation = Initialisation(
    {"W_*": Normal(0.01), "U_*": Orthogonal(), "b_*": Constant(0)},
    source="Cho et al. 2014, appendix, as kyunghyuncho/GroundHog has it: experiments/nmt/state.py",
)

sources = (
    Source("onnx/onnx: docs/Operators.md, GRU with linear_before_reset = 0 (opset 22)", "documentation"),
    Source("keras/src/layers/rnn/gru.py, reset_after=False (3.15)", "code"),
    Source("debajyotidatta/RecurrentArchitectures: variants/gru.py", "code"),
    Source("K. Cho et al. 2014, eqs. 5-8", "paper", read=False),
)

comparisons = (
    Comparison(
        "debajyotidatta/RecurrentArchitectures: variants/gru.py, its step run on torch 2.13.0",
        agrees=True,
        text="values and all gradients, T = 20, float64: largest relative difference 1e-15",
    ),
)

contradictions = (
    Contradiction(
        "Cho et al. 2014 and their code, GroundHog",
        says="by others' account of the paper: h = z h_{t-1} + (1 - z) g",
        does="h = gater * h + (1 - gater) * state_before: the gate is the share of the candidate",
        place="groundhog/layers/rec_layers.py, RecurrentLayer.step_fprop",
    ),
)

claims = [
    Claim(
        "along the highway the gradient is multiplied by z",
        of="h'",
        wrt="h",
        holding="direct",
        equals="diag(z)",
    ),
    Claim("the update gate held open copies the state", of="h'", wrt="h", where={"z": "1"}, equals="eye(n)"),
]
