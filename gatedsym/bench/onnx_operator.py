"""onnxruntime: the standard's own operator, forward only; it packs the weights once, when the model is loaded."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.capi import onnxruntime_pybind11_state as refusals

from gatedsym.bench.answer import Answer, UnsupportedError, require_cell
from gatedsym.bench.problem import Problem
from gatedsym.conventions import export_parameters

OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "rnn": ("RNN", {}),
    "lstm": ("LSTM", {}),
    "gru_torch": ("GRU", {"linear_before_reset": 1}),
}
OPSET, IR_VERSION = 17, 8
STATES = {"h": "initial_h", "c": "initial_c"}


class OnnxOperator:
    """A model of one operator with the parameters of a problem."""

    def __init__(self, problem: Problem) -> None:
        require_cell(problem.point.cell, OPERATORS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", "0"))
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what it refuses is told in the table
        self._given = {"X": problem.x} | {STATES[n]: v[None] for n, v in problem.initial.items()}
        try:
            self._session = onnxruntime.InferenceSession(_model(problem), options, providers=["CPUExecutionProvider"])
            self.forward()
        except (refusals.NotImplemented, refusals.RuntimeException):  # at loading, or not before it runs
            raise UnsupportedError(f"has no {problem.point.dtype} kernel.") from None

    def forward(self) -> Any:
        return self._session.run(["Y"], self._given)[0]

    def both(self) -> Any:
        raise UnsupportedError("forward only.")

    def answer(self) -> Answer:
        return Answer({"h": np.asarray(self.forward())[:, 0]})


def _model(problem: Problem) -> bytes:
    """The serialised model: Y = operator(X, W, R, B, no lengths, initial states)."""
    point = problem.point
    kind = {"float32": TensorProto.FLOAT, "float64": TensorProto.DOUBLE}[point.dtype]
    operator, options = OPERATORS[point.cell]
    weights = export_parameters(point.cell, problem.params, "onnx")
    first = [STATES[name] for name in problem.initial]
    node = helper.make_node(operator, ["X", "W", "R", "B", "", *first], ["Y"], hidden_size=point.hidden, **options)
    n, lead = point.hidden, (point.steps, point.batch)
    graph = helper.make_graph(
        [node],
        point.cell,
        [
            helper.make_tensor_value_info("X", kind, (*lead, n)),
            *(helper.make_tensor_value_info(name, kind, (1, point.batch, n)) for name in first),
        ],
        [helper.make_tensor_value_info("Y", kind, (point.steps, 1, point.batch, n))],
        [numpy_helper.from_array(np.ascontiguousarray(weights[name]), name) for name in ("W", "R", "B")],
    )
    opset = [helper.make_opsetid("", OPSET)]
    return bytes(helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION).SerializeToString())
