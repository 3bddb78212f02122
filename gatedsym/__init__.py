"""gatedsym: from the typed equations of a recurrent cell to proven gradients, kernels and figures."""

__version__ = "0.1.0"
