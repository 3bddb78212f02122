"""Where no process can be started, calls are carried out here."""

from gatedsym.execution.processes import Processes


def doubled(number, tell):
    tell(1.0)
    return 2 * number


def test_calls_without_any_process_are_carried_out_here():
    told = []
    with Processes(0, ()) as processes:
        processes.call("three", doubled, 3)
        assert list(processes.results(lambda name, done: told.append((name, done)))) == [("three", 6)]
    assert told == [("three", 1.0)]
