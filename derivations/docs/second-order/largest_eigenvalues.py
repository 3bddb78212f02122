"""Largest eigenvalues of the Hessian of a loss through time, by the Lanczos iteration of SciPy.

The loss is L = ½ Σ_t ‖h_t - y_t‖². Its Hessian by the parameters is that of ⟨cotangents, h⟩ with the cotangents h - y
held, and the Gauss–Newton part Jᵀ J, J = ∂h/∂θ, because the cotangents move: the derivative of h along the direction is
what `backward` carries back for it. Only products are needed: nothing is ever held that is parameters by parameters.
"""

import numpy as np
from scipy.sparse.linalg import LinearOperator, eigsh

import gatedsym as gs


def flat(arrays):
    """Arrays by name as one vector."""
    return np.concatenate([np.ravel(array) for array in arrays.values()])


def named(vector, like):
    """A vector as arrays by name."""
    found, start = {}, 0
    for name, array in like.items():
        found[name] = vector[start : start + array.size].reshape(array.shape)
        start += array.size
    return found


def hessian(cell, params, x, target):
    """The Hessian of L by the parameters, as what multiplies a vector."""
    run = cell.forward(params, x)
    cotangents = {"h": run["h"][1:] - target}

    def multiply(vector):
        direction = named(vector, params)
        product = cell.hessian_product(params, run, cotangents, direction, returns=("params", "trajectory"))
        moved = {"h": product.trajectory["h"][1:]}
        return flat(product.params) + flat(cell.backward(params, run, moved, returns=("params",)).params)

    size = sum(array.size for array in params.values())
    return LinearOperator((size, size), matvec=multiply, dtype=np.float64)


def main():
    """Compare the two largest eigenvalues with those of the Hessian that differences of gradients give."""
    rng, rnn = np.random.default_rng(2), gs.cell("rnn")
    params = rnn.init(m=2, n=3, seed=2)
    x, target = rng.normal(size=(5, 2, 2)), rng.normal(size=(5, 2, 3))
    operator = hessian(rnn, params, x, target)
    found = eigsh(operator, k=2, which="LA", return_eigenvectors=False)

    def gradient(vector):
        moved = named(vector, params)
        run = rnn.forward(moved, x)
        return flat(rnn.backward(moved, run, {"h": run["h"][1:] - target}, returns=("params",)).params)

    at = flat(params)
    columns = [(gradient(at + 1e-5 * unit) - gradient(at - 1e-5 * unit)) / 2e-5 for unit in np.eye(at.size)]
    expected = np.linalg.eigvalsh((np.array(columns) + np.array(columns).T) / 2)[-2:]
    print(f"largest eigenvalues {np.round(found, 6)}, by differences {np.round(expected, 6)}")
    return found, expected


if __name__ == "__main__":
    main()
