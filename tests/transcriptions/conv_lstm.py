"""Convolutional LSTM, transcribed from automan000/Convolutional_LSTM_PyTorch: convolution_lstm.py, in one dimension.

    ci = sigmoid(Wxi(x) + Whi(h) + c * Wci), cf alike, cc = cf * c + ci * tanh(Wxc(x) + Whc(h))
    co = sigmoid(Wxo(x) + Who(h) + cc * Wco), ch = co * tanh(cc); kernel size 3, padding 1

A kernel's tap 0 meets what stands to the left of a place. The four convolutions are stacked in the order i, f, o, c.
"""

STATES = {"ch": ("H", "L"), "cc": ("H", "L")}
INPUTS = {"x": ("M", "L")}
PARAMETERS = {
    "Wx_0": ("G", "M"),
    "Wx_1": ("G", "M"),
    "Wx_2": ("G", "M"),
    "Wh_0": ("G", "H"),
    "Wh_1": ("G", "H"),
    "Wh_2": ("G", "H"),
    "Wci": ("H", "L"),
    "Wcf": ("H", "L"),
    "Wco": ("H", "L"),
    "bias": ("G",),
}
OUTPUTS = {}
SIZES = {"H": "n", "M": "m", "L": "p", "G": "4n"}
NAMES = {
    "ch": "h",
    "cc": "c",
    "Wx_0": "W_l",
    "Wx_1": "W_m",
    "Wx_2": "W_r",
    "Wh_0": "U_l",
    "Wh_1": "U_m",
    "Wh_2": "U_r",
    "Wci": "P_i",
    "Wcf": "P_f",
    "Wco": "P_o",
    "bias": "b",
}


def step(f, size, p, x, s):
    places, channels = size["L"], size["H"]

    def convolution(name, rows, at):
        """Row `at` of the output: cross-correlation with zeros beyond the border, as torch's."""
        found = []
        for place in range(places):
            total = 0
            for tap in range(3):
                source = place + tap - 1
                if 0 <= source < places:
                    for weight, row in zip(p[f"{name}_{tap}"][at], rows):
                        total = total + weight * row[source]
            found.append(total)
        return found

    def affine(gate, channel):
        at = gate * channels + channel
        pairs = zip(convolution("Wx", x["x"], at), convolution("Wh", s["ch"], at))
        return [a + b + p["bias"][at] for a, b in pairs]

    hidden, cell = [], []
    for k in range(channels):
        old = s["cc"][k]
        a = [affine(gate, k) for gate in range(4)]
        ci = [f.sigmoid(a[0][j] + old[j] * p["Wci"][k][j]) for j in range(places)]
        cf = [f.sigmoid(a[1][j] + old[j] * p["Wcf"][k][j]) for j in range(places)]
        cc = [cf[j] * old[j] + ci[j] * f.tanh(a[3][j]) for j in range(places)]
        co = [f.sigmoid(a[2][j] + cc[j] * p["Wco"][k][j]) for j in range(places)]
        cell.append(cc)
        hidden.append([co[j] * f.tanh(cc[j]) for j in range(places)])
    return {"ch": hidden, "cc": cell}, {}
