"""Types, devices and arguments of layers: what is taken is computed as said, what is not is refused in a sentence."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to test its layers")

import jax.numpy as jnp  # noqa: E402

import gatedsym as gs  # noqa: E402
import gatedsym.jax as gj  # noqa: E402

X = np.random.default_rng(0).normal(size=(4, 2, 3)).astype("float32")


@pytest.fixture(scope="module")
def params():
    return dict(gs.cell("rnn").init(m=3, n=4, dtype="float32"))


def loss(params, x):
    return gj.layer("rnn")(params, x)["h"].sum()


def test_float32_has_the_bits_of_a_run(params):
    np.testing.assert_array_equal(jax.jit(gj.layer("rnn"))(params, X)["h"], gs.cell("rnn").forward(params, X)["h"])


def test_parameters_of_float64_are_said_to_be_computed_in_float32(float32_in_jax):
    with pytest.warns(gs.PrecisionWarning, match="jax_enable_x64"):
        assert gj.layer("rnn")(gs.cell("rnn").init(m=3, n=4), X)["h"].dtype == np.float32


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_parameters_of_half_a_word_are_refused_and_inputs_computed_in_float32(params, dtype):
    halves = jax.tree.map(lambda a: jnp.asarray(a, dtype), params)
    with pytest.raises(gs.GatedsymError, match=f"is {dtype}; gatedsym.jax computes in float32 or float64"):
        jax.jit(gj.layer("rnn"))(halves, X)
    x = jnp.asarray(X, dtype)
    assert gj.layer("rnn")(params, x)["h"].dtype == np.float32
    gradient = jax.grad(loss, 1)(params, x)
    assert gradient.dtype == x.dtype
    np.testing.assert_allclose(
        np.asarray(gradient, "float32"), jax.grad(loss, 1)(params, x.astype("float32")), rtol=1e-2
    )


def test_integers_are_read_exactly_and_have_no_derivative(params):
    whole = np.arange(24).reshape(4, 2, 3)
    found = jax.jit(jax.grad(loss))(params, whole)
    for name, value in jax.grad(loss)(params, whole.astype("float32")).items():
        np.testing.assert_array_equal(found[name], value)
    assert jax.grad(loss, 1, allow_int=True)(params, whole).dtype == jax.dtypes.float0
    with pytest.raises(gs.GatedsymError, match="does not hold exactly"):
        loss(params, np.full((4, 2, 3), 2**24 + 1))


def test_arguments_that_do_not_fit_are_refused_while_jax_traces(params):
    f = jax.jit(gj.layer("rnn"))
    for given, said in (
        (({"W": params["W"]}, X), "params lacks U, b"),
        ((params,), "x lacks 'x'"),
        ((params, X[0]), "it needs 3 axes"),
        ((params, X, {"c": X}), "initial has 'c'"),
        ((params, X, {"h": np.ones((3, 4), "float32")}), r"it must be \(2, 4\)"),
        ((params, {"x": X, "y": X}), "x has 'y'"),
    ):
        with pytest.raises(gs.GatedsymError, match=said):
            f(*given)
    with pytest.raises(gs.GatedsymError, match="the library has no cell"):
        gj.layer("nosuch")
    with pytest.raises(gs.GatedsymError, match="cell is int: give a cell"):
        gj.layer(3)


def test_another_platform_is_refused_while_jax_compiles(params):
    traced = jax.jit(gj.layer("rnn")).trace(params, X)
    with pytest.raises(gs.GatedsymError, match="computes on the CPU, and this call is for 'cuda'"):
        traced.lower(lowering_platforms=("cuda",))


def test_no_step_and_no_sequence_have_gradients_of_zero(params):
    for x in (X[:0], X[:, :0]):
        found = jax.jit(jax.grad(loss))(params, x)
        assert all(found[n].shape == params[n].shape and not found[n].any() for n in params)


def test_many_calls_at_once_end_and_agree():
    """Calls from several threads, several in each program, with arrays too large for jax to hand over in passing."""
    f = gj.layer("rnn")
    params = dict(f.cell.init(m=64, n=64, dtype="float32"))
    x = np.random.default_rng(0).normal(size=(50, 32, 64)).astype("float32")
    gradient = jax.jit(jax.grad(lambda p, xs: sum(f(p, x)["h"].sum() for x in xs)))
    expected = gradient(params, [x, 2 * x, -x])
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: gradient(params, [x, 2 * x, -x]), range(24)):
            np.testing.assert_array_equal(found["U"], expected["U"])


DEVICES = """
import numpy as np, jax, gatedsym as gs, gatedsym.jax as gj
from jax.sharding import Mesh, NamedSharding, PartitionSpec
f, x = gj.layer("rnn"), np.ones((4, 2, 3), "float32")
params = dict(f.cell.init(m=3, n=4, dtype="float32"))
mesh = Mesh(np.array(jax.devices()), ("b",))
by_rows = PartitionSpec(None, "b")
divided = jax.device_put(x, NamedSharding(mesh, by_rows))
assert len(jax.devices()) == 2
np.testing.assert_array_equal(jax.jit(f)(params, jax.device_put(x, jax.devices()[1]))["h"], f(params, x)["h"])
each = jax.shard_map(lambda x: f(params, x)["h"], mesh=mesh, in_specs=by_rows, out_specs=by_rows)
for call in (lambda: jax.jit(f)(params, divided), lambda: jax.jit(each)(x)):
    try:
        call()
    except gs.GatedsymError as error:
        assert "one device" in str(error)
    else:
        raise AssertionError("arrays on several devices were taken")
"""


@pytest.mark.long
def test_arrays_divided_among_devices_are_refused():
    flags = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2"}
    done = subprocess.run([sys.executable, "-c", DEVICES], env=flags, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_without_jax_one_sentence_says_what_to_install():
    code = "import sys; sys.modules['jax'] = None\nimport gatedsym\nimport gatedsym.jax"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "gatedsym.jax needs jax" in done.stderr
    assert "pip install" in done.stderr


def test_the_package_alone_does_not_import_jax():
    code = "import sys, gatedsym; gatedsym.cell('rnn').init(m=2, n=2); assert 'jax' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
