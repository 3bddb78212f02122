"""Losses: the cotangents are the derivative of what the description says."""

import numpy as np
import pytest

from gatedsym.flow.loss import Loss, read_loss


def test_random_cotangents_have_length_1_and_differ_between_sequences():
    times, dh = Loss().cotangents(np.zeros((5, 3, 8)), seed=0)
    assert list(times) == [4]
    assert np.allclose(np.linalg.norm(dh, axis=-1), 1, rtol=1e-15)
    assert not np.allclose(dh[0, 0], dh[0, 1])


@pytest.mark.parametrize("kind", ["cross-entropy", "squared-error"])
def test_readout_cotangents_are_differences_of_the_loss(kind):
    generator = np.random.default_rng(0)
    h, direction = generator.normal(size=(2, 4, 1, 6))
    targets = np.array([[0], [1], [2], [1]])
    loss = Loss(kind, "every", outputs=3)
    times, dh = loss.cotangents(h, 5, targets)
    assert list(times) == [0, 1, 2, 3]
    draw = np.random.default_rng([5, 0xC07A])
    V = draw.standard_normal((3, 6)) / np.sqrt(6)
    wanted = draw.standard_normal((4, 1, 3))

    def value(states):
        y = states @ V.T
        if kind == "squared-error":
            return ((y - wanted) ** 2).sum() / 2
        return (np.log(np.exp(y).sum(-1)) - np.take_along_axis(y, targets[..., None], -1)[..., 0]).sum()

    step = 1e-5
    difference = (value(h + step * direction) - value(h - step * direction)) / (2 * step)
    assert np.isclose((dh * direction).sum(), difference, rtol=1e-8)


def test_unknown_losses_are_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="cross-entropy"):
        read_loss("hinge", classes=10)
    with pytest.raises(ValueError, match="last or every"):
        Loss("cotangent", "first")
