"""A flat gradient and the moments of an optimiser → the next parameters, in place: one loop over all of them.

Each kernel takes a gradient as it is clipped: times `scale` (clipping by norm), and each entry within ±`bound`
(clipping by value). Sums are those of torch.optim, whose numbers these are.
"""

from __future__ import annotations

import math

import numpy as np

from gatedsym.runtime.jit.compile import kernel
from gatedsym.typing import Array

_LANES = 8


@kernel
def square_sum(values: Array, lanes: Array) -> float:
    """Sum of squares, in float64, in eight sums side by side; `lanes` (8,) float64 is written to."""
    for lane in range(_LANES):
        lanes[lane] = 0.0
    whole = values.size // _LANES * _LANES
    for start in range(0, whole, _LANES):
        for lane in range(_LANES):
            value = np.float64(values[start + lane])
            lanes[lane] += value * value
    total = 0.0
    for lane in range(_LANES):
        total += lanes[lane]
    for k in range(whole, values.size):
        value = np.float64(values[k])
        total += value * value
    return total


@kernel
def adam_step(
    theta: Array, grad: Array, moments: Array, scale: float, bound: float, rate: float, root: float, numbers: Array
) -> None:
    """One step of Adam.

    Parameters
    ----------
    theta, grad : (P,)
    moments : (2, P)
        Of the gradient and of its square.
    scale, bound : float
        Of clipping.
    rate, root : float
        rate / (1 - beta1**t) and sqrt(1 - beta2**t).
    numbers : (3,)
        beta1, beta2, epsilon.
    """
    first, second = moments[0], moments[1]
    beta1, beta2, epsilon = numbers[0], numbers[1], numbers[2]
    for k in range(theta.size):
        g = min(max(scale * grad[k], -bound), bound)
        m = beta1 * first[k] + (1.0 - beta1) * g
        v = beta2 * second[k] + (1.0 - beta2) * g * g
        first[k] = m
        second[k] = v
        theta[k] -= rate * m / (math.sqrt(v) / root + epsilon)


@kernel
def rmsprop_step(
    theta: Array, grad: Array, moments: Array, scale: float, bound: float, rate: float, numbers: Array
) -> None:
    """One step of RMSprop; `moments` (2, P) are those of the square and what has gathered of steps, `numbers` (3,)
    alpha, epsilon, momentum."""
    square, gathered = moments[0], moments[1]
    alpha, epsilon, momentum = numbers[0], numbers[1], numbers[2]
    for k in range(theta.size):
        g = min(max(scale * grad[k], -bound), bound)
        v = alpha * square[k] + (1.0 - alpha) * g * g
        b = momentum * gathered[k] + g / (math.sqrt(v) + epsilon)
        square[k] = v
        gathered[k] = b
        theta[k] -= rate * b


@kernel
def momentum_step(
    theta: Array, grad: Array, moments: Array, scale: float, bound: float, rate: float, numbers: Array
) -> None:
    """One step down the gradient; `moments` (1, P) is what has gathered, `numbers` (1,) the momentum."""
    gathered = moments[0]
    momentum = numbers[0]
    for k in range(theta.size):
        g = min(max(scale * grad[k], -bound), bound)
        b = momentum * gathered[k] + g
        gathered[k] = b
        theta[k] -= rate * b


__all__ = ["adam_step", "momentum_step", "rmsprop_step", "square_sum"]
