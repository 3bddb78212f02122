"""One library, timed in a process of its own: it answers each line of standard input with a time.

``python -m gatedsym.bench.worker LIBRARY POINT``, with the point as JSON.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

REPEATS = 5


def gatedsym_call(point: dict[str, Any]) -> Callable[[], Any]:
    """Forward + backward by gatedsym's kernels, with gradients of parameters, input and initial state."""
    from gatedsym.cells import cell

    n, steps, batch = point["hidden"], point["steps"], point["batch"]
    found = cell(point["cell"])
    params = found.init(m=n, n=n, seed=0, dtype=point["dtype"])
    generator = np.random.default_rng(0)
    x = generator.normal(size=(steps, batch, n)).astype(point["dtype"])
    dh = generator.normal(size=(steps, batch, n)).astype(point["dtype"])

    def call() -> Any:
        run = found.forward(params, x, keep="adjoint")
        return found.backward(params, run, {"h": dh})

    return call


def torch_call(point: dict[str, Any]) -> Callable[[], Any]:
    """The same by torch's layer."""
    import torch

    n, steps, batch = point["hidden"], point["steps"], point["batch"]
    layers = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru_torch": torch.nn.GRU}
    dtype = getattr(torch, point["dtype"])
    layer = layers[point["cell"]](n, n).to(dtype)
    x = torch.randn(steps, batch, n, dtype=dtype, requires_grad=True)
    dh = torch.randn(steps, batch, n, dtype=dtype)

    def call() -> Any:
        layer.zero_grad()
        x.grad = None
        output, _ = layer(x)
        output.backward(dh)
        return x.grad

    return call


CALLS = {"gatedsym": gatedsym_call, "torch": torch_call}


def main() -> None:
    """Answer every line of standard input with a time in milliseconds."""
    call = CALLS[sys.argv[1]](json.loads(sys.argv[2]))
    call()
    for _ in sys.stdin:
        best = float("inf")
        for _ in range(REPEATS):
            start = time.perf_counter()
            call()
            best = min(best, time.perf_counter() - start)
        print(1e3 * best, flush=True)


if __name__ == "__main__":
    main()
