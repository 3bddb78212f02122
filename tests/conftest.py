"""Tests of several rooms share what lies in this folder: pytest puts the folder of a conftest on the path.

Plain ``pytest`` uses all cores where pytest-xdist is installed, and one where it is not. It takes minutes: of a test
marked ``sampled`` it runs one case in sixteen, from another one on for each test of a file, and none that is marked
``long``. ``pytest --every-case`` runs all, and so does whoever names files, folders, ``-k``, ``-m`` or another flag.
``pytest --one-in 3 --turn 7`` runs every third case and long test; three turns in a row are all of them.
``pytest -m fast`` is the loop for work on equations, calculus and the writing of kernels and pages.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples in every run: what fails here fails everywhere. (`--hypothesis-profile=default` explores.)
settings.register_profile("same", derandomize=True, deadline=None)
settings.load_profile("same")

TESTS = Path(__file__).parent
ONE_IN = 16
"""Of a test marked ``sampled``, plain pytest runs one case in so many, and no long test."""
FAST_ROOMS = ("equations", "calculus", "codegen", "typesetting", "ir", "proofs/engine")
"""Symbols and texts: their tests compile no kernel and draw nothing, but for those of `SLOW`."""
SLOW = {
    "test_monstrous_texts": "texts of a thousand lines",
    "test_monstrous_latex": "texts of a thousand lines",
    "test_the_equations_of_a_page_pasted_back_are_the_cell": "pages of every cell",
    "test_stripped_equations_get_the_declarations_of_the_library_or_a_mark": "texts of every cell",
    "test_most_of_the_library_is_declared_in_full": "texts of every cell",
    "test_the_page_is_what_becomes_of_the_sources_today": "a hundred texts",
    "test_the_adjoint_of_a_step_is_proven": "proofs of seconds",
    "test_latex_compiles": "runs TeX",
    "test_module_text_is_the_same_under_every_hash_seed": "starts processes",
    "test_pages_are_the_same_under_every_hash_seed": "starts processes",
    "test_the_same_program_comes_of_every_hash_seed": "starts processes",
    "test_numba_compiles_numbers_of_any_size": "compiles",
    "test_compiled_kernels_are_the_same_source": "compiles",
    "test_what_kernels_call_has_the_same_value_at_a_kink": "compiles",
    "test_no_direction_is_carried_nowhere": "compiles",
    "test_the_numbers_are_those_of_torch": "imports torch",
    "test_a_number_of_a_kernel_is_the_float_next_to_it": "thousands of numbers",
    "test_emitted_kernels_are_proven": "runs kernels on symbols",
    "test_empty_runs_have_shapes_and_zero_gradients": "runs kernels of every cell uncompiled",
    "test_flow_norms_are_those_of_the_backward_pass": "runs kernels of every cell uncompiled",
    "test_gradients_equal_finite_differences": "runs kernels of every cell uncompiled",
    "test_tangents_equal_finite_differences": "runs kernels of every cell uncompiled",
    "test_every_name_of_a_cell_has_the_value_that_its_equation_says": "runs kernels of every cell uncompiled",
    "test_reductions_roots_and_further_functions_are_proven": "proofs of seconds",
    "test_nothing_can_be_lost_from_a_derived_program": "proofs of seconds",
    "test_identity_test_takes_over_when_the_budget_is_spent": "proofs of seconds",
    "test_roots_that_depend_on_each_other_are_tested_for_every_choice_of_signs": "proofs of seconds",
    "test_kernels_of_a_long_delay_are_proven_and_no_longer_than_those_of_a_short_one": "proofs of seconds",
    "test_no_page_says_that_a_factor_bounded_by_one_may_explode": "pages of every cell",
    "test_reading_and_writing_a_cell_grow_no_faster_than_what_is_written": "large cells",
    "test_attention_and_nine_kinks_in_one_step_have_a_verdict": "proofs of seconds",
    "test_a_proof_that_does_not_fit_is_undecided_and_says_which_budget_ended": "proofs of seconds",
    "test_any_claim_and_any_edit": "hundreds of texts",
    "test_every_refusal_of_the_language_has_a_case": "hundreds of texts",
    "test_no_cell_of_the_library_is_warned_of": "texts of every cell",
    "test_kernels_fill_in_the_floats_next_to_the_law": "compiles",
    "test_a_list_above_the_kernels_is_proven": "proofs of seconds",
    "test_clip_leaky_rectifier_and_norm_are_those_of_torch": "imports torch",
    "test_the_limits_of_a_clip_take_the_gradient_where_they_hold": "imports torch",
    "test_derivatives_of_a_system_are_proven": "proofs of seconds",
    "test_the_chain_rule_of_a_large_step_knows_systems": "proofs of seconds",
    "test_the_sign_of_a_gate_is_that_of_the_highways_growth": "every cell",
    "test_dot_product_holds_for_random_programs": "hundreds of Programs",
    "test_dot_product_of_tangent_and_adjoint": "every cell",
}
"""Tests of fast rooms that take more than a second, or compile, and why."""


def pytest_addoption(parser):
    parser.addoption("--every-case", action="store_true", help="run tests marked long, and every case of every test")
    parser.addoption("--one-in", type=int, help="run of long tests and of cases one in so many, with --turn others")
    parser.addoption("--turn", type=int, default=0, help="which of them: after as many turns all have been run")
    parser.addoption("--every-kernel", action="store_true", help="compile the kernels of every cell of the library")
    parser.addoption("--latex-texts", type=int, default=400, help="how many texts of LaTeX with slips are read")
    parser.addoption("--every-point", action="store_true", help="hold activations against mpmath at a million points")
    parser.addoption("--every-width", action="store_true", help="look for texts that overlap in every figure")
    parser.addoption("--every-path", action="store_true", help="compile a cell for every vector path in both dtypes")
    parser.addoption(
        "--every-step",
        action="store_true",
        help="carry the cells of the library through 20 steps, not 10, and compile their tangents",
    )
    parser.addoption("--proof-pairs", type=int, help="decide so many random pairs of each kind with branches")
    parser.addoption(
        "--every-random-cell",
        type=int,
        default=0,
        help="hold so many random cells against NumPy, and compile and prove a twentieth of them",
    )
    parser.addoption("--right-passes", type=int, default=12, help="check so many backward passes that are right")
    parser.addoption("--every-page", action="store_true", help="render pages over the whole space of requests")


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Start a worker for each core, where pytest-xdist is there and the person does not say how many."""
    option = config.option
    if hasattr(config, "workerinput"):  # a worker calls this too: it has the options, and starts none
        return
    flags = (given for name, given in vars(option).items() if name.startswith("every_"))
    if option.one_in is not None:
        if option.one_in < 1:
            raise pytest.UsageError("--one-in is the number of turns in which all tests are run, 1 or more")
        option.every_case = False
    elif config.args_source is not config.ArgsSource.TESTPATHS or option.keyword or option.markexpr or any(flags):
        option.every_case = True
    if not hasattr(option, "numprocesses"):
        return
    if option.numprocesses is None and not option.tx and not option.usepdb and not _is_one_file(config):
        option.numprocesses = "auto"
    if option.numprocesses and option.dist == "no":
        option.dist = "loadgroup"


