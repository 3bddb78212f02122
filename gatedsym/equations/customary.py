"""Functions that papers name and do not print → the line that defines them: layer norms, linear maps, convolutions."""

from __future__ import annotations

_LINEAR = frozenset({"linear", "dense", "fc", "affine", "lin"})
_NORMS = frozenset({"layernorm", "ln", "norm", "layernormalization"})
_CONVOLUTIONS = frozenset({"conv", "conv1d", "conv2d", "convolution", "convolve", "causalconv", "causalconv1d"})


def customary_definition(name: str, arguments: int = 1) -> str:
    """Mend for a call of a function that papers know by its name; "" for any other name.

    Parameters
    ----------
    name : str
        As the text calls it, with scripts.
    arguments : int
        How many it takes there: a layer norm of three has a gain and a bias.
    """
    word = name.split("_")[0].lower()
    if word in _LINEAR:
        return "Write a product with weights of its own for each, such as W_z x_t + b_z"
    if word in _NORMS:
        normalised = "(v - mean(v)) / sqrt(mean((v - mean(v)).^2) + 0.00001)"
        gained = {1: f"{name}(v) = {normalised}", 2: f"{name}(v, g) = g * {normalised}"}
        return f"Define it, {gained.get(arguments, f'{name}(v, g, b) = g * {normalised} + b')}"
    if word in _CONVOLUTIONS:
        return (
            "Write a convolution as a sum of shifted arrays: with S = shift(p, 1) * strictly_lower(p), x @ S.T "
            "brings what stands to the left, x @ S to the right, W_l @ (x @ S.T) + W_m @ x + W_r @ (x @ S)"
        )
    return ""
