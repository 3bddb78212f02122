"""LTC (Hasani et al. 2021): neurons whose synapses set their time constant; one step solves the equation six times."""

from gatedsym.library.records import Contradiction, Initialisation, Source
from gatedsym.library.rules import Constant, Drawn, Uniform

title = "Liquid time-constant network"
year = 2021
reference = "R. Hasani, M. Lechner, A. Amini, D. Rus, R. Grosu: Liquid time-constant networks. AAAI 2021"
purpose = "Each synapse both drives a neuron and shortens its time constant, so the input decides how fast it forgets."
family = "physical"
readings = (
    "The authors' code with its fused solver and six steps of it: synapses are conductances W sigmoid(kappa (u -"
    " mu)) with a reversal potential E, a row for each neuron that they act on (there a column). c is the capacity"
    " in a solver step, g the leak's conductance; c, g, W and W_s are kept positive by clipping after each update"
    " there. The paper's layer f(x, I) with one vector A is its equation 1; the code has A and weights for each"
    " synapse."
)

equations = """
x in R^m;  v in R^n
w_x, b_x in R^m                                  # the input's own scale and shift
W_s, E_s, kappa_s, mu_s in R^(n,m)               # synapses from inputs: conductance, reversal potential, slope, middle
W, E, kappa, mu in R^(n,n)                       # synapses from neurons
c, g, v_leak in R^n
L = 6

y = w_x * x + b_x
a_s[j,k] = W_s[j,k] * sigmoid(kappa_s[j,k] * (y[k] - mu_s[j,k]))
r[j] = g[j] * v_leak[j] + (sum[k] a_s[j,k] * E_s[j,k])       # what leak and inputs drive
q[j] = c[j] + g[j] + (sum[k] a_s[j,k])                       # and how much they shorten
u[0] = v
for l in 1..L:
    a[l][j,k] = W[j,k] * sigmoid(kappa[j,k] * (u[l-1][k] - mu[j,k]))
    u[l][j] = (c[j] * u[l-1][j] + r[j] + (sum[k] a[l][j,k] * E[j,k])) / (q[j] + (sum[k] a[l][j,k]))
v' = u[L]
"""

SIGNS = Drawn(
    "±1, each with probability one half", lambda generator, shape, sizes: 2.0 * generator.integers(0, 2, shape) - 1
)

initialisation = Initialisation(
    {
        "w_x": Constant(1),
        "b_x": Constant(0),
        "W*": Uniform(0.01, 1.0),
        "E*": SIGNS,
        "kappa*": Uniform(3.0, 8.0),
        "mu*": Uniform(0.3, 0.8),
        "c": Constant(0.5),
        "g": Constant(1),
        "v_leak": Uniform(-0.2, 0.2),
    },
    source="raminmh/liquid_time_constant_networks: ltc_model.py",
)

sources = (
    Source("raminmh/liquid_time_constant_networks: experiments_with_ltcs/ltc_model.py, LTCCell (the authors)", "code"),
    Source("raminmh/CfC: torch_cfc.py, class LTCCell (the authors)", "code"),
    Source("R. Hasani et al. 2021, equations 1 to 3", "paper", read=False),
)

contradictions = (
    Contradiction(
        "raminmh/CfC: torch_cfc.py, class LTCCell, against ltc_model.py",
        says="the capacity is divided by the elapsed time, (elapsed_time + 1)/6",
        does="ltc_model.py has the capacity of a solver step as a parameter, cm_t, and knows no elapsed time",
        place="ltc_model.py, LTCCell._ode_step",
    ),
)
