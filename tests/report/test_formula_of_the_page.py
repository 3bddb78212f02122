"""The central formula of the page: a product of Jacobians of the whole state, held against the gradient itself."""

import re

import numpy as np
import pytest

import gatedsym as gs
from gatedsym.report.subjects import cast_of, subject_of

STEPS, SIZE, STEP = 40, 3, 1e-5
KINDS = {
    "rnn": (("h", 0),),
    "lstm": (("h", 0), ("c", 0)),
    "tau_gru": (("h", 0), ("h", 1), ("h", 2)),
}


class WholeState:
    """A cell whose state is one vector: all that `whole` names, side by side, the newest first."""

    def __init__(self, name):
        self.cell, self.whole = gs.cell(name), KINDS[name]
        self.params = self.cell.init(m=2, n=SIZE, seed=1, scheme="xavier", retention=1.0 if name != "rnn" else None)

    def next(self, states, x):
        """One step: states (B, size) and x (m,) to the states after it."""
        parts = {key: states[:, k * SIZE : (k + 1) * SIZE] for k, key in enumerate(self.whole)}
        depth = {s: 1 + max(back for state, back in self.whole if state == s) for s, _ in self.whole}
        initial = {  # oldest first where there are several
            s: parts[s, 0] if d == 1 else np.stack([parts[s, back] for back in reversed(range(d))])
            for s, d in depth.items()
        }
        run = self.cell.forward(self.params, np.tile(x, (1, len(states), 1)), initial=initial)
        return np.concatenate([run[s][1] if back == 0 else parts[s, back - 1] for s, back in self.whole], axis=1)

    def jacobian(self, state, x):
        """By central differences: nothing of the engine's derivatives is in it."""
        bumps = STEP * np.eye(len(state))
        up, down = self.next(state + bumps, x), self.next(state - bumps, x)
        return (up - down).T / (2 * STEP)


@pytest.mark.parametrize("name", KINDS)
def test_the_gradient_is_the_product_of_the_step_jacobians_of_the_whole_state(name):
    subject = WholeState(name)
    assert subject_of(subject.cell).whole == subject.whole
    x = np.random.default_rng(0).standard_normal((STEPS, 1, 2))
    run = subject.cell.forward(subject.params, x)
    loss = np.array([0.6, -0.8, 0.0])
    flow = subject.cell.flow(subject.params, run, {"h": ([-1], loss[None, None])})
    states = np.zeros((STEPS + 1, SIZE * len(subject.whole)))
    for t in range(STEPS):
        states[t + 1] = subject.next(states[t : t + 1], x[t, 0])[0]
    adjoint, alone = np.zeros(states.shape[1]), loss.copy()
    adjoint[:SIZE] = loss
    # The whole state as the flow has it: its parts apart, or, of one that is read again later, the newest.
    width = SIZE * len(subject.cell.states)
    for t in reversed(range(STEPS)):
        jacobian = subject.jacobian(states[t], x[t, 0])
        adjoint, alone = jacobian.T @ adjoint, jacobian[:SIZE, :SIZE].T @ alone
        expected = np.exp(flow.log_norm["state"][t, 0])
        # Differences err by STEP² and by rounding over STEP, 1e-10 of a Jacobian each, over 40 steps.
        assert np.linalg.norm(adjoint[:width]) == pytest.approx(expected, rel=1e-6)
    same = np.linalg.norm(alone) == pytest.approx(np.linalg.norm(adjoint[:width]), rel=1e-3)
    assert same == (len(subject.whole) == 1)  # the Jacobian of h by h is not enough where the state has more parts


def test_the_page_says_what_the_whole_state_of_each_kind_of_cell_is(rendered):
    text = rendered(["rnn", "lstm", "tau_gru"])
    sentence = re.search(r'<p id="whole-state">.*?</p>', text, re.S)[0]
    plain = re.sub(r"<[^>]+>|\s", "", sentence)
    assert "st=htforRNN;st=(ht,ct)forLSTM;st=(ht,ht−1,ht−2)fortau_gru." in plain
    assert "severalparts" in plain
    assert "severalparts" not in re.sub(r"\s", "", rendered(["rnn", "gru"]))
    formula = re.search(r'<math display="block">.*?</math>', text, re.S)[0]
    assert "<mi>s</mi>" in formula
    assert "<mi>h</mi>" not in formula


def test_what_is_said_of_a_cell_follows_from_its_equations():
    cast = cast_of([gs.cell(name) for name in ("rnn", "irnn", "lstm", "gru", "lru", "rg_lru", "tau_gru")])
    assert [s.name for s in cast.matrix] == ["rnn", "irnn"]
    assert [s.name for s in cast.retaining] == ["lstm", "gru", "tau_gru"]
    assert [s.name for s in cast.drawn if not s.retains and s.states] == ["rnn", "irnn", "lru", "rg_lru"]
    assert [s.name for s in cast.logistic] == ["lstm", "gru", "tau_gru"]
    assert cast["gru"].kept(1.0) == pytest.approx((1 / (1 + np.exp(-1)),) * 2)
    assert cast["rnn"].kept(1.0) is None
    (other,) = cast_of([gs.cell("brc")]).subjects  # its gate is the logistic function of its own state's weights
    assert other.retains
    assert not other.logistic
