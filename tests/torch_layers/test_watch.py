"""What is seen of a live model is what autograd says of a loop of torch's own cells, and the model stays as it is."""

import copy
import gc
import pickle
import weakref

import numpy as np
import pytest

from gatedsym.errors import ArgumentError

torch = pytest.importorskip("torch", reason="PyTorch is not installed: its layers cannot be watched")
from cell_loops import Loop  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence  # noqa: E402

import gatedsym.torch as gt  # noqa: E402

KINDS = {
    "LSTM": lambda **k: nn.LSTM(3, 4, **k),
    "GRU": lambda **k: nn.GRU(3, 4, **k),
    "RNN": lambda **k: nn.RNN(3, 4, **k),
    "relu": lambda **k: nn.RNN(3, 4, nonlinearity="relu", **k),
    "projected": lambda **k: nn.LSTM(3, 4, proj_size=2, **k),
}
T, B = 6, 3


@pytest.fixture(autouse=True)
def _seeded():
    torch.manual_seed(0)


def made(kind, **options):
    return KINDS[kind](dtype=torch.float64, **options)


def drawn(module):
    """An input, initial states and the weights of a loss that reaches everything that the module gives."""
    places = module.num_layers * (1 + module.bidirectional)
    sizes = [getattr(module, "proj_size", 0) or 4, 4][: 2 if isinstance(module, nn.LSTM) else 1]
    initial = [torch.randn(places, B, size, dtype=torch.float64) / 2 for size in sizes]
    x = torch.randn(T, B, 3, dtype=torch.float64)
    ahead = torch.randn(T, B, sizes[0] * (1 + module.bidirectional), dtype=torch.float64)
    ahead[-2:] = 0
    return x, initial, (ahead, [torch.randn_like(s) for s in initial])


def given(initial):
    return tuple(initial) if len(initial) == 2 else initial[0]


def states(final):
    return list(final) if isinstance(final, tuple | list) else [final]


def loss_of(output, final, weights):
    return (output * weights[0]).sum() + sum((s * w).sum() for s, w in zip(states(final), weights[1]))


def assert_seen(data, norms, module=""):
    """That the dataset has these norms: quartiles over sequences, and all of them together."""
    for (layer, direction, quantity), rows in norms.items():
        place = {"module": module, "layer": layer, "direction": direction, "quantity": quantity}
        there = ~np.isnan(rows).all(axis=1)
        with np.errstate(divide="ignore"):
            together = np.where(there, np.log10(np.sqrt(np.nansum(rows**2, axis=1))), np.nan)
            logs = np.log10(rows[there])
        seen = data.sel(place)["log10_norm_together"].values.ravel()
        np.testing.assert_allclose(seen[: len(rows)], together, rtol=0, atol=1e-10, err_msg=str(place))
        middle = [np.median(row[~np.isnan(row)]) for row in logs]
        seen = data.sel({**place, "quantile": 0.5})["log10_norm"].values.ravel()
        np.testing.assert_allclose(seen[: len(rows)][there], middle, rtol=0, atol=1e-10, err_msg=str(place))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.sampled
def test_every_state_of_every_layer_and_direction_has_the_gradient_of_a_loop_of_torchs_cells(kind):
    module = made(kind, num_layers=2, bidirectional=True)
    x, initial, weights = drawn(module)
    with gt.watch(module, weights=True) as watcher:
        loss_of(*module(x, given(initial)), weights).backward()
    loop = Loop(module)
    loss = loss_of(*loop.run(x, initial, [T] * B), weights)
    assert_seen(watcher.dataset(), loop.norms(loss, T))
    for (layer, direction, name), steps in loop.weight_steps(loss, T).items():
        found = watcher.weight_gradients("", layer, direction)[name]
        np.testing.assert_allclose(found, steps, rtol=0, atol=1e-10)
        suffix = f"_l{layer}{'_reverse' if direction == 'reverse' else ''}"
        np.testing.assert_allclose(found.sum(0), getattr(module, name + suffix).grad.numpy(), rtol=0, atol=1e-10)
    shares = watcher.dataset()["weight_share"].sum("step")
    np.testing.assert_allclose(shares.values, 1, rtol=0, atol=1e-10)


