"""Leaky integrate-and-fire with a surrogate gradient (Zenke, Ganguli 2018; Neftci, Mostafa, Zenke 2019)."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Normal

title = "Leaky integrate-and-fire with a surrogate gradient (SuperSpike)"
year = 2019
reference = (
    "E. O. Neftci, H. Mostafa, F. Zenke: Surrogate gradient learning in spiking neural networks. IEEE Signal Processing"
    " Magazine 36(6), 2019; F. Zenke, S. Ganguli: SuperSpike. Neural Computation 30(6), 2018"
)
purpose = "Spikes are steps, whose derivative is 0: a smooth bump is declared in its place, so that errors reach back."
family = "physical"
readings = (
    "Current i, membrane u, spikes s where u > 1; the reset subtracts 1 and passes nothing back, as in the authors'"
    " tutorial 2. Later tutorials reset to 0 instead: (β u + i)(1 - s). The bump's steepness is 100 there. The gradient"
    " is the declared one: no difference quotient of the loss gives it."
)

equations = """
x in R^m;  i, u in R^n
W in R^(n,m);  V in R^(n,n)
alpha = 0.8187307530779818     # of the current: exp(-1 ms / 5 ms)
beta = 0.9048374180359595      # of the membrane: exp(-1 ms / 10 ms)
steepness = 100

bump(v) = 1 / (1 + steepness * abs(v))^2
output s = step(u - 1) with derivative bump      # a spike where the membrane is above its threshold
i' = alpha * i + W @ x + V @ s
u' = beta * u + i - stop(s)                # the reset is not differentiated
"""

initialisation = Initialisation(
    {"W": Normal(0.6661380737482835, over_root="m"), "V": Normal(0.6661380737482835, over_root="n")},
    source="fzenke/spytorch: SpyTorchTutorial2.ipynb, weight_scale = 7 (1 - β); V as W, which has no counterpart there",
)

sources = (
    Source("fzenke/spytorch: notebooks/SpyTorchTutorial2.ipynb (an author), without V", "code"),
    Source("E. O. Neftci, H. Mostafa, F. Zenke 2019, equations 4 and 5", "paper", read=False),
)

claims = [
    Claim("along the membrane the gradient leaks, whatever spikes", of="u'", wrt="u", equals="beta * eye(n)"),
    Claim(
        "by declaration a spike passes the bump on",
        of="i'",
        wrt="u",
        equals="V @ diag(1 / (1 + steepness * abs(u - 1))**2)",
    ),
    Claim("the current leaks by itself", of="i'", wrt="i", equals="alpha * eye(n)"),
]
