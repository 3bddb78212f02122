"""The gradient of a gradient norm at a lag: which way parameters must go for more of the gradient to arrive.

The squared norm N = ‖g‖² of the gradient g of the state `lag` steps before the end, of a cotangent at the last state.
Its derivative by the parameters is that of ⟨g, 2 g⟩ with the second g held: twice the Hessian–vector product with the
direction g of that state. The sequence begins there, so that it is the initial state.
"""

import numpy as np

import gatedsym as gs


def squared_norm(cell, params, x, start, cotangent):
    """N, the run of the last steps and the gradient of the state that they begin with."""
    run = cell.forward(params, x, initial=start)
    gradient = cell.backward(params, run, {"h": ([-1], cotangent[None])}).initial
    return sum(float((g**2).sum()) for g in gradient.values()), run, gradient


def main(lag=20):
    """Compare the gradient of N with a difference along a random direction, the state at the lag held."""
    rng, rnn = np.random.default_rng(1), gs.cell("rnn")
    params = rnn.init(m=3, n=4, seed=1, scheme="orthogonal")
    x, cotangent = rng.normal(size=(30, 2, 3)) / 2, rng.normal(size=(2, 4))
    whole = rnn.forward(params, x)
    start = {name: np.array(whole[name][-1 - lag]) for name in rnn.states}
    norm, run, gradient = squared_norm(rnn, params, x[-lag:], start, cotangent)
    direction = {name: 2 * gradient[name] for name in rnn.states}
    found = rnn.hessian_product(params, run, {"h": ([-1], cotangent[None])}, direction, returns=("params",)).params
    along = {name: rng.normal(size=array.shape) for name, array in params.items()}
    ends = [
        squared_norm(rnn, {n: a + e * along[n] for n, a in params.items()}, x[-lag:], start, cotangent)[0]
        for e in (1e-5, -1e-5)
    ]
    slope, difference = sum((found[n] * along[n]).sum() for n in found), (ends[0] - ends[1]) / 2e-5
    print(
        f"‖∂L/∂h‖² at lag {lag} is {norm:.3e}; its slope along a direction {slope:.6e}, a difference {difference:.6e}"
    )
    return slope, difference


if __name__ == "__main__":
    main()
