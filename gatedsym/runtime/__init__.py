"""What generated kernels call: the kernel decorator, products, activations, scaling by powers of two.

Importing this imports Numba; `import gatedsym` does not.
"""

from gatedsym.runtime.activations import (
    absolute,
    cos,
    elu,
    equal,
    exp,
    exp_below,
    half_step,
    hard_sigmoid,
    hard_sigmoid_02,
    log,
    log_sigmoid,
    maximum,
    minimum,
    normal_cdf,
    normal_pdf,
    relu,
    sech2,
    sigmoid,
    sign,
    sin,
    softplus,
    softsign,
    sqrt,
    step,
    tanh,
)
from gatedsym.runtime.compile import kernel, load_module
from gatedsym.runtime.pool import batch_chunks, run_chunks
from gatedsym.runtime.products import multiply_add, outer_add, pack
from gatedsym.runtime.scaling import exponent, ldexp

__all__ = [
    "absolute",
    "batch_chunks",
    "cos",
    "elu",
    "equal",
    "exp",
    "exp_below",
    "exponent",
    "half_step",
    "hard_sigmoid",
    "hard_sigmoid_02",
    "kernel",
    "ldexp",
    "load_module",
    "log",
    "log_sigmoid",
    "maximum",
    "minimum",
    "multiply_add",
    "normal_cdf",
    "normal_pdf",
    "outer_add",
    "pack",
    "relu",
    "run_chunks",
    "sech2",
    "sigmoid",
    "sign",
    "sin",
    "softplus",
    "softsign",
    "sqrt",
    "step",
    "tanh",
]
