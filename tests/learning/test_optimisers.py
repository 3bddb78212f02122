"""Optimisers give torch.optim's numbers; clipping and freezing do what they are named."""

import numpy as np
import pytest

from gatedsym.errors import ArgumentError
from gatedsym.learning.clipping import read_clipping
from gatedsym.learning.flat import FlatLayout
from gatedsym.learning.optimiser_kernels import square_sum
from gatedsym.learning.optimisers import SGD, Adam, RMSprop, read_optimiser

SIZE = 37  # no multiple of the kernel's lanes


def theirs(optimiser, torch, parameter):
    """The optimiser of torch that ours is to equal."""
    if isinstance(optimiser, Adam):
        betas = (optimiser.beta1, optimiser.beta2)
        return torch.optim.Adam([parameter], 1e-2, betas=betas, eps=optimiser.epsilon)
    if isinstance(optimiser, RMSprop):
        options = {"alpha": optimiser.alpha, "eps": optimiser.epsilon, "momentum": optimiser.momentum}
        return torch.optim.RMSprop([parameter], 1e-2, **options)
    return torch.optim.SGD([parameter], 1e-2, momentum=optimiser.momentum)


@pytest.mark.parametrize("clip", [None, 1.0, "value 0.3"])
@pytest.mark.parametrize(
    "optimiser", [Adam(), Adam(0.8, 0.99, 1e-3), RMSprop(), RMSprop(momentum=0.5), SGD(), SGD(0.0)]
)
def test_an_optimiser_takes_the_steps_of_torch(optimiser, clip):
    torch = pytest.importorskip("torch", reason="torch is the reference")
    generator = np.random.default_rng(0)
    theta, limit = generator.standard_normal(SIZE), read_clipping(clip)
    parameter = torch.nn.Parameter(torch.tensor(theta))
    peer, moments, lanes = theirs(optimiser, torch, parameter), np.zeros((optimiser.moments, SIZE)), np.zeros(8)
    for update in range(1, 40):
        grad = generator.standard_normal(SIZE) * 10.0 ** generator.integers(-3, 2)
        parameter.grad = torch.tensor(grad)
        if limit.by == "norm":
            torch.nn.utils.clip_grad_norm_([parameter], limit.limit)
        elif limit.by == "value":
            torch.nn.utils.clip_grad_value_([parameter], limit.limit)
        peer.step()
        optimiser.step(theta, grad, moments, limit.of(square_sum(grad, lanes) ** 0.5), 1e-2, update)
    np.testing.assert_allclose(theta, parameter.detach().numpy(), rtol=1e-12, atol=1e-12)


def test_the_norm_is_that_of_all_entries():
    values = np.random.default_rng(1).standard_normal(SIZE)
    assert square_sum(values, np.zeros(8)) == pytest.approx(values @ values, rel=1e-14)
    values[5] = np.nan
    assert np.isnan(square_sum(values, np.zeros(8)))


@pytest.mark.parametrize(
    ("given", "words"),
    [(1, "norm 1"), ("value 0.1", "value 0.1"), (("norm", 2.5), "norm 2.5"), (None, "none"), ("none", "none")],
)
def test_clipping_says_its_kind(given, words):
    assert read_clipping(given).words == words
    assert read_clipping(words) == read_clipping(given)


@pytest.mark.parametrize("given", [0, -1.0, "norm", "entry 1", ("value", "much"), True, float("nan")])
def test_a_limit_that_is_none_is_refused(given):
    with pytest.raises(ArgumentError, match="clip="):
        read_clipping(given)


def test_an_optimiser_that_there_is_not_is_refused():
    assert read_optimiser("rmsprop") == RMSprop()
    with pytest.raises(ArgumentError, match="optimiser='lion'"):
        read_optimiser("lion")
    with pytest.raises(ArgumentError, match="beta2=1"):
        Adam(beta2=1)


def test_patterns_name_parameters_and_a_pattern_without_any_is_refused():
    layout = FlatLayout({"W_z": (2, 3), "W_r": (2, 3), "b_z": (2,)})
    assert layout.matching("W_*, b_z") == ("W_z", "W_r", "b_z")
    assert layout.matching(["b_*"]) == ("b_z",)
    assert layout.matching("") == ()
    with pytest.raises(ArgumentError, match="freeze has 'U_z', which is no parameter"):
        layout.matching("W_z,U_z")