def _is_one_file(config):
    """Whether the person asks for tests of one file, which one worker has anyhow."""
    files = {argument.split("::")[0] for argument in config.args}
    return len(files) == 1 and Path(files.pop()).suffix == ".py"


def pytest_configure(config):
    if config.getoption("--every-step"):
        os.environ["GATEDSYM_TEST_EVERY_STEP"] = "1"  # modules beside the tests read it, before there are fixtures
    config.addinivalue_line("markers", f"fast: tests of {', '.join(FAST_ROOMS)} that compile and draw nothing")
    config.addinivalue_line("markers", "xdist_group(name): tests that one worker of pytest-xdist runs")
    config.addinivalue_line("markers", "long: a test of seconds, which plain pytest leaves out")
    config.addinivalue_line("markers", f"sampled: a test of many cases, of which plain pytest runs one in {ONE_IN}")


def pytest_report_header(config):
    """Say what plain pytest leaves out."""
    if config.option.one_in is not None:
        return f"of long tests and of tests of many cases one in {config.option.one_in}, turn {config.option.turn}"
    return None if config.option.every_case else f"of tests of many cases one in {ONE_IN}: --every-case runs all"


def pytest_ignore_collect(collection_path, config):
    """Import no file that has no fast test where only those are asked for."""
    if config.option.markexpr != "fast" or TESTS not in collection_path.parents:
        return None
    path = collection_path.relative_to(TESTS)
    leads_on = any(room.startswith(f"{path.as_posix()}/") for room in FAST_ROOMS)
    return None if leads_on or _fast_room(path) else True


def _fast_room(path):
    """Whether a file or folder of tests stands in a fast room."""
    return any(p.as_posix() in FAST_ROOMS for p in (path, *path.parents))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Say which tests are fast, and share out work by file, and the checks of every cell by cell: both keep results."""
    if not config.option.every_case:
        kept = _kept_at_a_desk(items) if config.option.one_in is None else _kept_in_turn(items, config.option)
        left_out = [item for item, stays in zip(items, kept, strict=True) if not stays]
        config.hook.pytest_deselected(items=left_out)
        gone = set(left_out)
        items[:] = [item for item in items if item not in gone]
    for item in items:
        if _fast_room(item.path.relative_to(TESTS)) and item.originalname not in SLOW:
            item.add_marker(pytest.mark.fast)
        cell = item.callspec.params.get("problem") if hasattr(item, "callspec") else None
        item.add_marker(pytest.mark.xdist_group(cell if isinstance(cell, str) else item.path.stem))


def _kept_at_a_desk(items):
    """Whether plain pytest runs each test.

    The tests of a file that are marked ``sampled`` begin with the first case, the second … the twelfth, the first …: a
    cell of the library that one of them leaves out is taken by another one. Each test keeps a case at least.
    """
    cases = Counter((item.path, item.originalname) for item in items if item.get_closest_marker("sampled"))
    tests_of_file, begins, seen, kept = Counter(), {}, Counter(), []
    for item in items:
        test = (item.path, item.originalname)
        if test in cases:
            if test not in begins:
                begins[test] = tests_of_file[item.path] % min(ONE_IN, cases[test])
                tests_of_file[item.path] += 1
            kept.append(seen[test] % ONE_IN == begins[test])
            seen[test] += 1
        else:
            kept.append(not item.get_closest_marker("long"))
    return kept


def _kept_in_turn(items, option):
    """Whether each test is run: of those that are long, and of the cases of those that are sampled, one in so many."""
    seen, kept = Counter(), []
    for item in items:
        if item.get_closest_marker("sampled") or item.get_closest_marker("long"):
            kept.append((seen[item.path] + option.turn) % option.one_in == 0)
            seen[item.path] += 1
        else:
            kept.append(True)
    return kept


def _jax_with_x64(enabled):
    jax = pytest.importorskip("jax", reason="jax is not installed; `pip install jax` to compare with it")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", enabled)
    yield
    jax.config.update("jax_enable_x64", before)


@pytest.fixture
def float64_in_jax():
    """Jax computes in float64 for one test: other tests may want its default."""
    yield from _jax_with_x64(True)


@pytest.fixture
def float32_in_jax():
    """Jax computes in float32 for one test, whatever another test of the process or a library has set."""
    yield from _jax_with_x64(False)
