"""Pascanu's regulariser Ω of the norm of the gradient through time, and its gradient by Hessian–vector products.

Pascanu, Mikolov and Bengio (On the difficulty of training recurrent neural networks, ICML 2013, section 3.3) keep the
norm of the gradient from fading:

    Ω = Σ_k Ω_k,    Ω_k = (‖d_{k+1} J_k‖ / ‖d_{k+1}‖ - 1)²,    J_k = ∂h_{k+1}/∂h_k.

They hold the states and d_{k+1} fixed when they differentiate: Ω_k is a function of the parameters by its J_k alone.
With u_k = ∂Ω_k/∂(d_{k+1} J_k), also held, ∂Ω_k/∂θ = ∂/∂θ (d_{k+1} J_k u_k): the product of one step's Hessian, with the
cotangent d_{k+1} of h_{k+1}, and the direction u_k of h_k. So the steps are put side by side as a batch of sequences of
one step, and one product gives all of the gradient.
"""

import numpy as np

import gatedsym as gs


def omega(cell, params, x, states, adjoints):
    """Ω with states h_0 … h_T and adjoints d_0 … d_T, each (·, B, n), held."""
    start, later = states[:-1].reshape(-1, states.shape[2]), adjoints[1:].reshape(-1, adjoints.shape[2])
    run = cell.forward(params, x.reshape(1, -1, x.shape[2]), initial={"h": start})
    carried = cell.backward(params, run, {"h": later[None]}).initial["h"][0]
    before, after = np.linalg.norm(later, axis=1), np.linalg.norm(carried, axis=1)
    value = float(((after / before - 1) ** 2).sum())
    slope = (2 * (after / before - 1) / (before * after))[:, None] * carried
    return value, run, later, slope


def gradient(cell, params, x, states, adjoints):
    """The gradient of Ω by the parameters: one Hessian–vector product."""
    _, run, later, slope = omega(cell, params, x, states, adjoints)
    return cell.hessian_product(params, run, {"h": later[None]}, {"h": slope}, returns=("params",)).params


def main():
    """Compare the gradient with a difference of Ω along a random direction."""
    rng, rnn = np.random.default_rng(0), gs.cell("rnn")
    params = rnn.init(m=3, n=4, seed=0, scheme="orthogonal")
    x = rng.normal(size=(6, 2, 3))
    run = rnn.forward(params, x)
    adjoints = rnn.backward(params, run, {"h": ([-1], rng.normal(size=(1, 2, 4)))}).states["h"]
    states = np.asarray(run["h"])
    value = omega(rnn, params, x, states, adjoints)[0]
    found = gradient(rnn, params, x, states, adjoints)
    along = {name: rng.normal(size=array.shape) for name, array in params.items()}
    ends = [omega(rnn, {n: a + e * along[n] for n, a in params.items()}, x, states, adjoints)[0] for e in (1e-5, -1e-5)]
    slope, difference = sum((found[n] * along[n]).sum() for n in found), (ends[0] - ends[1]) / 2e-5
    print(f"Ω = {value:.6f}; along a direction its gradient is {slope:.6f}, a difference of values {difference:.6f}")
    return slope, difference


if __name__ == "__main__":
    main()
