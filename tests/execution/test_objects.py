"""What people hold (cells, parameters, runs, gradients, flows, tangents) pickles, copies, compares and shows itself."""

import copy
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pytest
from derivation_texts import DELAYED, MATRIX

import gatedsym as gs
from gatedsym.errors import ArgumentError, GatedsymError

CELLS = {"library": "lstm", "delays": DELAYED, "matrix state": MATRIX}
COPIES = {"pickle": lambda o: pickle.loads(pickle.dumps(o)), "deepcopy": copy.deepcopy, "copy": copy.copy}


class Held:
    """A cell after use, with one object of each kind."""

    def __init__(self, text: str, workspace: bool = False, batch_first: bool = False) -> None:
        generator = np.random.default_rng(3)
        self.cell = cell = gs.cell(text) if text.isidentifier() else gs.Cell(text, "mine")
        self.params = params = cell.init(m=2, n=3)
        self.workspace = gs.Workspace() if workspace else None
        x = generator.normal(size=(4, 5, 2))
        self.run = run = cell.forward(params, x, workspace=self.workspace, batch_first=batch_first)
        state = cell.states[0]
        self.cotangents = {
            state: generator.normal(size=run[state][:, 1:].shape if batch_first else run[state][1:].shape)
        }
        self.gradients = cell.backward(params, run, self.cotangents, workspace=self.workspace)
        self.flow = cell.flow(params, run, self.cotangents)
        rows = run[state].shape[0 if batch_first else 1]
        delay = run.call_shape.delays[state]
        shape = (delay,) * (delay > 1) + (2, rows, *run[state].shape[2:])
        self.tangents = cell.tangent(params, run, {state: generator.normal(size=shape)})
        self.jacobian = cell.jacobian(params, run)

    def objects(self) -> dict[str, object]:
        return {
            "cell": self.cell, "params": self.params, "run": self.run, "gradients": self.gradients, "flow": self.flow,
            "tangents": self.tangents, "jacobian": self.jacobian,
        }  # fmt: skip


@pytest.fixture(scope="module", params=CELLS)
def held(request: pytest.FixtureRequest) -> Held:
    return Held(CELLS[request.param])


@pytest.mark.parametrize("how", COPIES)
@pytest.mark.long
def test_copies_are_equal_to_what_they_copy_and_work_on(held: Held, how: str) -> None:
    for name, thing in held.objects().items():
        copied = COPIES[how](thing)
        assert type(copied) is type(thing)
        assert copied == thing, name
        assert copied != "something else"
    cell, params, run = (COPIES[how](thing) for thing in (held.cell, held.params, held.run))
    assert cell.backward(params, run, held.cotangents) == held.gradients
    for name in held.run:
        assert np.array_equal(run[name], held.run[name])
    parameter = held.cell.parameters[0]
    for mine, theirs in zip(
        COPIES[how](held.flow).parameter_steps(parameter), held.flow.parameter_steps(parameter), strict=True
    ):
        assert np.array_equal(mine, theirs)


@pytest.mark.long
def test_what_differs_in_one_number_is_not_equal(held: Held) -> None:
    for name in held.params:
        other = copy.deepcopy(held.params)
        other[name].flat[0] += 1
        assert other != held.params
    other = {name: array + 0.125 for name, array in held.params.items()}
    x = held.run[held.cell.inputs[0]]
    moved = held.cell.forward(other, x)
    assert moved != held.run
    assert held.cell.backward(other, moved, held.cotangents) != held.gradients
    assert held.cell.flow(other, moved, held.cotangents) != held.flow
    assert held.cell != gs.Cell(held.cell.source + "\n# another text", "mine")


def test_nan_is_equal_to_itself() -> None:
    cell = gs.cell("lstm")
    params = cell.init(m=2, n=3)
    params["W_i"][0, 0] = np.nan
    run = cell.forward(params, np.ones((3, 2, 2)))
    assert pickle.loads(pickle.dumps(run)) == run
    assert copy.deepcopy(params) == params


