"""Converted parameters give in the real framework what they give here: values, and gradients where it has them."""

import numpy as np
import pytest
from peers import by_flax, by_flax_nnx, by_keras, by_onnx_reference, by_onnxruntime, by_pytorch
from plain import plain_cell

from gatedsym import conventions

STEPS, BATCH, SIZES = 20, 3, {"m": 3, "n": 4}
MORE_SIZES = {"lstmp": {"r": 2}}
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}
PEERS = {
    "pytorch": (by_pytorch, "float64"),
    "keras": (by_keras, "float64"),
    "flax": (by_flax, "float64"),
    "flax_nnx": (by_flax_nnx, "float64"),
    "onnx": (by_onnx_reference, "float64"),
    "onnxruntime": (by_onnxruntime, "float32"),
}
# Keras multiplies float64 matrices in float32 (keras-team/keras#23223, #23704) where it does not hand a layer to torch.
SINGLE = {("keras", cell) for cell in ("rnn", "rnn_relu", "gru", "gru_cho_sign", "gru_no_bias")}
BEYOND_THE_REFERENCE = {
    "rnn_relu": "its RNN knows no Relu",
    "cifg": "its LSTM ignores input_forget",
    "lstm_cifg_peephole": "its LSTM ignores input_forget",
}


def cases():
    for name in PEERS:
        framework = "onnx" if name == "onnxruntime" else name
        for layout in conventions.layouts():
            if layout.framework.key == framework and not (name == "onnx" and layout.cell in BEYOND_THE_REFERENCE):
                yield name, framework, layout.cell


def problem(cell, dtype, without=()):
    """Random parameters, of a size at which gates and activations bend, an input and a cotangent."""
    generator = np.random.default_rng(11)
    sizes = SIZES | MORE_SIZES.get(cell.name, {})
    shapes = cell.shapes(**sizes)
    params = {k: (0.6 * generator.normal(size=s)).astype(dtype) for k, s in shapes.items()}
    for name in without:
        params[name][...] = 0
    x = generator.normal(size=(STEPS, BATCH, sizes["m"])).astype(dtype)
    dh = generator.normal(size=(STEPS, BATCH, cell.forward(params, x)["h"].shape[-1])).astype(dtype)
    return params, x, dh


def assert_close(found, expected, dtype):
    np.testing.assert_allclose(found, expected, rtol=0, atol=TOLERANCE[dtype] * max(1, np.abs(expected).max()))


@pytest.mark.filterwarnings("default")  # what other packages warn of is not ours to mend
@pytest.mark.parametrize(("peer", "framework", "name"), list(cases()))
def test_converted_parameters_give_the_same_in_the_framework(peer, framework, name):
    run_peer, dtype = PEERS[peer]
    dtype = "float32" if (peer, name) in SINGLE else dtype
    cell, layout = plain_cell(name), conventions.find_layout(name, framework)
    params, x, dh = problem(cell, dtype, layout.without)
    arrays = conventions.export_parameters(name, params, framework)
    h, gradients, dx = run_peer(name, arrays, x, dh)
    run = cell.forward(params, x)
    assert_close(h, run["h"][1:], dtype)
    if gradients is None:
        return
    ours = cell.backward(params, run, {"h": dh})
    assert_close(dx, ours.x, dtype)
    # A second bias has a gradient of its own; ours is that of the array in which our parameter stands.
    ones = {k: np.full_like(v, k not in layout.without) for k, v in params.items()}
    stands = conventions.export_parameters(name, ones, framework)
    theirs = {k: np.where(stands[k] != 0, g, 0) for k, g in gradients.items()}
    for key, value in conventions.import_parameters(name, theirs, framework).items():
        if key not in layout.without:
            assert_close(value, ours.params[key], dtype)
