"""Runs that are to be made → their outcomes, from the workers of a Dask cluster that exists.

Points travel as JSON's values with all that they need (the text of equations), outcomes come back, and the process that
asked keeps them: workers need gatedsym in the same version, and no folder that they share. A run whose worker goes away
is given to another one by the scheduler; a point that has brought several workers down is left alone.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from gatedsym.errors import ClusterError, GatedsymError
from gatedsym.sweep.entry import Experiment
from gatedsym.sweep.measure import Job, measure_point
from gatedsym.sweep.points import Point
from gatedsym.sweep.record import Outcome

SECONDS = 10
"""Within which a scheduler has to answer, and, once it has, to name a worker."""
_ONE_AT_A_TIME = threading.Lock()  # a worker with several threads would mix the warnings of its runs


def run_on_cluster(address: str, experiment: Experiment, jobs: Sequence[Job]) -> Iterator[tuple[Job, Outcome]]:
    """Have runs made by the workers of a cluster; outcomes as they come.

    Parameters
    ----------
    address : str
        Of the scheduler: ``tcp://host:8786``.

    Raises
    ------
    ClusterError
        If dask is not installed, no scheduler answers, it has no workers, it goes away, or a worker has other code.
    """
    distributed = _distributed()
    with _client(distributed, address) as client:
        waiting = {
            client.submit(
                measure_there, experiment, job.point, job.key.code, key=f"gatedsym-{job.key.asked}", pure=False
            ): job
            for job in jobs
        }
        with client.as_current():
            completed = distributed.as_completed(list(waiting))
        for future in completed:
            yield waiting.pop(future), _outcome(distributed, future, address)
            future.release()


def measure_there(experiment: Experiment, point: Point, code: str) -> Outcome:
    """Measure a point on a worker, if its code is that of the process that asks.

    Raises
    ------
    ClusterError
        If it is not.
    """
    if experiment.key(point).code != code:
        raise ClusterError(
            "a worker has another version of gatedsym, of a library or of Python than this process: install the same "
            "everywhere, and call again; records that were made are kept."
        )
    with _ONE_AT_A_TIME:
        return measure_point(experiment, point)


def _distributed() -> Any:
    try:
        import distributed
    except ImportError:
        raise ClusterError('a cluster needs dask: pip install "gatedsym[sweep]".') from None
    return distributed


@contextmanager
def _client(distributed: Any, address: str) -> Iterator[Any]:
    """A client of the scheduler, which has a worker."""
    _check_address(address)
    try:
        client = distributed.Client(address, timeout=SECONDS, set_as_default=False)
    except (OSError, TimeoutError, ValueError, ImportError) as error:
        raise _no_scheduler(address, str(error).partition("\n")[0].rstrip(".") or type(error).__name__) from None
    try:
        client.wait_for_workers(1, timeout=SECONDS)
    except TimeoutError:
        client.close()
        raise ClusterError(
            f"the scheduler at {address} has no workers: start some (dask worker {address} --nthreads 1)."
        ) from None
    try:
        yield client
    finally:
        client.close(timeout=SECONDS)


def _check_address(address: str) -> None:
    """Refuse what is no host and port: dask would look for a host of that name, or for one without a port, for long."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if address.startswith("inproc://"):  # a cluster in this process, which has neither
        return
    if not host or not (port.isdecimal() and 0 < int(port) < 2**16):
        raise ClusterError(
            f"{address!r} is no address of a scheduler: give its host and port, such as tcp://host:8786."
        )


def _no_scheduler(address: str, reason: str) -> ClusterError:
    return ClusterError(
        f"no scheduler answers at {address} ({reason}): start one (dask scheduler), or leave it out; records that were "
        "made are kept."
    )


def _outcome(distributed: Any, future: Any, address: str) -> Outcome:
    """The outcome of a run that has ended."""
    if future.status in ("cancelled", "lost"):
        raise ClusterError(f"the scheduler at {address} has gone: records that were made are kept; call again.")
    try:
        found: Outcome = future.result()
    except GatedsymError:
        raise
    except distributed.KilledWorker as error:
        return Outcome("fault", f"The workers that made it ended: {str(error).partition('.')[0]}.")
    except Exception as error:  # what a worker cannot import or unpickle
        return Outcome("fault", f"{type(error).__name__}: {error}")
    return found


__all__ = ["measure_there", "run_on_cluster"]