@pytest.mark.long
def test_a_deep_copy_shares_no_memory(held: Held) -> None:
    run, params = copy.deepcopy(held.run), copy.deepcopy(held.params)
    for name in held.cell.states:
        assert not np.shares_memory(run[name], held.run[name])
    for name in params:
        assert not np.shares_memory(params[name], held.params[name])


def test_a_copy_outlives_the_workspace_of_what_it_copies() -> None:
    held = Held("lstm", workspace=True)
    run, gradients = copy.deepcopy(held.run), pickle.loads(pickle.dumps(held.gradients))
    shallow = copy.copy(held.run)
    kept = {name: np.array(held.run[name]) for name in held.run}
    Held("lstm", workspace=True)
    x = np.zeros((4, 5, 2))
    again = held.cell.forward(held.params, x, workspace=held.workspace)
    held.cell.backward(held.params, again, held.cotangents, workspace=held.workspace)
    assert all(np.array_equal(run[name], kept[name]) for name in kept)
    assert gradients.params == held.cell.backward(held.params, run, held.cotangents).params
    for lost in (held.run, shallow, held.gradients):
        for use in (pickle.dumps, copy.deepcopy, lambda o: o == o, lambda o: o._repr_html_()):
            with pytest.raises(ArgumentError, match="workspace that a later call has used"):
                use(lost)


def test_a_copy_of_a_workspace_is_an_empty_one() -> None:
    held = Held("lstm", workspace=True)
    assert held.workspace is not None
    assert held.workspace.nbytes > 0
    for how in COPIES.values():
        assert how(held.workspace).nbytes == 0


def test_batch_first_is_kept() -> None:
    held = Held("lstm", batch_first=True)
    for thing in (held.run, held.gradients, held.flow):
        assert pickle.loads(pickle.dumps(thing)) == thing
    assert pickle.loads(pickle.dumps(held.run))["h"].shape == held.run["h"].shape == (4, 6, 3)


def _worked(cell: gs.Cell, params: object, run: object, cotangents: object) -> object:
    return cell.backward(params, run, cotangents)


@pytest.mark.long
def test_objects_go_to_a_process_that_was_spawned_and_come_back() -> None:
    held = Held(DELAYED)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(_worked, held.cell, held.params, held.run, held.cotangents).result(timeout=300)
    assert found == held.gradients


@pytest.mark.sampled
def test_everything_shows_itself_in_a_notebook(held: Held) -> None:
    for name, thing in held.objects().items():
        shown = thing._repr_html_()
        assert shown.startswith("<"), name
        assert "<script" not in shown
    assert "<math" in held.cell._repr_html_()
    for state in held.cell.states:
        assert f">{state}<" in held.run._repr_html_()


def test_a_table_computes_nothing_that_was_not_asked_for() -> None:
    held = Held("lstm")
    assert "computed when asked for" in held.run._repr_html_()
    assert not held.run._recalled


def test_a_repr_is_a_line(held: Held) -> None:
    for name, thing in held.objects().items():
        if name not in ("params", "jacobian"):
            assert len(repr(thing).splitlines()) == 1


@pytest.mark.long
def test_a_wrong_name_is_a_sentence_that_lists_the_right_ones(held: Held) -> None:
    groups = {"params": held.params, "run": held.run, "norms": held.flow.log_norm, "tangents": held.tangents.states,
              "gradients": held.gradients.params, "adjoints": held.gradients.states, "inputs": held.gradients.inputs,
              "initial": held.gradients.initial, "jacobian": held.jacobian}  # fmt: skip
    for name, group in groups.items():
        for wrong in ("no_such_name", 3, None, ("h", "h")):
            with pytest.raises(KeyError) as refusal:
                group[wrong]
            message = str(refusal.value)
            assert isinstance(refusal.value, GatedsymError)
            assert not message.startswith(("'", '"')), name
            assert all(str(known) in message for known in group), name
        assert group.get("no_such_name") is None
        assert "no_such_name" not in group


def test_a_copy_of_parameters_keeps_their_sizes() -> None:
    params = gs.cell("lstm").init(m=2, n=3)
    for how in (*COPIES.values(), lambda p: p.copy()):
        assert how(params).sizes == params.sizes
