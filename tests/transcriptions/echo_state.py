"""Echo state network, transcribed from nschaetti/EchoTorch: echotorch/nn/LiESNCell.py, with a linear readout of h.

    h_t = (1 - alpha) h_(t-1) + alpha tanh(W_in x_t + W h_(t-1) + w_bias),   y_t = V h_t + b

These are equations 1 to 4 of Lukosevicius 2012 (quoted from memory) but for the readout, which there sees x_t as well.
What the code draws is fixed here: entries in (-1, 1), of W by the seed 1 and times rho sqrt(3/n), for entries of the
variance 1/3 have a radius near sqrt(n/3); of W_in by the seed 2; of w_bias by the seed 3. Two rounds of SplitMix64
(Steele, Lea, Flood 2014) mix a row and a column into a seed, and the upper 52 bits of the last word are the entry.
"""

STATES = {"h": ("n",)}
INPUTS = {"x": ("m",)}
PARAMETERS = {"V": ("p", "n"), "b": ("p",)}
OUTPUTS = {"y": ("p",)}
CONSTANTS = {"alpha": 0.3, "rho": 0.9}
WORD = 2**64


def splitmix(word):
    word = (word ^ (word >> 30)) * 0xBF58476D1CE4E5B9 % WORD
    word = (word ^ (word >> 27)) * 0x94D049BB133111EB % WORD
    return word ^ (word >> 31)


def entry(f, seed, row, column):
    word = seed
    for place in (row, column):
        word = splitmix((word + (place + 1) * 0x9E3779B97F4A7C15) % WORD)
    middle = (word >> 12) * f.one + f.one / 2
    return middle / 2**51 - 1


def step(f, size, p, x, s):
    n, alpha = size["n"], 3 * f.one / 10
    scale = 9 * f.one / 10 * f.sqrt(3 * f.one / n)
    h, y = [], []
    for j in range(n):
        net = entry(f, 3, j, 0)
        for k in range(size["m"]):
            net = net + entry(f, 2, j, k) * x["x"][k]
        for k in range(n):
            net = net + scale * entry(f, 1, j, k) * s["h"][k]
        h.append((1 - alpha) * s["h"][j] + alpha * f.tanh(net))
    for i in range(size["p"]):
        total = p["b"][i]
        for j in range(n):
            total = total + p["V"][i][j] * h[j]
        y.append(total)
    return {"h": h}, {"y": y}
