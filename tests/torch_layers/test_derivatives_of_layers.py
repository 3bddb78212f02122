"""Every mode in which torch differentiates gives a layer's derivative, or a sentence: none gives zeros in silence."""

import numpy as np
import pytest

from gatedsym.execution.passes import backward_pass, lent_forward

torch = pytest.importorskip("torch", reason="the layer is torch's")
gt = pytest.importorskip("gatedsym.torch")

func = torch.func
# torch's own rules for forward mode are written with it.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.:DeprecationWarning")
M, N = 2, 3


@pytest.fixture(scope="module")
def layer():
    return gt.Layer("lstm", M, N, dtype=torch.double, seed=0)


def normal(*shape):
    return torch.from_numpy(np.random.default_rng(len(shape)).normal(size=shape))


def written_out(layer):
    """The LSTM in torch's own operations."""

    def run(x):
        W, U, b = layer.W.detach(), layer.U.detach(), layer.b.detach()
        h = c = torch.zeros(*x.shape[1:-1], N, dtype=x.dtype)
        rows = []
        for x_t in x:
            i, f, g, o = (x_t @ W[k].T + h @ U[k].T + b[k] for k in range(4))
            c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
            h = torch.sigmoid(o) * torch.tanh(c)
            rows.append(h)
        return torch.stack(rows)

    return run


def square(run):
    return lambda x: (run(x) ** 2).sum()


def forward_mode(run):
    def tangent(x):
        with torch.autograd.forward_ad.dual_level():
            dual = run(torch.autograd.forward_ad.make_dual(x, torch.cos(x)))
            return torch.autograd.forward_ad.unpack_dual(dual).tangent

    return tangent


def reverse_mode(run):
    def gradient(x):
        x = x.clone().requires_grad_()
        return torch.autograd.grad(square(run)(x), x)[0]

    return gradient


def reverse_twice(run):
    def second(x):
        x = x.clone().requires_grad_()
        (first,) = torch.autograd.grad(square(run)(x), x, create_graph=True)
        return torch.autograd.grad((first * torch.cos(x.detach())).sum(), x)[0]

    return second


def forward_over_reverse(run):
    def second(x):
        with torch.autograd.forward_ad.dual_level():
            dual = torch.autograd.forward_ad.make_dual(x.clone().requires_grad_(), torch.cos(x))
            (first,) = torch.autograd.grad(square(run)(dual), dual, create_graph=True)
            return torch.autograd.forward_ad.unpack_dual(first).tangent

    return second


def reverse_over_forward(run, inside=False):
    def second(x):
        x = x.clone().requires_grad_()
        with torch.autograd.forward_ad.dual_level():
            dual = torch.autograd.forward_ad.make_dual(x, torch.cos(x.detach()))
            tangent = torch.autograd.forward_ad.unpack_dual(square(run)(dual)).tangent
            if inside:
                return torch.autograd.grad(tangent, x)[0]
        return torch.autograd.grad(tangent, x)[0]

    return second


def checkpointed(reentrant):
    def mode(run):
        def gradient(x):
            x = x.clone().requires_grad_()
            square(lambda x: torch.utils.checkpoint.checkpoint(run, x, use_reentrant=reentrant))(x).backward()
            return x.grad

        return gradient

    return mode


def twice(x):
    return torch.stack([x, torch.sin(x)])


MODES = {
    "backward": reverse_mode,
    "backward twice": reverse_twice,
    "forward mode": forward_mode,
    "forward over reverse": forward_over_reverse,
    "reverse over forward": reverse_over_forward,
    "checkpoint": checkpointed(False),
    "reentrant checkpoint": checkpointed(True),
    "saved on the cpu": lambda run: lambda x: _saved_on_cpu(run, x),
    "functional.jacobian": lambda run: lambda x: torch.autograd.functional.jacobian(run, x),
    "functional.hessian": lambda run: lambda x: torch.autograd.functional.hessian(square(run), x),
    "func.jvp": lambda run: lambda x: func.jvp(run, (x,), (torch.cos(x),))[1],
    "func.vjp": lambda run: lambda x: func.vjp(run, x)[1](torch.ones(*x.shape[:-1], N, dtype=x.dtype))[0],
    "func.grad": lambda run: func.grad(square(run)),
    "func.grad of grad": lambda run: func.grad(lambda x: func.grad(square(run))(x).sin().sum()),
    "jacrev": lambda run: func.jacrev(run),
    "jacfwd": lambda run: func.jacfwd(run),
    "hessian": lambda run: func.hessian(square(run)),
    "jacrev of jacfwd": lambda run: func.jacrev(func.jacfwd(square(run))),
    "jacrev of jacrev": lambda run: func.jacrev(func.jacrev(square(run))),
    "vmap": lambda run: lambda x: func.vmap(run)(twice(x)),
    "vmap of grad": lambda run: lambda x: func.vmap(func.grad(square(run)))(twice(x)),
    "vmap of jvp": lambda run: lambda x: func.vmap(lambda x: func.jvp(run, (x,), (x,))[1])(twice(x)),
    "grad of vmap": lambda run: func.grad(lambda x: (func.vmap(run)(twice(x)) ** 2).sum()),
    "vmap of hessian": lambda run: lambda x: func.vmap(func.hessian(square(run)))(twice(x)),
}
REFUSED = {
    "vectorized jacobian": lambda run: lambda x: torch.autograd.functional.jacobian(run, x, vectorize=True),
    "jacfwd of jacfwd": lambda run: func.jacfwd(func.jacfwd(square(run))),
    "third derivatives": lambda run: func.jacrev(func.hessian(square(run))),
    "forward mode over second derivatives": lambda run: func.jacfwd(func.hessian(square(run))),
    # torch would carry the tangent of the gradient along, which is a third derivative
    "reverse within a level of forward mode": lambda run: reverse_over_forward(run, inside=True),
    "linearize": lambda run: lambda x: func.linearize(run, x)[1](torch.cos(x)),
    "torch.jit.trace": lambda run: lambda x: torch.jit.trace(run, x),
}


