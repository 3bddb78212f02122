"""A published voice activity detector → how far back its decision reaches: published-networks.md and its figures.

    pip install --no-deps silero-vad onnx protobuf ml_dtypes
    python derivations/docs/published-networks/voice_activity.py

Two of its networks are read as the package ships them, one in safetensors and one in ONNX. The front end, a Fourier
transform and four convolutions, is computed here with the weights of the same file; the LSTM behind it is the
library's, and the output is a logit of its state. Each reads the same sounds, which are made here: vowels, noise,
silence. With a folder behind it, the command writes there what the LSTMs read, features-KIND.npy.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import numpy as np
import xarray as xr

import gatedsym as gs
from gatedsym.files.write import write_atomically
from gatedsym.flow.trained import TrainedCell, read_weights, trained_cell

HERE = Path(__file__).parent
RATE, FRAME, CONTEXT, PAD = 16000, 512, 64, 64  # samples per second; of a frame, before it, and mirrored behind it
STRIDES = (1, 2, 2, 1)
FILES = {"safetensors": "silero_vad_16k.safetensors", "onnx": "silero_vad_16k_sequence.onnx"}
NAMES = {
    "safetensors": ("stft_conv.weight", [f"conv{k}" for k in (1, 2, 3, 4)], "final_conv"),
    "onnx": ("stft.forward_basis_buffer", [f"encoder.{k}" for k in range(4)], "output"),
}
"""What the files call the Fourier basis, the convolutions and the output."""


def package_folder() -> Path | None:
    """The folder of the package's files, None where it is not installed. Nothing of the package is imported."""
    try:
        return Path(str(distribution("silero-vad").locate_file("silero_vad/data")))
    except PackageNotFoundError:
        return None


def make_sound(steps: int, seed: int) -> np.ndarray:
    """Samples of so many frames: voice, noise and silence take turns every second and a half, and voice is last."""
    rng = np.random.default_rng(seed)
    count = steps * FRAME
    turn = np.repeat(turns(steps), FRAME)
    voice = 0.1 * make_voice(count, rng)
    return np.choose(turn, [voice, 0.02 * rng.normal(size=count), np.zeros(count)]) + 1e-3 * rng.normal(size=count)