@pytest.mark.parametrize("weights", [False, True])
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_packed_sequences_are_seen_each_within_its_own_length(kind, weights):
    module, lengths = made(kind, num_layers=2, bidirectional=True), [4, 6, 2]
    x, initial, of = drawn(module)
    packed = pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
    with gt.watch(module, weights=weights) as watcher:
        output, final = module(packed, given(initial))
        loss_of(pad_packed_sequence(output)[0], final, of).backward()
    loop = Loop(module)
    loss = loss_of(*loop.run(x, initial, lengths), of)
    assert_seen(watcher.dataset(), loop.norms(loss, T))
    if weights:
        for (layer, direction, name), steps in loop.weight_steps(loss, T).items():
            found = watcher.weight_gradients("", layer, direction)[name]
            np.testing.assert_allclose(found, steps, rtol=0, atol=1e-10)
        with pytest.raises(ArgumentError, match=r"choose from .*'forward'"):
            watcher.weight_gradients("", 2)


@pytest.mark.parametrize("form", ["batch first", "one sequence", "without initial states", "final state alone"])
def test_other_ways_to_call_a_layer_are_seen_alike(form):
    module = made("GRU", batch_first=form == "batch first")
    x, initial, of = drawn(module)
    sequences = 1 if form == "one sequence" else B
    x, initial, of = (
        x[:, :sequences],
        [s[:, :sequences] for s in initial],
        (of[0][:, :sequences], [of[1][0][:, :sequences]]),
    )
    if form == "without initial states":
        initial = [torch.zeros_like(initial[0])]
    if form == "final state alone":
        of = (torch.zeros_like(of[0]), of[1])
    with gt.watch(module) as watcher:
        if form == "batch first":
            output, final = module(x.transpose(0, 1), hx=initial[0])
            loss = loss_of(output.transpose(0, 1), final, of)
        elif form == "one sequence":
            output, final = module(x[:, 0], initial[0][:, 0])
            loss = loss_of(output[:, None], final[:, None], of)
        elif form == "final state alone":
            loss = (module(x, initial[0])[1] * of[1][0]).sum()
        else:
            loss = loss_of(*module(x), of)
        loss.backward()
    loop = Loop(module)
    assert_seen(watcher.dataset(), loop.norms(loss_of(*loop.run(x, initial, [T] * sequences), of), T))


@pytest.mark.parametrize("packed", [False, True])
def test_masks_of_dropout_between_layers_are_drawn_again_as_torch_drew_them(packed):
    module = made("LSTM", num_layers=3, dropout=0.4, bidirectional=True)
    x, initial, of = drawn(module)
    lengths = [2, 6, 4] if packed else [T] * B
    rows = pack_padded_sequence(x, lengths, enforce_sorted=False) if packed else x
    with gt.watch(module) as watcher:
        torch.manual_seed(7)
        output, final = module(rows, given(initial))
        before = torch.get_rng_state()
        loss_of(pad_packed_sequence(output)[0] if packed else output, final, of).backward()
    assert torch.equal(torch.get_rng_state(), before)
    torch.manual_seed(7)
    ones = torch.ones_like(output.data if packed else output)
    masks = [torch.dropout(ones, 0.4, True) for _ in range(2)]
    if packed:
        masks = [pad_packed_sequence(output._replace(data=mask))[0] for mask in masks]
    loop = Loop(module)
    assert_seen(watcher.dataset(), loop.norms(loss_of(*loop.run(x, initial, lengths, masks), of), T))


def test_masks_that_another_generator_drew_are_refused_not_guessed():
    class Elsewhere(nn.LSTM):
        def forward(self, *args):
            torch.rand(1)
            return super().forward(*args)

    module = Elsewhere(3, 4, num_layers=2, dropout=0.5)
    with (
        pytest.warns(gt.WatchWarning, match="masks of dropout between its layers are not those"),
        gt.watch(module) as watcher,
    ):
        module(torch.randn(T, B, 3))[0].sum().backward()
    with pytest.raises(ArgumentError, match="masks of dropout"):
        watcher.dataset()


