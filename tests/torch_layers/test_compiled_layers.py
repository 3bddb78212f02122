"""gt.Layer under torch.compile: whole in the graph, with first derivatives; anything more is refused."""

import gc
import weakref

import numpy as np
import pytest

import gatedsym as gs

torch = pytest.importorskip("torch", reason="the layer is torch's")
gt = pytest.importorskip("gatedsym.torch")

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
func = torch.func
M, N = 2, 3


@pytest.fixture(scope="module")
def layer():
    return gt.Layer("lstm", M, N, layers=2, bidirectional=True, dtype=torch.double, seed=0)


@pytest.fixture
def x():
    return torch.from_numpy(np.random.default_rng(0).normal(size=(4, 3, M)))


def compiled(function, backend="aot_eager"):
    """The function in one graph; that backend writes no C++, which takes most of the time."""
    torch._dynamo.reset()
    return torch.compile(function, fullgraph=True, backend=backend)


def test_the_operator_keeps_torchs_rules(layer, x):
    form = layer.places[0].form
    tensors = [*layer.tensors(layer.places[0]), x, torch.zeros(3, N, dtype=x.dtype, requires_grad=True), None]
    operator = torch.ops.gatedsym.recurrence.default
    checks = torch.library.opcheck(operator, (form.key, tensors, torch.tensor([4, 0, 2]), 0, 0, True))
    assert set(checks.values()) == {"SUCCESS"}
    cotangents = [torch.ones(4, 3, N, dtype=x.dtype), None, None]
    tensors = [tensor if tensor is None else tensor.detach() for tensor in tensors]
    backward = torch.ops.gatedsym.recurrence_backward.default
    ticket = torch.zeros(1, dtype=torch.uint8)
    checks = torch.library.opcheck(backward, (form.key, tensors, None, 0, 0, cotangents, ticket, [0, 2, 3, 4]))
    assert set(checks.values()) == {"SUCCESS"}


@pytest.mark.long
def test_a_compiled_layer_has_the_values_and_gradients_of_the_layer(layer, x):
    def run(x, lengths):
        y, states = layer(x, lengths=lengths)
        return (y**2).sum() + states["c"].sum()

    whole = compiled(run)
    for steps, lengths in ((4, torch.tensor([4, 0, 2])), (3, torch.tensor([1, 3, 3]))):
        losses = [one(x[:steps], lengths) for one in (run, whole)]
        assert torch.allclose(*losses, rtol=1e-14, atol=0)
        grads = [torch.autograd.grad(loss, list(layer.parameters())) for loss in losses]
        assert all(torch.allclose(a, b, rtol=0, atol=1e-14) for a, b in zip(*grads, strict=True))


@pytest.mark.parametrize("backend", ["aot_eager", pytest.param("inductor", marks=pytest.mark.long)])
def test_a_compiled_layer_runs_once_and_nothing_of_a_run_stays(x, backend, monkeypatch):
    runs, layer, forward = [], gt.Layer("lstm", M, N, seed=0), gs.Cell.forward

    def counted(cell, *args, **options):
        run = forward(cell, *args, **options)
        runs.append(weakref.ref(run))
        return run

    monkeypatch.setattr(gs.Cell, "forward", counted)
    whole = compiled(lambda x: layer(x.sin())[0].relu().sum(), backend)
    for _ in range(2):
        loss = whole(x.float().requires_grad_())
        assert runs[-1]() is not None
        loss.backward()
        del loss
    gc.collect()
    assert [run() for run in runs] == [None, None]


@pytest.mark.long
def test_a_layer_in_compiled_c_has_its_gradients(x):
    layer = gt.Layer("lstm", M, N, seed=0)
    losses = [one(x.float())[0].sin().sum() for one in (layer, compiled(layer, "inductor"))]
    grads = [torch.autograd.grad(loss, list(layer.parameters())) for loss in losses]
    assert all(torch.allclose(a, b, rtol=0, atol=1e-5) for a, b in zip(*grads, strict=True))


def test_make_fx_sees_the_recurrence_as_one_operator(x):
    layer = gt.Layer("lstm", M, N, dtype=torch.double, seed=0)
    from torch.fx.experimental.proxy_tensor import make_fx

    graph = make_fx(lambda x: layer(x)[0])(x)
    assert torch.equal(graph(2 * x), layer(2 * x)[0])


INSIDE = {
    "grad": lambda run: func.grad(lambda x: run(x).sum()),
    "jvp": lambda run: lambda x: func.jvp(run, (x,), (x,))[1],
    "vmap": lambda run: lambda x: func.vmap(run)(torch.stack([x, x])),
}


@pytest.mark.long
@pytest.mark.parametrize("transform", INSIDE)
def test_transforms_in_a_compiled_function_are_refused_in_a_sentence(layer, x, transform):
    with pytest.raises(Exception, match=r"gt\.Layer in a graph.* has first derivatives in reverse mode and no "):
        compiled(INSIDE[transform](lambda x: layer(x)[0]))(x)


@pytest.mark.long
@pytest.mark.parametrize("transform", INSIDE)
def test_transforms_of_a_compiled_function_are_refused_by_torch(layer, x, transform):
    run = compiled(lambda x: layer(x)[0])
    with pytest.raises(torch._dynamo.exc.Unsupported):
        INSIDE[transform](run)(x)


@pytest.mark.long
def test_a_compiled_layer_drops_no_tangent_in_silence(layer, x):
    run = compiled(lambda x: layer(x)[0])
    run(x)
    with (
        torch.autograd.forward_ad.dual_level(),
        pytest.raises(NotImplementedError, match=r"gt\.Layer in a graph.* no forward mode"),
    ):
        run(torch.autograd.forward_ad.make_dual(x, x))


@pytest.mark.long
def test_second_derivatives_of_a_compiled_layer_are_refused(layer, x):
    run = compiled(lambda x: (layer(x)[0] ** 2).sum())
    x.requires_grad_()
    with pytest.raises(RuntimeError, match=r"double backward|create_graph=False"):
        torch.autograd.grad(torch.autograd.grad(run(x), x, create_graph=True)[0].sum(), x)


@pytest.mark.long
def test_a_packed_sequence_is_refused_where_it_would_break_the_graph(layer, x):
    packed = torch.nn.utils.rnn.pack_padded_sequence(x, torch.tensor([4, 2, 1]))
    with pytest.raises(Exception, match="takes no packed sequence: give it padded, with lengths="):
        compiled(layer)(packed)
