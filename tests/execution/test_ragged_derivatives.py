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


def values_of(tangents):
    """The directions of states, (k, B, …) or (delay, k, B, …), with their powers of two."""
    return {
        name: np.ldexp(rows, tangents.exponents.reshape((*tangents.exponents.shape, *(1,) * (rows.ndim - 2))))
        if rows.shape[:2] == tangents.exponents.shape
        else np.ldexp(rows, tangents.exponents.reshape((1, *tangents.exponents.shape, *(1,) * (rows.ndim - 3))))
        for name, rows in tangents.states.items()
    }


def of_states(studied, count):
    """Directions of states, and what a function takes of a sequence of them."""
    delays = studied.cell.interface.delays
    lead = {name: (count,) if delays[name] == 1 else (delays[name], count) for name in studied.cell.states}
    return {name: studied.rng.standard_normal((*lead[name], B, *studied.shape[name])) for name in studied.cell.states}


def row_of(directions, b, studied):
    axis = {name: 1 if studied.cell.interface.delays[name] == 1 else 2 for name in studied.cell.states}
    return {name: np.take(array, [b], axis[name]) for name, array in directions.items()}


def assert_rows(found, b, alone, studied):
    own = row_of(found, b, studied)
    for name, rows in alone.items():
        np.testing.assert_allclose(own[name], rows, **CLOSE, err_msg=name)


def test_directions_of_states_stay_after_the_end_and_begin_anew_with_each_episode(studied):
    cell, params, v = studied.cell, studied.params, of_states(studied, 3)
    found = values_of(cell.tangent(params, studied.run, v))
    for b, _, stop, one, _ in studied.each():
        if stop == LENGTHS[b]:  # its last episode
            assert_rows(found, b, values_of(cell.tangent(params, one, row_of(v, b, studied))), studied)
    assert_rows(found, 2, row_of(v, 2, studied), studied)  # a sequence without steps


@pytest.mark.parametrize("name", CELLS)
def test_directions_are_carried_through_some_steps_of_those_that_live(name):
    studied = Studied(name, False)
    cell, params, v = studied.cell, studied.params, of_states(studied, 2)
    found = values_of(cell.tangent(params, studied.run, v, start=2, stop=5))
    for b, length in enumerate(LENGTHS):
        one = studied.alone(b, 0, length)
        alone = cell.tangent(params, one, row_of(v, b, studied), start=min(2, length), stop=min(5, length))
        assert_rows(found, b, values_of(alone), studied)


def test_directions_of_what_begins_behind_the_first_step_are_zero():
    studied = Studied("lstm", False)
    resets = np.zeros((T, B), bool)
    resets[4, 0] = True
    run, v = studied.forward(resets=resets), of_states(studied, 1)
    found = studied.cell.tangent(studied.params, run, v, start=2)
    assert not found.states["h"][:, 0].any()
    assert found.states["h"][:, 1].any()


def test_directions_of_parameters_inputs_and_states_are_those_of_each_last_episode(studied):
    cell, params, direction = studied.cell, studied.params, studied.direction()
    plain_tangent(cell)
    delays = cell.interface.delays

    def one_of(part):
        states = {n: v if delays[n] == 1 else v[:, None] for n, v in part["initial"].items() if n in cell.states}
        lone = {name: array[None] for name, array in (part["params"] | part["inputs"]).items()}
        return states | lone

    padded = direction | {"inputs": studied.padded(direction["inputs"])}
    found = values_of(cell.tangent(params, studied.run, one_of(padded)))
    for b, start, stop, one, _ in studied.each():
        if stop == LENGTHS[b]:
            alone = cell.tangent(params, one, one_of(studied.part(direction, b, start, stop)))
            assert_rows(found, b, values_of(alone), studied)


def test_a_direction_of_an_input_alone_neither_vanishes_nor_overflows_where_an_episode_begins():
    """In float32 what moved in the first episode has gone to 1e-60 of what the second one begins with."""
    studied = Studied("lstm", False)
    cell = studied.cell
    plain_tangent(cell, parameters=False, inputs=True)
    params = {
        name: (array if name != "b_f" else array - 30).astype(np.float32) for name, array in studied.params.items()
    }
    resets = np.zeros((T, B), bool)
    resets[6, 0] = True
    run = cell.forward(params, studied.x["x"].astype(np.float32), resets=resets)
    moved = np.zeros((1, T, B, 3), np.float32)
    moved[0, 0] = 1e-30
    v = {"x": moved, "c": np.ones((1, B, 4), np.float32)}
    found = cell.tangent(params, run, v)
    one = cell.forward(params, studied.x["x"][6:, :1].astype(np.float32))
    alone = cell.tangent(params, one, {"x": moved[:, 6:, :1], "c": v["c"][:, :1]})
    for name in cell.states:
        np.testing.assert_allclose(values_of(found)[name][:, :1], values_of(alone)[name], rtol=1e-5)


def test_gradients_of_steps_are_the_sums_over_the_sequences_that_have_the_step(studied):
    cell, params = studied.cell, studied.params
    flow = cell.flow(params, studied.run, studied.padded(studied.given))
    names = {*[*params][:2], [*params][-1]}
    total = {name: np.zeros((T, *params[name].shape)) for name in names}
    for _, start, stop, one, given in studied.each():
        alone = cell.flow(params, one, given)
        for name in names:
            mantissas, exponents = alone.parameter_steps(name)
            total[name][start:stop] += np.ldexp(mantissas, exponents.reshape(-1, *(1,) * (mantissas.ndim - 1)))
    for name in names:
        mantissas, exponents = flow.parameter_steps(name)
        found = np.ldexp(mantissas, exponents.reshape(-1, *(1,) * (mantissas.ndim - 1)))
        np.testing.assert_allclose(found, total[name], **CLOSE, err_msg=name)


def test_steps_that_no_sequence_has_add_nothing_to_a_gradient():
    studied = Studied("lstm", False)
    lengths = np.array([2, 3, 0, 3, 1])
    run = studied.forward(lengths=lengths)
    mantissas, exponents = studied.cell.flow(studied.params, run, {"h": np.ones((B, 4))}).parameter_steps("U_f")
    assert not mantissas[3:].any()
    assert not exponents[3:].any()
    sums = np.ldexp(mantissas, exponents[:, None, None]).sum(axis=0)
    grads = studied.cell.backward(studied.params, run, {"h": np.ones((B, 4))})
    np.testing.assert_allclose(sums, grads.params["U_f"], **CLOSE)