class Decoder(nn.Module):
    """A cell in a loop of a person's own, whose state is masked between steps."""

    def __init__(self, kind):
        super().__init__()
        cells = {"LSTM": nn.LSTMCell, "GRU": nn.GRUCell, "RNN": nn.RNNCell}
        self.cell, self.kind = cells[kind](3, 4, dtype=torch.float64), kind

    def forward(self, x, masks, seen=None, views=None):
        states = None
        for t, row in enumerate(x):
            new = self.cell(row, states)
            new = new if isinstance(new, tuple) else (new,)
            if seen is not None:
                seen.append(new)
            h = new[0] * masks[t]
            states = (h, *new[1:]) if self.kind == "LSTM" else h
        return h


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "RNN"])
def test_a_cell_in_a_loop_of_ones_own_is_seen_step_by_step(kind):
    model = Decoder(kind)
    x, masks = torch.randn(T, B, 3, dtype=torch.float64), torch.rand(T, B, 4, dtype=torch.float64)
    with gt.watch(model, weights=True) as watcher:
        model(x, masks).square().sum().backward()
    seen, rows = [], x.clone().requires_grad_()
    loss = model(rows, masks, seen).square().sum()
    norms = {}
    for k, quantity in enumerate(("h", "c")[: len(seen[0])]):
        grads = torch.autograd.grad(loss, [s[k] for s in seen], retain_graph=True)
        norms[0, "forward", quantity] = np.full((T + 2, B), np.nan)
        norms[0, "forward", quantity][1:-1] = [g.norm(dim=1).numpy() for g in grads]
    norms[0, "forward", "x"] = np.full((T + 2, B), np.nan)
    norms[0, "forward", "x"][1:-1] = torch.autograd.grad(loss, rows)[0].norm(dim=2).numpy()
    data = watcher.dataset().isel(step=slice(1, None))
    assert_seen(data, {key: rows[1:] for key, rows in norms.items()}, "cell")
    for name, steps in watcher.weight_gradients("cell").items():
        np.testing.assert_allclose(steps.sum(0), getattr(model.cell, name).grad.numpy(), rtol=0, atol=1e-10)
        assert np.abs(steps[1]).max() > 0


def test_a_cell_that_begins_anew_from_fresh_states_is_another_place_and_other_passes_are_more_sequences():
    cell, x = nn.LSTMCell(3, 4, dtype=torch.float64), torch.randn(4, T, B, 3, dtype=torch.float64)

    def last(rows):
        states = None
        for row in rows:
            states = cell(row, states)
        return states[0]

    with gt.watch(cell, every=1) as watcher:
        for pair in (x[:2], x[2:]):
            last(pair[0]).add(last(pair[1][:4])).square().sum().backward()
    norms = watcher.dataset()["log10_norm_together"].sel(quantity="h", layer=0).squeeze("direction").squeeze("update")
    assert list(norms["module"].values) == ["", "#2"]
    assert norms.notnull().sum("step").values.tolist() == [T + 1, 5]


def test_weights_that_are_stepped_within_the_backward_pass_end_their_update_after_it():
    model = nn.Sequential(nn.RNN(3, 4))
    own = {p: torch.optim.SGD([p], lr=0.1) for p in model.parameters()}
    for p in own:
        p.register_post_accumulate_grad_hook(lambda p: own[p].step())
    with gt.watch(model, every=1) as watcher:
        for _ in range(3):
            model(torch.randn(T, B, 3))[0].sum().backward()
    assert watcher.updates == (0, 1, 2)
    assert not watcher.refused


def test_a_pass_within_a_transform_is_refused_in_a_sentence():
    model = nn.RNN(3, 4)
    with pytest.warns(gt.WatchWarning, match=r"within a transform of torch\.func is not watched"), gt.watch(model):
        torch.func.grad(lambda x: model(x)[0].sum())(torch.randn(T, B, 3))


def trained(model, updates, watcher=None, at=lambda update: None):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    torch.manual_seed(5)
    for update in range(updates):
        optimizer.zero_grad()
        model(torch.randn(T, B, 3))[0].square().mean().backward()
        at(update)
        optimizer.step()
    return [p.detach().clone() for p in model.parameters()]


