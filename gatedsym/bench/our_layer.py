"""gt.Layer with the parameters of a problem, as a model in torch calls it."""

from __future__ import annotations

from typing import Any

import torch

from gatedsym.bench.answer import Answer
from gatedsym.bench.problem import Problem
from gatedsym.torch import Layer


class OurLayer:
    """gt.Layer, forward and backward, with gradients of parameters, inputs and initial states."""

    def __init__(self, problem: Problem) -> None:
        (name,) = problem.cotangents
        sizes: dict[str, Any] = dict(problem.sizes)
        self._layer = Layer(problem.cell, dtype=getattr(torch, problem.point.dtype), readout=name, **sizes)
        self._layer.copy_parameters(problem.params)
        self._inputs = {n: torch.from_numpy(v).requires_grad_() for n, v in problem.inputs.items()}
        self._past = {n: torch.from_numpy(v)[None].requires_grad_() for n, v in problem.initial.items()}
        self._counts = {} if problem.inputs else {"steps": problem.point.steps, "batch": problem.point.batch}
        self._name, self._cotangent = name, torch.from_numpy(problem.cotangents[name])

    def _run(self) -> Any:
        return self._layer(self._inputs or None, self._past, **self._counts)[0]

    def forward(self) -> Any:
        with torch.inference_mode():
            return self._run()

    def both(self) -> Any:
        self._layer.zero_grad()
        for leaf in (*self._inputs.values(), *self._past.values()):
            leaf.grad = None
        self._run().backward(self._cotangent)

    def answer(self) -> Answer:
        values = self.forward().numpy()
        self.both()
        (place,) = self._layer.places
        params = dict[str, Any]()
        for family, tensor in zip(place.form.families, self._layer.tensors(place), strict=True):
            params |= dict(family.split_array(tensor.grad.numpy()))
        inputs = {n: leaf.grad.numpy() for n, leaf in self._inputs.items()}
        return Answer({self._name: values}, params, inputs, {n: v.grad[0].numpy() for n, v in self._past.items()})
