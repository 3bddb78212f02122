"""A published voice activity detector, from its files: states and gradients are those of its frameworks."""

import runpy
from pathlib import Path

import numpy as np
import pytest

import gatedsym as gs

DOCS = Path(__file__).parents[2] / "derivations" / "docs"
SCRIPT = runpy.run_path(str(DOCS / "published-networks" / "voice_activity.py"))
FOLDER = SCRIPT["package_folder"]()
installed = pytest.mark.skipif(FOLDER is None, reason="silero-vad is not installed; `pip install --no-deps silero-vad`")


@pytest.fixture(scope="module")
def sound():
    return SCRIPT["make_sound"](60, 0)


def frames_of(sound):
    """(frame, samples) as the package cuts a sound: with the end of the frame before, zeros for the first."""
    frames = sound.reshape(-1, 512)
    return np.concatenate([np.concatenate([np.zeros((1, 64)), frames[:-1, -64:]]), frames], axis=1)


def torch_states(torch, weights, frames):
    """The features, the states and the probabilities of the network, written from the package's tinygrad_model.py."""
    conv = torch.nn.functional.conv1d
    w = {name: torch.from_numpy(value) for name, value in weights.items()}
    x = torch.nn.functional.pad(torch.from_numpy(frames)[:, None], (0, 64), "reflect")
    x = conv(x, w["stft_conv.weight"], stride=128)
    x = (x[:, :129] ** 2 + x[:, 129:] ** 2).sqrt()
    for k, stride in enumerate((1, 2, 2, 1), start=1):
        x = conv(x, w[f"conv{k}.weight"], w[f"conv{k}.bias"], stride=stride, padding=1).relu()
    features = x.squeeze(-1).requires_grad_()
    cell = torch.nn.LSTMCell(128, 128, dtype=torch.float64)
    cell.load_state_dict({k.removeprefix("lstm_cell."): v for k, v in w.items() if k.startswith("lstm_cell.")})
    states, state = [], None
    for row in features:
        state = cell(row[None], state)
        states.append(state[0])
    h = torch.stack(states)[:, 0]
    logits = conv(h.relu()[..., None], w["final_conv.weight"], w["final_conv.bias"])[:, 0, 0]
    return features, h, logits


@installed
def test_the_network_in_safetensors_gives_the_states_and_gradients_of_torch(sound):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    network = SCRIPT["read_network"]("safetensors", FOLDER)
    x = SCRIPT["compute_features"](sound, network.weights, "safetensors")
    features, h, logits = torch_states(torch, network.weights, frames_of(sound))
    np.testing.assert_allclose(x, features.detach().numpy(), rtol=0, atol=1e-12 * np.abs(x).max())
    run = network.cell.forward(network.cell.init(), x[:, None])
    np.testing.assert_allclose(run["h"][1:, 0], h.detach().numpy(), rtol=0, atol=1e-12)
    value, cotangent = network.logit(run["h"][1:])
    np.testing.assert_allclose(value, float(logits[-1].detach()), rtol=1e-11)
    logits[-1].backward()
    ours = network.cell.backward(network.cell.init(), run, {"h": cotangent}).x[:, 0]
    np.testing.assert_allclose(ours, features.grad.numpy(), rtol=0, atol=1e-12 * np.abs(ours).max())


@pytest.mark.filterwarnings("default")  # what other packages warn of is not ours to mend
@installed
def test_the_network_in_onnx_gives_the_states_of_onnxruntime(sound):
    onnx = pytest.importorskip("onnx", reason="onnx is not installed")
    runtime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    network = SCRIPT["read_network"]("onnx", FOLDER)
    model = onnx.load(FOLDER / SCRIPT["FILES"]["onnx"])
    shown = ("speech_probs", "/Transpose_output_0", "/recurrent/LSTM_output_0")
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in shown[1:])
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    zero = np.zeros((1, 1, 128), "float32")
    given = {"input": frames_of(sound).astype("float32"), "h": zero, "c": zero}
    probabilities, features, states = (np.squeeze(value) for value in session.run(list(shown), given))
    x = SCRIPT["compute_features"](sound, network.weights, "onnx")
    np.testing.assert_allclose(x, features, rtol=0, atol=1e-4 * np.abs(x).max())  # float32 through five layers
    run = network.cell.forward(network.cell.init(), features[:, None].astype(float))
    np.testing.assert_allclose(run["h"][1:, 0], states, rtol=0, atol=2e-5)
    np.testing.assert_allclose(network.probabilities(run["h"][1:, 0]), probabilities, rtol=0, atol=2e-5)
    assert probabilities[-1] > 0.5 > probabilities[SCRIPT["turns"](60) == 1].max()  # voice, and noise


@installed
def test_two_files_of_the_package_hold_different_networks_and_are_read_as_they_are():
    both = [SCRIPT["read_network"](kind, FOLDER).cell.params for kind in ("safetensors", "onnx")]
    assert not any(np.array_equal(both[0][name], both[1][name]) for name in both[0])
    again = gs.conventions.import_parameters("lstm", FOLDER / SCRIPT["FILES"]["onnx"])
    for name, value in again.items():  # two float32 biases are added in float32 here, and in float64 there
        assert value.dtype == np.float32
        np.testing.assert_array_max_ulp(
            value, both[1][name].astype("float32"), maxulp=1 if name.startswith("b_") else 0
        )


@installed
def test_a_file_whose_operator_computes_its_weights_is_read_by_the_names_that_its_exporter_kept():
    pytest.importorskip("onnx", reason="onnx is not installed")
    file = gs.conventions.open_weights(FOLDER / "silero_vad_16k_op15.onnx")
    assert {one.amiss for one in file.layers} == {
        "its W is no stored array (fold the model's constants, and export it again)"
    }
    named = gs.conventions.import_parameters("lstm", FOLDER / "silero_vad_16k_op15.onnx")
    stored = gs.conventions.import_parameters("lstm", FOLDER / "silero_vad_16k_sequence.onnx")
    assert all(np.allclose(named[k], stored[k], atol=1e-6) for k in named)


@installed
@pytest.mark.long
def test_the_page_says_what_is_measured():
    """`python derivations/docs/published-networks/voice_activity.py` writes it."""
    pytest.importorskip("onnx", reason="onnx is not installed")
    page, figures = SCRIPT["make_page"](FOLDER)
    assert (DOCS / "published-networks.md").read_text("utf-8") == page
    assert all((DOCS / "published-networks" / f"{name}.png").is_file() for name in figures)


def test_the_made_sound_takes_turns():
    turns, sound = SCRIPT["turns"](190), SCRIPT["make_sound"](190, 1).reshape(190, 512)
    loud = [np.sqrt((sound[turns == kind] ** 2).mean()) for kind in range(3)]
    assert loud[0] > 0.02
    assert loud[1] == pytest.approx(0.02, rel=0.05)
    assert loud[2] == pytest.approx(0.001, rel=0.05)
    assert list(np.flatnonzero(np.diff(turns))) == [1, 48, 95, 142]
