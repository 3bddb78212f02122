"""Torch without autograd: (time, batch, feature), names of nn.RNN, two biases."""

import torch


def forward(x, h0, weight_ih, weight_hh, bias_ih, bias_hh):
    outputs = []
    h = h0
    for t in range(x.shape[0]):
        h = torch.tanh(x[t] @ weight_ih.T + bias_ih + h @ weight_hh.T + bias_hh)
        outputs.append(h)
    output = torch.stack(outputs)
    return output, (x, h0, output, weight_ih, weight_hh)


def backward(grad_output, cache):
    x, h0, output, weight_ih, weight_hh = cache
    grad_x = torch.zeros_like(x)
    grad_weight_ih, grad_weight_hh = torch.zeros_like(weight_ih), torch.zeros_like(weight_hh)
    grad_bias = torch.zeros(weight_hh.shape[0], dtype=x.dtype)
    grad_h = torch.zeros_like(h0)
    for t in range(x.shape[0] - 1, -1, -1):
        grad_h = grad_h + grad_output[t]
        da = grad_h * (1 - output[t] ** 2)
        h_prev = output[t - 1] if t > 0 else h0
        grad_weight_ih += da.T @ x[t]
        grad_weight_hh += da.T @ h_prev
        grad_bias += da.sum(0)
        grad_x[t] = da @ weight_ih
        grad_h = da @ weight_hh
    grad_bias_ih, grad_bias_hh = grad_bias, grad_bias
    grad_h0 = grad_h
    return grad_x, grad_h0, grad_weight_ih, grad_weight_hh, grad_bias_ih, grad_bias_hh
