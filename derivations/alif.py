"""Adaptive leaky integrate-and-fire, the neuron of LSNNs (Bellec, Salaj, Subramoney, Legenstein, Maass 2018)."""

from gatedsym.library.claims import Claim
from gatedsym.library.records import Initialisation, Source
from gatedsym.library.rules import Normal

title = "Adaptive leaky integrate-and-fire (LSNN)"
year = 2018
reference = (
    "G. Bellec, D. Salaj, A. Subramoney, R. Legenstein, W. Maass: Long short-term memory and learning-to-learn in"
    " networks of spiking neurons. NeurIPS 2018"
)
purpose = "The threshold of a neuron rises with each of its spikes and decays slowly: a memory of hundreds of steps."
family = "physical"
readings = (
    "Steps of 1 ms, no refractory time and no synaptic delays, as the authors' code has them by default; its recurrent"
    " weights have a diagonal of zeros, which V need not have here. The pseudo-derivative is by (v - θ)/θ, dampened by"
    " 0.3, so it acts on the membrane and on the threshold. The reset is differentiated."
)

equations = """
x in R^m;  v, z, b in R^n
W in R^(n,m);  V in R^(n,n)
alpha = 0.951229424500714      # of the membrane: exp(-1/20)
rho = 0.9950124791926823       # of the threshold: exp(-1/200)
beta = 1.6
threshold = 0.01
gamma = 0.3

pseudo(a) = gamma * max(0, 1 - abs(a))
b'    = rho * b + (1 - rho) * z
theta = threshold + beta * b'
v'    = alpha * v + (1 - alpha) * (W @ x + V @ z) - theta * z
z'    = step((v' - theta) / theta) with derivative pseudo
"""

initialisation = Initialisation(
    {"W": Normal(1.0, over_root="m"), "V": Normal(1.0, over_root="n")},
    source="IGITUGraz/LSNN-official: lsnn/spiking_models.py, class LIF; the diagonal of V, 0 there, is drawn here",
)

sources = (
    Source("IGITUGraz/LSNN-official: lsnn/spiking_models.py, classes LIF and ALIF (the authors)", "code"),
    Source("G. Bellec et al. 2018, section 2 and supplement", "paper", read=False),
)

claims = [
    Claim("the threshold forgets by ρ alone", of="b'", wrt="b", equals="rho * eye(n)"),
    Claim("a spike raises the threshold", of="b'", wrt="z", equals="(1 - rho) * eye(n)"),
    Claim("the membrane leaks", of="v'", wrt="v", equals="alpha * eye(n)"),
]
