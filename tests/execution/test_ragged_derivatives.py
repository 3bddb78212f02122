"""Derivatives of runs of unlike lengths are those of each sequence, or episode, alone."""

import itertools

import numpy as np
import pytest
from cells.derived import plain_lines, plain_tangent
from reference.ragged import CLOSE, LENGTHS, B, Ragged, T, episodes, plain_cell

CELLS = ["lstm", "tau_gru_delayed_input", "echo_state", "fast_weights"]  # two states, a delay, outputs, a matrix state


class Studied(Ragged):
    """A ragged batch, its run with or without episodes, and the run of each episode alone."""

    def __init__(self, name, with_resets):
        super().__init__(plain_cell(name))
        resets = self.rng.random((T, B)) < 0.4 if with_resets else np.zeros((T, B), bool)
        self.run = self.forward(resets=resets) if with_resets else self.forward()
        self.given = self.cotangents()
        self.places = [
            (b, start, stop)
            for b, length in enumerate(LENGTHS)
            if length
            for start, stop in episodes(resets, b, length)
        ]

    def each(self):
        """For each episode its sequence, its first step, the one after its last, its run, and its cotangents."""
        for b, start, stop in self.places:
            given = {name: array[start:stop, b : b + 1] for name, array in self.given.items()}
            yield b, start, stop, self.alone(b, start, stop), given

    def direction(self):
        """A direction of everything, not a number in the padding."""
        params = {name: self.rng.standard_normal(array.shape) for name, array in self.params.items()}
        x = {name: self.rng.standard_normal(array.shape) for name, array in self.x.items()}
        return {
            "params": params,
            "inputs": x,
            "initial": {n: self.rng.standard_normal(v.shape) for n, v in self.initial.items()},
        }

    def part(self, direction, b, start, stop):
        """What an episode sees of a direction."""
        inputs = {name: array[start:stop, b : b + 1] for name, array in direction["inputs"].items()}
        initial = {name: array[:, b : b + 1] for name, array in direction["initial"].items()}
        return {"params": direction["params"], "inputs": inputs, "initial": initial}


@pytest.fixture(scope="module", params=itertools.product(CELLS, [False, True]), ids=lambda p: f"{p[0]}-{p[1]}")
def studied(request):
    return Studied(*request.param)


def test_jacobians_are_those_of_each_step_and_the_identity_after_the_end(studied):
    cell = studied.cell
    blocks = cell.jacobian(studied.params, studied.run)
    for b, start, stop, one, _ in studied.each():
        for pair, found in cell.jacobian(studied.params, one).items():
            np.testing.assert_allclose(blocks[pair][start:stop, b], found[:, 0], **CLOSE)
    for (of, wrt), found in blocks.items():
        over = found[LENGTHS[1] :, 1]
        width = int(np.prod(over.shape[1:]) ** 0.5)
        expected = np.eye(width).reshape(over.shape[1:]) if of == f"{wrt}'" else np.zeros(over.shape[1:])
        assert (over == expected).all(), (of, wrt)


@pytest.mark.parametrize("name", ["lstm", "echo_state", "fast_weights"])
def test_products_of_jacobians_carry_from_the_end_what_the_adjoint_carries(name):
    """For cells of one lag: the last of all states by the first, also of sequences that have ended before."""
    studied = Studied(name, False)
    cell, params = studied.cell, studied.params
    given = {state: studied.rng.standard_normal((B, *studied.shape[state])) for state in cell.states}
    carried = {state: array.reshape((B, -1)) for state, array in given.items()}
    blocks = cell.jacobian(params, studied.run)
    for t in reversed(range(T)):
        sizes = {state: array.shape[1] for state, array in carried.items()}
        carried = {
            wrt: sum(
                np.einsum("bj,bjk->bk", carried[of], blocks[f"{of}'", wrt][t].reshape((B, sizes[of], sizes[wrt])))
                for of in sizes
            )
            for wrt in sizes
        }
    found = cell.backward(params, studied.run, given).initial
    for state, array in carried.items():
        np.testing.assert_allclose(found[state].reshape((B, -1)), array, **CLOSE)


def test_adjoints_of_lines_are_those_of_each_episode_and_zero_after_the_end(studied):
    cell, params = studied.cell, studied.params
    plain_lines(cell)
    found = cell.backward(params, studied.run, studied.padded(studied.given)).locals
    for b, start, stop, one, given in studied.each():
        for name, rows in cell.backward(params, one, given).locals.items():
            np.testing.assert_allclose(found[name][start:stop, b], rows[:, 0], **CLOSE, err_msg=name)
    for name in found:
        assert not any(found[name][length:, b].any() for b, length in enumerate(LENGTHS)), name


def test_influences_are_those_of_each_episode_and_zero_after_the_end(studied):
    cell, params = studied.cell, studied.params
    found = cell.influence(params, studied.run)
    wanted = [*found.immediate][:: max(1, len(found.immediate) // 6)]
    for b, start, stop, one, _ in studied.each():
        alone = cell.influence(params, one)
        for pair in wanted:
            dense = found.immediate[pair].dense()
            np.testing.assert_allclose(dense[start:stop, b], alone.immediate[pair].dense()[:, 0], **CLOSE)
            assert not dense[LENGTHS[b] :, b].any()
    assert found.jacobian.keys() == cell.jacobian(params, studied.run).keys()


def test_a_hessian_product_is_the_sum_of_those_of_each_episode(studied):
    cell, params = studied.cell, studied.params
    plain_tangent(cell)
    direction = studied.direction()
    padded = direction | {"inputs": studied.padded(direction["inputs"])}
    product = cell.hessian_product(params, studied.run, studied.padded(studied.given), padded)
    total = {name: np.zeros_like(array) for name, array in product.params.items()}
    initial = {name: np.zeros_like(array) for name, array in product.initial.items()}
    for b, start, stop, one, given in studied.each():
        alone = cell.hessian_product(params, one, given, studied.part(direction, b, start, stop))
        for name in total:
            total[name] += alone.params[name]
        for name in initial:
            initial[name][:, b] += alone.initial[name][:, 0]
        for name in cell.inputs:
            np.testing.assert_allclose(product.inputs[name][start:stop, b], alone.inputs[name][:, 0], **CLOSE)
        for name, rows in alone.trajectory.items():
            first = start + (name in cell.states)
            shown = rows[1:, 0] if name in cell.states else rows[:, 0]
            np.testing.assert_allclose(product.trajectory[name][first : first + stop - start, b], shown, **CLOSE)
        for name in cell.states:
            np.testing.assert_allclose(
                product.states[name][start + 1 : stop + 1, b], alone.states[name][1:, 0], **CLOSE
            )
    for name, array in total.items():
        np.testing.assert_allclose(product.params[name], array, **CLOSE, err_msg=name)
    for name in initial:
        np.testing.assert_allclose(product.initial[name], initial[name], **CLOSE, err_msg=name)
    for name in cell.states:
        rows = product.trajectory[name]
        assert (rows[LENGTHS[1] :, 1] == rows[LENGTHS[1], 1]).all()
    for name in cell.inputs:
        assert not product.inputs[name][LENGTHS[1] :, 1].any()
