"""Convolutional LSTM along one axis, transcribed from automan000/Convolutional_LSTM_PyTorch: convolution_lstm.py.

    i = sigmoid(Wxi * x + Whi * h + c o Wci),   f = sigmoid(Wxf * x + Whf * h + c o Wcf)
    c_t = f o c + i o tanh(Wxc * x + Whc * h)
    o = sigmoid(Wxo * x + Who * h + c_t o Wco),   h_t = o o tanh(c_t)

* is a correlation of width 3 along the places, with zeros beyond the border; a bias goes with x. The cell stacks the
four kernels in the order that GATES says.
"""

STATES = {"h": ("n", "p"), "c": ("n", "p")}
INPUTS = {"x": ("m", "p")}
PARAMETERS = {
    "W_l": ("rows", "m"),
    "W_m": ("rows", "m"),
    "W_r": ("rows", "m"),
    "U_l": ("rows", "n"),
    "U_m": ("rows", "n"),
    "U_r": ("rows", "n"),
    "P_i": ("n", "p"),
    "P_f": ("n", "p"),
    "P_o": ("n", "p"),
    "b": ("rows",),
}
OUTPUTS = {}
SIZES = {"rows": "4n"}
GATES = ("i", "f", "o", "c")


def correlated(kernels, image, row, place):
    total = 0
    for offset, kernel in zip((-1, 0, 1), kernels):
        for channel in range(len(image)):
            if 0 <= place + offset < len(image[channel]):
                total = total + kernel[row][channel] * image[channel][place + offset]
    return total


def step(f, size, p, x, s):
    n = size["n"]
    of_x, of_h = [p["W_l"], p["W_m"], p["W_r"]], [p["U_l"], p["U_m"], p["U_r"]]
    h, c = [], []
    for j in range(n):
        h.append([])
        c.append([])
        for q in range(size["p"]):
            net = {}
            for number, gate in enumerate(GATES):
                row = number * n + j
                net[gate] = correlated(of_x, x["x"], row, q) + correlated(of_h, s["h"], row, q) + p["b"][row]
            old = s["c"][j][q]
            enter = f.sigmoid(net["i"] + old * p["P_i"][j][q])
            forget = f.sigmoid(net["f"] + old * p["P_f"][j][q])
            new = forget * old + enter * f.tanh(net["c"])
            c[j].append(new)
            h[j].append(f.sigmoid(net["o"] + new * p["P_o"][j][q]) * f.tanh(new))
    return {"h": h, "c": c}, {}
