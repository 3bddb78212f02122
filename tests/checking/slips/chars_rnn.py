"""A character model in one script: variables of the file, lists by time, loss and gradient in one function."""

import numpy as np

with open("letters.txt") as file:
    text = file.read()
letters = sorted(set(text))
vocab_size = len(letters)
index_of = {letter: k for k, letter in enumerate(letters)}

hidden_size = 100
seq_length = 25
learning_rate = 1e-1

Wxh = 0.01 * np.random.randn(hidden_size, vocab_size)
Whh = 0.01 * np.random.randn(hidden_size, hidden_size)
Why = 0.01 * np.random.randn(vocab_size, hidden_size)
bh = np.zeros((hidden_size, 1))
by = np.zeros((vocab_size, 1))


def loss_fun(inputs, targets, hprev):
    xs, hs, ys, ps = {}, {}, {}, {}
    hs[-1] = np.copy(hprev)
    loss = 0
    for t in range(len(inputs)):
        xs[t] = np.zeros((vocab_size, 1))
        xs[t][inputs[t]] = 1
        hs[t] = np.tanh(np.dot(Wxh, xs[t]) + np.dot(Whh, hs[t - 1]) + bh)
        ys[t] = np.dot(Why, hs[t]) + by
        ps[t] = np.exp(ys[t]) / np.sum(np.exp(ys[t]))
        loss -= np.log(ps[t][targets[t], 0])
    dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
    dbh, dby = np.zeros_like(bh), np.zeros_like(by)
    dhnext = np.zeros_like(hs[0])
    for t in reversed(range(len(inputs))):
        dy = np.copy(ps[t])
        dy[targets[t]] -= 1
        dWhy += np.dot(dy, hs[t].T)
        dby += dy
        dh = np.dot(Why.T, dy) + dhnext
        draw = (1 - hs[t] * hs[t]) * dh
        dbh += draw
        dWxh += np.dot(draw, xs[t].T)
        dWhh += np.dot(draw, hs[t - 1].T)
        dhnext = np.dot(Whh.T, draw)
    for gradient in (dWxh, dWhh, dWhy, dbh, dby):
        np.clip(gradient, -5, 5, out=gradient)
    return loss, dWxh, dWhh, dWhy, dbh, dby, hs[len(inputs) - 1]


def sample(h, seed, count):
    x = np.zeros((vocab_size, 1))
    x[seed] = 1
    picked = []
    for _ in range(count):
        h = np.tanh(np.dot(Wxh, x) + np.dot(Whh, h) + bh)
        y = np.dot(Why, h) + by
        p = np.exp(y) / np.sum(np.exp(y))
        k = np.random.choice(range(vocab_size), p=p.ravel())
        x = np.zeros((vocab_size, 1))
        x[k] = 1
        picked.append(k)
    return picked


hprev = np.zeros((hidden_size, 1))
place = 0
while True:
    if place + seq_length + 1 >= len(text):
        hprev, place = np.zeros((hidden_size, 1)), 0
    inputs = [index_of[letter] for letter in text[place : place + seq_length]]
    targets = [index_of[letter] for letter in text[place + 1 : place + seq_length + 1]]
    loss, dWxh, dWhh, dWhy, dbh, dby, hprev = loss_fun(inputs, targets, hprev)
    for weight, gradient in zip([Wxh, Whh, Why, bh, by], [dWxh, dWhh, dWhy, dbh, dby]):
        weight -= learning_rate * gradient
    place += seq_length
