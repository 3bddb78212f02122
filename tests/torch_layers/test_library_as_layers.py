"""Cells of the library as layers of torch: their gradients and tangents are those of differences."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the layer is torch's")
gt = pytest.importorskip("gatedsym.torch")

import gatedsym as gs  # noqa: E402  # after what may be absent
from gatedsym.library import load as library  # noqa: E402

# torch's own rules for forward mode are written with words that it calls old.
pytestmark = pytest.mark.filterwarnings("ignore:`torch.jit.:DeprecationWarning")

DOZEN = (
    "rnn",
    "gru",
    "gru_torch",
    "lstm_peephole",
    "mlstm",  # a matrix
    "tau_gru_delayed_input",  # delays
    "qrnn",  # an output, a delayed input
    "cfc",  # two inputs
    "clockwork_rnn",  # no one readout
    "mgu",
    "jordan",  # an output that is fed back
    "indrnn",
)
WITH_TANGENTS = ("rnn", "gru", "tau_gru_delayed_input", "qrnn", "cfc")
"""Of these the tangent cells are compiled too; of the others with ``--every-kernel``."""
STEPS, BATCH = 3, 2


def readout_of(cell):
    """The name to read out, where equations leave it open."""
    try:
        gt.Layer(cell, **sizes_of(cell), seed=0)
    except gs.errors.ArgumentError as refusal:
        if "do not say" in str(refusal):
            return cell.states[0]
        raise
    return ""


def sizes_of(cell):
    """Small sizes that the cell's constraints allow."""
    free = [d.name for d in cell.interface.dimensions if d.is_free]
    for size in (2, 3, 4, 6, 8):
        sizes = {name: 2 if name == "m" else size for name in free}
        try:
            cell.sizes(**sizes)
        except gs.errors.ArgumentError:
            continue
        return sizes
    raise AssertionError(f"no small sizes fit {cell.name}")


def given_inputs(form):
    """Inputs by name: ones where the declaration names a domain, positive where it is a time."""
    generator, found = np.random.default_rng(0), {}
    for name in form.inputs:
        shape = (STEPS, BATCH, *form.shapes[name])
        values = np.ones(shape) if name in form.cell.interface.domains else generator.normal(size=shape)
        found[name] = torch.from_numpy(np.abs(values) + 0.1 if name in ("dt", "gap", "clock") else values)
    return found


@pytest.mark.sampled
@pytest.mark.parametrize("name", [*DOZEN, *sorted(set(library.names()) - set(DOZEN))])
def test_a_cell_of_the_library_is_a_layer_with_gradients_and_tangents(name, request):
    if name not in DOZEN and not request.config.getoption("--every-kernel"):
        pytest.skip("compiles the kernels of the cell: --every-kernel")
    cell = gs.cell(name)
    if cell.declared:
        pytest.skip("its derivative is declared, and not that of its values")
    layer = gt.Layer(cell, **sizes_of(cell), readout=readout_of(cell), dtype=torch.double, seed=0)
    form = layer.places[0].form
    x = given_inputs(form)
    moving = [key for key in x if key not in cell.interface.domains]
    names = [key for key, _ in layer.named_parameters()]
    counts = {} if x else {"steps": STEPS, "batch": BATCH}

    def run(*values):
        inputs = {**x, **dict(zip(moving, values[: len(moving)], strict=True))}
        parameters = dict(zip(names, values[len(moving) :], strict=True))
        y, states = torch.func.functional_call(layer, parameters, (inputs or None,), counts)
        return (y, *states.values())

    values = [x[key].requires_grad_() for key in moving]
    values += [parameter.detach().requires_grad_() for parameter in layer.parameters()]
    if not values:
        pytest.skip("it has neither parameters nor inputs that vary")
    tangents = name in WITH_TANGENTS or request.config.getoption("--every-kernel")
    assert torch.autograd.gradcheck(run, values, check_forward_ad=tangents, fast_mode=True, atol=1e-5)