def _saved_on_cpu(run, x):
    with torch.autograd.graph.save_on_cpu():
        return reverse_mode(run)(x)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.sampled
def test_a_mode_gives_the_derivative_that_torch_gives_of_the_cell_written_out(layer, mode):
    x = normal(4, 2, M)
    try:
        found = MODES[mode](lambda x: layer(x)[0])(x)
    except NotImplementedError as error:  # a sentence of torch's, of a mode that it lacks for functions like ours
        pytest.fail(f"{mode} is refused: {error}")
    expected = MODES[mode](written_out(layer))(x)
    assert expected.abs().max() > 1e-3
    assert torch.allclose(found, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("mode", REFUSED)
def test_a_mode_that_is_not_offered_says_so(layer, mode):
    with pytest.raises(Exception, match=r"gt\.Layer .*\.$"):
        REFUSED[mode](lambda x: layer(x)[0])(normal(4, 2, M))


def everything(layer, lengths=None):
    """What a layer gives, as a function of inputs, initial states and parameters; and values for all of them."""
    names = [name for name, _ in layer.named_parameters()]

    def run(x, h, c, *parameters):
        named = dict(zip(names, parameters, strict=True))
        y, states = torch.func.functional_call(layer, named, (x, {"h": h, "c": c}, lengths))
        return (y, *states.values())

    given = (normal(4, 2, M), *(normal(1, 2, N) for _ in range(2)), *(p.detach() for p in layer.parameters()))
    return run, [tensor.clone().requires_grad_() for tensor in given]


@pytest.mark.long
def test_gradients_and_tangents_are_those_of_differences(layer):
    run, given = everything(layer)
    assert torch.autograd.gradcheck(run, given, check_forward_ad=True)


@pytest.mark.long
def test_second_derivatives_are_those_of_differences(layer):
    run, given = everything(layer)
    assert torch.autograd.gradgradcheck(run, given, check_fwd_over_rev=True, check_rev_over_rev=True)


@pytest.mark.long
def test_gradients_of_sequences_of_unlike_length_are_those_of_differences(layer):
    run, given = everything(layer, lengths=[4, 0])
    assert torch.autograd.gradcheck(run, given, check_forward_ad=True)


@pytest.mark.long
def test_second_derivatives_of_sequences_of_unlike_length_are_those_of_differences(layer):
    run, given = everything(layer, lengths=[3, 2])
    assert torch.autograd.gradgradcheck(run, given, check_fwd_over_rev=True)


def test_nothing_is_computed_that_nobody_asked_for(layer, monkeypatch):
    asked = []

    def watched(run, parameters, given, wanted, *rest):
        asked.append((set(given._parts), set(wanted)))
        return backward_pass(run, parameters, given, wanted, *rest)

    monkeypatch.setattr("gatedsym.torch.call.backward_pass", watched)
    x = normal(4, 2, M)
    frozen = gt.Layer("lstm", M, N, dtype=torch.double).requires_grad_(False)
    _, states = frozen(x.clone().requires_grad_())
    states["c"].sum().backward()
    layer(x)[0].sum().backward()
    assert asked == [({"c"}, {"inputs"}), ({"h"}, {"params"})]


@pytest.mark.parametrize("derivatives", [False, True])
def test_a_run_is_kept_only_where_a_derivative_may_be_asked_for(layer, monkeypatch, derivatives):
    runs = []

    def watched(*given):
        runs.append(lent_forward(*given))
        return runs[-1]

    monkeypatch.setattr("gatedsym.torch.call.lent_forward", watched)
    with torch.set_grad_enabled(derivatives):
        y, _ = layer(normal(4, 2, M))
    assert [run.has_residuals for run in runs] == [True] * derivatives
    assert y.requires_grad is derivatives


def test_parameters_may_not_be_overwritten_before_their_gradient_is_taken(layer):
    y, _ = layer(normal(4, 2, M))
    with torch.no_grad():
        next(layer.parameters()).mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_what_was_read_out_may_not_be_overwritten_before_its_gradient_is_taken(layer):
    y, _ = layer(normal(4, 2, M))
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def test_results_share_no_memory_with_each_other_or_with_what_was_given(layer):
    x, h = normal(4, 2, M), normal(1, 2, N)
    y, states = layer(x, {"h": h})
    tensors = [x, h, y, *states.values(), *layer.parameters()]
    places = [(t.data_ptr(), t.data_ptr() + t.numel() * t.element_size()) for t in tensors]
    assert all(a[1] <= b[0] or b[1] <= a[0] for n, a in enumerate(places) for b in places[:n])


def test_what_a_run_left_goes_when_its_gradient_has_been_taken(layer):
    import gc
    import weakref

    found = []
    call = gt.functions.Call.forward

    def watched(self, tensors):
        results = call(self, tensors)
        found.append(weakref.ref(self.run))
        return results

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gt.functions.Call, "forward", watched)
        loss = layer(normal(4, 2, M))[0].sum()
    assert found[0]() is not None
    loss.backward()
    gc.collect()
    assert found[0]() is None
