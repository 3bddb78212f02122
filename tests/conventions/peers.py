"""Other frameworks run on given arrays: (T, B, m) inputs and (T, B, n) cotangents in, states and gradients out.

A peer is a function (cell, arrays, x, dh) -> (h, gradients of the arrays or None, gradient of x or None).
"""

import os

import numpy as np
import pytest


def by_pytorch(cell, arrays, x, dh):
    torch = pytest.importorskip("torch", reason="torch is not installed; `pip install torch` to compare with it")
    m, (width, n) = x.shape[2], arrays["weight_hh_l0"].shape
    dtype = getattr(torch, str(x.dtype))
    made = {
        "rnn": lambda: torch.nn.RNN(m, n, dtype=dtype),
        "rnn_relu": lambda: torch.nn.RNN(m, n, nonlinearity="relu", dtype=dtype),
        "lstm": lambda: torch.nn.LSTM(m, n, dtype=dtype),
        "lstmp": lambda: torch.nn.LSTM(m, width // 4, proj_size=n, dtype=dtype),
        "gru_torch": lambda: torch.nn.GRU(m, n, dtype=dtype),
        "gru_torch_cho_sign": lambda: torch.nn.GRU(m, n, dtype=dtype),
        "gru_torch_overwrites": lambda: torch.nn.GRU(m, n, dtype=dtype),
    }[cell]()
    made.load_state_dict({k: torch.from_numpy(v) for k, v in arrays.items()})
    given = torch.from_numpy(x).requires_grad_()
    h = made(given)[0]
    (h * torch.from_numpy(dh)).sum().backward()
    return h.detach().numpy(), {k: v.grad.numpy() for k, v in made.named_parameters()}, given.grad.numpy()


def by_keras(cell, arrays, x, dh):
    torch = pytest.importorskip("torch", reason="torch is not installed; Keras runs on it here")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    keras = pytest.importorskip("keras", reason="keras is not installed; `pip install keras` to compare with it")
    n, options = dh.shape[2], {"return_sequences": True, "dtype": str(x.dtype)}
    layer = {
        "rnn": lambda: keras.layers.SimpleRNN(n, **options),
        "rnn_relu": lambda: keras.layers.SimpleRNN(n, activation="relu", **options),
        "lstm": lambda: keras.layers.LSTM(n, **options),
        "gru": lambda: keras.layers.GRU(n, reset_after=False, **options),
        "gru_cho_sign": lambda: keras.layers.GRU(n, reset_after=False, **options),
        "gru_no_bias": lambda: keras.layers.GRU(n, reset_after=False, use_bias=False, **options),
        "gru_torch": lambda: keras.layers.GRU(n, **options),
        "gru_torch_cho_sign": lambda: keras.layers.GRU(n, **options),
        "gru_torch_overwrites": lambda: keras.layers.GRU(n, **options),
    }[cell]()
    given = torch.from_numpy(np.ascontiguousarray(x.swapaxes(0, 1))).requires_grad_()
    layer.build(given.shape)
    weights = {w.path.split("/")[-1]: w for w in layer.weights}
    layer.set_weights([arrays[name] for name in weights])
    h = layer(given).swapaxes(0, 1)
    (h * torch.from_numpy(dh)).sum().backward()
    gradients = {name: w.value.grad.numpy() for name, w in weights.items()}
    return h.detach().numpy(), gradients, given.grad.numpy().swapaxes(0, 1)


def scanned(step, start, arrays, x, dh):
    """A step of JAX over time, with its gradients."""
    import jax
    import jax.numpy as jnp

    def loss(weights, given):
        _, h = jax.lax.scan(lambda carry, row: step(weights, carry, row), start, given)
        return jnp.sum(h * dh), h

    (_, h), (gradients, dx) = jax.value_and_grad(loss, argnums=(0, 1), has_aux=True)(arrays, jnp.asarray(x))
    return np.asarray(h), {k: np.asarray(v) for k, v in gradients.items()}, np.asarray(dx)


def start_of(cell, x, dh):
    import jax.numpy as jnp

    zero = jnp.zeros(dh.shape[1:], x.dtype)
    return (zero, zero) if cell == "lstm" else zero


def by_flax(cell, arrays, x, dh):
    jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax flax` to compare with Flax")
    pytest.importorskip("flax", reason="flax is not installed; `pip install flax` to compare with it")
    import flax.linen as nn
    from flax.traverse_util import unflatten_dict

    with jax.enable_x64(True):
        options = {"features": dh.shape[2], "param_dtype": x.dtype}
        made = {
            "rnn": lambda: nn.SimpleCell(**options),
            "rnn_relu": lambda: nn.SimpleCell(activation_fn=nn.relu, **options),
            "lstm": lambda: nn.LSTMCell(**options),
            "gru_torch": lambda: nn.GRUCell(**options),
            "gru_torch_cho_sign": lambda: nn.GRUCell(**options),
            "gru_torch_overwrites": lambda: nn.GRUCell(**options),
            "mgu_flax": lambda: nn.MGUCell(**options),
        }[cell]()

        def step(weights, carry, row):
            return made.apply({"params": unflatten_dict(weights, sep="/")}, carry, row)

        return scanned(step, start_of(cell, x, dh), arrays, x, dh)


def by_flax_nnx(cell, arrays, x, dh):
    jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax flax` to compare with Flax")
    pytest.importorskip("flax", reason="flax is not installed; `pip install flax` to compare with it")
    from flax import nnx
    from flax.traverse_util import unflatten_dict

    with jax.enable_x64(True):
        options = {"param_dtype": x.dtype, "dtype": x.dtype, "rngs": nnx.Rngs(0)}
        sizes = x.shape[2], dh.shape[2]
        made = {
            "rnn": lambda: nnx.SimpleCell(*sizes, **options),
            "rnn_relu": lambda: nnx.SimpleCell(*sizes, activation_fn=nnx.relu, **options),
            "lstm": lambda: nnx.OptimizedLSTMCell(*sizes, **options),
            "gru_torch": lambda: nnx.GRUCell(*sizes, **options),
            "gru_torch_cho_sign": lambda: nnx.GRUCell(*sizes, **options),
            "gru_torch_overwrites": lambda: nnx.GRUCell(*sizes, **options),
            "gru_reset_after": lambda: nnx.GRUCell(*sizes, **options),
        }[cell]()
        graph, params, rest = nnx.split(made, nnx.Param, ...)

        def step(weights, carry, row):
            nnx.replace_by_pure_dict(params, unflatten_dict(weights, sep="/"))
            return nnx.merge(graph, params, rest)(carry, row)

        return scanned(step, start_of(cell, x, dh), arrays, x, dh)


ONNX_OPERATORS = {
    "rnn": ("RNN", {}),
    "rnn_relu": ("RNN", {"activations": ["Relu"]}),
    "lstm": ("LSTM", {}),
    "lstm_peephole": ("LSTM", {}),
    "cifg": ("LSTM", {"input_forget": 1}),
    "lstm_cifg_peephole": ("LSTM", {"input_forget": 1}),
    "gru": ("GRU", {}),
    "gru_cho_sign": ("GRU", {}),
    "gru_no_bias": ("GRU", {}),
    "gru_torch": ("GRU", {"linear_before_reset": 1}),
    "gru_torch_cho_sign": ("GRU", {"linear_before_reset": 1}),
    "gru_torch_overwrites": ("GRU", {"linear_before_reset": 1}),
}


def onnx_model(cell, arrays, x, dh):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed; `pip install onnx` to compare with it")
    helper = onnx.helper
    operator, attributes = ONNX_OPERATORS[cell]
    biased = ["B"] if "B" in arrays else []
    inputs = ["X", "W", "R", *biased, *(["", "", "", "P"] if "P" in arrays else [])]
    node = helper.make_node(operator, inputs, ["Y"], hidden_size=dh.shape[2], **attributes)
    kind = onnx.TensorProto.DOUBLE if x.dtype == np.float64 else onnx.TensorProto.FLOAT
    graph = helper.make_graph(
        [node],
        "cell",
        [helper.make_tensor_value_info("X", kind, x.shape)],
        [helper.make_tensor_value_info("Y", kind, None)],
        [onnx.numpy_helper.from_array(v, k) for k, v in arrays.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 14)], ir_version=8)


def by_onnx_reference(cell, arrays, x, dh):
    model = onnx_model(cell, arrays, x, dh)
    from onnx.reference import ReferenceEvaluator

    return ReferenceEvaluator(model).run(None, {"X": x})[0][:, 0], None, None


def by_onnxruntime(cell, arrays, x, dh):
    model = onnx_model(cell, arrays, x, dh)
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed; `pip install onnxruntime`")
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {"X": x})[0][:, 0], None, None