def turns(steps: int) -> np.ndarray:
    """Of each frame, whether it is 0, voice, 1, noise, or 2, silence."""
    return (np.arange(steps)[::-1] // 47) % 3  # a second and a half


VOWELS = np.array([[730, 1090, 2440], [270, 2290, 3010], [300, 870, 2240], [530, 1840, 2480], [570, 840, 2410]])
"""Formants in hertz."""


def make_voice(count: int, rng: np.random.Generator) -> np.ndarray:
    """Samples of vowels that glide into each other in syllables of a fifth of a second: harmonics under formants."""
    place = np.arange(count) / (RATE * rng.uniform(0.16, 0.26))
    syllable = place.astype(int)
    within = place - syllable
    vowels = VOWELS[rng.integers(len(VOWELS), size=syllable[-1] + 2)]
    glide = np.clip(within / 0.4, 0, 1)[:, None]
    formants = vowels[np.maximum(syllable - 1, 0)] * (1 - glide) + vowels[syllable] * glide
    base = rng.uniform(90, 130)
    pitch = base * rng.uniform(0.9, 1.15, size=syllable[-1] + 1)[syllable] * (1 - 0.12 * within)
    pitch = np.convolve(np.pad(pitch, 400, mode="edge"), np.ones(801) / 801, "valid")
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    sound = np.zeros(count)
    for k in range(1, int(3800 / base)):
        heights = np.array([1, 0.5, 0.25]) / (1 + ((k * pitch[:, None] - formants) / [60, 90, 150]) ** 2)
        sound += heights.sum(axis=1) / k**0.3 * np.sin(k * phase)
    return sound * np.sin(np.pi * within) ** 0.6


def compute_features(sound: np.ndarray, weights: dict[str, np.ndarray], kind: str) -> np.ndarray:
    """(frame, feature) that the LSTM reads of a sound, by the front end of its own file."""
    basis, layers, _ = NAMES[kind]
    frames = sound.reshape(-1, FRAME)
    before = np.concatenate([np.zeros((1, CONTEXT)), frames[:-1, -CONTEXT:]])
    whole = np.concatenate([before, frames], axis=1)
    padded = np.concatenate([whole, whole[:, -2 : -PAD - 2 : -1]], axis=1)
    parts = _convolve(padded[:, None], weights[basis], 128, 0)
    values = np.hypot(*np.split(parts, 2, axis=1))
    for name, stride in zip(layers, STRIDES, strict=True):
        values = _convolve(values, weights[f"{name}.weight"], stride, 1) + weights[f"{name}.bias"][:, None]
        values = np.maximum(values, 0)
    return values[:, :, 0]


def _convolve(values: np.ndarray, kernel: np.ndarray, stride: int, pad: int) -> np.ndarray:
    """(frame, output, place) of (frame, input, place)."""
    padded = np.pad(values, ((0, 0), (0, 0), (pad, pad)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[2], axis=2)[:, :, ::stride]
    return np.einsum("bipk,oik->bop", windows, kernel, optimize=True)


@dataclass(frozen=True)
class Network:
    """A network of the package.

    Attributes
    ----------
    cell : TrainedCell
        Its LSTM.
    weights : dict of str to array
        All arrays of its file.
    kind : str
        A key of `FILES`.
    """

    cell: TrainedCell
    weights: dict[str, np.ndarray]
    kind: str

    @property
    def output(self) -> tuple[np.ndarray, float]:
        """The weights and the bias of the logit of the last state's positive part."""
        name = NAMES[self.kind][2]
        return self.weights[f"{name}.weight"][0, :, 0], float(self.weights[f"{name}.bias"][0])

    def features(self, steps: int, sounds: int) -> np.ndarray:
        """(step, sound, feature) of sounds with the seeds 0, 1, …"""
        made = [compute_features(make_sound(steps, seed), self.weights, self.kind) for seed in range(sounds)]
        return np.stack(made, axis=1)

    def logit(self, h: np.ndarray) -> tuple[float, np.ndarray]:
        """The sum over sounds of the logit of voice at the last step, and its gradient."""
        weights, bias = self.output
        gradient = np.zeros_like(h)
        gradient[-1] = weights * (h[-1] > 0)
        return float((np.maximum(h[-1], 0) @ weights + bias).sum()), gradient

    def probabilities(self, h: np.ndarray) -> np.ndarray:
        """(step, sound) that the network gives for voice."""
        weights, bias = self.output
        return 1 / (1 + np.exp(-(np.maximum(h, 0) @ weights + bias)))


def read_network(kind: str, folder: Path) -> Network:
    """A network from the file of its kind."""
    path = folder / FILES[kind]
    found = trained_cell([gs.cell("lstm")], path)
    told = found.description.replace(found.name, f"silero_{kind}")
    cell = TrainedCell(gs.cell("lstm"), found.params, f"silero_{kind}", found.file_digest, told)
    return Network(cell, read_weights(path), kind)


STEPS, SOUNDS, SEEDS = 190, 8, 5
LAGS = (1, 10, 31, 62, 125, 189)
"""Of the table: about a third of a second, one, two, four and six seconds."""


def measure(network: Network) -> tuple[xr.Dataset, xr.Dataset, np.ndarray]:
    """Gradients of the logit, the paths they take, and the probabilities at the last step."""
    x = network.features(STEPS, SOUNDS)
    flow = gs.gradient_flow(
        ["lstm", network.cell], x, n=128, seeds=SEEDS, loss=network.logit, init="uniform", retention=(0.0, 1.0)
    )
    paths = gs.flow.paths([network.cell], x, n=128, seeds=1, loss=network.logit)
    return flow, paths, network.probabilities(network.cell.forward(network.cell.init(), x)["h"][1:])


def relative(flow: xr.Dataset, cell: str, retention: str) -> np.ndarray:
    """log10 of the gradient with respect to h at the lags of the table, over that at lag 0; median over seeds."""
    norms = flow["log10_norm"].sel(cell=cell, quantity="h", retention=retention).isel(init=0, gain=0).median("seed")
    return np.array([float(norms.sel(lag=lag) - norms.sel(lag=0)) for lag in LAGS])


def tabulate(flows: dict[str, xr.Dataset]) -> dict[str, list[str]]:
    """Rows of the table: each network of the package, and an untrained one that reads the same features."""
    rows = {FILES[kind]: relative(flow, f"silero_{kind}", "none") for kind, flow in flows.items()}
    rows |= {f"untrained LSTM, bias {b}": relative(flows["onnx"], "lstm", b) for b in ("0", "1")}
    return {name: [_number(value) for value in values] for name, values in rows.items()}


def _number(log10: float) -> str:
    """Two digits."""
    if log10 > -3:
        return f"{10**log10:.2g}"
    whole = math.floor(log10)
    return f"{10 ** (log10 - whole):.1f}·10^{whole}"


def make_page(folder: Path) -> tuple[str, dict[str, gs.figures.Figure]]:
    """The page, and its figures by name."""
    networks = {kind: read_network(kind, folder) for kind in FILES}
    measured = {kind: measure(network) for kind, network in networks.items()}
    flow, paths, _ = measured["onnx"]
    figures = {"gradient-norm": gs.figures.gradient_norm(flow, quantities=["h"]), "paths": gs.figures.paths(paths)}
    rows = tabulate({kind: found[0] for kind, found in measured.items()})
    heads = ["gradient at lag", *(f"{lag} ({lag * FRAME / RATE:.2g} s)" for lag in LAGS)]
    lines = [heads, ["---"] * len(heads), *([name, *values] for name, values in rows.items())]
    page = PAGE.format(
        table="\n".join(f"| {' | '.join(line)} |" for line in lines),
        heard=" and ".join(f"{np.median(found[2][-1]):.2f}" for found in measured.values()),
        norm=figures["gradient-norm"].caption.plain,
        paths=figures["paths"].caption.plain,
        seconds=f"{STEPS * FRAME / RATE:.0f}",
        sounds=SOUNDS,
        told="\n".join(f"- {network.cell.description}" for network in networks.values()),
        **tell_paths(paths),
    )
    return page, figures


def tell_paths(paths: xr.Dataset) -> dict[str, str]:
    """Shares of the highway: never left at the last lag; in a step, while the network hears voice, noise, silence."""
    one = paths.isel(cell=0, init=0, gain=0, retention=0, seed=0).sel(path="state highway")
    held = one["log10_norm"].sel(view="departure").isel(lag=-1) - one["log10_whole"].isel(lag=-1)
    kinds = turns(STEPS)[::-1][: len(one.lag)]  # of the frame that is read between the states at a lag and at one less
    share = one["square"].sel(view="last step").values
    by_kind = {name: np.median(share[kinds == k]) for k, name in enumerate(("voice", "noise", "silence"))}
    return {"held": f"{10 ** float(held):.2g}", **{name: f"{value:.3f}" for name, value in by_kind.items()}}


PAGE = """\
# Where the gradient goes in a network that people use

Silero VAD tells voice from everything else in a recording, 31 times a second, in programs that listen. Its recurrent
part is an LSTM of 128 units. The package `silero-vad` ships it in several files; two of them hold different networks
and are read here as they are published, by names (safetensors) and by the operator (ONNX).

{told}

Each network reads {sounds} sounds of {seconds} seconds, made by
[the script that makes this page](published-networks/voice_activity.py): vowels that glide into each other, noise, and
silence, a second and a half of each in turns, vowels last. They pass through the front end of the same file, a Fourier
transform and four convolutions. The networks take the vowels for voice: the median probability at the last step is
{heard}. Tests hold the states of the LSTMs to what torch and onnxruntime compute from the same files and sounds.

How far back does that decision look? This is the norm of the gradient of the logit at the last step with respect to h
at a lag, over that at lag 0, median over sounds; and that of untrained LSTMs of the same size that read the same
features, with forget biases of 0 and 1 (median over seeds).

{table}

![Norm of the gradient of the decision against the lag](published-networks/gradient-norm.png)

*{norm}*

The untrained gradient says how a recipe begins, not where training ends. The paths show where the gradient of the
trained network goes on its way back:

![The gradient of the decision, taken apart by the paths of the cell](published-networks/paths.png)

*{paths}*

What never left the highway is {held} of the gradient at the longest lag; the rest has gone through gates or the
candidate at least once. Of the squared gradient a single step takes by the highway {voice} while the network hears
voice, {noise} in noise and {silence} in silence (medians over steps).

A report on one of them, with every other figure:

```sh
python derivations/docs/published-networks/voice_activity.py .      # what the LSTMs read, features-onnx.npy
gatedsym report lstm --weights silero_vad_16k_sequence.onnx --input features-onnx.npy
```
"""


def main(arguments: list[str]) -> None:
    """Write the page and its figures; with a folder, the features alone."""
    folder = package_folder()
    if folder is None:
        raise SystemExit("silero-vad is not installed: pip install --no-deps silero-vad.")
    if arguments:
        for kind in FILES:
            np.save(Path(arguments[0]) / f"features-{kind}.npy", read_network(kind, folder).features(STEPS, SOUNDS))
        return
    page, figures = make_page(folder)
    for name, figure in figures.items():
        write_atomically(HERE / f"{name}.png", figure.render("png"))
    write_atomically(HERE.with_suffix(".md"), page)


if __name__ == "__main__":
    main(sys.argv[1:])