def test_a_watched_model_learns_the_same_to_the_bit():
    plain = nn.LSTM(3, 4)
    watched = copy.deepcopy(plain)
    with gt.watch(watched, every=2, weights=True):
        found = trained(watched, 5)
    assert all(torch.equal(a, b) for a, b in zip(found, trained(plain, 5), strict=True))


def test_updates_are_steps_of_optimizers_that_hold_a_parameter_of_the_model():
    model, other = nn.GRU(3, 4), nn.Linear(2, 2)
    watcher = gt.watch(model, every=3, at=[1])
    strange = torch.optim.Adam(other.parameters())

    def between(update):
        other(torch.ones(1, 2)).sum().backward()
        strange.step()
        model.eval()
        model(torch.randn(T, B, 3))[0].sum().backward()
        with torch.no_grad():
            model.train()(torch.randn(T, B, 3))

    trained(model, 8, at=between)
    assert watcher.updates == (0, 1, 3, 6)
    assert list(watcher.dataset()["update"].values) == [0, 1, 3, 6]
    watcher.remove()
    assert "removed" in repr(watcher)


def test_two_optimizers_of_one_model_end_one_update_and_weights_moved_by_hand_end_theirs_by_step():
    model = nn.RNN(3, 4)
    optimizers = [torch.optim.SGD([p], lr=0.1) for p in model.parameters()]
    with gt.watch(model, every=1) as watcher:
        for _ in range(2):
            model(torch.randn(T, B, 3))[0].sum().backward()
            for optimizer in optimizers:
                optimizer.step()
        model(torch.randn(T, B, 3))[0].sum().backward()
        watcher.step()
        watcher.step()
    assert watcher.updates == (0, 1, 2)


def test_passes_of_one_update_are_more_sequences_of_it():
    model = made("LSTM")
    x = torch.randn(T, 2 * B, 3, dtype=torch.float64)
    seen = []
    for parts in ([x], [x[:, :B], x[:, B:]]):
        with gt.watch(model) as watcher:
            for part in parts:
                model(part)[0][-1].square().sum().backward()
        seen.append(watcher.dataset())
    for name in seen[0].data_vars:
        if name != "cell":
            np.testing.assert_allclose(seen[0][name], seen[1][name], rtol=0, atol=1e-12)


def test_backward_passes_through_one_graph_add_up():
    model = made("LSTM")
    x, initial, of = drawn(model)
    with gt.watch(model) as watcher:
        output, final = model(x, given(initial))
        (output * of[0]).sum().backward(retain_graph=True)
        loss_of(output, final, (torch.zeros_like(output), of[1])).backward()
    loop = Loop(model)
    assert_seen(watcher.dataset(), loop.norms(loss_of(*loop.run(x, initial, [T] * B), of), T))


