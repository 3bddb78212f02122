"""The gradient over time in a live torch model: hooks, recomputation by our kernels, datasets."""