class Twice(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.RNN(3, 4, dtype=torch.float64)

    def forward(self, x, y):
        return self.rnn(x)[0][-1] - self.rnn(y)[0][-1]


def test_a_module_used_twice_in_a_pass_is_two_places():
    model = Twice()
    x, y = torch.randn(2, T, B, 3, dtype=torch.float64)
    with gt.watch(model, weights=True) as watcher:
        model(x, y[:4]).square().sum().backward()
    data = watcher.dataset()
    assert list(data["module"].values) == ["rnn", "rnn#2"]
    assert int(data["log10_norm_together"].sel(module="rnn#2", quantity="h").notnull().sum()) == 5
    both = [watcher.weight_gradients(place)["weight_hh"].sum(0) for place in ("rnn", "rnn#2")]
    np.testing.assert_allclose(sum(both), model.rnn.weight_hh_l0.grad.numpy(), rtol=0, atol=1e-12)


def test_a_pass_that_fails_and_one_without_a_backward_pass_leave_nothing():
    class Failing(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = nn.RNN(3, 4)

        def forward(self, x, fail):
            y = self.rnn(x)[0]
            if fail:
                raise RuntimeError("in the middle")
            return y

    model = Failing()
    watcher = gt.watch(model)
    recorder = weakref.ref(watcher._recorder)
    with pytest.raises(RuntimeError, match="in the middle"):
        model(torch.randn(T, B, 3), True)
    model(torch.randn(T, B, 3), False)
    gc.collect()
    assert not [o for o in gc.get_objects() if type(o).__name__ == "LayerCall"]
    with pytest.raises(ArgumentError, match="nothing has been seen yet"):
        watcher.dataset()
    del watcher
    gc.collect()
    assert recorder() is not None
    del model
    gc.collect()
    assert recorder() is None


def test_removal_leaves_the_model_as_it_was():
    model = Twice()
    with gt.watch(model):
        assert model.rnn._forward_hooks
    for module in model.modules():
        assert not module._forward_pre_hooks
        assert not module._forward_hooks
    assert not model.rnn._forward_hooks_with_kwargs


def test_copies_of_a_watched_model_are_not_watched_and_a_watcher_keeps_what_it_saw_when_pickled():
    model = nn.RNN(3, 4)
    watcher = gt.watch(model)
    for other in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        other(torch.randn(T, B, 3))[0].sum().backward()
    assert watcher.updates == ()
    model(torch.randn(T, B, 3))[0].sum().backward()
    kept = pickle.loads(pickle.dumps(watcher))
    assert kept.dataset().identical(watcher.dataset())
    watcher.remove()


def test_a_loggers_function_or_writer_gets_numbers_of_watched_updates():
    class Writer:
        def __init__(self):
            self.rows = []

        def add_scalar(self, tag, scalar_value, global_step=None, walltime=None):
            self.rows.append((tag, scalar_value, global_step))

    writer, model = Writer(), nn.GRU(3, 4)
    with gt.watch(model, every=2, log=writer) as watcher:
        trained(model, 4)
    data = watcher.dataset().squeeze()["log10_norm_together"].sel(quantity="h")
    logged = {(tag, update): value for tag, value, update in writer.rows}
    place = "gradient/model/layer 0/forward/h"
    for update in (0, 2):
        norms = data.sel(update=update).values
        assert logged[f"{place}/log10 norm at the first step read", update] == norms[1]
        assert logged[f"{place}/factor per step", update] == pytest.approx(10 ** ((norms[1] - norms[T]) / (T - 1)))
    assert {tag for tag, _ in logged} >= {"openness/model/layer 0/forward/z", "openness/model/layer 0/forward/r"}
    with pytest.raises(ArgumentError, match="give a writer of TensorBoard"):
        gt.watch(model, log="runs/1")


def test_a_watcher_that_nobody_keeps_still_tells_its_logger():
    model, seen = nn.RNN(3, 4), []
    gt.watch(model, every=1, log=lambda tag, value, update: seen.append(update))
    gc.collect()
    trained(model, 2)
    assert set(seen) == {0, 1}


def test_a_scaled_loss_is_told_by_its_factor():
    model, seen = made("RNN"), []
    x = torch.randn(T, B, 3, dtype=torch.float64)
    for factor in (1.0, 1024.0):
        with gt.watch(model, scale=lambda factor=factor: factor) as watcher:
            (model(x)[0].sum() * factor).backward()
        seen.append(watcher.dataset()["log10_norm"])
    np.testing.assert_allclose(*seen, rtol=0, atol=1e-12)


def test_a_pass_that_overflowed_is_stepped_over_as_a_scaler_does():
    model, x = made("RNN"), torch.randn(T, B, 3, dtype=torch.float64)
    with gt.watch(model) as once:
        model(x)[0].sum().backward()
    with gt.watch(model) as twice:
        (model(x)[0] * torch.inf).sum().backward()
        model(x)[0].sum().backward()
    assert once.dataset().identical(twice.dataset())


def test_under_autocast_what_torch_computed_in_bfloat16_is_seen_to_its_precision():
    model, x, seen = nn.LSTM(3, 4, num_layers=2, dropout=0.5), torch.randn(T, B, 3), []
    for enabled in (False, True):
        with gt.watch(model) as watcher, torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            torch.manual_seed(3)
            model(x)[0].float().square().sum().backward()
        assert not watcher.refused
        seen.append(watcher.dataset()["log10_norm_together"].sel(quantity="h", layer=1))
    np.testing.assert_allclose(*seen, rtol=0, atol=0.05)


def test_a_backward_pass_that_is_differentiated_again_is_refused():
    model, x = nn.GRU(3, 4), torch.randn(T, B, 3, requires_grad=True)
    watcher = gt.watch(model)
    (grad,) = torch.autograd.grad(model(x)[0].sum(), x, create_graph=True)
    grad.square().sum().backward()
    with pytest.warns(gt.WatchWarning, match="create_graph=True reaches states on ways"):
        watcher.remove()
    assert watcher.updates == ()


@pytest.mark.parametrize("reentrant", [False, True])
def test_a_layer_under_checkpoint_is_seen_once(reentrant):
    from torch.utils.checkpoint import checkpoint

    model = nn.GRU(3, 4, num_layers=2, dropout=0.3, dtype=torch.float64)
    x, seen = torch.randn(T, B, 3, dtype=torch.float64, requires_grad=True), []
    for run in (model, lambda x: checkpoint(model, x, use_reentrant=reentrant)):
        with gt.watch(model) as watcher:
            torch.manual_seed(4)
            run(x)[0].square().sum().backward()
        seen.append(watcher.dataset())
    assert list(seen[1]["module"].values) == [""]
    np.testing.assert_allclose(seen[0]["log10_norm"], seen[1]["log10_norm"], rtol=0, atol=1e-10)


def test_what_no_gradient_reaches_is_told_once():
    class Part(nn.Module):
        def __init__(self):
            super().__init__()
            self.used, self.idle = nn.RNN(3, 4), nn.RNN(3, 4)

        def forward(self, x):
            return self.used(x)

    model = Part()
    with gt.watch(model, every=1) as watcher, pytest.warns(gt.WatchWarning) as told:
        trained(model, 1)
    assert len(told) == 1
    assert "no gradient reached idle in update 0" in str(told[0].message)
    assert list(watcher.dataset().attrs["refused"]) == [str(told[0].message)]


def test_what_cannot_be_watched_is_refused_at_once():
    with pytest.raises(ArgumentError, match="nothing to watch"):
        gt.watch(nn.Linear(2, 2))
    with pytest.raises(ArgumentError, match=r"watch model\.module on one device"):
        gt.watch(nn.DataParallel(nn.RNN(2, 2)))
    with pytest.raises(ArgumentError, match="on the device meta"):
        gt.watch(nn.RNN(2, 2, device="meta"))
    with pytest.raises(ArgumentError, match=r"give a torch\.nn\.Module"):
        gt.watch("model")
    with pytest.raises(ArgumentError, match="every"):
        gt.watch(nn.RNN(2, 2), every=0)
    with pytest.raises(ArgumentError, match="weights=True"):
        gt.watch(nn.RNN(2, 2)).weight_gradients()


@pytest.mark.filterwarnings("ignore:The .grad attribute of a Tensor")
def test_in_a_compiled_model_layers_are_seen_and_cells_that_are_part_of_a_graph_are_told_of():
    class Read(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn, self.out = nn.GRU(3, 4), nn.Linear(4, 1)

        def forward(self, x):
            return self.out(self.rnn(x)[0][-1])

    model, x, seen = Read(), torch.randn(T, B, 3), []
    for run in (model, torch.compile(model, backend="eager")):
        with gt.watch(run) as watcher:
            run(x).square().sum().backward()
        seen.append(watcher.dataset())
    np.testing.assert_allclose(seen[0]["log10_norm"], seen[1]["log10_norm"], rtol=0, atol=1e-5)
    compiled = torch.compile(Decoder("GRU"), backend="eager")
    watcher = gt.watch(compiled)
    compiled(x.double(), torch.ones(T, B, 4, dtype=torch.float64)).square().sum().backward()
    with pytest.warns(gt.WatchWarning, match=r"no gradient reached cell in update 0.* within a compiled graph"):
        watcher.step()
